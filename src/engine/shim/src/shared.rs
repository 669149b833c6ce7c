//! What other threads may touch while a run's components work, and what these share.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use tokio::sync::Notify;

/// The newest refusals are kept, the oldest dropped beyond this number.
pub const MAX_REFUSALS: usize = 32;

/// The newest uses of the network are kept in the same way.
const MAX_USES: usize = 256;

/// Table slots of one run together; far above what a program needs, far below what hurts the host.
const MAX_TABLE_ELEMENTS: usize = 16 << 20;

/// The kinds of `pylon::engine::Refusal`, in its order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    Stat,
    Read,
    Write,
    Connect,
    Lookup,
    Listen,
}

/// The part of a run that its thread shares with its supervisor.
pub struct Shared {
    /// Ends the blocking host call that is under way.
    pub interrupt: Notify,
    /// Set when an interrupt ended a wait, until the next wait: a read that finds nothing then fails with EINTR.
    pub wait_interrupted: AtomicBool,
    memory_left: AtomicUsize,
    memory_refusals: AtomicU32,
    table_left: AtomicUsize,
    refusals: Mutex<VecDeque<(Kind, String)>>,
    uses: Mutex<VecDeque<(Kind, String)>>,
}

impl Default for Shared {
    fn default() -> Shared {
        Shared {
            interrupt: Notify::default(),
            wait_interrupted: AtomicBool::default(),
            memory_left: AtomicUsize::new(usize::MAX),
            memory_refusals: AtomicU32::default(),
            table_left: AtomicUsize::new(MAX_TABLE_ELEMENTS),
            refusals: Mutex::default(),
            uses: Mutex::default(),
        }
    }
}

impl Shared {
    /// Limits the memory of all stores together, before there is any; 0 sets no limit.
    pub fn limit_memory(&self, bytes: u64) {
        let left = if bytes == 0 { usize::MAX } else { bytes as usize };
        self.memory_left.store(left, Ordering::Relaxed);
    }

    /// Takes `bytes` of the run's memory, or notes that they were refused.
    pub fn take_memory(&self, bytes: usize) -> bool {
        let taken = take(&self.memory_left, bytes);
        if !taken {
            self.memory_refusals.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }

    pub fn take_table_elements(&self, count: usize) -> bool {
        take(&self.table_left, count)
    }

    /// What a store held, at its end.
    pub fn give_back(&self, memory: usize, table_elements: usize) {
        self.memory_left.fetch_add(memory, Ordering::Relaxed);
        self.table_left.fetch_add(table_elements, Ordering::Relaxed);
    }

    pub fn memory_left(&self) -> usize {
        self.memory_left.load(Ordering::Relaxed)
    }

    /// How often the limit has refused memory.
    pub fn memory_refusals(&self) -> u32 {
        self.memory_refusals.load(Ordering::Relaxed)
    }

    /// Whether the limit has refused memory.
    pub fn limit_hit(&self) -> bool {
        self.memory_refusals() != 0
    }

    /// Records an operation that was refused; one that is known already moves to the end.
    pub fn refuse(&self, kind: Kind, target: String) {
        note(&self.refusals, MAX_REFUSALS, kind, target);
    }

    /// Records a use of the network that was granted, in the same way.
    pub fn used(&self, kind: Kind, target: String) {
        note(&self.uses, MAX_USES, kind, target);
    }

    /// All refusals that are kept, oldest first.
    pub fn refusals(&self) -> Vec<(Kind, String)> {
        noted(&self.refusals)
    }

    /// All uses that are kept, oldest first.
    pub fn uses(&self) -> Vec<(Kind, String)> {
        noted(&self.uses)
    }
}

type Notes = Mutex<VecDeque<(Kind, String)>>;

fn note(notes: &Notes, most: usize, kind: Kind, target: String) {
    let mut list = notes.lock().unwrap_or_else(|e| e.into_inner());
    if list.back().is_some_and(|(known, name)| *known == kind && *name == target) {
        return;
    }
    let entry = (kind, target);
    list.retain(|known| *known != entry);
    if list.len() == most {
        list.pop_front();
    }
    list.push_back(entry);
}

fn noted(notes: &Notes) -> Vec<(Kind, String)> {
    let list = notes.lock().unwrap_or_else(|e| e.into_inner());
    list.iter().cloned().collect()
}

/// Takes `amount` of what is left. The stores of a run work on one thread, so that nobody comes between.
fn take(left: &AtomicUsize, amount: usize) -> bool {
    let now = left.load(Ordering::Relaxed);
    if amount > now {
        return false;
    }
    left.store(now - amount, Ordering::Relaxed);
    true
}
