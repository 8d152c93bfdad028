//! Stored blocks to labels. Every offset that a chunk names is checked before it is followed.

use super::{Blocks, HEADER_WORDS, Label, Part, WORD, bytes_of_labels, damaged};
use crate::element::Element;
use crate::error::Result;
use crate::memory::zeros;
use crate::voxel::VoxelType;
use crate::wide::with_wide_vectors;

/// Decodes a chunk of `size` (x, y, z, channel) labels stored in blocks of `block`; gives them x fastest.
///
/// `bad-source` where the bytes are not such a chunk, `invalid-input` for other types than uint32 and uint64.
pub fn decode(stored: &[u8], size: [usize; 4], block: [usize; 3], dtype: VoxelType) -> Result<Vec<u8>> {
    let bytes = bytes_of_labels(size, dtype)?;
    check_headers(stored, size, block)?;
    let mut voxels = zeros(bytes);
    decode_into(stored, size, block, dtype, &mut voxels)?;
    Ok(voxels)
}

/// As [`decode`], into as many bytes as the labels take.
pub fn decode_into(
    stored: &[u8],
    size: [usize; 4],
    block: [usize; 3],
    dtype: VoxelType,
    voxels: &mut [u8],
) -> Result<()> {
    let bytes = bytes_of_labels(size, dtype)?;
    let headers = check_headers(stored, size, block)?;
    let blocks = Blocks::new(size, block)?;
    for (channel, out) in voxels.chunks_exact_mut(bytes / size[3]).enumerate() {
        let at = word(stored, channel) as usize * WORD;
        let inside = stored.get(at..).filter(|rest| rest.len() >= headers);
        let stored =
            inside.ok_or_else(|| damaged(format_args!("channel {channel} begins at byte {at} of {}", stored.len())))?;
        match dtype {
            VoxelType::Uint32 => decode_channel_u32(stored, &blocks, out)?,
            _ => decode_channel_u64(stored, &blocks, out)?,
        }
    }
    Ok(())
}

/// Bytes of the headers of a channel. Before anything is allocated: what is stored must at least hold those.
fn check_headers(stored: &[u8], size: [usize; 4], block: [usize; 3]) -> Result<usize> {
    let blocks = Blocks::new(size, block)?;
    let channels = size[3];
    let headers = blocks.len().checked_mul(HEADER_WORDS).and_then(|n| n.checked_mul(WORD));
    let held =
        headers.filter(|&n| stored.len().is_multiple_of(WORD) && n <= stored.len() && stored.len() / WORD >= channels);
    held.ok_or_else(|| {
        let (have, count) = (stored.len(), blocks.count);
        damaged(format_args!("{have} bytes do not hold {channels} channels of {count:?} blocks"))
    })
}

with_wide_vectors! {
    fn decode_channel_u32(stored: &[u8], blocks: &Blocks, out: &mut [u8]) -> Result<()> {
        decode_channel::<u32>(stored, blocks, out)
    }
}
with_wide_vectors! {
    fn decode_channel_u64(stored: &[u8], blocks: &Blocks, out: &mut [u8]) -> Result<()> {
        decode_channel::<u64>(stored, blocks, out)
    }
}

#[inline(always)]
fn decode_channel<T: Label>(stored: &[u8], blocks: &Blocks, out: &mut [u8]) -> Result<()> {
    for index in 0..blocks.len() {
        let found = Stored::find::<T>(stored, blocks, index)?;
        decode_block::<T>(&found, blocks, &blocks.part(index), out)?;
    }
    Ok(())
}

fn word(bytes: &[u8], index: usize) -> u32 {
    <u32 as Element>::from_le(&bytes[index * WORD..(index + 1) * WORD])
}

/// What a block's header points at.
struct Stored<'a> {
    bits: usize,
    /// As long as `bits` a voxel of a whole block need.
    indices: &'a [u8],
    /// From the block's table to the end of the channel: how long a table is, is not stored.
    table: &'a [u8],
}

