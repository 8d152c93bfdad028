//! LZ4 as numcodecs stores it: u32 little-endian of the decoded size, then one block.

use super::Room;
use super::read::failed;
use crate::error::Result;
use crate::voxels::damaged;
use lz4_flex::block::{
    CompressTable, compress_into_with_table, decompress_into as decompress, get_maximum_output_size,
};
use std::cell::RefCell;

thread_local! {
    static TABLE: RefCell<CompressTable> = RefCell::new(CompressTable::large());
}

/// The size is checked before it is believed.
pub fn decode(stored: &[u8], room: Room) -> Result<Vec<u8>> {
    let Some((size, block)) = stored.split_first_chunk::<4>() else {
        return Err(damaged(format!("has only {} bytes", stored.len())));
    };
    let mut out = vec![0; room.claimed(u64::from(u32::from_le_bytes(*size)))?];
    let got = decode_into(block, &mut out)?;
    Room::Exactly(out.len()).check(got)?;
    Ok(out)
}

/// Fills `out` from a bare block and gives the bytes written.
pub fn decode_into(block: &[u8], out: &mut [u8]) -> Result<usize> {
    if out.is_empty() && block == [0] {
        return Ok(0);
    }
    decompress(block, out).map_err(|e| damaged(format!("is not sound LZ4 of {} bytes ({e})", out.len())))
}

/// Size and block.
pub fn encode(raw: &[u8]) -> Result<Vec<u8>> {
    let mut out = (raw.len() as u32).to_le_bytes().to_vec();
    append_block(raw, &mut out)?;
    Ok(out)
}

/// Appends a bare block.
pub fn append_block(raw: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let start = out.len();
    out.resize(start + get_maximum_output_size(raw.len()), 0);
    let target = &mut out[start..];
    let got = TABLE.with_borrow_mut(|table| compress_into_with_table(raw, target, table)).map_err(failed)?;
    out.truncate(start + got);
    Ok(())
}
