//! The system's files about processes, which look like files and are a way out of the sandbox: through them one could
//! change the host program's memory, or read its environment.

use std::fs::File;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;

/// Whether the guest may not have this file, whatever directories it was granted: to write any file about processes, or to
/// use one about the host program itself.
pub fn refused(file: &File, write: bool) -> bool {
    if !is_about_processes(file) {
        return false;
    }
    let own = format!("/proc/{}/", std::process::id());
    let name = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()));
    write || !name.is_ok_and(|name| !name.starts_with(own))
}

fn is_about_processes(file: &File) -> bool {
    let mut system = MaybeUninit::<libc::statfs>::uninit();
    let known = unsafe { libc::fstatfs(file.as_raw_fd(), system.as_mut_ptr()) } == 0;
    known && unsafe { system.assume_init() }.f_type == libc::PROC_SUPER_MAGIC
}
