//! Memory of a component that is there from the start.
//!
//! Where an instance grows its memory, the host has the system make pages accessible, and takes them away again before the
//! next instance: for a batch that is scored in a fresh instance this costs more than the score. So what a usual batch needs
//! is part of the module's own memory, and only what goes beyond it grows.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};

/// What descriptions, settings, summaries and models come to.
const USUAL_SMALL: usize = 128 << 10;
/// What the columns of a usual batch and the scores of it come to: 15 inputs of 8,192 members. Explanations, a column an
/// input, have room up to eight inputs where they make no copies.
const USUAL_LARGE: usize = 1 << 20;
/// From here on an allocation is a column.
const COLUMN: usize = 4 << 10;

/// The allocator of components: two rooms, and behind them that of std.
#[derive(Debug)]
pub(crate) struct Allocator<const SMALL: usize = USUAL_SMALL, const LARGE: usize = USUAL_LARGE> {
    small: Room<SMALL>,
    large: Room<LARGE>,
}

/// Memory that is handed out from its start to its end, and is whole again once everything has come back. What comes
/// back before counts, but is not handed out again, unless it was the last: in an instance that is asked again and
/// again, long-lived allocations end in front of the memory that std's allocator manages.
struct Room<const BYTES: usize> {
    memory: UnsafeCell<Aligned<BYTES>>,
    /// How much is handed out.
    used: Cell<usize>,
    /// How many allocations live in it.
    alive: Cell<usize>,
}

#[repr(C, align(16))]
struct Aligned<const BYTES: usize>([u8; BYTES]);

impl<const BYTES: usize> Room<BYTES> {
    const fn new() -> Self {
        Self { memory: UnsafeCell::new(Aligned([0; BYTES])), used: Cell::new(0), alive: Cell::new(0) }
    }

    fn start(&self) -> *mut u8 {
        self.memory.get().cast()
    }

    /// The place of what is in the room.
    fn place(&self, pointer: *mut u8) -> Option<usize> {
        (pointer as usize).checked_sub(self.start() as usize).filter(|place| *place < BYTES)
    }

    fn take(&self, layout: Layout) -> Option<*mut u8> {
        if layout.align() > align_of::<Aligned<BYTES>>() {
            return None;
        }
        let from = self.used.get().checked_next_multiple_of(layout.align())?;
        let to = from.checked_add(layout.size()).filter(|to| *to <= BYTES)?;
        self.used.set(to);
        self.alive.set(self.alive.get() + 1);
        Some(self.start().wrapping_add(from))
    }

    /// Takes back what is in the room; false for what is not.
    fn give(&self, pointer: *mut u8, size: usize) -> bool {
        let Some(place) = self.place(pointer) else { return false };
        let alive = self.alive.get() - 1;
        self.alive.set(alive);
        if alive == 0 {
            self.used.set(0);
        } else if place + size == self.used.get() {
            self.used.set(place);
        }
        true
    }

    /// Makes what was handed out last larger or smaller where it stands.
    fn resize(&self, pointer: *mut u8, size: usize, new_size: usize) -> bool {
        let last = self.place(pointer).filter(|place| place + size == self.used.get());
        let to = last.and_then(|place| place.checked_add(new_size)).filter(|to| *to <= BYTES);
        to.is_some_and(|to| {
            self.used.set(to);
            true
        })
    }
}

impl<const BYTES: usize> std::fmt::Debug for Room<BYTES> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Room").field("used", &self.used).field("alive", &self.alive).finish_non_exhaustive()
    }
}

impl<const SMALL: usize, const LARGE: usize> Allocator<SMALL, LARGE> {
    /// Both rooms empty.
    pub(crate) const fn new() -> Self {
        Self { small: Room::new(), large: Room::new() }
    }
}

// SAFETY: components have one thread.
#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
#[expect(unsafe_code, reason = "a static must be Sync, and nothing is shared where there is one thread")]
unsafe impl<const SMALL: usize, const LARGE: usize> Sync for Allocator<SMALL, LARGE> {}

