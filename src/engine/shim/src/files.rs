//! wasi:filesystem behind the session's grants: wasmtime-wasi and cap-primitives do the work and confine every path
//! to its preopen; here each operation is judged first, and refusals are recorded with their guest path.

use crate::grants::{Folder, Grants, Right};
use crate::process_files;
use crate::shared::{Kind, Shared};
use crate::state::State;
use crate::transfer;
use std::fs::File;
use std::future::Future;
use std::os::fd::AsRawFd;
use std::pin::pin;
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::{HasData, Resource, ResourceTable};
use wasmtime_wasi::FsPerms;
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::preopens;
use wasmtime_wasi::p2::bindings::filesystem::types as base;
use wasmtime_wasi::p2::bindings::sync::filesystem::types;
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};

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

/// The part of a session's state that wasi:filesystem works on.
pub struct FileView<'a> {
    view: WasiFilesystemCtxView<'a>,
    grants: &'a mut Grants,
    shared: &'a Shared,
}

/// Names `FileView` for wasmtime's generated linker functions.
pub struct HasFiles;

impl HasData for HasFiles {
    type Data<'a> = FileView<'a>;
}

type Fd = Resource<Descriptor>;

/// Where an operation goes: a directory, what is known of it, a path in it, and with which right.
struct Place<'a> {
    fd: &'a Fd,
    folder: Option<&'a Folder>,
    path: String,
    right: Right,
}

impl Place<'_> {
    /// The flags to resolve the path with: the name of a single grant is not followed.
    fn flags(&self, wanted: types::PathFlags) -> base::PathFlags {
        match self.right {
            Right::Directory => wanted.into(),
            _ => base::PathFlags::empty(),
        }
    }
}

impl FileView<'_> {
    pub fn of(state: &mut State) -> FileView<'_> {
        let State { wasi, table, grants, shared, .. } = state;
        FileView { view: WasiFilesystemCtxView { ctx: wasi.filesystem(), table }, grants, shared }
    }

    fn table(&mut self) -> &mut ResourceTable {
        self.view.table
    }

    /// Records a refusal of what lies at `path` in `folder`; returns the guest's error.
    fn refuse(&self, folder: &Folder, path: &str, kind: Kind) -> FsError {
        self.shared.refuse(kind, self.grants.guest_path(folder, path));
        not_permitted()
    }

    /// Judges a use of `path` in the directory `fd`. Of a file, wasmtime-wasi says "not a directory".
    fn judge(&self, fd: &Fd, path: &str, kind: Kind) -> FsResult<Right> {
        let Some(folder) = self.grants.folder(fd.rep()) else {
            return Ok(Right::Directory);
        };
        match self.grants.right(folder, path, kind) {
            Right::None => Err(self.refuse(folder, path, kind)),
            right => Ok(right),
        }
    }

    /// Judges a use of the directory `fd` itself; files were judged when they were opened.
    fn judge_self(&self, fd: &Fd, kind: Kind) -> FsResult<()> {
        self.judge(fd, ".", kind).map(|_| ())
    }

    /// Records the refusal if `path` led out of its preopen. Inside, it is the system that refused.
    fn noted<T>(&self, fd: &Fd, path: &str, kind: Kind, result: FsResult<T>) -> FsResult<T> {
        let error = match result {
            Err(error) if error_is(&error, base::ErrorCode::NotPermitted) => error,
            result => return result,
        };
        let Some(folder) = self.grants.folder(fd.rep()) else { return Err(error) };
        match self.grants.host_path(folder, path) {
            Some(target) if self.grants.contains(folder, &target) => Err(error),
            Some(target) => {
                self.shared.refuse(kind, self.grants.guest_name(&target));
                Err(error)
            }
            None => Err(self.refuse(folder, path, kind)),
        }
    }

    /// Runs `work` on `path` in `fd`. Where a symbolic link or `..` leads out of the preopen, or a link is absolute, and the
    /// place it leads to lies in a preopen that allows it, runs it there.
    fn follow<T>(
        &mut self,
        fd: &Fd,
        path: String,
        kind: Kind,
        mut work: impl FnMut(&mut Self, Place) -> FsResult<T>,
    ) -> FsResult<T> {
        let right = self.judge(fd, &path, kind)?;
        let folder = self.grants.folder(fd.rep()).cloned();
        let place = Place { fd, folder: folder.as_ref(), path: path.clone(), right };
        let error = match (work(self, place), right) {
            (Err(error), _) if error_is(&error, base::ErrorCode::NotPermitted) => error,
            (Err(error), Right::File) if error_is(&error, base::ErrorCode::Loop) => error,
            (result, _) => return result,
        };
        let Some(folder) = folder else { return Err(error) };
        let Some(target) = self.grants.host_path(&folder, &path) else {
            return Err(self.refuse(&folder, &path, kind));
        };
        let Some((root, directory, inside)) = self.grants.allowing(&target, kind) else {
            self.shared.refuse(kind, self.grants.guest_name(&target));
            return Err(not_permitted());
        };
        let right = self.grants.right(&root, &inside, kind);
        let there = self.table().push(Descriptor::Dir(directory))?;
        let result = work(self, Place { fd: &there, folder: Some(&root), path: inside, right });
        self.table().delete(there)?;
        result
    }

    /// Opens the place, and keeps track of it if it is a directory.
    fn open(
        &mut self,
        place: Place,
        path_flags: types::PathFlags,
        open_flags: types::OpenFlags,
        flags: types::DescriptorFlags,
        write: bool,
    ) -> FsResult<Fd> {
        let folder = place.folder.map(|folder| folder.enter(&place.path));
        let keeps = write || folder.as_ref().is_some_and(|folder| self.grants.writable(folder));
        let path_flags = place.flags(path_flags);
        let opened = done(base::HostDescriptor::open_at(
            &mut self.view,
            borrow(place.fd),
            path_flags,
            place.path,
            open_flags.into(),
            flags.into(),
        ))?;
        let refused = match self.table().get_mut(&opened)? {
            Descriptor::Dir(_) if place.right != Right::Directory => true, // a grant of one file
            Descriptor::Dir(_) => {
                folder.into_iter().for_each(|folder| self.grants.opened(opened.rep(), folder));
                false
            }
            Descriptor::File(file) => {
                if !keeps {
                    file.perms = FsPerms::ReadOnly;
                }
                process_files::refused(&file.file, write)
            }
        };
        if refused {
            self.table().delete(opened)?;
            return Err(base::ErrorCode::Access.into());
        }
        Ok(opened)
    }

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

