//! One limit over the linear memories of all stores of a run together.

use crate::shared::Shared;
use std::sync::Arc;
use wasmtime::{ResourceLimiter, Result};

/// The most that one 32-bit memory holds.
const MAX_MEMORY: usize = 4 << 30;

/// Counts what a store's memories and tables hold, and takes it from what the run may have.
pub struct Limits {
    memory: usize,
    table_elements: usize,
    shared: Arc<Shared>,
}

impl Limits {
    pub fn new(shared: Arc<Shared>) -> Limits {
        Limits { memory: 0, table_elements: 0, shared }
    }

    /// How many bytes this store's memories may still grow by.
    pub fn room(&self) -> usize {
        self.shared.memory_left().min(MAX_MEMORY.saturating_sub(self.memory))
    }
}

impl Drop for Limits {
    fn drop(&mut self) {
        self.shared.give_back(self.memory, self.table_elements);
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
        let granted = self.shared.take_memory(more);
        if granted {
            self.memory += more;
        }
        Ok(granted)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> Result<bool> {
        let more = desired.saturating_sub(current);
        let granted = self.shared.take_table_elements(more);
        if granted {
            self.table_elements += more;
        }
        Ok(granted)
    }
}
