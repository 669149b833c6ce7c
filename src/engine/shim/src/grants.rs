//! What a session may do with files: the preopened directories, the rights in them, and which directories are open.

use crate::abi;
use crate::shared::Kind;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use wasmtime_wasi::filesystem::Dir;
use wasmtime_wasi::{FsPerms, OpenMode};

/// What one preopened directory grants.
struct Grant {
    guest: String,
    host: PathBuf,
    read: bool,
    write: bool,
    /// Single entries with rights of their own: name, writable.
    files: Vec<(String, bool)>,
    directory: Dir,
}

/// A directory that the guest holds open.
#[derive(Clone)]
pub struct Folder {
    grant: usize,
    /// The path below the grant's directory, as the guest spelled it; empty for that directory.
    inside: String,
    /// The preopened directory itself, the only one in which single entries are granted.
    preopened: bool,
}

/// How the guest may use a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// As a part of the granted directory.
    Directory,
    /// As a single granted entry, whose name must not be a symbolic link.
    File,
    /// Not at all.
    None,
}

/// The grants of a session and its open directories, by descriptor.
pub struct Grants {
    grants: Vec<Grant>,
    folders: HashMap<u32, Folder>,
}

impl Grants {
    /// Opens the directories of `preopens`. The error is the one that does not open, and why.
    ///
    /// # Safety
    /// The pointers in `preopens` are as `shim.h` says.
    pub unsafe fn open(preopens: &[abi::Preopen]) -> Result<Grants, (String, io::Error)> {
        let open = |preopen: &abi::Preopen| {
            let grant = unsafe { Grant::open(preopen) };
            grant.map_err(|error| (unsafe { preopen.host.string() }, error))
        };
        let grants = preopens.iter().map(open).collect::<Result<_, _>>()?;
        Ok(Grants { grants, folders: HashMap::new() })
    }

    /// The preopened directories with their guest names.
    pub fn preopened(&self) -> impl Iterator<Item = (Folder, Dir, String)> + '_ {
        self.grants.iter().enumerate().map(|(index, grant)| {
            (Folder::root(index), grant.directory.clone(), grant.guest.clone())
        })
    }

    /// The preopened directory that the guest's absolute path `path` leads into, and the path in it.
    pub fn locate(&self, path: &str) -> Option<(Folder, Dir, String)> {
        let path = format!("/{}", join("", path.strip_prefix('/')?));
        let inside = |grant: &Grant| {
            let below = path.strip_prefix(grant.guest.trim_end_matches('/'))?;
            (below.is_empty() || below.starts_with('/')).then(|| below.len())
        };
        let known = self.grants.iter().enumerate();
        let (below, index) = known.filter_map(|(i, grant)| Some((inside(grant)?, i))).min()?;
        let below = path[path.len() - below..].trim_start_matches('/');
        let inside = if below.is_empty() { "." } else { below };
        Some((Folder::root(index), self.grants[index].directory.clone(), inside.to_owned()))
    }

    /// The open directory behind a descriptor; None if that is a file.
    pub fn folder(&self, descriptor: u32) -> Option<&Folder> {
        self.folders.get(&descriptor)
    }

    /// Keeps track of a directory that was opened.
    pub fn opened(&mut self, descriptor: u32, folder: Folder) {
        self.folders.insert(descriptor, folder);
    }

    /// Forgets a descriptor.
    pub fn closed(&mut self, descriptor: u32) {
        self.folders.remove(&descriptor);
    }

    /// How the guest may use `path` in `folder`.
    pub fn right(&self, folder: &Folder, path: &str, kind: Kind) -> Right {
        let grant = &self.grants[folder.grant];
        if grant.allows(kind) {
            return Right::Directory;
        }
        let granted = |(name, write): &(String, bool)| {
            folder.preopened && path == name && (*write || kind != Kind::Write)
        };
        let entry = grant.files.iter().any(granted);
        if entry || (kind == Kind::Stat && self.leads_to_grant(folder, path)) {
            return Right::File;
        }
        Right::None
    }

    /// Whether `path` in `folder` is a directory on the way to something granted: programs look at each when they
    /// resolve a path.
    fn leads_to_grant(&self, folder: &Folder, path: &str) -> bool {
        if path.split('/').any(|part| part == "..") {
            return false; // behind a symbolic link that is another place than the text says
        }
        let here = self.guest_path(folder, path);
        let here = here.trim_end_matches('/');
        self.grants.iter().any(|grant| {
            let below = grant.guest.strip_prefix(here);
            match below {
                Some("") => !grant.files.is_empty(),
                Some(below) if below.starts_with('/') => grant.read || !grant.files.is_empty(),
                _ => false,
            }
        })
    }

    /// The guest's name of `path` in `folder`.
    pub fn guest_path(&self, folder: &Folder, path: &str) -> String {
        self.grants[folder.grant].guest_path(&join(&folder.inside, path))
    }

    /// The name by which the guest knows the host path `target`.
    pub fn guest_name(&self, target: &Path) -> String {
        let names = self.grants.iter().filter_map(|grant| {
            let inside = target.strip_prefix(grant.host.canonicalize().ok()?).ok()?;
            Some((inside.components().count(), grant.guest_path(inside.to_str()?)))
        });
        names.min().map_or_else(|| target.to_string_lossy().into_owned(), |(_, name)| name)
    }

    /// Where `path` in `folder` really lies on the host; the last component may be missing.
    pub fn host_path(&self, folder: &Folder, path: &str) -> Option<PathBuf> {
        let start = self.grants[folder.grant].host.join(&folder.inside);
        let full = start.join(path.trim_start_matches('/'));
        full.canonicalize().ok().or_else(|| {
            let name = full.file_name()?;
            Some(full.parent()?.canonicalize().ok()?.join(name))
        })
    }

    /// Whether the host path `target` lies in the directory that `folder` was reached through.
    pub fn contains(&self, folder: &Folder, target: &Path) -> bool {
        let host = self.grants[folder.grant].host.canonicalize();
        host.is_ok_and(|host| target.starts_with(host))
    }

    /// The innermost preopen that allows `kind` on the host path `target`, and the path in it.
    pub fn allowing(&self, target: &Path, kind: Kind) -> Option<(Folder, Dir, String)> {
        let mut best: Option<(usize, Folder, String)> = None;
        for (index, grant) in self.grants.iter().enumerate() {
            let Ok(host) = grant.host.canonicalize() else { continue };
            let Ok(inside) = target.strip_prefix(&host) else { continue };
            let Some(inside) = inside.to_str() else { continue };
            let inside = if inside.is_empty() { "." } else { inside };
            let depth = host.components().count();
            if best.as_ref().is_none_or(|(deepest, _, _)| depth > *deepest)
                && self.right(&Folder::root(index), inside, kind) != Right::None
            {
                best = Some((depth, Folder::root(index), inside.to_owned()));
            }
        }
        best.map(|(_, folder, inside)| {
            let directory = self.grants[folder.grant].directory.clone();
            (folder, directory, inside)
        })
    }

    /// Whether all of the directory that `folder` was reached through may be changed.
    pub fn writable(&self, folder: &Folder) -> bool {
        self.grants[folder.grant].write
    }
}

