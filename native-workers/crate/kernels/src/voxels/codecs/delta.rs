//! Differences of neighbours: numcodecs' Delta, over the elements of the chunk as they are stored.

use super::Chunk;
use crate::error::{KernelError, Result};
use crate::voxel::VoxelType;
use crate::voxels::damaged;
use crate::voxels::elements::{Endian, StoredAs};

/// A number type with its two byte orders, adding and taking away.
trait Number<const N: usize>: Copy {
    fn read(bytes: [u8; N]) -> Self;
    fn write(self) -> [u8; N];
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
}

macro_rules! numbers {
    ($($t:ty, $n:literal, $plus:expr, $minus:expr;)*) => {$(
        impl Number<$n> for $t {
            fn read(bytes: [u8; $n]) -> Self { Self::from_le_bytes(bytes) }
            fn write(self) -> [u8; $n] { self.to_le_bytes() }
            fn plus(self, other: Self) -> Self { $plus(self, other) }
            fn minus(self, other: Self) -> Self { $minus(self, other) }
        }
    )*};
}
numbers! {
    u8, 1, u8::wrapping_add, u8::wrapping_sub;
    u16, 2, u16::wrapping_add, u16::wrapping_sub;
    u32, 4, u32::wrapping_add, u32::wrapping_sub;
    u64, 8, u64::wrapping_add, u64::wrapping_sub;
    f32, 4, std::ops::Add::add, std::ops::Sub::sub;
    f64, 8, std::ops::Add::add, std::ops::Sub::sub;
}

/// Running sums; integers wrap.
pub fn decode(data: Vec<u8>, chunk: &Chunk) -> Result<Vec<u8>> {
    run(data, chunk, true)
}

/// The first element, then differences.
pub fn encode(data: Vec<u8>, chunk: &Chunk) -> Result<Vec<u8>> {
    run(data, chunk, false)
}

fn run(mut data: Vec<u8>, chunk: &Chunk, sums: bool) -> Result<Vec<u8>> {
    if chunk.stored_as == Some(StoredAs::Float16) {
        return Err(KernelError::invalid_input("Differences of float16 are not read."));
    }
    if !data.len().is_multiple_of(chunk.element) {
        return Err(damaged(format!("has {} bytes, not whole elements of {}", data.len(), chunk.element)));
    }
    let all = data.as_mut_slice();
    let big = chunk.endian == Endian::Big;
    match chunk.dtype {
        VoxelType::Uint8 | VoxelType::Int8 => each::<u8, 1>(all, big, sums),
        VoxelType::Uint16 | VoxelType::Int16 => each::<u16, 2>(all, big, sums),
        VoxelType::Uint32 | VoxelType::Int32 => each::<u32, 4>(all, big, sums),
        VoxelType::Uint64 | VoxelType::Int64 => each::<u64, 8>(all, big, sums),
        VoxelType::Float32 => each::<f32, 4>(all, big, sums),
        VoxelType::Float64 => each::<f64, 8>(all, big, sums),
    }
    Ok(data)
}

fn each<T: Number<N>, const N: usize>(data: &mut [u8], big: bool, sums: bool) {
    let turned = |mut bytes: [u8; N]| {
        if big {
            bytes.reverse();
        }
        bytes
    };
    let mut last: Option<T> = None;
    for element in data.as_chunks_mut::<N>().0 {
        let value = T::read(turned(*element));
        let Some(before) = last else {
            last = Some(value);
            continue;
        };
        let new = if sums { before.plus(value) } else { value.minus(before) };
        last = Some(if sums { new } else { value });
        *element = turned(new.write());
    }
}
