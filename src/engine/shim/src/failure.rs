//! Failures on their way to C: what kind, one line, and details.

use std::any::Any;
use wasmtime::{Error, Trap, WasmBacktrace};

/// The kinds that `pylon::ErrorKind` has for what happens here; `shim.h` repeats the numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum FailureKind {
    Input,
    Corrupt,
    Io,
    Trap,
    Limit,
    Internal,
}

/// A failure; `detail` is empty where the message says it all.
#[derive(Debug)]
pub struct Failure {
    pub kind: FailureKind,
    pub message: String,
    pub detail: String,
}

impl Failure {
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Failure {
        Failure { kind, message: message.into(), detail: String::new() }
    }

    /// An error of the engine while doing `doing`; its whole chain is the detail.
    pub fn of(kind: FailureKind, doing: &str, error: &Error) -> Failure {
        Failure { kind, message: doing.to_owned(), detail: chain(error) }
    }

    /// What ended a run that did not exit.
    pub fn of_run(error: &Error) -> Failure {
        let reason = reason(error);
        let detail = error.downcast_ref::<WasmBacktrace>().map(WasmBacktrace::to_string);
        Failure {
            kind: FailureKind::Trap,
            message: format!("the program trapped: {reason}"),
            detail: detail.unwrap_or_default(),
        }
    }

    /// Message and detail in one line; of a backtrace, nothing.
    pub fn line(&self) -> String {
        match self.detail.is_empty() || self.detail.contains('\n') {
            true => self.message.clone(),
            false => format!("{}: {}", self.message, self.detail),
        }
    }

    /// A panic that was caught at the border.
    pub fn of_panic(panic: Box<dyn Any + Send>) -> Failure {
        let text = match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
            (Some(text), _) => text.as_str(),
            (None, Some(text)) => text,
            (None, None) => "unknown",
        };
        Failure::new(FailureKind::Internal, format!("the engine failed: {text}"))
    }
}

/// Why guest code ended, in one line.
pub fn reason(error: &Error) -> String {
    let reason = match error.downcast_ref::<Trap>() {
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    };
    reason.trim_start_matches("wasm trap: ").replace('\n', " ")
}

/// Whether a guest handed the host more than `set_hostcall_fuel` allows; the engine has no type for it.
pub fn is_too_much_data(error: &Error) -> bool {
    error.root_cause().to_string().contains("fuel allocated for hostcalls")
}

/// The error and its causes in one line.
fn chain(error: &Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ").replace('\n', " ")
}
