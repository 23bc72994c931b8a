//! Bounds the memory and the time of one input by a multiple of its size.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Counts the bytes that are in use and all that were ever allocated.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static TOTAL: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on unchanged; only counters are added.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = IN_USE.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(now, Relaxed);
        TOTAL.fetch_add(layout.size(), Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The bytes in use at a time: for each byte of the input, and beyond them.
const PEAK_FACTOR: usize = 512;
const PEAK_BASE: usize = 8 << 20;

/// All bytes that are allocated, which bounds the work as well, and does not depend on the machine's load.
const TOTAL_FACTOR: usize = 8192;
const TOTAL_BASE: usize = 64 << 20;

/// Runs a check on an input, and asserts the bounds. A loop that allocates nothing is ended by libFuzzer's
/// `-timeout`.
pub fn bounded<T>(data: &[u8], check: impl FnOnce(&[u8]) -> T) {
    let start = IN_USE.load(Relaxed);
    let total = TOTAL.load(Relaxed);
    PEAK.store(start, Relaxed);
    drop(check(data));
    let peak = PEAK.load(Relaxed).saturating_sub(start);
    let total = TOTAL.load(Relaxed) - total;
    let size = data.len();
    assert!(
        peak <= PEAK_BASE + PEAK_FACTOR * size,
        "{peak} bytes in use for an input of {size}"
    );
    assert!(
        total <= TOTAL_BASE + TOTAL_FACTOR * size,
        "{total} bytes allocated for an input of {size}"
    );
}
