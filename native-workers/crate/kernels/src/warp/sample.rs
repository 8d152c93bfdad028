//! The task `sample-points`: the voxels of a box at points.

use super::field::Interpolation;
use super::{Affine, Point, apply, points_of};
use crate::cancel::Cancel;
use crate::element::{Element, with_type};
use crate::error::{KernelError, Result};
use crate::output::{OutBytes, output};
use crate::voxel::VoxelType;
use serde::{Deserialize, Serialize};

/// Points between two polls.
const BLOCK: usize = 1 << 14;

/// Header of `sample-points`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SamplePoints {
    dtype: VoxelType,
    /// Of the whole level.
    grid: [usize; 3],
    /// Of the box that is given.
    min: [usize; 3],
    size: [usize; 3],
    /// To voxels of the level, whose centres are at whole numbers.
    index_from_point: Affine,
    interpolation: Interpolation,
}

/// Result of `sample-points`.
#[derive(Debug, Serialize)]
pub struct Sampled {
    /// Points that lie in the level.
    inside: usize,
}

/// Voxels at points: nearest, or trilinear with integers rounded half up; 0 beyond the level and at NaN.
pub fn sample_points(header: &SamplePoints, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Sampled, Vec<OutBytes>)> {
    let [points, voxels] = inputs else {
        return Err(KernelError::invalid_input(format!("Points and voxels are two inputs, not {}.", inputs.len())));
    };
    let width = header.dtype.bytes();
    let count = header.size.iter().try_fold(1usize, |n, &side| n.checked_mul(side));
    let fits = (0..3).all(|k| header.size[k] > 0 && header.min[k] + header.size[k] <= header.grid[k]);
    if !fits || count.and_then(|n| n.checked_mul(width)) != Some(voxels.len()) {
        return Err(KernelError::invalid_input(format!(
            "A box of {:?} voxels has {} bytes.",
            header.size,
            voxels.len()
        )));
    }
    let points = points_of(points)?;
    let mut out = output(points.len() * width);
    let mut inside = 0;
    for (points, out) in points.chunks(BLOCK).zip(out.chunks_mut(BLOCK * width)) {
        cancel.poll()?;
        inside += with_type!(header.dtype, T => sample_block::<T>(header, points, voxels, out));
    }
    Ok((Sampled { inside }, vec![out]))
}

fn sample_block<T: FromDouble>(header: &SamplePoints, points: &[Point], voxels: &[u8], out: &mut [u8]) -> usize {
    let mut inside = 0;
    for (point, out) in points.iter().zip(out.chunks_exact_mut(T::BYTES)) {
        let index = apply(&header.index_from_point, *point);
        // NaN is in no range.
        if !(0..3).all(|k| index[k] >= -0.5 && index[k] < header.grid[k] as f64 - 0.5) {
            continue;
        }
        inside += 1;
        match header.interpolation {
            Interpolation::Nearest => nearest::<T>(header, index, voxels).put_le(out),
            Interpolation::Linear => T::from_double(linear::<T>(header, index, voxels)).put_le(out),
        }
    }
    inside
}

#[inline(always)]
fn voxel<T: Element>(header: &SamplePoints, voxels: &[u8], at: [usize; 3]) -> T {
    let at = (at[2] * header.size[1] + at[1]) * header.size[0] + at[0];
    T::from_le(&voxels[at * T::BYTES..(at + 1) * T::BYTES])
}

/// In the box; what lies beside it is asked of nobody who gives a box around the points.
#[inline(always)]
fn in_box(header: &SamplePoints, k: usize, place: usize) -> usize {
    place.min(header.grid[k] - 1).saturating_sub(header.min[k]).min(header.size[k] - 1)
}

fn nearest<T: Element>(header: &SamplePoints, index: Point, voxels: &[u8]) -> T {
    voxel(header, voxels, std::array::from_fn(|k| in_box(header, k, (index[k] + 0.5).floor().max(0.0) as usize)))
}