impl Folder {
    fn root(grant: usize) -> Folder {
        Folder { grant, inside: String::new(), preopened: true }
    }

    /// The directory `path` in this one.
    pub fn enter(&self, path: &str) -> Folder {
        let preopened = self.preopened && path == ".";
        Folder { grant: self.grant, inside: join(&self.inside, path), preopened }
    }
}

impl Grant {
    unsafe fn open(preopen: &abi::Preopen) -> io::Result<Grant> {
        let host = PathBuf::from(OsStr::from_bytes(unsafe { preopen.host.bytes() }));
        let files = unsafe { abi::array(preopen.files, preopen.file_count) }.iter();
        let files: Vec<_> = files.map(|file| (unsafe { file.name.string() }, file.write)).collect();
        if let Some((name, _)) = files.iter().find(|(name, _)| name.contains('/')) {
            let problem = format!("{name} is not an entry of it");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        let (perms, mode) = match preopen.write || files.iter().any(|(_, write)| *write) {
            true => (FsPerms::ReadWrite, OpenMode::READ | OpenMode::WRITE),
            false => (FsPerms::ReadOnly, OpenMode::READ),
        };
        let directory = Dir::new(open_directory(&host)?, perms, mode, true);
        let guest = unsafe { preopen.guest.string() };
        Ok(Grant { guest, host, read: preopen.read, write: preopen.write, files, directory })
    }

    /// The guest's name of what lies at `inside`.
    fn guest_path(&self, inside: &str) -> String {
        match (self.guest.trim_end_matches('/'), inside) {
            ("", "") => "/".to_owned(),
            (guest, "") => guest.to_owned(),
            (guest, inside) => format!("{guest}/{inside}"),
        }
    }

    fn allows(&self, kind: Kind) -> bool {
        if kind == Kind::Write { self.write } else { self.read }
    }
}

/// A directory handle; one that may be entered but not listed is opened for entering.
fn open_directory(path: &Path) -> io::Result<File> {
    let open =
        |flags| OpenOptions::new().read(true).custom_flags(libc::O_DIRECTORY | flags).open(path);
    open(0).or_else(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => open(libc::O_PATH),
        _ => Err(error),
    })
}

/// `path` seen from `folder`, with `.` and `..` taken out as text.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
