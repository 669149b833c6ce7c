//! wasi:filesystem behind the session's grants: wasmtime-wasi and cap-primitives do the work and confine every path
//! to its preopen; here each operation is judged first, and refusals are recorded with their guest path.

use crate::abi;
use crate::shared::{Kind, Shared};
use crate::state::State;
use crate::transfer;
use std::collections::HashMap;
use std::fs::{File as HostFile, OpenOptions};
use std::future::Future;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use wasmtime::Result;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::filesystem::{Descriptor, Dir, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::preopens;
use wasmtime_wasi::p2::bindings::filesystem::types as base;
use wasmtime_wasi::p2::bindings::sync::filesystem::types;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};
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
struct Folder {
    grant: usize,
    /// The path below the grant's directory, as the guest spelled it; empty for that directory.
    inside: String,
    /// The preopened directory itself, the only one in which single entries are granted.
    preopened: bool,
}

/// The grants of a session and its open directories, by descriptor.
pub struct Files {
    grants: Vec<Grant>,
    folders: HashMap<u32, Folder>,
}

impl Files {
    /// Opens the directories of `preopens`. The error is the one that does not open, and why.
    ///
    /// # Safety
    /// The pointers in `preopens` are as `shim.h` says.
    pub unsafe fn open(
        preopens: &[abi::Preopen],
    ) -> std::result::Result<Files, (String, io::Error)> {
        let open = |preopen: &abi::Preopen| {
            let grant = unsafe { Grant::open(preopen) };
            grant.map_err(|error| (unsafe { preopen.host.string() }, error))
        };
        let grants = preopens.iter().map(open).collect::<std::result::Result<_, _>>()?;
        Ok(Files { grants, folders: HashMap::new() })
    }
}

