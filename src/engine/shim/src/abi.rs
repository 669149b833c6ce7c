//! The C types that `shim.h` declares.

use std::ffi::c_void;
use std::{ptr, slice};

/// Borrowed bytes; text where the field says so.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    data: *const u8,
    size: usize,
}

impl Text {
    /// The text, with anything that is not UTF-8 replaced.
    ///
    /// # Safety
    /// `data` points to `size` bytes.
    pub unsafe fn string(&self) -> String {
        String::from_utf8_lossy(unsafe { array(self.data, self.size) }).into_owned()
    }

    /// The bytes themselves.
    ///
    /// # Safety
    /// `data` points to `size` bytes that outlive the result.
    pub unsafe fn bytes<'a>(&self) -> &'a [u8] {
        unsafe { array(self.data, self.size) }
    }

    pub fn of(text: &str) -> Text {
        Text::of_bytes(text.as_bytes())
    }

    pub fn of_bytes(bytes: &[u8]) -> Text {
        Text { data: bytes.as_ptr(), size: bytes.len() }
    }
}

/// A C array as a slice; a null pointer is an empty one.
///
/// # Safety
/// Unless null, `data` points to `count` elements that outlive the result.
pub unsafe fn array<'a, T>(data: *const T, count: usize) -> &'a [T] {
    match data.is_null() {
        true => &[],
        false => unsafe { slice::from_raw_parts(data, count) },
    }
}

#[repr(C)]
pub struct Variable {
    pub name: Text,
    pub value: Text,
}

#[repr(C)]
pub struct FileGrant {
    pub name: Text,
    pub write: bool,
}

#[repr(C)]
pub struct Preopen {
    pub guest: Text,
    pub host: Text,
    pub read: bool,
    pub write: bool,
    pub files: *const FileGrant,
    pub file_count: usize,
}

/// A standard stream; `user` goes back to each callback, all on the guest's thread.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Stream {
    pub user: *mut c_void,
    pub is_terminal: unsafe extern "C" fn(*mut c_void) -> bool,
    pub descriptor: unsafe extern "C" fn(*mut c_void) -> i32,
    pub read: unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> i64,
    pub write: unsafe extern "C" fn(*mut c_void, *const u8, usize) -> i32,
}

// The callbacks are made for the session's thread, wherever the session was built.
unsafe impl Send for Stream {}
unsafe impl Sync for Stream {}

/// The network policy; an absent callback allows nothing, and without `allow_address` there are no sockets at all.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Network {
    pub user: *mut c_void,
    pub allow_address: Option<unsafe extern "C" fn(*mut c_void, Text, u16, bool) -> bool>,
    pub allow_lookup: Option<unsafe extern "C" fn(*mut c_void, Text) -> bool>,
    /// Gets each address that a name was found to have.
    pub found: Option<unsafe extern "C" fn(*mut c_void, Text, Text)>,
}

unsafe impl Send for Network {}
unsafe impl Sync for Network {}

#[repr(C)]
pub struct Options {
    pub arguments: *const Text,
    pub argument_count: usize,
    pub environment: *const Variable,
    pub environment_count: usize,
    pub directory: Text,
    pub preopens: *const Preopen,
    pub preopen_count: usize,
    pub network: Network,
    pub max_memory: u64,
    pub standard: [*const Stream; 3],
    pub providers: *const Source,
    pub native: *const Native,
}

/// The code behind a gate.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Native {
    pub user: *mut c_void,
    pub change: unsafe extern "C" fn(*mut c_void, *mut u8, u32) -> u32,
    pub reason: unsafe extern "C" fn(*mut c_void) -> Text,
}

// Called on the session's thread only, wherever the session was built.
unsafe impl Send for Native {}
unsafe impl Sync for Native {}

/// Where a run's providers come from.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Source {
    pub user: *mut c_void,
    pub resolve:
        unsafe extern "C" fn(*mut c_void, u64, Text, bool, *mut Provider, *mut Refusal) -> bool,
}

/// A provider; what it points to lives as long as the session.
#[repr(C)]
pub struct Provider {
    pub key: u64,
    pub name: Text,
    pub component: *const wasmtime::component::Component,
    pub options: *const Options,
    pub schema: Text,
    pub schema_digest: *const u8,
}

impl Default for Provider {
    fn default() -> Provider {
        Provider {
            key: 0,
            name: Text::of(""),
            component: ptr::null(),
            options: ptr::null(),
            schema: Text::of(""),
            schema_digest: ptr::null(),
        }
    }
}

/// Why there is none; the message lives until the next call.
#[repr(C)]
pub struct Refusal {
    pub kind: u8,
    pub message: Text,
}

impl Default for Refusal {
    fn default() -> Refusal {
        Refusal { kind: u8::MAX, message: Text::of("") }
    }
}
