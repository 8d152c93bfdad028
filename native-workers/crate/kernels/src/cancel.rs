//! Stopping and the sign of life: two shared words that a kernel touches at least every 50 ms.

use crate::error::{KernelError, Result};
use std::sync::atomic::{AtomicI32, Ordering};

/// The caller's two shared words: `flag` is 1 when the kernel is to stop, `beat` counts the polls.
#[derive(Debug, Clone, Copy)]
pub struct Cancel<'a> {
    flag: &'a AtomicI32,
    beat: &'a AtomicI32,
}

impl<'a> Cancel<'a> {
    /// Watches `flag` and counts in `beat`.
    pub fn new(flag: &'a AtomicI32, beat: &'a AtomicI32) -> Self {
        Self { flag, beat }
    }

    /// Bumps the beat; fails with `cancelled` once the flag is set. Costs a few nanoseconds: call it once a row.
    pub fn poll(self) -> Result<()> {
        self.beat.fetch_add(1, Ordering::Relaxed);
        if self.is_set() { Err(KernelError::cancelled()) } else { Ok(()) }
    }

    /// Whether the caller asked to stop.
    pub fn is_set(self) -> bool {
        self.flag.load(Ordering::Relaxed) != 0
    }
}

/// A `Cancel` that is never set, for tests and benches.
pub fn never() -> Cancel<'static> {
    static FLAG: AtomicI32 = AtomicI32::new(0);
    static BEAT: AtomicI32 = AtomicI32::new(0);
    Cancel::new(&FLAG, &BEAT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Tag;

    #[test]
    fn polling_beats_and_stops_once_the_flag_is_set() {
        let (flag, beat) = (AtomicI32::new(0), AtomicI32::new(0));
        let cancel = Cancel::new(&flag, &beat);
        assert!(cancel.poll().is_ok());
        assert!(cancel.poll().is_ok());
        assert_eq!(beat.load(Ordering::Relaxed), 2);
        flag.store(1, Ordering::Relaxed);
        assert_eq!(cancel.poll().unwrap_err().tag, Tag::Cancelled);
    }
}
