//! bzip2, one stream or several.

use super::Room;
use super::read::{failed, read_all, write_all};
use crate::cancel::Cancel;
use crate::error::Result;
use bzip2::Compression;
use bzip2::bufread::MultiBzDecoder;
use bzip2::write::BzEncoder;

/// Checks the CRC of each block.
pub fn decode(stored: &[u8], room: Room, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    read_all(MultiBzDecoder::new(stored), room, "bzip2", cancel)
}

/// Level 0 counts as 1: the format has blocks of 100 to 900 kB.
pub fn encode(raw: &[u8], level: u32, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    let mut encoder = BzEncoder::new(Vec::with_capacity(raw.len() / 2 + 64), Compression::new(level.clamp(1, 9)));
    write_all(&mut encoder, raw, cancel)?;
    encoder.finish().map_err(failed)
}
