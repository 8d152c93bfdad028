//! The value of voxels that are not stored.

use crate::error::{KernelError, Result};
use crate::voxel::VoxelType;
use serde::Deserialize;
use serde_json::Number;

/// A number, or its decimal string; 'NaN', 'Infinity' and '-Infinity' for floats.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Fill {
    Number(Number),
    Text(String),
}

impl Default for Fill {
    fn default() -> Self {
        Self::Number(0.into())
    }
}

impl Fill {
    /// The little-endian bytes of the value. Errors: a value that the type does not hold.
    pub fn bytes(&self, dtype: VoxelType) -> Result<Vec<u8>> {
        let found = match dtype {
            VoxelType::Float32 => self.real::<f32>(|v| v as f32).map(|v| v.to_le_bytes().to_vec()),
            VoxelType::Float64 => self.real::<f64>(|v| v).map(|v| v.to_le_bytes().to_vec()),
            _ => self.whole().and_then(|v| whole_bytes(v, dtype)),
        };
        found.ok_or_else(|| KernelError::invalid_input(format!("The fill value {self:?} is not one of {dtype:?}.")))
    }

    fn real<T: std::str::FromStr>(&self, of: impl Fn(f64) -> T) -> Option<T> {
        match self {
            Self::Number(number) => number.as_f64().map(of),
            Self::Text(text) if text == "NaN" => Some(of(f64::NAN)),
            Self::Text(text) => text.parse().ok(),
        }
    }

    fn whole(&self) -> Option<i128> {
        match self {
            Self::Number(number) => {
                let exact = number.as_i128();
                exact.or_else(|| {
                    number.as_f64().filter(|v| v.fract() == 0.0 && v.abs() <= 2f64.powi(64)).map(|v| v as i128)
                })
            }
            Self::Text(text) => text.parse().ok(),
        }
    }
}

fn whole_bytes(value: i128, dtype: VoxelType) -> Option<Vec<u8>> {
    let bits = 8 * dtype.bytes() as u32;
    let signed = matches!(dtype, VoxelType::Int8 | VoxelType::Int16 | VoxelType::Int32 | VoxelType::Int64);
    let (least, most) = if signed { (-(1i128 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1 << bits) - 1) };
    (least..=most).contains(&value).then(|| value.to_le_bytes()[..dtype.bytes()].to_vec())
}

/// Writes `value` over and over.
pub fn fill_with(row: &mut [u8], value: &[u8]) {
    match value {
        [first, rest @ ..] if rest.iter().all(|b| b == first) => row.fill(*first),
        _ => row.chunks_exact_mut(value.len()).for_each(|element| element.copy_from_slice(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(json: &str, dtype: VoxelType) -> Option<Vec<u8>> {
        serde_json::from_str::<Fill>(json).unwrap().bytes(dtype).ok()
    }

    #[test]
    fn whole_numbers_are_exact_to_the_last_bit() {
        assert_eq!(bytes("\"18446744073709551615\"", VoxelType::Uint64).unwrap(), [255; 8]);
        assert_eq!(bytes("18446744073709551615", VoxelType::Uint64).unwrap(), [255; 8]);
        assert_eq!(bytes("\"9007199254740993\"", VoxelType::Int64).unwrap(), 9_007_199_254_740_993i64.to_le_bytes());
        assert_eq!(bytes("\"-9223372036854775808\"", VoxelType::Int64).unwrap(), i64::MIN.to_le_bytes());
        assert_eq!(bytes("-1", VoxelType::Int8).unwrap(), [255]);
        assert_eq!(bytes("255.0", VoxelType::Uint8).unwrap(), [255]);
    }

    #[test]
    fn values_that_the_type_does_not_hold_are_refused() {
        for (json, dtype) in [
            ("256", VoxelType::Uint8),
            ("-1", VoxelType::Uint16),
            ("0.5", VoxelType::Int32),
            ("1e30", VoxelType::Uint64),
            ("\"18446744073709551616\"", VoxelType::Uint64),
            ("\"NaN\"", VoxelType::Uint8),
            ("\"twelve\"", VoxelType::Float32),
            ("\"\"", VoxelType::Int64),
        ] {
            assert!(bytes(json, dtype).is_none(), "{json} {dtype:?}");
        }
    }

    #[test]
    fn floats_have_their_words() {
        assert_eq!(bytes("\"NaN\"", VoxelType::Float32).unwrap(), 0x7fc0_0000u32.to_le_bytes());
        assert_eq!(bytes("\"NaN\"", VoxelType::Float64).unwrap(), 0x7ff8_0000_0000_0000u64.to_le_bytes());
        assert_eq!(bytes("\"-Infinity\"", VoxelType::Float32).unwrap(), f32::NEG_INFINITY.to_le_bytes());
        assert_eq!(bytes("\"Infinity\"", VoxelType::Float64).unwrap(), f64::INFINITY.to_le_bytes());
        assert_eq!(bytes("0.1", VoxelType::Float64).unwrap(), 0.1f64.to_le_bytes());
        assert_eq!(bytes("\"0.1\"", VoxelType::Float32).unwrap(), 0.1f32.to_le_bytes());
    }

    #[test]
    fn rows_are_filled_element_by_element() {
        let mut row = [9; 6];
        fill_with(&mut row, &[1, 2]);
        assert_eq!(row, [1, 2, 1, 2, 1, 2]);
        fill_with(&mut row, &[7, 7]);
        assert_eq!(row, [7; 6]);
    }
}
