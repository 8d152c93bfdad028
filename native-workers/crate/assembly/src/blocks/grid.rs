//! Boxes of voxels as single-precision levels.

use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use kernels::voxel::{VoxelType, bytes_of};

/// A box larger than this is no slab of an overlap.
const MOST_VOXELS: usize = 1 << 28;

/// Voxels of a box, x fastest, then y, then z.
pub struct Grid {
    pub size: [usize; 3],
    pub level: Vec<f32>,
}

impl Grid {
    /// Reads voxels of 8 or 16 bit, or single precision; what is not finite counts as 0.
    pub fn read(size: [usize; 3], dtype: VoxelType, bytes: &[u8], cancel: Cancel<'_>) -> Result<Self> {
        if size.contains(&0)
            || size.iter().product::<usize>() > MOST_VOXELS
            || bytes_of(&size, dtype) != Some(bytes.len())
        {
            return Err(KernelError::invalid_input(format!(
                "A box of {size:?} {dtype:?} voxels has {} bytes.",
                bytes.len()
            )));
        }
        let mut level = Vec::with_capacity(size.iter().product());
        for rows in bytes.chunks(size[0] * size[1] * dtype.bytes()) {
            cancel.poll()?;
            match dtype {
                VoxelType::Uint8 => level.extend(rows.iter().map(|&v| f32::from(v))),
                VoxelType::Uint16 => level.extend(pairs(rows).map(|v| f32::from(u16::from_le_bytes(v)))),
                VoxelType::Int16 => level.extend(pairs(rows).map(|v| f32::from(i16::from_le_bytes(v)))),
                VoxelType::Float32 => {
                    level.extend(rows.as_chunks::<4>().0.iter().map(|v| finite(f32::from_le_bytes(*v))))
                }
                _ => return Err(KernelError::invalid_input(format!("Blocks of {dtype:?} are not matched."))),
            }
        }
        Ok(Self { size, level })
    }

    /// Where a row begins.
    #[inline(always)]
    pub fn row(&self, y: usize, z: usize) -> usize {
        (z * self.size[1] + y) * self.size[0]
    }

    /// Blurs with 1/4, 1/2, 1/4 along each axis, borders repeated: less noise, and a linear interpolation that hardly
    /// draws towards whole voxels.
    pub fn blurred(mut self, cancel: Cancel<'_>) -> Result<Self> {
        let [w, h, d] = self.size;
        let mut line = vec![0.0f32; w];
        for row in self.level.chunks_exact_mut(w) {
            line.copy_from_slice(row);
            for x in 0..w {
                row[x] = 0.25 * (line[x.saturating_sub(1)] + line[(x + 1).min(w - 1)]) + 0.5 * line[x];
            }
        }
        for plane in self.level.chunks_exact_mut(w * h) {
            cancel.poll()?;
            blur_across(plane, w, h, cancel)?;
        }
        cancel.poll()?;
        blur_across(&mut self.level, w * h, d, cancel)?;
        Ok(self)
    }
}

#[inline(always)]
fn pairs(rows: &[u8]) -> impl Iterator<Item = [u8; 2]> {
    rows.as_chunks::<2>().0.iter().copied()
}

fn finite(v: f32) -> f32 {
    if v.is_finite() { v } else { 0.0 }
}

/// Blurs across rows of `stride` values that follow each other.
fn blur_across(level: &mut [f32], stride: usize, count: usize, cancel: Cancel<'_>) -> Result<()> {
    let mut before = level[..stride].to_vec();
    for i in 0..count {
        cancel.poll()?;
        let (head, next) = level.split_at_mut((i + 1) * stride);
        let here = &mut head[i * stride..];
        let after = if i + 1 < count { Some(&next[..stride]) } else { None };
        for x in 0..stride {
            let (low, mid) = (before[x], here[x]);
            let high = after.map_or(mid, |a| a[x]);
            before[x] = mid;
            here[x] = 0.25 * (low + high) + 0.5 * mid;
        }
    }
    Ok(())
}
