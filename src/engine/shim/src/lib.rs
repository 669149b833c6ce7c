//! What Pylon's engine room needs of wasmtime and its C API cannot give. `shim.h` declares the functions here.
//!
//! The C API (wasmtime-c-api-impl 48) ties everything from the store on to a data type of its own, whose WASI state
//! nobody can reach. So a session here (store, linker, instance, calls) is ours from end to end, and what comes before
//! it is too, because the C API aborts where a configuration or a file is bad: here each function catches what the
//! engine throws and returns it. The doc comment of each function says what the C API lacks for its job.

// What holds for the pointers is in shim.h, once for all functions.
#![allow(clippy::missing_safety_doc)]

mod abi;
mod blocks;
mod calls;
mod config;
mod connection;
mod dynlink;
mod failure;
mod files;
mod grants;
mod io;
mod limits;
mod link;
mod locks;
mod lookup;
mod native;
mod network;
mod process_files;
mod residents;
mod session;
mod shared;
mod stack;
mod state;
mod stdio;
mod tcp;
mod transfer;
mod udp;
mod wait;

use abi::{Options, Text};
use blocks::Heap;
use dynlink::Error;
use failure::{Failure, FailureKind};
use residents::HostCaller;
use session::Session;
use shared::Shared;
use std::ffi::{OsStr, c_void};
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{null, null_mut};
use std::sync::Arc;
use wasmtime::Engine;
use wasmtime::component::Component;

#[global_allocator]
static HEAP: Heap = Heap;

/// Runs `body`; its failure or panic goes to the caller as a `Failure` that it owns, success as null.
fn guard(body: impl FnOnce() -> Result<(), Failure>) -> *mut Failure {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => null_mut(),
        Ok(Err(failure)) => Box::into_raw(Box::new(failure)),
        Err(panic) => Box::into_raw(Box::new(Failure::of_panic(panic))),
    }
}

fn give<T>(out: *mut *mut T, value: T) {
    unsafe { *out = Box::into_raw(Box::new(value)) }
}

/// The failure's kind and texts, which live as long as it. The C API keeps no kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_failure_read(
    failure: &Failure,
    kind: *mut u8,
    message: *mut Text,
    detail: *mut Text,
) {
    unsafe {
        *kind = failure.kind as u8;
        *message = Text::of(&failure.message);
        *detail = Text::of(&failure.detail);
    }
}

/// Ends what the function above reads; the C API's own frees errors of its own making only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_failure_delete(failure: *mut Failure) {
    drop(unsafe { Box::from_raw(failure) });
}

/// The engine with the shared configuration. The C API aborts on a bad one and has no setting for dense images.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_engine_new(out: *mut *mut Engine) -> *mut Failure {
    guard(|| {
        let engine = config::engine();
        give(
            out,
            engine
                .map_err(|e| Failure::of(FailureKind::Internal, "cannot start the engine", &e))?,
        );
        Ok(())
    })
}

/// The counterpart of `pylon_engine_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_engine_delete(engine: *mut Engine) {
    drop(unsafe { Box::from_raw(engine) });
}

/// The version of wasmtime. The C API has none at run time.
#[unsafe(no_mangle)]
pub extern "C" fn pylon_engine_version() -> Text {
    Text::of(config::version())
}

/// Compiles a component; `give` gets the bytes. The C API's own may abort on a bad component.
#[cfg(feature = "compile")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_compile(
    engine: &Engine,
    wasm: Text,
    user: *mut c_void,
    give: unsafe extern "C" fn(*mut c_void, Text),
) -> *mut Failure {
    guard(|| {
        let code = engine
            .precompile_component(unsafe { wasm.bytes() })
            .map_err(|error| Failure::of(FailureKind::Input, "it does not compile", &error))?;
        unsafe { give(user, Text::of_bytes(&code)) };
        Ok(())
    })
}

/// Maps a component compiled ahead of time. The C API's own may abort on a corrupt file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_component_open(
    engine: &Engine,
    path: Text,
    out: *mut *mut Component,
) -> *mut Failure {
    guard(|| {
        let path = OsStr::from_bytes(unsafe { path.bytes() });
        let component = unsafe { Component::deserialize_file(engine, path) };
        give(
            out,
            component
                .map_err(|e| Failure::of(FailureKind::Corrupt, "it is not usable code", &e))?,
        );
        Ok(())
    })
}

/// The counterpart of `pylon_component_open`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_component_delete(component: *mut Component) {
    drop(unsafe { Box::from_raw(component) });
}

/// The part of a session that other threads may use. The C API has nothing that wakes a host call or keeps refusals.
#[unsafe(no_mangle)]
pub extern "C" fn pylon_shared_new() -> *const Shared {
    Arc::into_raw(Arc::new(Shared::default()))
}