impl FileView<'_> {
    /// An opening of the file at the absolute path `path`, for reading, and for writing where that is granted and possible.
    pub fn open_to_lock(&mut self, path: &str) -> FsResult<Arc<File>> {
        let Some((folder, directory, inside)) = self.grants.locate(path) else {
            return Err(base::ErrorCode::NoEntry.into());
        };
        let write = self.grants.right(&folder, &inside, Kind::Write) != Right::None;
        let fd = self.table().push(Descriptor::Dir(directory))?;
        self.grants.opened(fd.rep(), folder);
        let mut open = |flags| self.open_file(&fd, &inside, flags);
        let (read, both) = (
            base::DescriptorFlags::READ,
            base::DescriptorFlags::READ | base::DescriptorFlags::WRITE,
        );
        let opened = match write.then(|| open(both)) {
            Some(Ok(file)) => Ok(file),
            _ => open(read),
        };
        self.grants.closed(fd.rep());
        self.table().delete(fd)?;
        opened
    }

    /// The file `path` in the directory `fd`, without a descriptor.
    fn open_file(
        &mut self,
        fd: &Fd,
        path: &str,
        flags: base::DescriptorFlags,
    ) -> FsResult<Arc<File>> {
        let follow = types::PathFlags::SYMLINK_FOLLOW;
        let (path, none) = (path.to_owned(), types::OpenFlags::empty());
        let opened =
            types::HostDescriptor::open_at(self, borrow(fd), follow, path, none, flags.into())?;
        self.grants.closed(opened.rep());
        match self.table().delete(opened)? {
            Descriptor::File(file) => Ok(file.file),
            Descriptor::Dir(_) => Err(base::ErrorCode::IsDirectory.into()),
        }
    }

    /// What a symbolic link with an absolute target says, which wasmtime-wasi keeps to itself: guest paths equal host
    /// paths, so that it means the same to the guest. The link's directory is opened within the grant first.
    fn absolute_link(&mut self, fd: &Fd, path: &str) -> FsResult<String> {
        let (parent, name) = path.rsplit_once('/').unwrap_or((".", path));
        let folder = done(base::HostDescriptor::open_at(
            &mut self.view,
            borrow(fd),
            base::PathFlags::SYMLINK_FOLLOW,
            parent.to_owned(),
            base::OpenFlags::DIRECTORY,
            base::DescriptorFlags::READ,
        ))?;
        let target = match self.table().get(&folder)? {
            Descriptor::Dir(directory) => link_target(&directory.dir, name),
            Descriptor::File(_) => None,
        };
        self.table().delete(folder)?;
        target.ok_or_else(not_permitted)
    }
}

