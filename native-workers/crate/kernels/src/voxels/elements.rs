//! Elements of a stored chunk: their byte order, and the two kinds that are given out as another type.

use crate::error::{KernelError, Result};
use crate::voxel::VoxelType;
use serde::Deserialize;

/// Byte order of stored elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Endian {
    #[default]
    Little,
    Big,
}

/// How elements are stored where that is not the type they are given out as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoredAs {
    /// One byte each; comes out as 0 or 1 of uint8.
    Bool,
    /// IEEE 754 binary16; comes out as float32.
    Float16,
}

/// Bytes of a stored element. Errors: a type that the stored kind is not given out as.
pub fn stored_bytes(dtype: VoxelType, stored_as: Option<StoredAs>) -> Result<usize> {
    match (stored_as, dtype) {
        (None, _) => Ok(dtype.bytes()),
        (Some(StoredAs::Bool), VoxelType::Uint8) => Ok(1),
        (Some(StoredAs::Float16), VoxelType::Float32) => Ok(2),
        (Some(stored), _) => {
            Err(KernelError::invalid_input(format!("Elements stored as {stored:?} do not come out as {dtype:?}.")))
        }
    }
}

/// Turns the bytes of each element round.
pub fn swap(voxels: &mut [u8], element: usize) {
    fn each<const N: usize>(voxels: &mut [u8]) {
        voxels.as_chunks_mut::<N>().0.iter_mut().for_each(|e| e.reverse());
    }
    match element {
        2 => each::<2>(voxels),
        4 => each::<4>(voxels),
        8 => each::<8>(voxels),
        _ => {}
    }
}

/// Makes voxels of the volume's type of little-endian stored elements.
pub fn given_out(voxels: Vec<u8>, stored_as: Option<StoredAs>) -> Vec<u8> {
    match stored_as {
        None => voxels,
        Some(StoredAs::Bool) => voxels.into_iter().map(|b| u8::from(b != 0)).collect(),
        Some(StoredAs::Float16) => {
            let (halves, _) = voxels.as_chunks::<2>();
            halves.iter().flat_map(|&h| single_of_half(u16::from_le_bytes(h)).to_le_bytes()).collect()
        }
    }
}

/// IEEE 754 binary16 to binary32: exact; payloads of NaN are kept.
fn single_of_half(half: u16) -> f32 {
    let sign = u32::from(half >> 15) << 31;
    let exponent = u32::from(half >> 10) & 0x1f;
    let fraction = u32::from(half) & 0x3ff;
    let bits = match (exponent, fraction) {
        (0, _) => return (fraction as f32 / (1u32 << 24) as f32) * if sign == 0 { 1.0 } else { -1.0 },
        (0x1f, _) => 0x7f80_0000 | fraction << 13,
        _ => (exponent + 112) << 23 | fraction << 13,
    };
    f32::from_bits(sign | bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_those_of_the_standard() {
        let cases = [
            (0x0000, 0.0),
            (0x8000, -0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65_504.0),
            (0x0001, 2f32.powi(-24)),
            (0x03ff, 1023.0 * 2f32.powi(-24)),
            (0x0400, 2f32.powi(-14)),
            (0x7c00, f32::INFINITY),
            (0xfc00, f32::NEG_INFINITY),
            (0x3555, 0.333_251_95),
        ];
        for (half, single) in cases {
            assert_eq!(single_of_half(half).to_bits(), f32::to_bits(single), "{half:x}");
        }
        assert!(single_of_half(0x7e00).is_nan() && single_of_half(0x7c01).is_nan());
    }

    #[test]
    fn bytes_turn_round_within_elements_only() {
        for (element, want) in
            [(1, [1, 2, 3, 4, 5, 6, 7, 8]), (2, [2, 1, 4, 3, 6, 5, 8, 7]), (8, [8, 7, 6, 5, 4, 3, 2, 1])]
        {
            let mut bytes = [1, 2, 3, 4, 5, 6, 7, 8];
            swap(&mut bytes, element);
            assert_eq!(bytes, want);
        }
    }

    #[test]
    fn only_the_types_of_the_table_are_given_out() {
        assert_eq!(stored_bytes(VoxelType::Uint8, Some(StoredAs::Bool)).unwrap(), 1);
        assert_eq!(stored_bytes(VoxelType::Float32, Some(StoredAs::Float16)).unwrap(), 2);
        assert!(stored_bytes(VoxelType::Uint16, Some(StoredAs::Float16)).is_err());
        assert_eq!(given_out(vec![0, 1, 255], Some(StoredAs::Bool)), [0, 1, 1]);
    }
}
