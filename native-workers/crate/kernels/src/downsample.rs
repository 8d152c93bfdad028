//! The task `downsample-mean`: the next coarser level of a volume.

use crate::cancel::Cancel;
use crate::error::{KernelError, Result};
use crate::image::Dtype;
use serde::{Deserialize, Serialize};

/// Header of `downsample-mean`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Downsample {
    dtype: Dtype,
    size_xyz: [usize; 3],
    factor_xyz: [usize; 3],
}

/// Result of `downsample-mean`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Downsampled {
    size_xyz: [usize; 3],
}

/// Block means by 1 or 2 along each axis, rounded half up; blocks cut by the far edge average what is there. Linear
/// in the voxels.
pub fn downsample(header: &Downsample, voxels: &[u8], cancel: Cancel<'_>) -> Result<(Downsampled, Vec<Vec<u8>>)> {
    let Downsample { dtype, size_xyz: size, factor_xyz: factor } = *header;
    let count = size.iter().try_fold(dtype.bytes(), |n, &s| n.checked_mul(s));
    if count != Some(voxels.len()) {
        let have = voxels.len();
        return Err(KernelError::invalid_input(format!(
            "A volume of {size:?} {dtype:?} voxels came with {have} bytes."
        )));
    }
    if factor.iter().any(|f| !(1..=2).contains(f)) {
        return Err(KernelError::invalid_input(format!("Volumes are made coarser by 1 or 2 an axis, not {factor:?}.")));
    }
    let coarse = [0, 1, 2].map(|axis: usize| size[axis].div_ceil(factor[axis]));
    let mut out = Vec::with_capacity(coarse.iter().product::<usize>() * dtype.bytes());
    let mut sums = vec![0u32; coarse[0]];
    for z in 0..coarse[2] {
        cancel.poll()?;
        for y in 0..coarse[1] {
            sums.fill(0);
            let mut rows = 0;
            for fine_z in z * factor[2]..((z + 1) * factor[2]).min(size[2]) {
                for fine_y in y * factor[1]..((y + 1) * factor[1]).min(size[1]) {
                    let at = (fine_z * size[1] + fine_y) * size[0] * dtype.bytes();
                    add_row(&mut sums, &voxels[at..at + size[0] * dtype.bytes()], dtype, factor[0]);
                    rows += 1;
                }
            }
            put_means(&mut out, &sums, dtype, |x| rows * factor[0].min(size[0] - x * factor[0]) as u32);
        }
    }
    Ok((Downsampled { size_xyz: coarse }, vec![out]))
}

fn add_row(sums: &mut [u32], row: &[u8], dtype: Dtype, factor: usize) {
    match dtype {
        Dtype::Uint8 => {
            for (sum, block) in sums.iter_mut().zip(row.chunks(factor)) {
                *sum += block.iter().map(|&v| u32::from(v)).sum::<u32>();
            }
        }
        Dtype::Uint16 => {
            for (sum, block) in sums.iter_mut().zip(row.chunks(2 * factor)) {
                *sum += block.chunks_exact(2).map(|v| u32::from(u16::from_le_bytes([v[0], v[1]]))).sum::<u32>();
            }
        }
    }
}

fn put_means(out: &mut Vec<u8>, sums: &[u32], dtype: Dtype, count: impl Fn(usize) -> u32) {
    let means = sums.iter().enumerate().map(|(x, sum)| {
        let n = count(x);
        (sum + n / 2) / n
    });
    match dtype {
        Dtype::Uint8 => out.extend(means.map(|m| m as u8)),
        Dtype::Uint16 => out.extend(means.flat_map(|m| (m as u16).to_le_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::never;

    fn coarse(dtype: Dtype, size_xyz: [usize; 3], factor_xyz: [usize; 3], voxels: &[u8]) -> ([usize; 3], Vec<u8>) {
        let (about, mut out) = downsample(&Downsample { dtype, size_xyz, factor_xyz }, voxels, never()).unwrap();
        (about.size_xyz, out.remove(0))
    }

    #[test]
    fn means_round_half_up_and_edges_average_what_is_there() {
        let (size, out) = coarse(Dtype::Uint8, [3, 2, 1], [2, 2, 1], &[0, 1, 9, 1, 0, 8]);
        assert_eq!((size, out), ([2, 1, 1], vec![1, 9]));
    }

    #[test]
    fn sixteen_bit_and_depth() {
        let voxels: Vec<u8> = [65_535u16, 65_535, 65_534, 65_535].iter().flat_map(|v| v.to_le_bytes()).collect();
        let (size, out) = coarse(Dtype::Uint16, [1, 2, 2], [1, 2, 2], &voxels);
        assert_eq!((size, u16::from_le_bytes([out[0], out[1]])), ([1, 1, 1], 65_535));
    }

    #[test]
    fn agrees_with_the_definition_on_every_shape() {
        for size in [[1, 1, 1], [5, 4, 3], [2, 7, 1], [8, 8, 2]] {
            let voxels: Vec<u8> = (0..size.iter().product::<usize>()).map(|i| (i * 37 % 251) as u8).collect();
            for factor in [[1, 1, 1], [2, 2, 1], [2, 2, 2], [1, 2, 2], [2, 1, 1]] {
                let (got, out) = coarse(Dtype::Uint8, size, factor, &voxels);
                for (i, &v) in out.iter().enumerate() {
                    let at = [i % got[0], i / got[0] % got[1], i / got[0] / got[1]];
                    let range = |a: usize| at[a] * factor[a]..((at[a] + 1) * factor[a]).min(size[a]);
                    let all = range(2).flat_map(|z| range(1).flat_map(move |y| range(0).map(move |x| [x, y, z])));
                    let block: Vec<u32> =
                        all.map(|[x, y, z]| u32::from(voxels[(z * size[1] + y) * size[0] + x])).collect();
                    let mean = block.iter().sum::<u32>() as f64 / block.len() as f64;
                    assert_eq!(f64::from(v), (mean + 0.5).floor());
                }
            }
        }
    }

    #[test]
    fn wrong_sizes_and_factors_are_refused() {
        let ask = |size_xyz, factor_xyz, bytes: usize| {
            downsample(&Downsample { dtype: Dtype::Uint8, size_xyz, factor_xyz }, &vec![0; bytes], never()).is_err()
        };
        assert!(ask([2, 2, 1], [2, 2, 1], 5) && ask([2, 2, 1], [3, 1, 1], 4) && ask([usize::MAX, 2, 2], [1, 1, 1], 4));
    }
}