impl Grant {
    unsafe fn open(preopen: &abi::Preopen) -> io::Result<Grant> {
        use std::os::unix::ffi::OsStrExt;
        let host = PathBuf::from(std::ffi::OsStr::from_bytes(unsafe { preopen.host.bytes() }));
        let files = unsafe { abi::array(preopen.files, preopen.file_count) };
        let files: Vec<_> =
            files.iter().map(|file| (unsafe { file.name.string() }, file.write)).collect();
        let writes = preopen.write || files.iter().any(|(_, write)| *write);
        let (perms, mode) = match writes {
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
fn open_directory(path: &Path) -> io::Result<HostFile> {
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

/// The outcome of wasmtime-wasi's file functions, which never wait when the calling thread may block.
fn done<F: Future>(work: F) -> F::Output {
    let mut work = pin!(work);
    match wasmtime_wasi::runtime::poll_noop(work.as_mut()) {
        Some(value) => value,
        None => wasmtime_wasi::runtime::in_tokio(work),
    }
}

fn not_permitted() -> FsError {
    base::ErrorCode::NotPermitted.into()
}

fn error_is(error: &FsError, code: base::ErrorCode) -> bool {
    error.downcast_ref() == Some(&code)
}

/// How the guest may use a path.
enum Right {
    /// As a part of the granted directory.
    Directory,
    /// As a single granted entry, whose name must not be a symbolic link.
    File,
    /// Not at all.
    None,
}

/// The part of a session's state that wasi:filesystem works on.
pub struct FileView<'a> {
    view: WasiFilesystemCtxView<'a>,
    files: &'a mut Files,
    shared: &'a Shared,
}

/// Names `FileView` for wasmtime's generated linker functions.
pub struct HasFiles;

impl HasData for HasFiles {
    type Data<'a> = FileView<'a>;
}

type Fd = Resource<Descriptor>;

impl FileView<'_> {
    pub fn of(state: &mut State) -> FileView<'_> {
        let State { wasi, table, files, shared, .. } = state;
        FileView { view: WasiFilesystemCtxView { ctx: wasi.filesystem(), table }, files, shared }
    }

    fn table(&mut self) -> &mut ResourceTable {
        self.view.table
    }

    fn right(&self, folder: &Folder, path: &str, kind: Kind) -> Right {
        let grant = &self.files.grants[folder.grant];
        if grant.allows(kind) {
            return Right::Directory;
        }
        let granted = |(name, write): &&(String, bool)| {
            folder.preopened && path == name && (*write || kind != Kind::Write)
        };
        match grant.files.iter().any(|file| granted(&file)) {
            true => Right::File,
            false => Right::None,
        }
    }

    /// Records a refusal of what lies at `path` in `folder`; returns the guest's error.
    fn refuse(&self, folder: &Folder, path: &str, kind: Kind) -> FsError {
        let grant = &self.files.grants[folder.grant];
        self.shared.refuse(kind, grant.guest_path(&join(&folder.inside, path)));
        not_permitted()
    }

    /// Judges a use of `path` in the directory `fd`. Of a file, wasmtime-wasi says "not a directory".
    fn judge(&self, fd: &Fd, path: &str, kind: Kind) -> FsResult<Right> {
        let Some(folder) = self.files.folders.get(&fd.rep()) else {
            return Ok(Right::Directory);
        };
        match self.right(folder, path, kind) {
            Right::None => Err(self.refuse(folder, path, kind)),
            right => Ok(right),
        }
    }

    /// Judges a use of the directory `fd` itself; files were judged when they were opened.
    fn judge_self(&self, fd: &Fd, kind: Kind) -> FsResult<()> {
        self.judge(fd, ".", kind).map(|_| ())
    }

    /// Records the refusal if wasmtime-wasi or cap-primitives refused `path`.
    fn noted<T>(&self, fd: &Fd, path: &str, kind: Kind, result: FsResult<T>) -> FsResult<T> {
        result.map_err(|error| match self.files.folders.get(&fd.rep()) {
            Some(folder) if error_is(&error, base::ErrorCode::NotPermitted) => {
                self.refuse(folder, path, kind)
            }
            _ => error,
        })
    }

    /// Runs `work` on `path` in `fd`. Where a symbolic link or `..` leads out of the preopen, and the place it leads to
    /// lies in another one that allows it, runs it there.
    fn follow<T>(
        &mut self,
        fd: &Fd,
        path: String,
        kind: Kind,
        mut work: impl FnMut(&mut Self, &Fd, &Folder, String, bool) -> FsResult<T>,
    ) -> FsResult<T> {
        let right = self.judge(fd, &path, kind)?;
        let Some(folder) = self.files.folders.get(&fd.rep()).cloned() else {
            return work(
                self,
                fd,
                &Folder { grant: 0, inside: String::new(), preopened: false },
                path,
                true,
            );
        };
        let direct = matches!(right, Right::Directory);
        let error = match work(self, fd, &folder, path.clone(), direct) {
            Err(error) if error_is(&error, base::ErrorCode::NotPermitted) => error,
            Err(error) if !direct && error_is(&error, base::ErrorCode::Loop) => error,
            result => return result,
        };
        drop(error);
        let Some(target) = self.host_path(&folder, &path) else {
            return Err(self.refuse(&folder, &path, kind));
        };
        let Some((grant, inside)) = self.grant_of(&target, kind) else {
            self.shared.refuse(kind, self.guest_name(&target));
            return Err(not_permitted());
        };
        let directory = self.files.grants[grant].directory.clone();
        let there = self.table().push(Descriptor::Dir(directory))?;
        let root = Folder { grant, inside: String::new(), preopened: true };
        let direct = self.files.grants[grant].allows(kind);
        let result = work(self, &there, &root, inside.clone(), direct);
        self.table().delete(there)?;
        match result {
            Err(error) if error_is(&error, base::ErrorCode::NotPermitted) => {
                Err(self.refuse(&root, &inside, kind))
            }
            result => result,
        }
    }

    /// Where `path` in `folder` really lies on the host; the last component may be missing.
    fn host_path(&self, folder: &Folder, path: &str) -> Option<PathBuf> {
        let start = self.files.grants[folder.grant].host.join(&folder.inside);
        let full = start.join(path.trim_start_matches('/'));
        full.canonicalize().ok().or_else(|| {
            let name = full.file_name()?;
            Some(full.parent()?.canonicalize().ok()?.join(name))
        })
    }

    /// The grant that allows `kind` on the host path `target`, and the path in it.
    fn grant_of(&self, target: &Path, kind: Kind) -> Option<(usize, String)> {
        let mut best: Option<(usize, usize, String)> = None;
        for (index, grant) in self.files.grants.iter().enumerate() {
            let Ok(host) = grant.host.canonicalize() else { continue };
            let Ok(inside) = target.strip_prefix(&host) else { continue };
            let inside = match inside.to_str() {
                Some("") => ".".to_owned(),
                Some(inside) => inside.to_owned(),
                None => continue,
            };
            let root = Folder { grant: index, inside: String::new(), preopened: true };
            let depth = host.components().count();
            let better = best.as_ref().is_none_or(|(_, deepest, _)| depth > *deepest);
            if better && !matches!(self.right(&root, &inside, kind), Right::None) {
                best = Some((index, depth, inside));
            }
        }
        best.map(|(index, _, inside)| (index, inside))
    }

    /// The name by which the guest knows the host path `target`.
    fn guest_name(&self, target: &Path) -> String {
        let hosts = self.files.grants.iter().filter_map(|grant| {
            let inside = target.strip_prefix(grant.host.canonicalize().ok()?).ok()?;
            Some((inside.components().count(), grant.guest_path(inside.to_str()?)))
        });
        hosts.min().map_or_else(|| target.to_string_lossy().into_owned(), |(_, name)| name)
    }

    /// Opens `path`, and keeps track of it if it is a directory.
    fn open_in(
        &mut self,
        fd: &Fd,
        folder: &Folder,
        path: String,
        flags: (base::PathFlags, base::OpenFlags, base::DescriptorFlags),
        (direct, write): (bool, bool),
    ) -> FsResult<Fd> {
        let inside = join(&folder.inside, &path);
        let same = path == ".";
        let borrow = Resource::new_borrow(fd.rep());
        let opened = done(base::HostDescriptor::open_at(
            &mut self.view,
            borrow,
            flags.0,
            path,
            flags.1,
            flags.2,
        ))?;
        match self.table().get_mut(&opened)? {
            Descriptor::Dir(_) if !direct => {
                self.table().delete(opened)?;
                return Err(not_permitted()); // a single grant is one file, never a tree
            }
            Descriptor::Dir(_) => {
                let preopened = folder.preopened && same;
                let folder = Folder { grant: folder.grant, inside, preopened };
                self.files.folders.insert(opened.rep(), folder);
            }
            Descriptor::File(file) if !write => file.perms = FsPerms::ReadOnly,
            Descriptor::File(_) => {}
        }
        Ok(opened)
    }
}

impl preopens::Host for FileView<'_> {
    fn get_directories(&mut self) -> Result<Vec<(Fd, String)>> {
        let mut result = Vec::with_capacity(self.files.grants.len());
        for (index, grant) in self.files.grants.iter().enumerate() {
            let fd = self.view.table.push(Descriptor::Dir(grant.directory.clone()))?;
            let folder = Folder { grant: index, inside: String::new(), preopened: true };
            self.files.folders.insert(fd.rep(), folder);
            result.push((fd, grant.guest.clone()));
        }
        Ok(result)
    }
}

