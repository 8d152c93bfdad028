//! Types of voxels, as the contract names them, and the layout of boxes of them.

use serde::{Deserialize, Serialize};

/// Element type of a volume; in memory always little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VoxelType {
    Uint8,
    Int8,
    Uint16,
    Int16,
    Uint32,
    Int32,
    Uint64,
    Int64,
    Float32,
    Float64,
}

impl VoxelType {
    /// Bytes a voxel takes.
    pub fn bytes(self) -> usize {
        match self {
            Self::Uint8 | Self::Int8 => 1,
            Self::Uint16 | Self::Int16 => 2,
            Self::Uint32 | Self::Int32 | Self::Float32 => 4,
            Self::Uint64 | Self::Int64 | Self::Float64 => 8,
        }
    }
}

/// Along x, y, z, channel, time.
pub type Size5 = [usize; 5];

/// Bytes of a box of voxels, or `None` where that overflows.
pub fn bytes_of(size: &[usize], dtype: VoxelType) -> Option<usize> {
    size.iter().try_fold(dtype.bytes(), |n, &side| n.checked_mul(side))
}
