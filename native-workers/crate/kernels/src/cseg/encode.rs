//! Labels to stored blocks.
//!
//! A block's labels are found by peeling: all voxels that equal the first one not yet covered, as a bit mask, until all
//! are covered. Few labels share a block, each costs one pass that needs no branches, and the masks are the indices'
//! bits. Tables are sorted, so that blocks of the same labels share one; a block of one label uses any table it is in.

use super::tables::Tables;
use super::{Blocks, HEADER_WORDS, Label, Part, WORD, bytes_of_labels};
use crate::element::read_row;
use crate::error::{KernelError, Result};
use crate::voxel::VoxelType;
use crate::wide::with_wide_vectors;

/// A block of more labels is counted by sorting them.
const MOST_PEELED: usize = 16;
/// Table offsets have 24 bits.
const MOST_WORDS: usize = 1 << 24;

/// Encodes `size` (x, y, z, channel) labels, x fastest, in blocks of `block`.
///
/// `invalid-input` for other types than uint32 and uint64, and for a chunk whose tables lie further than 64 MiB.
pub fn encode(voxels: &[u8], size: [usize; 4], block: [usize; 3], dtype: VoxelType) -> Result<Vec<u8>> {
    let bytes = bytes_of_labels(size, dtype)?;
    if voxels.len() != bytes {
        let have = voxels.len();
        return Err(KernelError::invalid_input(format!("A chunk of {size:?} {dtype:?} came with {have} bytes.")));
    }
    let blocks = Blocks::new(size, block)?;
    let channels = size[3];
    let mut out = vec![0; channels * WORD];
    for (channel, voxels) in voxels.chunks_exact(bytes / channels).enumerate() {
        let at = u32::try_from(out.len() / WORD).map_err(|_| too_large(size))?;
        out[channel * WORD..][..WORD].copy_from_slice(&at.to_le_bytes());
        let fits = match dtype {
            VoxelType::Uint32 => encode_channel_u32(voxels, &blocks, &mut out),
            _ => encode_channel_u64(voxels, &blocks, &mut out),
        };
        if !fits {
            return Err(too_large(size));
        }
    }
    Ok(out)
}

fn too_large(size: [usize; 4]) -> KernelError {
    KernelError::invalid_input(format!(
        "A chunk of {size:?} labels is too large for the offsets of compressed_segmentation; use smaller chunks."
    ))
}

with_wide_vectors! {
    fn encode_channel_u32(voxels: &[u8], blocks: &Blocks, out: &mut Vec<u8>) -> bool {
        encode_channel::<u32>(voxels, blocks, out)
    }
}
with_wide_vectors! {
    fn encode_channel_u64(voxels: &[u8], blocks: &Blocks, out: &mut Vec<u8>) -> bool {
        encode_channel::<u64>(voxels, blocks, out)
    }
}

/// Appends a channel; false where an offset would not fit its bits.
#[inline(always)]
fn encode_channel<T: Label>(voxels: &[u8], blocks: &Blocks, out: &mut Vec<u8>) -> bool {
    let base = out.len();
    out.resize(base + blocks.len() * HEADER_WORDS * WORD, 0);
    let mut tables = Tables::default();
    let mut work = Work::<T>::new(blocks);
    for index in 0..blocks.len() {
        let part = blocks.part(index);
        work.gather(voxels, blocks, &part);
        let bits = work.count();
        let at = (out.len() - base) / WORD;
        work.put_indices(bits, blocks, out);
        let table_at = tables.place(&work.table, out, base);
        if at.max(table_at) >= MOST_WORDS {
            return false;
        }
        let header = (table_at as u64) | (bits as u64) << 24 | (at as u64) << 32;
        out[base + index * HEADER_WORDS * WORD..][..HEADER_WORDS * WORD].copy_from_slice(&header.to_le_bytes());
    }
    true
}

/// Bits of an index among `labels`: 0 for one, else the next of 1, 2, 4, 8, 16, 32.
fn bits_for(labels: usize) -> usize {
    match labels {
        0 | 1 => 0,
        _ => ((labels - 1).ilog2() as usize + 1).next_power_of_two(),
    }
}

/// One block at a time.
struct Work<T> {
    /// Of a whole block, in its order, rounded up to 64; what lies outside the volume repeats the block's first label.
    voxels: Vec<T>,
    /// Sorted labels of the block.
    table: Vec<T>,
    /// Which mask belongs to each label of the table; empty where there are too many to peel.
    order: Vec<(T, usize)>,
    /// Where the voxels of a label are: as many words as `covered` has.
    masks: Vec<u64>,
    covered: Vec<u64>,
}

impl<T: Label> Work<T> {
    fn new(blocks: &Blocks) -> Self {
        let words = blocks.volume.div_ceil(64);
        Self {
            voxels: vec![T::default(); words * 64],
            table: Vec::new(),
            order: Vec::new(),
            masks: vec![0; words * MOST_PEELED],
            covered: vec![0; words],
        }
    }

    #[inline(always)]
    fn gather(&mut self, voxels: &[u8], blocks: &Blocks, part: &Part) {
        if part.size != blocks.block || !blocks.volume.is_multiple_of(64) {
            let at = blocks.row(part, 0, 0) * T::BYTES;
            self.voxels.fill(T::from_le(&voxels[at..at + T::BYTES]));
        }
        for z in 0..part.size[2] {
            for y in 0..part.size[1] {
                let (from, to) = (blocks.row(part, y, z), (z * blocks.block[1] + y) * blocks.block[0]);
                let row = &voxels[from * T::BYTES..(from + part.size[0]) * T::BYTES];
                let to = &mut self.voxels[to..to + part.size[0]];
                match <&mut [T; 8]>::try_from(&mut *to) {
                    Ok(eight) => read_row(eight, row),
                    Err(_) => read_row(to, row),
                }
            }
        }
    }