impl<'a> Stored<'a> {
    #[inline(always)]
    fn find<T: Label>(stored: &'a [u8], blocks: &Blocks, index: usize) -> Result<Self> {
        let (first, second) = (word(stored, HEADER_WORDS * index), word(stored, HEADER_WORDS * index + 1));
        let (table_at, bits, at) =
            ((first & 0xff_ffff) as usize * WORD, (first >> 24) as usize, second as usize * WORD);
        if !matches!(bits, 0 | 1 | 2 | 4 | 8 | 16 | 32) {
            return Err(damaged(format_args!("block {index} has indices of {bits} bits")));
        }
        let indices = stored.get(at..).and_then(|rest| rest.get(..blocks.index_words(bits) * WORD));
        let table = stored.get(table_at..).filter(|table| table.len() >= T::BYTES);
        match (indices, table) {
            (Some(indices), Some(table)) => Ok(Self { bits, indices, table }),
            // Indices of 0 bits take no room: where they lie does not matter.
            (None, Some(table)) if bits == 0 => Ok(Self { bits, indices: &[], table }),
            _ => Err(damaged(format_args!("block {index} points to bytes {at} and {table_at} of {}", stored.len()))),
        }
    }
}

#[inline(always)]
fn decode_block<T: Label>(block: &Stored<'_>, blocks: &Blocks, part: &Part, out: &mut [u8]) -> Result<()> {
    let quick = part.size[0] == 8 && blocks.block[0] == 8 && block.table.len() >= T::BYTES << block.bits.min(8);
    match block.bits {
        0 => fill::<T>(T::from_le(&block.table[..T::BYTES]), blocks, part, out),
        1 if quick => eights::<T, 1, 2>(block, blocks, part, out),
        2 if quick => eights::<T, 2, 4>(block, blocks, part, out),
        4 if quick => eights::<T, 4, 16>(block, blocks, part, out),
        8 if quick => eights::<T, 8, 256>(block, blocks, part, out),
        _ => return one_by_one::<T>(block, blocks, part, out),
    }
    Ok(())
}

#[inline(always)]
fn fill<T: Label>(label: T, blocks: &Blocks, part: &Part, out: &mut [u8]) {
    for z in 0..part.size[2] {
        for y in 0..part.size[1] {
            let at = blocks.row(part, y, z) * T::BYTES;
            for voxel in out[at..at + part.size[0] * T::BYTES].chunks_exact_mut(T::BYTES) {
                label.put_le(voxel);
            }
        }
    }
}

/// Rows of eight voxels, whose indices are `BITS` whole bytes; `LABELS` = 2^BITS labels follow the table's start.
#[inline(always)]
fn eights<T: Label, const BITS: usize, const LABELS: usize>(
    block: &Stored<'_>,
    blocks: &Blocks,
    part: &Part,
    out: &mut [u8],
) {
    let mut table = [T::default(); LABELS];
    for (label, stored) in table.iter_mut().zip(block.table.chunks_exact(T::BYTES)) {
        *label = T::from_le(stored);
    }
    for z in 0..part.size[2] {
        for y in 0..part.size[1] {
            let from = (z * blocks.block[1] + y) * BITS;
            let mut bytes = [0; 8];
            bytes[..BITS].copy_from_slice(&block.indices[from..from + BITS]);
            let indices = u64::from_le_bytes(bytes);
            let at = blocks.row(part, y, z) * T::BYTES;
            for (i, voxel) in out[at..at + 8 * T::BYTES].chunks_exact_mut(T::BYTES).enumerate() {
                table[(indices >> (BITS * i)) as usize & (LABELS - 1)].put_le(voxel);
            }
        }
    }
}

/// Any block: cut short, of another width, or with a table at the very end.
fn one_by_one<T: Label>(block: &Stored<'_>, blocks: &Blocks, part: &Part, out: &mut [u8]) -> Result<()> {
    let mask = (1u64 << block.bits) - 1;
    for z in 0..part.size[2] {
        for y in 0..part.size[1] {
            let at = blocks.row(part, y, z) * T::BYTES;
            let first = (z * blocks.block[1] + y) * blocks.block[0];
            for (x, voxel) in out[at..at + part.size[0] * T::BYTES].chunks_exact_mut(T::BYTES).enumerate() {
                let bit = (first + x) * block.bits;
                let index = (u64::from(word(block.indices, bit / 32)) >> (bit % 32) & mask) as usize;
                let label = block.table.get(index * T::BYTES..(index + 1) * T::BYTES);
                let label =
                    label.ok_or_else(|| damaged(format_args!("label {index} of a table lies behind its end")))?;
                T::from_le(label).put_le(voxel);
            }
        }
    }
    Ok(())
}
