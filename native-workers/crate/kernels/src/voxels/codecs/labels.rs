//! The label codecs of Neuroglancer precomputed, which give voxels.

use super::Chunk;
use crate::error::{KernelError, Result};
use crate::{compresso, cseg};

/// compressed_segmentation: blocks of labels by their own tables.
pub fn decode_segmentation(stored: &[u8], block: [usize; 3], chunk: &Chunk) -> Result<Vec<u8>> {
    cseg::decode(stored, size_of(chunk)?, block, chunk.dtype)
}

/// The same into memory that is there.
pub fn decode_segmentation_into(stored: &[u8], block: [usize; 3], chunk: &Chunk, out: &mut [u8]) -> Result<()> {
    cseg::decode_into(stored, size_of(chunk)?, block, chunk.dtype, out)
}

/// As it is read.
pub fn encode_segmentation(voxels: &[u8], block: [usize; 3], chunk: &Chunk) -> Result<Vec<u8>> {
    cseg::encode(voxels, size_of(chunk)?, block, chunk.dtype)
}

/// compresso: one channel.
pub fn decode_compresso(stored: &[u8], chunk: &Chunk) -> Result<Vec<u8>> {
    match size_of(chunk)? {
        [x, y, z, 1] => compresso::decode(stored, [x, y, z], chunk.dtype),
        [.., channels] => Err(KernelError::invalid_input(format!("compresso holds one channel, not {channels}."))),
    }
}

fn size_of(chunk: &Chunk) -> Result<[usize; 4]> {
    match chunk.shape {
        [x, y, z, channels, 1] => Ok([x, y, z, channels]),
        [.., times] => Err(KernelError::invalid_input(format!("Label codecs hold one time, not {times}."))),
    }
}
