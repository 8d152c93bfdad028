//! The ten types of voxels as Rust types: how their bytes are read and written.

/// A voxel in memory and in bytes, little-endian.
pub(crate) trait Element: Copy + Default + PartialEq + PartialOrd {
    const BYTES: usize;
    /// The value of exactly `BYTES` bytes.
    fn from_le(bytes: &[u8]) -> Self;
    /// Writes exactly `BYTES` bytes.
    fn put_le(self, bytes: &mut [u8]);
    /// The nearest double.
    fn to_f64(self) -> f64;
}

macro_rules! element {
    ($($type:ty),*) => {$(
        impl Element for $type {
            const BYTES: usize = size_of::<$type>();

            #[inline(always)]
            fn from_le(bytes: &[u8]) -> Self {
                let mut own = [0; size_of::<$type>()];
                own.copy_from_slice(bytes);
                Self::from_le_bytes(own)
            }

            #[inline(always)]
            fn put_le(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }
        }
    )*};
}
element!(u8, i8, u16, i16, u32, i32, u64, i64, f32, f64);

/// Reads a row: as many voxels as both have.
#[inline(always)]
pub(crate) fn read_row<T: Element>(to: &mut [T], row: &[u8]) {
    for (to, from) in to.iter_mut().zip(row.chunks_exact(T::BYTES)) {
        *to = T::from_le(from);
    }
}

/// Runs `$body` with `$type` standing for the Rust type of `$dtype`.
macro_rules! with_type {
    ($dtype:expr, $type:ident => $body:expr) => {
        match $dtype {
            $crate::voxel::VoxelType::Uint8 => {
                type $type = u8;
                $body
            }
            $crate::voxel::VoxelType::Int8 => {
                type $type = i8;
                $body
            }
            $crate::voxel::VoxelType::Uint16 => {
                type $type = u16;
                $body
            }
            $crate::voxel::VoxelType::Int16 => {
                type $type = i16;
                $body
            }
            $crate::voxel::VoxelType::Uint32 => {
                type $type = u32;
                $body
            }
            $crate::voxel::VoxelType::Int32 => {
                type $type = i32;
                $body
            }
            $crate::voxel::VoxelType::Uint64 => {
                type $type = u64;
                $body
            }
            $crate::voxel::VoxelType::Int64 => {
                type $type = i64;
                $body
            }
            $crate::voxel::VoxelType::Float32 => {
                type $type = f32;
                $body
            }
            $crate::voxel::VoxelType::Float64 => {
                type $type = f64;
                $body
            }
        }
    };
}
pub(crate) use with_type;
