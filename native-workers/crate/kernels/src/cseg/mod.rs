//! Neuroglancer's `compressed_segmentation`: labels cut into small blocks, each with a table of its labels and indices
//! of 0, 1, 2, 4, 8, 16 or 32 bits into it. Layout: `src/sliceview/compressed_segmentation/README.md` of Neuroglancer.

mod decode;
mod encode;
mod tables;

pub use decode::{decode, decode_into};
pub use encode::encode;

use crate::element::Element;
use crate::error::{KernelError, Result, Tag};
use crate::voxel::{VoxelType, bytes_of};

/// 32-bit words of a block's header: table offset (24 bits) and bits an index (8 bits); offset of the indices.
const HEADER_WORDS: usize = 2;
const WORD: usize = 4;

/// A label as it is stored: 32 or 64 bits.
trait Label: Element + Ord {
    fn wide(self) -> u64;
}

impl Label for u32 {
    #[inline(always)]
    fn wide(self) -> u64 {
        u64::from(self)
    }
}

impl Label for u64 {
    #[inline(always)]
    fn wide(self) -> u64 {
        self
    }
}

/// How a volume of `size` voxels is cut into blocks; blocks at the far edges are cut short.
#[derive(Clone, Copy)]
struct Blocks {
    size: [usize; 3],
    block: [usize; 3],
    count: [usize; 3],
    /// Voxels of a whole block.
    volume: usize,
}

/// One block: where it begins in the volume, and how much of it lies inside.
#[derive(Clone, Copy)]
struct Part {
    at: [usize; 3],
    size: [usize; 3],
}

impl Blocks {
    /// Refuses blocks so large that their bits cannot be counted.
    fn new(size: [usize; 4], block: [usize; 3]) -> Result<Self> {
        let volume = block.iter().try_fold(1usize, |n, &side| n.checked_mul(side)).filter(|n| (1..1 << 28).contains(n));
        let Some(volume) = volume else {
            return Err(KernelError::invalid_input(format!("Blocks of {block:?} voxels are not cut.")));
        };
        let size = [size[0], size[1], size[2]];
        Ok(Self { size, block, count: [0, 1, 2].map(|axis| size[axis].div_ceil(block[axis])), volume })
    }

    fn len(&self) -> usize {
        self.count.iter().product()
    }

    /// x fastest.
    fn part(&self, index: usize) -> Part {
        let [nx, ny, _] = self.count;
        let place = [index % nx, index / nx % ny, index / nx / ny];
        let at = [0, 1, 2].map(|axis| place[axis] * self.block[axis]);
        Part { at, size: [0, 1, 2].map(|axis| self.block[axis].min(self.size[axis] - at[axis])) }
    }

    /// Index in the volume of the first voxel of row (y, z) of a block.
    fn row(&self, part: &Part, y: usize, z: usize) -> usize {
        ((part.at[2] + z) * self.size[1] + part.at[1] + y) * self.size[0] + part.at[0]
    }

    fn index_words(&self, bits: usize) -> usize {
        (bits * self.volume).div_ceil(32)
    }
}

/// Bytes of the voxels; refuses types that are no labels and sizes that overflow.
fn bytes_of_labels(size: [usize; 4], dtype: VoxelType) -> Result<usize> {
    if !matches!(dtype, VoxelType::Uint32 | VoxelType::Uint64) {
        return Err(KernelError::invalid_input(format!(
            "compressed_segmentation holds uint32 and uint64, not {dtype:?}."
        )));
    }
    match bytes_of(&size, dtype) {
        Some(bytes) if size.iter().all(|&side| side > 0) => Ok(bytes),
        _ => Err(KernelError::invalid_input(format!("A chunk of {size:?} voxels is not read or written."))),
    }
}

fn damaged(what: impl std::fmt::Display) -> KernelError {
    KernelError::new(
        Tag::BadSource,
        format!("A chunk in compressed_segmentation cannot be read: {what}."),
        "Fetch the chunk again; if it stays so, the volume is damaged there: ask its owner for an intact copy.",
    )
}

#[cfg(test)]
mod tests;
