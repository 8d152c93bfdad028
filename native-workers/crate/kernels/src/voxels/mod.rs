//! Stored chunks of voxels: undoing and doing what their formats' codecs say.
//!
//! Stored bytes come from anywhere. Nothing is allocated on their word: each step knows from the shape of the chunk how
//! much it may give, and whatever does not come to exactly that is refused.

pub mod codecs;
pub mod decode;
pub mod elements;
pub mod encode;
pub mod fill;
pub mod layout;
pub mod read_box;
#[cfg(test)]
mod tests;

use crate::error::{KernelError, Tag};

/// The most bytes that a chunk may take, decoded.
pub const MOST_BYTES: usize = 512 << 20;

/// Stored bytes that are not what their codecs say; `what` completes "A stored chunk ...".
pub fn damaged(what: impl std::fmt::Display) -> KernelError {
    let hint = "The stored copy is damaged or was written in another way: fetch it again, or write it again.";
    KernelError::new(Tag::VerificationFailed, format!("A stored chunk {what}."), hint)
}

/// A chunk too large to be held.
pub fn over_budget(bytes: impl std::fmt::Display) -> KernelError {
    let hint = "Store the volume in smaller chunks.";
    KernelError::new(Tag::OverBudget, format!("A chunk takes {bytes} bytes, more than 512 MiB."), hint)
}