/// The target of the symbolic link `name` in a directory, if it is UTF-8.
fn link_target(directory: &File, name: &str) -> Option<String> {
    let name = std::ffi::CString::new(name).ok()?;
    let mut target = vec![0u8; libc::PATH_MAX as usize];
    let buffer = target.as_mut_ptr().cast();
    let size =
        unsafe { libc::readlinkat(directory.as_raw_fd(), name.as_ptr(), buffer, target.len()) };
    target.truncate(usize::try_from(size).ok()?);
    String::from_utf8(target).ok()
}

fn borrow(fd: &Fd) -> Fd {
    Resource::new_borrow(fd.rep())
}

impl preopens::Host for FileView<'_> {
    fn get_directories(&mut self) -> Result<Vec<(Fd, String)>> {
        let preopened: Vec<_> = self.grants.preopened().collect();
        let mut result = Vec::with_capacity(preopened.len());
        for (folder, directory, guest) in preopened {
            let fd = self.table().push(Descriptor::Dir(directory))?;
            self.grants.opened(fd.rep(), folder);
            result.push((fd, guest));
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
        let entries = done(base::HostDescriptor::read_directory(&mut self.view, fd))?;
        let listing = Listing::of(self.table().delete(entries)?);
        Ok(Resource::new_own(self.table().push(listing)?.rep()))
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
        self.follow(&fd, path, Kind::Stat, |me, place| {
            let (fd, flags) = (borrow(place.fd), place.flags(flags));
            let stat = done(base::HostDescriptor::stat_at(&mut me.view, fd, flags, place.path))?;
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
        self.follow(&fd, path, Kind::Write, |me, place| {
            done(base::HostDescriptor::set_times_at(
                &mut me.view,
                borrow(place.fd),
                place.flags(flags),
                place.path,
                access.into(),
                change.into(),
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
        self.follow(&fd, path, kind, |me, place| {
            me.open(place, path_flags, open_flags, flags, write)
        })
    }
    fn readlink_at(&mut self, fd: Fd, path: String) -> FsResult<String> {
        self.judge(&fd, &path, Kind::Stat)?;
        let result =
            done(base::HostDescriptor::readlink_at(&mut self.view, borrow(&fd), path.clone()));
        match result {
            Err(error) if error_is(&error, base::ErrorCode::NotPermitted) => {
                let result = self.absolute_link(&fd, &path);
                self.noted(&fd, &path, Kind::Stat, result)
            }
            result => self.noted(&fd, &path, Kind::Stat, result),
        }
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
        self.follow(&fd, path, Kind::Stat, |me, place| {
            let (fd, flags) = (borrow(place.fd), place.flags(flags));
            let hash = base::HostDescriptor::metadata_hash_at(&mut me.view, fd, flags, place.path);
            Ok(done(hash)?.into())
        })
    }
    fn drop(&mut self, fd: Fd) -> Result<()> {
        self.grants.closed(fd.rep());
        base::HostDescriptor::drop(&mut self.view, fd)
    }
}

/// The entries of a directory by name, so that nothing depends on the order in which the system has them.
struct Listing(std::vec::IntoIter<FsResult<types::DirectoryEntry>>);

impl Listing {
    fn of(entries: base::DirectoryEntryStream) -> Listing {
        let mut entries: Vec<_> =
            entries.into_iter().map(|entry| entry.map(types::DirectoryEntry::from)).collect();
        entries.sort_by_cached_key(|entry| entry.as_ref().ok().map(|entry| entry.name.clone()));
        Listing(entries.into_iter())
    }
}

/// The handle of a listing under the name that the interface wants.
type ListingHandle = Resource<types::DirectoryEntryStream>;

impl types::HostDirectoryEntryStream for FileView<'_> {
    fn read_directory_entry(
        &mut self,
        stream: ListingHandle,
    ) -> FsResult<Option<types::DirectoryEntry>> {
        let listing = Resource::<Listing>::new_borrow(stream.rep());
        self.table().get_mut(&listing)?.0.next().transpose()
    }
    fn drop(&mut self, stream: ListingHandle) -> Result<()> {
        self.table().delete(Resource::<Listing>::new_own(stream.rep()))?;
        Ok(())
    }
}
