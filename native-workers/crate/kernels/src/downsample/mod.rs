//! The task `downsample-voxels`: the next coarser level of a volume.

mod fold;
mod mode;

use crate::cancel::Cancel;
use crate::element::{Element, with_type};
use crate::error::{KernelError, Result};
use crate::output::{OutBytes, output_to_fill};
use crate::voxel::{VoxelType, bytes_of};
use fold::{Max, Mean, Min, fold_row};
use serde::{Deserialize, Serialize};
use std::thread;

/// More threads would only wait for memory.
const MOST_THREADS: usize = 16;
/// Most voxels of a block along an axis.
const MOST: usize = 4;
/// Bytes that a processor fetches at a time, and most that are fetched ahead of a plane: they must stay in its first cache.
const LINE: usize = 64;
const MOST_AHEAD: usize = 8192;

/// Header of `downsample-voxels`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Downsample {
    dtype: VoxelType,
    size_xyz: [usize; 3],
    #[serde(default = "one")]
    channels: usize,
    factor_xyz: [usize; 3],
    method: Method,
    #[serde(default = "one")]
    threads: usize,
}

/// What becomes of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Method {
    Mean,
    Mode,
    Min,
    Max,
}

fn one() -> usize {
    1
}

/// Result of `downsample-voxels`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Downsampled {
    size_xyz: [usize; 3],
}

/// One voxel for each block of `factorXyz` voxels (1 to 4 an axis), channel by channel; blocks cut by the far edge use
/// what is there. Means of integers are rounded half up, those of floats are taken in double; NaN is left out of means,
/// least and greatest. The mode is the most frequent value by its bits, the one that comes first on a tie.
pub fn downsample(header: &Downsample, voxels: &[u8], cancel: Cancel<'_>) -> Result<(Downsampled, Vec<OutBytes>)> {
    let &Downsample { dtype, size_xyz: size, channels, factor_xyz: factor, method, threads } = header;
    let bytes = bytes_of(&[size[0], size[1], size[2], channels], dtype);
    if bytes != Some(voxels.len()) || voxels.is_empty() {
        let have = voxels.len();
        return Err(KernelError::invalid_input(format!(
            "A volume of {size:?} {dtype:?} voxels and {channels} channels came with {have} bytes."
        )));
    }
    if factor.iter().any(|f| !(1..=MOST).contains(f)) {
        return Err(KernelError::invalid_input(format!(
            "Volumes are made coarser by 1 to {MOST} an axis, not {factor:?}."
        )));
    }
    let coarse = [0, 1, 2].map(|axis: usize| size[axis].div_ceil(factor[axis]));
    let grid = Grid { size, coarse, factor, channels, threads: threads.clamp(1, MOST_THREADS) };
    let out = match method {
        Method::Mean => with_type!(dtype, T => rows::<T>(&grid, voxels, cancel, fold_row::<Mean<T>>)),
        Method::Min => with_type!(dtype, T => rows::<T>(&grid, voxels, cancel, fold_row::<Min<T>>)),
        Method::Max => with_type!(dtype, T => rows::<T>(&grid, voxels, cancel, fold_row::<Max<T>>)),
        Method::Mode => match dtype.bytes() {
            1 => rows::<u8>(&grid, voxels, cancel, mode::mode_row::<u8>),
            2 => rows::<u16>(&grid, voxels, cancel, mode::mode_row::<u16>),
            4 => rows::<u32>(&grid, voxels, cancel, mode::mode_row::<u32>),
            _ => rows::<u64>(&grid, voxels, cancel, mode::mode_row::<u64>),
        },
    }?;
    Ok((Downsampled { size_xyz: coarse }, vec![out]))
}

struct Grid {
    size: [usize; 3],
    coarse: [usize; 3],
    factor: [usize; 3],
    channels: usize,
    threads: usize,
}

/// Fine rows and how many of their voxels make a coarse one -> a coarse row.
type Row = fn(&[&[u8]], usize, &mut [u8]);

/// Makes every coarse row from the fine rows (1 to 16; z, then y) that it is made of.
fn rows<T: Element>(grid: &Grid, voxels: &[u8], cancel: Cancel<'_>, row: Row) -> Result<OutBytes> {
    let Grid { size, coarse, factor, channels, threads } = *grid;
    let mut out = output_to_fill(coarse.iter().product::<usize>() * channels * T::BYTES);
    let fine_plane = size[0] * size[1] * T::BYTES;
    let channels = voxels.chunks_exact(fine_plane * size[2]);
    let slabs = channels.flat_map(|channel| channel.chunks(fine_plane * factor[2]));
    let mut pairs: Vec<_> = slabs.zip(out.chunks_exact_mut(coarse[0] * coarse[1] * T::BYTES)).collect();
    let share = pairs.len().div_ceil(threads).max(1);
    let mut shares = pairs.chunks_mut(share);
    let work = |pairs: &mut [(&[u8], &mut [u8])]| -> Result<()> {
        pairs.iter_mut().try_for_each(|(fine, coarse)| plane::<T>(grid, fine, coarse, cancel, row))
    };
    if threads == 1 {
        shares.try_for_each(work)?;
    } else {
        thread::scope(|scope| {
            let running: Vec<_> = shares.map(|share| scope.spawn(|| work(share))).collect();
            let joined =
                |one: thread::ScopedJoinHandle<'_, Result<()>>| one.join().unwrap_or_else(|_| Err(lost_thread()));
            running.into_iter().try_for_each(joined)
        })?;
    }
    Ok(out)
}

fn lost_thread() -> KernelError {
    KernelError::internal("a thread that makes volumes coarser")
}

/// One coarse plane of one channel.
fn plane<T: Element>(grid: &Grid, planes: &[u8], coarse: &mut [u8], cancel: Cancel<'_>, row: Row) -> Result<()> {
    let Grid { size, factor, .. } = *grid;
    let width = size[0] * T::BYTES;
    let coarse_rows = coarse.chunks_exact_mut(grid.coarse[0] * T::BYTES);
    for (y, coarse) in (0..size[1]).step_by(factor[1]).zip(coarse_rows) {
        cancel.poll()?;
        let mut fine = [&[][..]; MOST * MOST];
        let mut count = 0;
        for plane in planes.chunks_exact(width * size[1]) {
            touch_ahead(plane.get((y + factor[1]) * width..).unwrap_or(&[]), width * factor[1]);
            for one in plane[y * width..size[1].min(y + factor[1]) * width].chunks_exact(width) {
                fine[count] = one;
                count += 1;
            }
        }
        row(&fine[..count], factor[0], coarse);
    }
    Ok(())
}

/// Has the processor fetch what comes next while it works: it does not guess from row to row by itself.
fn touch_ahead(next: &[u8], bytes: usize) {
    for line in next[..bytes.min(MOST_AHEAD).min(next.len())].chunks(LINE) {
        std::hint::black_box(line[0]);
    }
}

#[cfg(test)]
mod tests;
