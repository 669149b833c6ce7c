//! One limit over the linear memories of a session together.

use crate::shared::Shared;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wasmtime::{ResourceLimiter, Result};

/// Table slots of one session together; far above what a program needs, far below what hurts the host.
const MAX_TABLE_ELEMENTS: usize = 16 << 20;

/// Counts what the session's memories and tables hold.
pub struct Limits {
    memory_left: usize,
    table_left: usize,
    shared: Arc<Shared>,
}

impl Limits {
    /// Limits memory to `max_memory` bytes; 0 sets no limit.
    pub fn new(max_memory: u64, shared: Arc<Shared>) -> Limits {
        let memory_left = match max_memory {
            0 => usize::MAX,
            bytes => bytes as usize,
        };
        Limits { memory_left, table_left: MAX_TABLE_ELEMENTS, shared }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        if maximum.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        let more = desired.saturating_sub(current);
        if more > self.memory_left {
            self.shared.memory_limit_hit.store(true, Ordering::Relaxed);
            return Ok(false);
        }
        self.memory_left -= more;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> Result<bool> {
        let more = desired.saturating_sub(current);
        let fits = more <= self.table_left;
        if fits {
            self.table_left -= more;
        }
        Ok(fits)
    }
}