/// The counterpart of `pylon_shared_new`; a session keeps its share until its own end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_shared_delete(shared: *const Shared) {
    drop(unsafe { Arc::from_raw(shared) });
}

/// Ends the blocking host call under way, from any thread. The C API's host calls cannot be woken.
#[unsafe(no_mangle)]
pub extern "C" fn pylon_shared_interrupt(shared: &Shared) {
    shared.interrupt.notify_waiters();
}

/// Whether `max_memory` has refused a growth, from any thread. The C API's limiter tells nobody, and limits each memory alone.
#[unsafe(no_mangle)]
pub extern "C" fn pylon_shared_limit_hit(shared: &Shared) -> bool {
    shared.limit_hit()
}

/// Hands each refusal to `each`, oldest first, from any thread. The C API records none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_shared_refusals(
    shared: &Shared,
    user: *mut c_void,
    each: unsafe extern "C" fn(*mut c_void, u8, Text),
) {
    for (kind, target) in shared.refusals() {
        unsafe { each(user, kind as u8, Text::of(&target)) };
    }
}

/// Hands each use of the network to `each` that was granted, oldest first, from any thread. The C API records none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_shared_uses(
    shared: &Shared,
    user: *mut c_void,
    each: unsafe extern "C" fn(*mut c_void, u8, Text),
) {
    for (kind, target) in shared.uses() {
        unsafe { each(user, kind as u8, Text::of(&target)) };
    }
}

/// Links and instantiates. The C API has no standard streams, address policy or lookups by callback, no initial
/// directory, no single-file or empty grants, no sum over memories, and copies a list<u8> as 32 bytes a byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_session_new(
    engine: &Engine,
    component: &Component,
    options: &Options,
    shared: *const Shared,
    out: *mut *mut Session,
) -> *mut Failure {
    guard(|| {
        give(out, unsafe { Session::new(engine, component, options, share(shared)) }?);
        Ok(())
    })
}

/// Another share of what `pylon_shared_new` made.
unsafe fn share(shared: *const Shared) -> Arc<Shared> {
    unsafe {
        Arc::increment_strong_count(shared);
        Arc::from_raw(shared)
    }
}

/// The counterpart of `pylon_session_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_session_delete(session: *mut Session) {
    let _ = guard(|| {
        drop(unsafe { Box::from_raw(session) });
        Ok(())
    });
}

/// Calls wasi:cli/run; `status` is the exit status. The store is ours, so its calls are too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_session_run(
    session: &mut Session,
    status: *mut i32,
) -> *mut Failure {
    guard(|| {
        unsafe { *status = session.run()? };
        Ok(())
    })
}

/// Calls an exported `func() -> u32`. The store is ours, so its calls are too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_session_call(
    session: &mut Session,
    name: Text,
    value: *mut u32,
) -> *mut Failure {
    guard(|| {
        unsafe { *value = session.call(&name.string())? };
        Ok(())
    })
}

/// Calls an exported `func() -> list<u8>`; the bytes stay where they are, in guest memory. The C API copies each into a
/// value of 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_session_view(
    session: &mut Session,
    name: Text,
    data: *mut *const u8,
    size: *mut usize,
) -> *mut Failure {
    guard(|| {
        let (bytes, count) = session.view(&unsafe { name.string() })?;
        unsafe {
            *data = bytes;
            *size = count;
        }
        Ok(())
    })
}

/// A caller of providers that is no component. The C API can neither define nor call compose:dynlink without a copy of
/// 32 bytes a byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_caller_new(
    engine: &Engine,
    options: &Options,
    shared: *const Shared,
    out: *mut *mut HostCaller,
) -> *mut Failure {
    guard(|| {
        give(out, unsafe { HostCaller::new(engine, options, share(shared)) });
        Ok(())
    })
}

/// The counterpart of `pylon_caller_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_caller_delete(caller: *mut HostCaller) {
    let _ = guard(|| {
        drop(unsafe { Box::from_raw(caller) });
        Ok(())
    });
}

/// Calls a method of the provider `id`; `give` gets what it came to: bytes, an error's bytes, or a kind and a message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pylon_caller_invoke(
    caller: &HostCaller,
    id: Text,
    method: Text,
    payload: Text,
    user: *mut c_void,
    give: unsafe extern "C" fn(*mut c_void, bool, *const u8, Text),
) -> *mut Failure {
    guard(|| unsafe {
        let answer = caller.invoke(&id.string(), &method.string(), payload.bytes());
        match answer.map_err(|error| Failure::of_run(&error))? {
            Ok(bytes) => give(user, true, null(), Text::of_bytes(&bytes)),
            Err(Error::Returned(bytes)) => give(user, false, null(), Text::of_bytes(&bytes)),
            Err(Error::Failed(failed)) => {
                give(user, false, &(failed.kind as u8), Text::of(&failed.message))
            }
        }
        Ok(())
    })
}
