//! The task `index-labels`: labels of any integer type as the indexed brick that the window takes.

use crate::cancel::Cancel;
use crate::element::Element;
use crate::error::{KernelError, Result};
use crate::output::{OutBytes, output_to_fill};
use crate::voxel::VoxelType;
use serde::{Deserialize, Serialize};

/// Voxels between two polls.
const BLOCK: usize = 1 << 16;
/// Before the ids: how many, and how wide an index is.
const HEADER: usize = 8;

/// Header of `index-labels`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexLabels {
    dtype: VoxelType,
}

/// Result of `index-labels`.
#[derive(Debug, Serialize)]
pub struct Indexed {
    ids: usize,
}

/// u32 n, u32 width (1, 2 or 4: the least that holds n - 1), n u64 ids in the order of their first voxel, an index a voxel;
/// all little-endian. Nothing where every voxel is 0. Signed labels are extended to 64 bits and taken as their bits: -1
/// becomes 2^64 - 1 in every type. O(voxels).
pub fn index_labels(
    &IndexLabels { dtype }: &IndexLabels,
    voxels: &[u8],
    cancel: Cancel<'_>,
) -> Result<(Indexed, Vec<OutBytes>)> {
    if !voxels.len().is_multiple_of(dtype.bytes()) || voxels.len() / dtype.bytes() > u32::MAX as usize {
        let what = format!("{} bytes are no brick of {dtype:?} voxels.", voxels.len());
        return Err(KernelError::invalid_input(what));
    }
    let mut ids = Ids::new();
    let indices = match dtype {
        VoxelType::Uint8 => number::<u8>(voxels, |id| id as u64, &mut ids, cancel)?,
        VoxelType::Int8 => number::<i8>(voxels, |id| id as u64, &mut ids, cancel)?,
        VoxelType::Uint16 => number::<u16>(voxels, |id| id as u64, &mut ids, cancel)?,
        VoxelType::Int16 => number::<i16>(voxels, |id| id as u64, &mut ids, cancel)?,
        VoxelType::Uint32 => number::<u32>(voxels, |id| id as u64, &mut ids, cancel)?,
        VoxelType::Int32 => number::<i32>(voxels, |id| id as u64, &mut ids, cancel)?,
        VoxelType::Uint64 => number::<u64>(voxels, |id| id, &mut ids, cancel)?,
        VoxelType::Int64 => number::<i64>(voxels, |id| id as u64, &mut ids, cancel)?,
        VoxelType::Float32 | VoxelType::Float64 => {
            return Err(KernelError::invalid_input(format!("Labels are whole numbers, not {dtype:?}.")));
        }
    };
    let indexed = Indexed { ids: ids.found.len() };
    let empty = ids.found.iter().all(|&id| id == 0);
    Ok((indexed, vec![if empty { Vec::new().into() } else { packed(&ids.found, &indices) }]))
}

/// The index of each voxel. Labels lie in runs: the last one's index is kept.
fn number<T: Element>(voxels: &[u8], wide: impl Fn(T) -> u64, ids: &mut Ids, cancel: Cancel<'_>) -> Result<Vec<u32>> {
    let mut indices = Vec::with_capacity(voxels.len() / T::BYTES);
    let Some(first) = voxels.get(..T::BYTES) else { return Ok(indices) };
    let mut last = T::from_le(first);
    let mut index = ids.index_of(wide(last));
    for block in voxels.chunks(BLOCK * T::BYTES) {
        cancel.poll()?;
        indices.extend(block.chunks_exact(T::BYTES).map(|voxel| {
            let label = T::from_le(voxel);
            if label != last {
                last = label;
                index = ids.index_of(wide(label));
            }
            index
        }));
    }
    Ok(indices)
}

fn packed(ids: &[u64], indices: &[u32]) -> OutBytes {
    let width = match ids.len() {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    };
    let mut out = output_to_fill(HEADER + 8 * ids.len() + width * indices.len());
    let (head, body) = out.split_at_mut(HEADER + 8 * ids.len());
    head[..4].copy_from_slice(&(ids.len() as u32).to_le_bytes());
    head[4..HEADER].copy_from_slice(&(width as u32).to_le_bytes());
    for (to, id) in head[HEADER..].chunks_exact_mut(8).zip(ids) {
        to.copy_from_slice(&id.to_le_bytes());
    }
    match width {
        1 => body.iter_mut().zip(indices).for_each(|(to, &index)| *to = index as u8),
        2 => body.chunks_exact_mut(2).zip(indices).for_each(|(to, &index)| (index as u16).put_le(to)),
        _ => body.chunks_exact_mut(4).zip(indices).for_each(|(to, &index)| index.put_le(to)),
    }
    out
}

/// Ids in the order in which they were found, and where each is: open addressing, half full at most.
struct Ids {
    found: Vec<u64>,
    /// Index plus 1; 0 is free.
    slots: Vec<u32>,
}

impl Ids {
    fn new() -> Self {
        Self { found: Vec::new(), slots: vec![0; 1 << 10] }
    }

    fn index_of(&mut self, id: u64) -> u32 {
        let slot = self.slot_of(id);
        if let Some(index) = self.slots[slot].checked_sub(1) {
            return index;
        }
        self.found.push(id);
        self.slots[slot] = self.found.len() as u32;
        if self.found.len() * 2 > self.slots.len() {
            self.grow();
        }
        self.found.len() as u32 - 1
    }

