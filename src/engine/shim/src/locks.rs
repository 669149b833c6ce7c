//! `pylon:files/locks` (wit/pylon-files): locks on ranges of a file's bytes, which the kernel keeps for each opening
//! (fcntl(2), "Open file description locks").

use crate::files::FileView;
use crate::state::State;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use wasmtime::component::{ComponentType, Lift, Linker, Lower, Resource, ResourceType, WasmStr};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::p2::FsError;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

/// `access`.
#[expect(dead_code, reason = "guests make the values")]
#[derive(ComponentType, Lift, Lower, Clone, Copy, Debug)]
#[component(enum)]
#[repr(u8)]
enum Access {
    #[component(name = "shared")]
    Shared,
    #[component(name = "exclusive")]
    Exclusive,
}

/// `failure`.
#[derive(ComponentType, Lift, Lower, Clone, Copy, Debug)]
#[component(enum)]
#[repr(u8)]
enum Failure {
    #[component(name = "not-permitted")]
    NotPermitted,
    #[component(name = "missing")]
    Missing,
    #[component(name = "not-a-file")]
    NotAFile,
    #[component(name = "unsupported")]
    Unsupported,
    #[component(name = "io")]
    Io,
}

type Answer<T> = std::result::Result<T, Failure>;

/// `file-lock`.
struct FileLock(Arc<File>);

/// Adds the interface.
pub fn add(linker: &mut Linker<State>) -> Result<()> {
    let mut interface = linker.instance("pylon:files/locks@0.1.0")?;
    let host = ResourceType::host::<FileLock>();
    interface.resource("file-lock", host, |mut cx, rep| {
        cx.data_mut().table.delete(Resource::<FileLock>::new_own(rep))?;
        Ok(())
    })?;
    interface.func_wrap("[static]file-lock.open", open)?;
    interface.func_wrap(
        "[method]file-lock.lock",
        |cx, (lock, access, start, length): (Resource<FileLock>, Access, u64, u64)| {
            let kind = access.kind();
            Ok((with(&cx, &lock, |file| change(file, kind, start, length))?,))
        },
    )?;
    interface.func_wrap(
        "[method]file-lock.unlock",
        |cx, (lock, start, length): (Resource<FileLock>, u64, u64)| {
            let change = |file: &File| change(file, libc::F_UNLCK, start, length).map(|_| ());
            Ok((with(&cx, &lock, change)?,))
        },
    )?;
    interface.func_wrap(
        "[method]file-lock.is-locked",
        |cx, (lock, access, start, length): (Resource<FileLock>, Access, u64, u64)| {
            let kind = access.kind();
            Ok((with(&cx, &lock, |file| is_locked(file, kind, start, length))?,))
        },
    )
}

impl Access {
    fn kind(self) -> libc::c_int {
        match self {
            Access::Shared => libc::F_RDLCK,
            Access::Exclusive => libc::F_WRLCK,
        }
    }
}

fn open(
    mut cx: StoreContextMut<'_, State>,
    (path,): (WasmStr,),
) -> Result<(Answer<Resource<FileLock>>,)> {
    let path = path.to_str(&cx)?.into_owned();
    let file = FileView::of(cx.data_mut()).open_to_lock(&path);
    let answer = match file {
        Ok(file) => Ok(cx.data_mut().table.push(FileLock(file))?),
        Err(error) => Err(failure_of(error)?),
    };
    Ok((answer,))
}

fn with<T>(
    cx: &StoreContextMut<'_, State>,
    lock: &Resource<FileLock>,
    work: impl FnOnce(&File) -> Answer<T>,
) -> Result<Answer<T>> {
    Ok(work(&cx.data().table.get(lock)?.0))
}

/// What keeps a file from being opened; an error of the host's own ends the run.
fn failure_of(error: FsError) -> Result<Failure> {
    Ok(match error.downcast()? {
        ErrorCode::NoEntry | ErrorCode::NotDirectory => Failure::Missing,
        ErrorCode::IsDirectory => Failure::NotAFile,
        ErrorCode::Access | ErrorCode::NotPermitted | ErrorCode::ReadOnly => Failure::NotPermitted,
        _ => Failure::Io,
    })
}

/// Sets what this opening holds of a range; false if others are in the way.
fn change(file: &File, kind: libc::c_int, start: u64, length: u64) -> Answer<bool> {
    let mut range = range(kind, start, length)?;
    match control(file, libc::F_OFD_SETLK, &mut range) {
        Ok(()) => Ok(true),
        Err(libc::EAGAIN | libc::EACCES) => Ok(false),
        Err(libc::EBADF) => Err(Failure::NotPermitted), // not open for writing
        Err(libc::ENOLCK | libc::EOPNOTSUPP | libc::ENOSYS) => Err(Failure::Unsupported),
        Err(_) => Err(Failure::Io),
    }
}

fn is_locked(file: &File, kind: libc::c_int, start: u64, length: u64) -> Answer<bool> {
    let mut range = range(kind, start, length)?;
    match control(file, libc::F_OFD_GETLK, &mut range) {
        Ok(()) => Ok(libc::c_int::from(range.l_type) != libc::F_UNLCK),
        Err(libc::ENOLCK | libc::EOPNOTSUPP | libc::ENOSYS) => Err(Failure::Unsupported),
        Err(_) => Err(Failure::Io),
    }
}

fn range(kind: libc::c_int, start: u64, length: u64) -> Answer<libc::flock> {
    let offset = |value: u64| libc::off_t::try_from(value).map_err(|_| Failure::Io);
    let mut range: libc::flock = unsafe { std::mem::zeroed() };
    range.l_type = kind as libc::c_short;
    range.l_whence = libc::SEEK_SET as libc::c_short;
    range.l_start = offset(start)?;
    range.l_len = offset(length)?;
    Ok(range)
}

/// fcntl(2) with a range; the error is errno.
fn control(
    file: &File,
    command: libc::c_int,
    range: &mut libc::flock,
) -> std::result::Result<(), i32> {
    loop {
        if unsafe { libc::fcntl(file.as_raw_fd(), command, range as *mut libc::flock) } == 0 {
            return Ok(());
        }
        match io::Error::last_os_error().raw_os_error().unwrap_or(0) {
            libc::EINTR => {}
            number => return Err(number),
        }
    }
}
