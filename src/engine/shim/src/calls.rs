//! What a store knows of the others of its run.

use crate::dynlink::{Context, Handler};
use crate::residents::Residents;
use std::rc::Rc;
use wasmtime::component::Instance;

/// How a component is named where it is looked up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lookup {
    Id,
    Digest,
}

/// A component's way to the others of its run.
pub struct Calls {
    pub residents: Rc<Residents>,
    /// What the plan grants is decided by it: 0 for the program, else the provider's own key.
    pub key: u64,
    /// For messages.
    pub name: String,
    /// Who is calling this component now, innermost last; None for the host program.
    pub callers: Vec<Option<Context>>,
    /// Once instantiated.
    pub instance: Option<Instance>,
    /// Once looked up: the way back into this component, if it has one.
    pub callback: Option<Option<Handler>>,
}

impl Calls {
    pub fn new(residents: Rc<Residents>, key: u64, name: impl Into<String>) -> Calls {
        Calls {
            residents,
            key,
            name: name.into(),
            callers: Vec::new(),
            instance: None,
            callback: None,
        }
    }
}

// SAFETY: all stores of a run, and all that they share here, are used by one thread at a time.
unsafe impl Send for Calls {}
unsafe impl Sync for Calls {}
