//! How much of its stack the calling thread has left.

use std::mem::MaybeUninit;

/// Bytes between here and the end of this thread's stack; 0 if the system does not tell.
pub fn left() -> usize {
    thread_local!(static END: usize = end());
    let here = 0u8;
    let here = std::hint::black_box(&here) as *const u8 as usize;
    END.with(|end| here.saturating_sub(*end))
}

fn end() -> usize {
    unsafe {
        let mut attributes = MaybeUninit::uninit();
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return usize::MAX;
        }
        let mut attributes = attributes.assume_init();
        let (mut lowest, mut size) = (std::ptr::null_mut(), 0);
        let known = libc::pthread_attr_getstack(&attributes, &mut lowest, &mut size) == 0;
        libc::pthread_attr_destroy(&mut attributes);
        if known { lowest as usize } else { usize::MAX }
    }
}
