//! Codecs that are read and written as streams.

use super::Room;
use crate::cancel::Cancel;
use crate::error::{KernelError, Result};
use crate::voxels::damaged;
use std::io::{Read, Write};

/// Bytes between two looks at the cancel flag.
const STEP: usize = 1 << 20;
/// The same of encoders, which may be a hundred times slower.
const ENCODED_STEP: usize = 1 << 16;

/// Reads a decoder to its end, within `room`. Errors: what the decoder says, or any other length.
pub fn read_all(mut decoder: impl Read, room: Room, what: &str, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    let fail = |e: std::io::Error| damaged(format!("is not sound {what} ({e})"));
    let mut out = Vec::new();
    let mut filled = 0;
    loop {
        cancel.poll()?;
        if filled == out.len() {
            let more = match room {
                Room::Exactly(n) if out.is_empty() => n,
                Room::AtMost(n) => (n - filled).min(STEP.max(filled)),
                Room::Exactly(_) => 0,
            };
            out.resize(filled + more, 0);
        }
        if filled == out.len() {
            break;
        }
        let end = out.len().min(filled + STEP);
        match decoder.read(&mut out[filled..end]).map_err(fail)? {
            0 => break,
            n => filled += n,
        }
    }
    // Reading on to the end has the decoder check its sums.
    if filled == room.most() && decoder.read(&mut [0]).map_err(fail)? > 0 {
        return Err(damaged(format!("decodes to more than {filled} bytes")));
    }
    out.truncate(filled);
    room.check(filled)?;
    Ok(out)
}

/// Writes all of `raw` to an encoder of memory.
pub fn write_all(mut encoder: impl Write, raw: &[u8], cancel: Cancel<'_>) -> Result<()> {
    for step in raw.chunks(ENCODED_STEP) {
        cancel.poll()?;
        encoder.write_all(step).map_err(failed)?;
    }
    Ok(())
}

/// An encoder of memory has no reason to fail.
pub fn failed(error: impl std::fmt::Display) -> KernelError {
    KernelError::internal(format!("encoding a chunk: {error}"))
}