    /// Finds the labels; gives how many bits an index takes.
    #[inline(always)]
    fn count(&mut self) -> usize {
        self.order.clear();
        self.table.clear();
        self.covered.fill(0);
        while let Some(word) = self.covered.iter().position(|&covered| covered != u64::MAX) {
            if self.order.len() == MOST_PEELED {
                return self.count_by_sorting();
            }
            let label = self.voxels[word * 64 + self.covered[word].trailing_ones() as usize];
            let words = self.covered.len();
            let mask = &mut self.masks[self.order.len() * words..][..words];
            for ((mask, covered), voxels) in mask.iter_mut().zip(&mut self.covered).zip(self.voxels.as_chunks().0) {
                *mask = equal(voxels, label);
                *covered |= *mask;
            }
            self.order.push((label, self.order.len()));
        }
        self.order.sort_unstable();
        self.table.extend(self.order.iter().map(|&(label, _)| label));
        bits_for(self.table.len())
    }

    #[inline(never)]
    fn count_by_sorting(&mut self) -> usize {
        self.order.clear();
        self.table.extend_from_slice(&self.voxels);
        self.table.sort_unstable();
        self.table.dedup();
        bits_for(self.table.len())
    }

    #[inline(always)]
    fn put_indices(&self, bits: usize, blocks: &Blocks, out: &mut Vec<u8>) {
        let end = out.len() + blocks.index_words(bits) * WORD;
        match bits {
            0 => {}
            1 => (0..self.covered.len()).for_each(|word| out.extend(self.plane(word, 0).to_le_bytes())),
            2 => {
                for word in 0..self.covered.len() {
                    let (low, high) = (self.plane(word, 0), self.plane(word, 1));
                    for half in 0..2 {
                        let pair = spread_by_2(low >> (32 * half)) | spread_by_2(high >> (32 * half)) << 1;
                        out.extend(pair.to_le_bytes());
                    }
                }
            }
            4 if !self.order.is_empty() => {
                for word in 0..self.covered.len() {
                    let planes = [0, 1, 2, 3].map(|bit| self.plane(word, bit));
                    for quarter in 0..4 {
                        let four = [0, 1, 2, 3].map(|bit| spread_by_4(planes[bit] >> (16 * quarter)) << bit);
                        out.extend((four[0] | four[1] | four[2] | four[3]).to_le_bytes());
                    }
                }
            }
            _ => self.put_searched(bits, out),
        }
        // Blocks whose volume is no multiple of 64 were rounded up.
        out.truncate(end);
    }

    /// Bit `bit` of the indices of 64 voxels.
    #[inline(always)]
    fn plane(&self, word: usize, bit: usize) -> u64 {
        let mut plane = 0;
        for (index, &(_, mask)) in self.order.iter().enumerate() {
            let wanted = if index >> bit & 1 == 1 { u64::MAX } else { 0 };
            plane |= self.masks[mask * self.covered.len() + word] & wanted;
        }
        plane
    }

    #[inline(never)]
    fn put_searched(&self, bits: usize, out: &mut Vec<u8>) {
        let (mut label, mut index) = (self.table[0], 0);
        for voxels in self.voxels.chunks_exact(32 / bits) {
            let mut word = 0u32;
            for (i, &voxel) in voxels.iter().enumerate() {
                if voxel != label {
                    label = voxel;
                    index = self.table.partition_point(|&other| other < voxel) as u32;
                }
                word |= index << (i * bits);
            }
            out.extend(word.to_le_bytes());
        }
    }
}

/// One bit a voxel: whether it is `label`.
#[inline(always)]
fn equal<T: Label>(voxels: &[T; 64], label: T) -> u64 {
    let mut bytes = [0u8; 64];
    for (byte, &voxel) in bytes.iter_mut().zip(voxels) {
        *byte = u8::from(voxel == label);
    }
    let mut mask = 0;
    for (i, eight) in bytes.as_chunks().0.iter().enumerate() {
        // Moves bit 0 of byte n to bit 56 + n: no two of the sums meet.
        mask |= (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
    }
    mask
}

/// Bit n of the low 32 goes to bit 2 n.
#[inline(always)]
fn spread_by_2(bits: u64) -> u64 {
    let mut b = bits & 0xffff_ffff;
    b = (b | b << 16) & 0x0000_ffff_0000_ffff;
    b = (b | b << 8) & 0x00ff_00ff_00ff_00ff;
    b = (b | b << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    b = (b | b << 2) & 0x3333_3333_3333_3333;
    (b | b << 1) & 0x5555_5555_5555_5555
}

/// Bit n of the low 16 goes to bit 4 n.
#[inline(always)]
fn spread_by_4(bits: u64) -> u64 {
    let mut b = bits & 0xffff;
    b = (b | b << 24) & 0x0000_00ff_0000_00ff;
    b = (b | b << 12) & 0x000f_000f_000f_000f;
    b = (b | b << 6) & 0x0303_0303_0303_0303;
    (b | b << 3) & 0x1111_1111_1111_1111
}
