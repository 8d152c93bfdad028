//! LZMA: .xz as N5 and numcodecs write it; the older .lzma is read too.

use super::Room;
use super::read::{failed, read_all, write_all};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::voxels::damaged;
use lzma_rust2::{LzmaReader, XzOptions, XzReader, XzWriter};

const XZ_MAGIC: &[u8] = b"\xfd7zXZ\0";
/// Memory of a decoder, KiB: preset 9 takes 64 MiB and a little.
const MOST_KIB: u32 = 72 << 10;

/// Told apart by their first bytes.
pub fn decode(stored: &[u8], room: Room, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    if stored.starts_with(XZ_MAGIC) {
        return read_all(XzReader::new_mem_limit(stored, true, MOST_KIB), room, "xz", cancel);
    }
    let reader = LzmaReader::new_mem_limit(stored, MOST_KIB, None);
    read_all(reader.map_err(|e| damaged(format!("is not sound LZMA ({e})")))?, room, "LZMA", cancel)
}

/// .xz with CRC-64; the window is no larger than the data.
pub fn encode(raw: &[u8], level: u32, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    let mut options = XzOptions::with_preset(level.min(9));
    let most = options.lzma_options.dict_size;
    options.lzma_options.dict_size = u32::try_from(raw.len()).unwrap_or(most).clamp(1 << 12, most.max(1 << 12));
    let mut encoder = XzWriter::new(Vec::with_capacity(raw.len() / 2 + 64), options).map_err(failed)?;
    write_all(&mut encoder, raw, cancel)?;
    encoder.finish().map_err(failed)
}
