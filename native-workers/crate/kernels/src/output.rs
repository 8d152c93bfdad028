//! Outputs of tasks: bytes of Rust's own, or memory that whoever runs the task lends, so that nothing is copied after.

use crate::memory::zeros;
use std::cell::Cell;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice::{from_raw_parts, from_raw_parts_mut};

/// Below this, copying costs less than asking.
const LEAST_LENT: usize = 64 << 10;

/// What lent memory holds at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Zeros,
    /// Whatever was there: it costs nothing, and a task writes all of it before anyone reads it.
    Anything,
}

/// Lends so many bytes that stay where they are until the outputs of the task were taken; `None` where it can't.
pub type Lender = fn(usize, Holds) -> Option<NonNull<u8>>;

thread_local! {
    static LENDER: Cell<Option<Lender>> = const { Cell::new(None) };
}

/// Bytes of an output.
pub struct OutBytes(Held);

enum Held {
    Own(Vec<u8>),
    Lent { start: NonNull<u8>, bytes: usize },
}

/// Zeros for an output.
pub fn output(bytes: usize) -> OutBytes {
    new_output(bytes, Holds::Zeros)
}

/// For an output that is written from its first to its last byte.
pub fn output_to_fill(bytes: usize) -> OutBytes {
    new_output(bytes, Holds::Anything)
}

fn new_output(bytes: usize, holds: Holds) -> OutBytes {
    let lent = LENDER.get().filter(|_| bytes >= LEAST_LENT).and_then(|lend| lend(bytes, holds));
    OutBytes(lent.map_or_else(|| Held::Own(zeros(bytes)), |start| Held::Lent { start, bytes }))
}

/// Runs a task whose outputs of this thread come from `lender`.
pub fn lending<T>(lender: Lender, task: impl FnOnce() -> T) -> T {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            LENDER.set(None);
        }
    }
    LENDER.set(Some(lender));
    let _reset = Reset;
    task()
}

impl OutBytes {
    /// Where lent memory begins; `None` for bytes of Rust's own.
    pub fn lent_at(&self) -> Option<NonNull<u8>> {
        match self.0 {
            Held::Own(_) => None,
            Held::Lent { start, .. } => Some(start),
        }
    }
}

impl From<Vec<u8>> for OutBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Held::Own(bytes))
    }
}

impl Deref for OutBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Held::Own(bytes) => bytes,
            // SAFETY: the lender keeps these bytes, written once by whoever allocated them, until the outputs were taken, and nobody else knows them.
            Held::Lent { start, bytes } => unsafe { from_raw_parts(start.as_ptr(), *bytes) },
        }
    }
}

impl DerefMut for OutBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        match &mut self.0 {
            Held::Own(bytes) => bytes,
            // SAFETY: as above, and `self` is borrowed for writing.
            Held::Lent { start, bytes } => unsafe { from_raw_parts_mut(start.as_ptr(), *bytes) },
        }
    }
}

impl<T: AsRef<[u8]>> PartialEq<T> for OutBytes {
    fn eq(&self, other: &T) -> bool {
        **self == *other.as_ref()
    }
}

impl fmt::Debug for OutBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().take(64)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_outputs_are_lent_and_small_ones_are_not() {
        fn lend(bytes: usize, _holds: Holds) -> Option<NonNull<u8>> {
            NonNull::new(Box::leak(vec![0u8; bytes].into_boxed_slice()).as_mut_ptr())
        }
        let (mut large, small) = lending(lend, || (output(LEAST_LENT), output(LEAST_LENT - 1)));
        large[7] = 9;
        assert!(large.lent_at().is_some() && small.lent_at().is_none());
        assert!(large[7] == 9 && large.len() == LEAST_LENT && large[8] == 0);
        assert!(output(LEAST_LENT).lent_at().is_none());
    }
}
