//! What other threads may touch while the guest runs.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use tokio::sync::Notify;

/// The newest refusals are kept, the oldest dropped beyond this number.
pub const MAX_REFUSALS: usize = 32;

/// The kinds of `pylon::engine::Refusal`, in its order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    Stat,
    Read,
    Write,
    Connect,
    Lookup,
}

/// The part of a session that its thread shares with its supervisor.
#[derive(Default)]
pub struct Shared {
    /// Ends the blocking host call that is under way.
    pub interrupt: Notify,
    /// Set when an interrupt ended a wait, until the next wait: a read that finds nothing then fails with EINTR.
    pub wait_interrupted: AtomicBool,
    /// Set once the guest has bound a datagram socket as allowed: then datagrams may come from anywhere.
    pub serves_datagrams: AtomicBool,
    /// Set when `max_memory` refused a growth.
    pub memory_limit_hit: AtomicBool,
    refusals: Mutex<VecDeque<(Kind, String)>>,
}

impl Shared {
    /// Records an operation that was refused; one that is known already moves to the end.
    pub fn refuse(&self, kind: Kind, target: String) {
        let mut list = self.refusals.lock().unwrap_or_else(|e| e.into_inner());
        let entry = (kind, target);
        list.retain(|known| *known != entry);
        if list.len() == MAX_REFUSALS {
            list.pop_front();
        }
        list.push_back(entry);
    }

    /// Everything recorded so far, oldest first.
    pub fn refusals(&self) -> Vec<(Kind, String)> {
        let list = self.refusals.lock().unwrap_or_else(|e| e.into_inner());
        list.iter().cloned().collect()
    }
}
