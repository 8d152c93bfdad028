//! Gzip (RFC 1952) and zlib (RFC 1950).

use super::Room;
use super::read::{failed, read_all, write_all};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::voxels::damaged;
use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};
use flate2::{Compression, Decompress, FlushDecompress, Status};

/// Gzip of one member or several; checks CRC and length.
pub fn gunzip(stored: &[u8], room: Room, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    read_all(MultiGzDecoder::new(stored), room, "gzip", cancel)
}

/// Zlib; checks Adler-32. Bytes after the stream are left, as TIFF pads strips.
pub fn decode_zlib(stored: &[u8], room: Room, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    read_all(ZlibDecoder::new(stored), room, "zlib", cancel)
}

/// Fills `out` from a zlib stream and gives the bytes written.
pub fn decode_zlib_into(stored: &[u8], out: &mut [u8]) -> Result<usize> {
    let mut state = Decompress::new(true);
    let status = state.decompress(stored, out, FlushDecompress::Finish);
    match status.map_err(|e| damaged(format!("is not sound zlib ({e})")))? {
        Status::StreamEnd => Ok(state.total_out() as usize),
        _ => Err(damaged(format!("is zlib that does not end with {} bytes", out.len()))),
    }
}

/// One member without a name or time, so that equal voxels are equal bytes.
pub fn gzip(raw: &[u8], level: u32, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(raw.len() / 2 + 64), Compression::new(level));
    write_all(&mut encoder, raw, cancel)?;
    encoder.finish().map_err(failed)
}

/// Zlib.
pub fn encode_zlib(raw: &[u8], level: u32, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(raw.len() / 2 + 64), Compression::new(level));
    write_all(&mut encoder, raw, cancel)?;
    encoder.finish().map_err(failed)
}