impl types::Host for FileView<'_> {
    fn convert_error_code(&mut self, error: FsError) -> Result<types::ErrorCode> {
        Ok(error.downcast()?.into())
    }
    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> Result<Option<types::ErrorCode>> {
        Ok(base::Host::filesystem_error_code(&mut self.view, error)?.map(Into::into))
    }
}

impl types::HostDescriptor for FileView<'_> {
    fn read_via_stream(&mut self, fd: Fd, offset: u64) -> FsResult<Resource<DynInputStream>> {
        match self.table().get(&fd)? {
            Descriptor::Dir(_) => Err(base::ErrorCode::IsDirectory.into()),
            Descriptor::File(file) => {
                let stream = transfer::reader(file.file.clone(), offset);
                Ok(self.table().push(stream)?)
            }
        }
    }
    fn write_via_stream(&mut self, fd: Fd, offset: u64) -> FsResult<Resource<DynOutputStream>> {
        self.writer(fd, Some(offset))
    }
    fn append_via_stream(&mut self, fd: Fd) -> FsResult<Resource<DynOutputStream>> {
        self.writer(fd, None)
    }
    fn advise(&mut self, fd: Fd, offset: u64, size: u64, advice: types::Advice) -> FsResult<()> {
        done(base::HostDescriptor::advise(&mut self.view, fd, offset, size, advice.into()))
    }
    fn sync_data(&mut self, fd: Fd) -> FsResult<()> {
        self.judge_self(&fd, Kind::Read)?;
        done(base::HostDescriptor::sync_data(&mut self.view, fd))
    }
    fn get_flags(&mut self, fd: Fd) -> FsResult<types::DescriptorFlags> {
        Ok(done(base::HostDescriptor::get_flags(&mut self.view, fd))?.into())
    }
    fn get_type(&mut self, fd: Fd) -> FsResult<types::DescriptorType> {
        Ok(done(base::HostDescriptor::get_type(&mut self.view, fd))?.into())
    }
    fn set_size(&mut self, fd: Fd, size: u64) -> FsResult<()> {
        done(base::HostDescriptor::set_size(&mut self.view, fd, size))
    }
    fn set_times(
        &mut self,
        fd: Fd,
        access: types::NewTimestamp,
        change: types::NewTimestamp,
    ) -> FsResult<()> {
        self.judge_self(&fd, Kind::Write)?;
        done(base::HostDescriptor::set_times(&mut self.view, fd, access.into(), change.into()))
    }
    fn read(&mut self, fd: Fd, size: u64, offset: u64) -> FsResult<(Vec<u8>, bool)> {
        done(base::HostDescriptor::read(&mut self.view, fd, size, offset))
    }
    fn write(&mut self, fd: Fd, data: Vec<u8>, offset: u64) -> FsResult<u64> {
        done(base::HostDescriptor::write(&mut self.view, fd, data, offset))
    }
    fn read_directory(&mut self, fd: Fd) -> FsResult<Resource<types::DirectoryEntryStream>> {
        self.judge_self(&fd, Kind::Read)?;
        done(base::HostDescriptor::read_directory(&mut self.view, fd))
    }
    fn sync(&mut self, fd: Fd) -> FsResult<()> {
        self.judge_self(&fd, Kind::Read)?;
        done(base::HostDescriptor::sync(&mut self.view, fd))
    }
    fn create_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.change(fd, path, |view, fd, path| {
            done(base::HostDescriptor::create_directory_at(view, fd, path))
        })
    }
    fn stat(&mut self, fd: Fd) -> FsResult<types::DescriptorStat> {
        self.judge_self(&fd, Kind::Stat)?;
        Ok(done(base::HostDescriptor::stat(&mut self.view, fd))?.into())
    }
    fn stat_at(
        &mut self,
        fd: Fd,
        flags: types::PathFlags,
        path: String,
    ) -> FsResult<types::DescriptorStat> {
        let follows = flags.contains(types::PathFlags::SYMLINK_FOLLOW);
        self.follow(&fd, path, Kind::Stat, |me, fd, _, path, direct| {
            let flags = if direct { flags.into() } else { base::PathFlags::empty() };
            let stat = done(base::HostDescriptor::stat_at(&mut me.view, borrow(fd), flags, path))?;
            match stat.type_ {
                base::DescriptorType::SymbolicLink if follows => Err(base::ErrorCode::Loop.into()),
                _ => Ok(stat.into()),
            }
        })
    }
    fn set_times_at(
        &mut self,
        fd: Fd,
        flags: types::PathFlags,
        path: String,
        access: types::NewTimestamp,
        change: types::NewTimestamp,
    ) -> FsResult<()> {
        self.follow(&fd, path, Kind::Write, |me, fd, _, path, direct| {
            let flags = if direct { flags.into() } else { base::PathFlags::empty() };
            let (access, change) = (access.into(), change.into());
            done(base::HostDescriptor::set_times_at(
                &mut me.view,
                borrow(fd),
                flags,
                path,
                access,
                change,
            ))
        })
    }
    fn link_at(
        &mut self,
        fd: Fd,
        flags: types::PathFlags,
        old: String,
        to: Fd,
        new: String,
    ) -> FsResult<()> {
        // A link makes the file's contents the new name's, so that the old name must allow as much.
        self.judge(&fd, &old, Kind::Read)?;
        self.judge(&fd, &old, Kind::Write)?;
        self.judge(&to, &new, Kind::Write)?;
        let to_folder = borrow(&to);
        let result = done(base::HostDescriptor::link_at(
            &mut self.view,
            borrow(&fd),
            flags.into(),
            old,
            to,
            new.clone(),
        ));
        self.noted(&to_folder, &new, Kind::Write, result)
    }
    fn open_at(
        &mut self,
        fd: Fd,
        path_flags: types::PathFlags,
        path: String,
        open_flags: types::OpenFlags,
        flags: types::DescriptorFlags,
    ) -> FsResult<Fd> {
        let reads = flags.contains(types::DescriptorFlags::READ);
        let write = flags.contains(types::DescriptorFlags::WRITE)
            || open_flags.intersects(types::OpenFlags::CREATE | types::OpenFlags::TRUNCATE);
        let kind = if write { Kind::Write } else { Kind::Read };
        if write && reads {
            self.judge(&fd, &path, Kind::Read)?;
        }
        self.follow(&fd, path, kind, |me, fd, folder, path, direct| {
            let path_flags = if direct { path_flags.into() } else { base::PathFlags::empty() };
            let writable = write || me.files.grants[folder.grant].write;
            let flags = (path_flags, open_flags.into(), flags.into());
            me.open_in(fd, folder, path, flags, (direct, writable))
        })
    }
    fn readlink_at(&mut self, fd: Fd, path: String) -> FsResult<String> {
        self.judge(&fd, &path, Kind::Stat)?;
        let result =
            done(base::HostDescriptor::readlink_at(&mut self.view, borrow(&fd), path.clone()));
        self.noted(&fd, &path, Kind::Stat, result)
    }
    fn remove_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.change(fd, path, |view, fd, path| {
            done(base::HostDescriptor::remove_directory_at(view, fd, path))
        })
    }
    fn rename_at(&mut self, fd: Fd, old: String, to: Fd, new: String) -> FsResult<()> {
        self.judge(&fd, &old, Kind::Write)?;
        self.judge(&to, &new, Kind::Write)?;
        let to_folder = borrow(&to);
        let result = done(base::HostDescriptor::rename_at(
            &mut self.view,
            borrow(&fd),
            old,
            to,
            new.clone(),
        ));
        self.noted(&to_folder, &new, Kind::Write, result)
    }
    fn symlink_at(&mut self, fd: Fd, target: String, path: String) -> FsResult<()> {
        self.change(fd, path, |view, fd, path| {
            done(base::HostDescriptor::symlink_at(view, fd, target, path))
        })
    }
    fn unlink_file_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        self.change(fd, path, |view, fd, path| {
            done(base::HostDescriptor::unlink_file_at(view, fd, path))
        })
    }
    fn is_same_object(&mut self, a: Fd, b: Fd) -> Result<bool> {
        done(base::HostDescriptor::is_same_object(&mut self.view, a, b))
    }
    fn metadata_hash(&mut self, fd: Fd) -> FsResult<types::MetadataHashValue> {
        self.judge_self(&fd, Kind::Stat)?;
        Ok(done(base::HostDescriptor::metadata_hash(&mut self.view, fd))?.into())
    }
    fn metadata_hash_at(
        &mut self,
        fd: Fd,
        flags: types::PathFlags,
        path: String,
    ) -> FsResult<types::MetadataHashValue> {
        self.follow(&fd, path, Kind::Stat, |me, fd, _, path, direct| {
            let flags = if direct { flags.into() } else { base::PathFlags::empty() };
            Ok(done(base::HostDescriptor::metadata_hash_at(&mut me.view, borrow(fd), flags, path))?
                .into())
        })
    }
    fn drop(&mut self, fd: Fd) -> Result<()> {
        self.files.folders.remove(&fd.rep());
        base::HostDescriptor::drop(&mut self.view, fd)
    }
}