fn linear<T: Element>(header: &SamplePoints, index: Point, voxels: &[u8]) -> f64 {
    let (mut low, mut high, mut share) = ([0; 3], [0; 3], [0.0; 3]);
    for k in 0..3 {
        let place = index[k].clamp(0.0, (header.grid[k] - 1) as f64);
        let first = place.floor();
        low[k] = in_box(header, k, first as usize);
        high[k] = in_box(header, k, first as usize + 1);
        share[k] = place - first;
    }
    let mut sum = 0.0;
    for corner in 0..8 {
        let at: [usize; 3] = std::array::from_fn(|k| if corner >> k & 1 == 1 { high[k] } else { low[k] });
        let weight: f64 = (0..3).map(|k| if corner >> k & 1 == 1 { share[k] } else { 1.0 - share[k] }).product();
        // A voxel that does not count may be NaN.
        if weight > 0.0 {
            sum += weight * voxel::<T>(header, voxels, at).to_f64();
        }
    }
    sum
}

/// Rounds to the type.
trait FromDouble: Element {
    fn from_double(value: f64) -> Self;
}

macro_rules! rounded {
    ($($type:ty),*) => {$(
        impl FromDouble for $type {
            #[inline(always)]
            fn from_double(value: f64) -> Self {
                (value + 0.5).floor() as $type
            }
        }
    )*};
}
rounded!(u8, i8, u16, i16, u32, i32, u64, i64);

impl FromDouble for f32 {
    fn from_double(value: f64) -> Self {
        value as f32
    }
}

impl FromDouble for f64 {
    fn from_double(value: f64) -> Self {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::never;
    use serde_json::{Value, json};

    fn sampled(header: Value, points: &[Point], voxels: &[u8]) -> Vec<u8> {
        let points: Vec<u8> = points.iter().flatten().flat_map(|v| v.to_le_bytes()).collect();
        let (_, mut out) =
            sample_points(&serde_json::from_value(header).unwrap(), &[&points, voxels], never()).unwrap();
        out.remove(0).to_vec()
    }

    fn header(interpolation: &str) -> Value {
        json!({"dtype": "uint8", "grid": [4, 1, 1], "min": [1, 0, 0], "size": [3, 1, 1], "interpolation": interpolation,
            "indexFromPoint": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]})
    }

    #[test]
    fn voxels_are_mixed_between_centres_and_0_beyond_the_level() {
        let at = |x: f64| [x, 0.0, 0.0];
        let points = [at(1.0), at(1.25), at(2.5), at(3.4), at(3.5), [2.0, 0.6, 0.0], [f64::NAN; 3], at(-0.6)];
        assert_eq!(sampled(header("linear"), &points, &[10, 20, 41]), [10, 13, 31, 41, 0, 0, 0, 0]);
        assert_eq!(sampled(header("nearest"), &points, &[10, 20, 41]), [10, 10, 41, 41, 0, 0, 0, 0]);
    }

    #[test]
    fn ids_of_64_bits_stay_exact() {
        let mut header = header("nearest");
        header["dtype"] = json!("uint64");
        let ids = [u64::MAX, 1 << 63 | 1, 7];
        let voxels: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
        let out = sampled(header, &[[1.0, 0.0, 0.0], [2.0, 0.0, 0.0]], &voxels);
        assert_eq!(out, voxels[..16]);
    }

    #[test]
    fn wrong_calls_are_refused() {
        let fails = |header: Value, inputs: &[&[u8]]| {
            sample_points(&serde_json::from_value(header).unwrap(), inputs, never()).is_err()
        };
        assert!(fails(header("linear"), &[&[0; 24]]));
        assert!(fails(header("linear"), &[&[0; 24], &[0; 4]]));
        assert!(fails(header("linear"), &[&[0; 25], &[0; 3]]));
    }
}