// SAFETY: a room hands out what is its own and lies between no two that live: it goes from start to end, and back only by
// the last one or when none lives. Everything else is std's allocator's, which gets back what it handed out alone.
#[expect(unsafe_code, reason = "an allocator is")]
unsafe impl<const SMALL: usize, const LARGE: usize> GlobalAlloc for Allocator<SMALL, LARGE> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let taken = if layout.size() < COLUMN { self.small.take(layout) } else { self.large.take(layout) };
        // SAFETY: as for this function.
        taken.unwrap_or_else(|| unsafe { System.alloc(layout) })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if !self.small.give(pointer, layout.size()) && !self.large.give(pointer, layout.size()) {
            // SAFETY: it is in neither room, so it was handed out by std's allocator.
            unsafe { System.dealloc(pointer, layout) }
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if self.small.resize(pointer, layout.size(), new_size)
            || self.large.resize(pointer, layout.size(), new_size)
        {
            return pointer;
        }
        if self.small.place(pointer).is_none() && self.large.place(pointer).is_none() {
            // SAFETY: it is in neither room, so it was handed out by std's allocator.
            return unsafe { System.realloc(pointer, layout, new_size) };
        }
        // SAFETY: the caller vouches that this size, rounded up, does not overflow.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: both live, do not overlap, and have as many bytes.
        unsafe {
            let new = self.alloc(new_layout);
            if !new.is_null() {
                std::ptr::copy_nonoverlapping(pointer, new, layout.size().min(new_size));
                self.dealloc(pointer, layout);
            }
            new
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    #[test]
    fn a_room_hands_out_aligned_memory_without_overlap() {
        let room = Room::<1024>::new();
        let one = room.take(layout(3, 1)).unwrap() as usize;
        let other = room.take(layout(64, 16)).unwrap() as usize;
        assert!(other >= one + 3 && other.is_multiple_of(16));
        assert!(room.take(layout(1, 32)).is_none());
        assert!(room.take(layout(1_000, 1)).is_none());
    }

    #[test]
    fn a_room_is_whole_again_once_everything_has_come_back() {
        let room = Room::<1024>::new();
        let [one, other] = [600, 400].map(|size| room.take(layout(size, 1)).unwrap());
        assert!(room.give(one, 600));
        assert!(room.take(layout(600, 1)).is_none());
        assert!(room.give(other, 400));
        assert_eq!(room.take(layout(1_024, 1)), Some(one));
        let mut elsewhere = 0_u8;
        assert!(!room.give(&raw mut elsewhere, 1));
    }

    #[test]
    fn the_last_of_a_room_grows_where_it_stands_and_others_do_not() {
        let room = Room::<1024>::new();
        let [one, other] = [10, 20].map(|size| room.take(layout(size, 1)).unwrap());
        assert!(!room.resize(one, 10, 11));
        assert!(room.resize(other, 20, 1_014) && !room.resize(other, 1_014, 1_015));
        assert!(room.give(other, 1_014));
        assert_eq!(room.take(layout(1, 1)), Some(other));
    }

    #[test]
    #[expect(unsafe_code, reason = "calls an allocator")]
    fn what_does_not_fit_comes_from_behind_the_rooms_and_keeps_its_bytes() {
        const LARGE: usize = 2 * COLUMN;
        let allocator = Allocator::<1_024, LARGE>::new();
        // SAFETY: every pointer goes back with the layout it came with.
        unsafe {
            let held = allocator.alloc(layout(LARGE - 8, 8));
            let first = allocator.alloc(layout(COLUMN, 8));
            first.write_bytes(7, COLUMN);
            assert!(allocator.large.place(held).is_some() && allocator.large.place(first).is_none());
            allocator.dealloc(held, layout(LARGE - 8, 8));
            // Grown behind the rooms it stays there; from a room it moves with its bytes.
            let first = allocator.realloc(first, layout(COLUMN, 8), 2 * COLUMN);
            assert_eq!(std::slice::from_raw_parts(first, COLUMN), [7; COLUMN]);
            allocator.dealloc(first, layout(2 * COLUMN, 8));
            let small = allocator.alloc(layout(16, 8));
            small.write_bytes(9, 16);
            let more = allocator.alloc(layout(16, 8));
            let moved = allocator.realloc(small, layout(16, 8), 64);
            assert!(moved != small && std::slice::from_raw_parts(moved, 16) == [9; 16]);
            allocator.dealloc(more, layout(16, 8));
            allocator.dealloc(moved, layout(64, 8));
            assert_eq!((allocator.small.alive.get(), allocator.large.alive.get()), (0, 0));
        }
    }
}
