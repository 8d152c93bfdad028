//! Memory for decoding: one allowance for the whole process, so that workers that meet huge pictures at the same time
//! take turns, and a picture that would not fit alone is refused by its header.

use super::{Source, tiff};
use crate::cancel::Cancel;
use crate::error::{KernelError, Result, Tag};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes that all pictures being decoded and measured may take together, besides their files.
pub const MOST_BYTES: u64 = 640 << 20;
/// A worker that waits for room looks this often whether it was cancelled.
const WAIT: Duration = Duration::from_millis(20);

/// The allowance of a process.
pub struct Room {
    used: Mutex<u64>,
    changed: Condvar,
}

/// The allowance of this process.
pub fn room() -> &'static Room {
    static ROOM: Room = Room { used: Mutex::new(0), changed: Condvar::new() };
    &ROOM
}

/// A share of the allowance, given back when it is dropped.
pub struct Share<'a> {
    room: &'a Room,
    bytes: u64,
}

impl Room {
    /// Waits until the picture fits. Errors: `over-budget` where it never will, `cancelled`.
    pub fn enter(&self, source: &Source<'_>) -> Result<Share<'_>> {
        let bytes = need_of(source);
        if bytes > MOST_BYTES {
            return Err(too_large(source, bytes));
        }
        self.take(bytes, source.cancel)
    }

    fn take(&self, bytes: u64, cancel: Cancel<'_>) -> Result<Share<'_>> {
        let mut used = self.lock();
        while *used + bytes > MOST_BYTES {
            cancel.poll()?;
            used = self.changed.wait_timeout(used, WAIT).unwrap_or_else(PoisonError::into_inner).0;
        }
        *used += bytes;
        Ok(Share { room: self, bytes })
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        *self.room.lock() -= self.bytes;
        self.room.changed.notify_all();
    }
}

/// Bytes that decoding and measuring take, by the header; 0 for one that the decoder will refuse by itself.
fn need_of(source: &Source<'_>) -> u64 {
    let need = match source.bytes {
        [0x89, b'P', b'N', b'G', ..] => png_need(source.bytes),
        [0xff, 0xd8, 0xff, ..] => jpeg_need(source.bytes),
        _ => tiff::need(source),
    };
    match need {
        Some((pixels, bytes)) if pixels <= source.budget.max_pixels => bytes,
        _ => 0,
    }
}

/// The grey pixels, and one byte a pixel for the picture at half size that sharpness is measured on.
pub fn pixels_need(pixels: u64, deep: bool) -> u64 {
    pixels.saturating_mul(if deep { 3 } else { 2 })
}

fn png_need(bytes: &[u8]) -> Option<(u64, u64)> {
    let side = |at: usize| Some(u64::from(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?)));
    let pixels = side(16)?.saturating_mul(side(20)?);
    Some((pixels, pixels_need(pixels, *bytes.get(24)? == 16)))
}

/// By the frame header (ITU T.81, B.2.2). Progressive files keep every coefficient, 2 bytes each.
fn jpeg_need(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut at = 2;
    loop {
        let (marker, length) = (*bytes.get(at + 1)?, u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?));
        if bytes[at] != 0xff || marker == 0xff {
            at += 1;
            continue;
        }
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let side = |i: usize| Some(u64::from(u16::from_be_bytes(bytes.get(i..i + 2)?.try_into().ok()?)));
            let pixels = side(at + 5)?.saturating_mul(side(at + 7)?);
            let parts = u64::from(*bytes.get(at + 9)?);
            let coefficients = if matches!(marker, 0xc2 | 0xc6 | 0xca | 0xce) { 2 * parts } else { 0 };
            let colour = if parts > 3 { 3 } else { 0 };
            return Some((
                pixels,
                pixels_need(pixels, false).saturating_add(pixels.saturating_mul(coefficients + colour)),
            ));
        }
        at += if matches!(marker, 0x01 | 0xd0..=0xd9) { 2 } else { 2 + usize::from(length.max(2)) };
    }
}

fn too_large(source: &Source<'_>, bytes: u64) -> KernelError {
    let name = source.path.display().to_string();
    let (need, most) = (bytes >> 20, MOST_BYTES >> 20);
    let message = format!("{name} would take {need} MiB of memory to decode, more than the {most} MiB allowed.");
    KernelError::new(Tag::OverBudget, message, "Cut the picture into smaller tiles, or save it with 8 bits.")
        .with("file", name)
        .with("bytes", bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::never;
    use crate::decode::Budget;
    use std::path::Path;
    use std::sync::atomic::AtomicI32;

    fn source(bytes: &[u8]) -> Source<'_> {
        Source { path: Path::new("a"), bytes, budget: Budget::default(), cancel: never() }
    }

    fn png_header(width: u32, height: u32, depth: u8) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes().into_iter().chain(height.to_be_bytes()).chain([depth, 0, 0, 0, 0]));
        bytes
    }

    #[test]
    fn a_picture_that_never_fits_is_refused_by_its_header() {
        let bytes = png_header(16_384, 16_384, 16);
        assert_eq!(room().enter(&source(&bytes)).err().map(|e| e.tag), Some(Tag::OverBudget));
        assert_eq!(need_of(&source(&png_header(16_384, 16_384, 8))), 2 << 28);
        // Over the pixel budget: the decoder says so itself.
        assert_eq!(need_of(&source(&png_header(100_000, 100_000, 8))), 0);
    }

    #[test]
    fn coefficients_of_progressive_files_count() {
        let frame =
            |marker: u8| [&[0xff, 0xd8, 0xff, marker, 0, 20, 8, 0x27, 0x10, 0x27, 0x10, 4][..], &[0; 12]].concat();
        assert_eq!(need_of(&source(&frame(0xc0))), 500_000_000);
        assert_eq!(need_of(&source(&frame(0xc2))), 1_300_000_000);
        assert_eq!(need_of(&source(&[0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff])), 0);
    }

    #[test]
    fn who_does_not_fit_waits_and_can_be_cancelled() {
        let room = Room { used: Mutex::new(0), changed: Condvar::new() };
        let first = room.take(MOST_BYTES, never()).expect("all of it");
        let (flag, beat) = (AtomicI32::new(1), AtomicI32::new(0));
        assert_eq!(room.take(1, Cancel::new(&flag, &beat)).err().map(|e| e.tag), Some(Tag::Cancelled));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| room.take(1, never()).map(|share| share.bytes).ok());
            drop(first);
            assert_eq!(waiting.join().ok().flatten(), Some(1));
        });
        assert_eq!(*room.lock(), 0);
    }
}