impl FileView<'_> {
    /// Runs `work`, which changes what lies at `path` itself.
    fn change(
        &mut self,
        fd: Fd,
        path: String,
        work: impl FnOnce(&mut WasiFilesystemCtxView<'_>, Fd, String) -> FsResult<()>,
    ) -> FsResult<()> {
        self.judge(&fd, &path, Kind::Write)?;
        let result = work(&mut self.view, borrow(&fd), path.clone());
        self.noted(&fd, &path, Kind::Write, result)
    }

    /// A stream that writes to the file `fd` from `offset` on, or at its end.
    fn writer(&mut self, fd: Fd, offset: Option<u64>) -> FsResult<Resource<DynOutputStream>> {
        match self.table().get(&fd)? {
            Descriptor::Dir(_) => Err(base::ErrorCode::BadDescriptor.into()),
            Descriptor::File(file) if file.perms.write_not_permitted() => Err(not_permitted()),
            Descriptor::File(file) => {
                let stream = transfer::writer(file.file.clone(), offset);
                Ok(self.table().push(stream)?)
            }
        }
    }
}

fn borrow(fd: &Fd) -> Fd {
    Resource::new_borrow(fd.rep())
}

impl types::HostDirectoryEntryStream for FileView<'_> {
    fn read_directory_entry(
        &mut self,
        stream: Resource<types::DirectoryEntryStream>,
    ) -> FsResult<Option<types::DirectoryEntry>> {
        let entry = base::HostDirectoryEntryStream::read_directory_entry(&mut self.view, stream);
        Ok(done(entry)?.map(Into::into))
    }
    fn drop(&mut self, stream: Resource<types::DirectoryEntryStream>) -> Result<()> {
        base::HostDirectoryEntryStream::drop(&mut self.view, stream)
    }
}