    /// Where an id is, or would be put.
    fn slot_of(&self, id: u64) -> usize {
        // Fibonacci hashing: the upper bits of the product hang on every bit of the id.
        let (mask, shift) = (self.slots.len() - 1, 64 - self.slots.len().ilog2());
        let mut slot = (id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift) as usize;
        while self.slots[slot] != 0 && self.found[self.slots[slot] as usize - 1] != id {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 2];
        for index in 0..self.found.len() {
            let slot = self.slot_of(self.found[index]);
            self.slots[slot] = index as u32 + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::never;
    use serde_json::json;

    fn brick(dtype: &str, voxels: &[u8]) -> Vec<u8> {
        let header = serde_json::from_value(json!({ "dtype": dtype })).unwrap();
        index_labels(&header, voxels, never()).unwrap().1.remove(0).to_vec()
    }

    fn u64_at(bytes: &[u8], at: usize) -> u64 {
        u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
    }

    fn u32_at(bytes: &[u8], at: usize) -> usize {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
    }

    /// The ids that a brick says its voxels have, read by the letter of the format.
    fn voxels_of(brick: &[u8]) -> Vec<u64> {
        let (n, width) = (u32_at(brick, 0), u32_at(brick, 4));
        let indices = brick[HEADER + 8 * n..].chunks_exact(width);
        let index = |bytes: &[u8]| bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | usize::from(byte));
        indices.map(|bytes| u64_at(brick, HEADER + 8 * index(bytes))).collect()
    }

    fn bytes_of(ids: &[u64]) -> Vec<u8> {
        ids.iter().flat_map(|id| id.to_le_bytes()).collect()
    }

    #[test]
    fn ids_stay_exact_in_the_order_of_their_first_voxel() {
        let ids = [7, 7, 0, u64::MAX, 7, (1 << 53) + 1, 0];
        let out = brick("uint64", &bytes_of(&ids));
        assert_eq!((u32_at(&out, 0), u32_at(&out, 4)), (4, 1));
        assert_eq!([0, 1, 2, 3].map(|i| u64_at(&out, 8 + 8 * i)), [7, 0, u64::MAX, (1 << 53) + 1]);
        assert_eq!(out[40..], [0, 0, 1, 2, 0, 3, 1]);
    }

    #[test]
    fn every_integer_type_keeps_its_labels_and_signs_are_extended() {
        let out = voxels_of(&brick("int16", &[1, 0, 0xff, 0xff, 0, 0x80]));
        assert_eq!(out, [1, u64::MAX, (-32_768i64) as u64]);
        for (dtype, bytes) in [("int8", 1), ("int32", 4), ("int64", 8)] {
            assert_eq!(voxels_of(&brick(dtype, &vec![0xff; 2 * bytes])), [u64::MAX; 2]);
        }
        for (dtype, bytes) in [("uint8", 1), ("uint16", 2), ("uint32", 4)] {
            assert_eq!(voxels_of(&brick(dtype, &vec![0xff; bytes])), [u64::MAX >> (64 - 8 * bytes)]);
        }
    }

    #[test]
    fn indices_are_as_narrow_as_they_can_be() {
        for (n, width) in [(1, 1), (256, 1), (257, 2), (65_536, 2), (65_537, 4), (300_000, 4)] {
            let ids: Vec<u64> = (1..=n).map(|i: u64| i.wrapping_mul(0x1234_5678_9abc_def1)).collect();
            let out = brick("uint64", &bytes_of(&ids));
            assert_eq!((u32_at(&out, 0) as u64, u32_at(&out, 4)), (n, width));
            assert_eq!(voxels_of(&out), ids);
        }
    }

    #[test]
    fn background_is_no_bytes() {
        assert!(brick("uint32", &[0; 64]).is_empty());
        assert!(brick("uint64", &[]).is_empty());
        assert_eq!(voxels_of(&brick("uint8", &[0, 0, 3])), [0, 0, 3]);
        assert_eq!(voxels_of(&brick("uint8", &[5, 5])), [5, 5]);
    }

    #[test]
    fn ids_that_fall_into_one_slot_are_told_apart() {
        // The inverse of the factor: the products are 0, 1, 2, … and their upper bits all 0.
        let ids: Vec<u64> = (0..4096u64).map(|i| i.wrapping_mul(0xf1de_83e1_9937_733d)).collect();
        assert_eq!(voxels_of(&brick("uint64", &bytes_of(&ids))), ids);
    }

    #[test]
    fn any_labels_come_back() {
        let mut state = 0x2545_f491_4f6c_dd1du64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for round in 0..200 {
            let mut ids = Vec::new();
            let kinds = 1 + random() % (1 << (round % 12));
            while ids.len() < 3000 {
                let id = (random() % kinds).wrapping_mul(0x0101_0101_0101_0101);
                ids.extend(std::iter::repeat_n(id, 1 + (random() % 9) as usize));
            }
            ids[0] = 1;
            assert_eq!(voxels_of(&brick("uint64", &bytes_of(&ids))), ids);
        }
    }

    #[test]
    fn wrong_calls_are_refused() {
        let fails = |dtype: &str, bytes: usize| {
            let header = serde_json::from_value(json!({ "dtype": dtype })).unwrap();
            index_labels(&header, &vec![0; bytes], never()).is_err()
        };
        assert!(fails("uint16", 3) && fails("float32", 4) && fails("float64", 8) && !fails("uint16", 4));
    }
}
