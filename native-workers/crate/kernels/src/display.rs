//! The task `display-voxels`: the grey levels that the window draws of any voxels.

use crate::cancel::Cancel;
use crate::element::{Element, with_type};
use crate::error::{KernelError, Result};
use crate::output::{OutBytes, output_to_fill};
use crate::voxel::VoxelType;
use crate::wide::with_wide_vectors;
use serde::{Deserialize, Serialize};

/// Voxels between two polls.
const BLOCK: usize = 1 << 16;

/// Header of `display-voxels`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Display {
    dtype: VoxelType,
    r#as: Shown,
    #[serde(default)]
    range: Option<[f64; 2]>,
}

/// What the window's textures hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Shown {
    Uint8,
    Uint16,
}

/// Result of `display-voxels`.
#[derive(Debug, Serialize)]
pub struct Displayed {
    bytes: usize,
}

/// `range` becomes 0 to 255 or 65535, rounded, clipped, NaN 0; without `range` that of the type, 0 to 1 for floats.
pub fn display(header: &Display, voxels: &[u8], cancel: Cancel<'_>) -> Result<(Displayed, Vec<OutBytes>)> {
    let &Display { dtype, r#as: shown, range } = header;
    let refused = |what: String| Err(KernelError::invalid_input(what));
    if !voxels.len().is_multiple_of(dtype.bytes()) {
        return refused(format!("{} bytes are no whole number of {dtype:?} voxels.", voxels.len()));
    }
    let whole = whole_range(dtype);
    let [least, most] = range.unwrap_or(whole);
    // A range of one value makes a step there.
    if !(least <= most && (most - least).is_finite()) {
        return refused(format!("Grey levels cannot be shown from {least} to {most}."));
    }
    let (width, shown_width) = (dtype.bytes(), if shown == Shown::Uint8 { 1 } else { 2 });
    let as_is = matches!((dtype, shown), (VoxelType::Uint8, Shown::Uint8) | (VoxelType::Uint16, Shown::Uint16));
    if as_is && [least, most] == whole {
        return Ok((Displayed { bytes: voxels.len() }, vec![voxels.to_vec().into()]));
    }
    let mut out = output_to_fill(voxels.len() / width * shown_width);
    for (voxels, out) in voxels.chunks(BLOCK * width).zip(out.chunks_mut(BLOCK * shown_width)) {
        cancel.poll()?;
        match shown {
            Shown::Uint8 => with_type!(dtype, T => show_in_bytes::<T>(voxels, least, most, out)),
            Shown::Uint16 => with_type!(dtype, T => show_in_words::<T>(voxels, least, most, out)),
        }
    }
    Ok((Displayed { bytes: out.len() }, vec![out]))
}

fn whole_range(dtype: VoxelType) -> [f64; 2] {
    match dtype {
        VoxelType::Uint8 => [0.0, f64::from(u8::MAX)],
        VoxelType::Int8 => [f64::from(i8::MIN), f64::from(i8::MAX)],
        VoxelType::Uint16 => [0.0, f64::from(u16::MAX)],
        VoxelType::Int16 => [f64::from(i16::MIN), f64::from(i16::MAX)],
        VoxelType::Uint32 => [0.0, f64::from(u32::MAX)],
        VoxelType::Int32 => [f64::from(i32::MIN), f64::from(i32::MAX)],
        VoxelType::Uint64 => [0.0, u64::MAX as f64],
        VoxelType::Int64 => [i64::MIN as f64, i64::MAX as f64],
        VoxelType::Float32 | VoxelType::Float64 => [0.0, 1.0],
    }
}

/// NaN becomes 0, as the comparison with it fails.
#[inline(always)]
fn level(value: f64, least: f64, per_unit: f64, top: f64) -> i32 {
    let level = (value - least) * per_unit + 0.5;
    let level = if level > 0.0 { level } else { 0.0 };
    (if level < top { level } else { top }) as i32
}

/// A range of one value: what lies above it is white.
#[inline(always)]
fn per_unit(least: f64, most: f64, top: f64) -> f64 {
    if most > least { top / (most - least) } else { f64::MAX }
}

with_wide_vectors! {
    fn show_in_bytes<T: Element>(voxels: &[u8], least: f64, most: f64, out: &mut [u8]) {
        let per_unit = per_unit(least, most, 255.0);
        for (out, voxel) in out.iter_mut().zip(voxels.chunks_exact(T::BYTES)) {
            *out = level(T::from_le(voxel).to_f64(), least, per_unit, 255.0) as u8;
        }
    }
}

with_wide_vectors! {
    fn show_in_words<T: Element>(voxels: &[u8], least: f64, most: f64, out: &mut [u8]) {
        let per_unit = per_unit(least, most, 65_535.0);
        for (out, voxel) in out.chunks_exact_mut(2).zip(voxels.chunks_exact(T::BYTES)) {
            out.copy_from_slice(&(level(T::from_le(voxel).to_f64(), least, per_unit, 65_535.0) as u16).to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::never;
    use serde_json::{Value, json};

    fn shown(header: Value, voxels: &[u8]) -> Vec<u8> {
        let (about, mut out) = display(&serde_json::from_value(header).unwrap(), voxels, never()).unwrap();
        assert_eq!(about.bytes, out[0].len());
        out.remove(0).to_vec()
    }

    fn words(bytes: &[u8]) -> Vec<u16> {
        bytes.as_chunks().0.iter().map(|w| u16::from_le_bytes(*w)).collect()
    }

    #[test]
    fn grey_levels_are_stretched_clipped_and_rounded() {
        let voxels: Vec<u8> = [-1.0f32, 0.0, 0.5, 1.0, 7.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY]
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        assert_eq!(shown(json!({"dtype": "float32", "as": "uint8"}), &voxels), [0, 0, 128, 255, 255, 0, 255, 0]);
        let words = words(&shown(json!({"dtype": "float32", "as": "uint16", "range": [0, 2]}), &voxels));
        assert_eq!(words, [0, 0, 16_384, 32_768, 65_535, 0, 65_535, 0]);
        assert_eq!(shown(json!({"dtype": "uint8", "as": "uint8", "range": [10, 10]}), &[9, 10, 11]), [0, 0, 255]);
    }

    #[test]
    fn whole_ranges_stay_and_others_fill_the_bytes() {
        assert_eq!(shown(json!({"dtype": "uint8", "as": "uint8"}), &[0, 7, 255]), [0, 7, 255]);
        assert_eq!(shown(json!({"dtype": "int8", "as": "uint8"}), &[0x80, 0, 0x7f]), [0, 128, 255]);
        assert_eq!(words(&shown(json!({"dtype": "uint8", "as": "uint16"}), &[0, 1, 255])), [0, 257, 65_535]);
        assert_eq!(shown(json!({"dtype": "uint16", "as": "uint16"}), &[1, 2, 3, 4]), [1, 2, 3, 4]);
        assert_eq!(shown(json!({"dtype": "uint64", "as": "uint8"}), &[0xff; 8]), [255]);
    }

    #[test]
    fn every_value_of_every_type_is_where_its_share_of_the_range_says() {
        let bytes: Vec<u8> = (0..8 * 3001u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8).collect();
        for dtype in ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"] {
            let kind: VoxelType = serde_json::from_value(json!(dtype)).unwrap();
            let [least, most] = whole_range(kind).map(|end| end * 0.75 + 0.5);
            let out = shown(json!({"dtype": dtype, "as": "uint8", "range": [least, most]}), &bytes);
            let values: Vec<f64> = with_type!(kind, T => bytes.chunks_exact(T::BYTES).map(|v| <T as Element>::from_le(v).to_f64()).collect());
            for (value, out) in values.iter().zip(out) {
                let want =
                    if value.is_nan() { 0.0 } else { ((value - least) / (most - least) * 255.0).clamp(0.0, 255.0) };
                assert!((f64::from(out) - want).abs() <= 0.500_001, "{dtype} {value}: {out}, not {want}");
            }
        }
    }

    #[test]
    fn wrong_calls_are_refused() {
        let fails = |header: Value, bytes: usize| {
            display(&serde_json::from_value(header).unwrap(), &vec![0; bytes], never()).is_err()
        };
        assert!(fails(json!({"dtype": "uint16", "as": "uint8"}), 3));
        assert!(fails(json!({"dtype": "uint8", "as": "uint8", "range": [2, 1]}), 1));
    }
}
