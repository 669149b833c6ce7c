//! The heap of whoever links this: big blocks are kept for the next that asks. The C library maps and unmaps each one,
//! and the kernel then has to clear every page of a component's answer again, which costs more than copying it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where the C library's own lists end (musl's malloc maps what is larger).
const SMALLEST: usize = 128 << 10;
/// How many bytes wait at most, and in how many blocks.
const MOST: usize = 16 << 20;
const SLOTS: usize = 16;
/// What the C library aligns to. Blocks that want more go past this.
const ALIGNMENT: usize = 16;

struct Block {
    start: *mut u8,
    size: usize,
}

/// The blocks that wait, the oldest first.
struct Kept {
    blocks: [Block; SLOTS],
    count: usize,
    bytes: usize,
}

// SAFETY: a block that waits belongs to nobody else.
unsafe impl Send for Kept {}

static KEPT: Mutex<Kept> =
    Mutex::new(Kept { blocks: [const { Block { start: null_mut(), size: 0 } }; SLOTS], count: 0, bytes: 0 });

impl Kept {
    fn remove(&mut self, at: usize) -> *mut u8 {
        let start = self.blocks[at].start;
        self.bytes -= self.blocks[at].size;
        self.blocks[at..self.count].rotate_left(1);
        self.count -= 1;
        start
    }

    fn take(&mut self, size: usize) -> Option<*mut u8> {
        let at = self.blocks[..self.count].iter().rposition(|block| block.size == size)?;
        Some(self.remove(at))
    }

    fn keep(&mut self, start: *mut u8, size: usize) {
        while self.count == SLOTS || self.bytes + size > MOST {
            let oldest = layout(self.blocks[0].size);
            let start = self.remove(0);
            // SAFETY: it came from there, with this layout.
            unsafe { System.dealloc(start, oldest) };
        }
        self.blocks[self.count] = Block { start, size };
        self.count += 1;
        self.bytes += size;
    }
}

fn kept() -> MutexGuard<'static, Kept> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn layout(size: usize) -> Layout {
    // SAFETY: `size` was the size of a layout, rounded up by an eighth at most.
    unsafe { Layout::from_size_align_unchecked(size, ALIGNMENT) }
}

/// The size of the block for so many bytes, one of eight between two powers of two; none if it is not a big one.
fn class(wanted: Layout) -> Option<usize> {
    if wanted.size() < SMALLEST || wanted.size() > MOST || wanted.align() > ALIGNMENT {
        return None;
    }
    let step = wanted.size().next_power_of_two() / 16;
    Some(wanted.size().next_multiple_of(step))
}

pub struct Heap;

// SAFETY: every block comes from `System`, with the layout of its class if it has one, and goes back there with the same.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, wanted: Layout) -> *mut u8 {
        match class(wanted) {
            None => unsafe { System.alloc(wanted) },
            Some(size) => kept().take(size).unwrap_or_else(|| unsafe { System.alloc(layout(size)) }),
        }
    }

    unsafe fn alloc_zeroed(&self, wanted: Layout) -> *mut u8 {
        unsafe { System.alloc_zeroed(class(wanted).map_or(wanted, layout)) } // new pages are zero
    }

    unsafe fn dealloc(&self, start: *mut u8, had: Layout) {
        match class(had) {
            None => unsafe { System.dealloc(start, had) },
            Some(size) => kept().keep(start, size),
        }
    }

    unsafe fn realloc(&self, start: *mut u8, had: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller guarantees that the size fits a layout of that alignment.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, had.align()) };
        let (old, new) = (class(had).map_or(had, layout), class(wanted).map_or(wanted, layout));
        if old == new { start } else { unsafe { System.realloc(start, old, new.size()) } }
    }
}
