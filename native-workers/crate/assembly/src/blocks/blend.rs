//! The task `blend-blocks`: a box of the fused volume from the blocks that reach into it, each moved by a part of a voxel
//! and weighed by how far a voxel lies from the faces of its block.

use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use kernels::output::{OutBytes, output};
use kernels::voxel::{VoxelType, bytes_of};
use serde::{Deserialize, Serialize};

/// A box that is blended at once.
const MOST_VOXELS: usize = 1 << 28;

/// Header of `blend-blocks`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlendBlocks {
    dtype: VoxelType,
    size: [usize; 3],
    blend: Blend,
    interpolation: Interpolation,
    blocks: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Blend {
    /// Straight ramps over the overlap.
    Feather,
    /// Squared sines over the overlap, as TeraStitcher's SINBLEND.
    Sine,
    /// The block whose faces are farthest away.
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Interpolation {
    Linear,
    Nearest,
}

/// A box of a block, and where it lies in the output.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    /// Of the input.
    size: [usize; 3],
    /// Voxel of the output, in parts, on which the input's voxel 0 lies.
    at: [f64; 3],
    /// Of the input's voxel 0, in its block.
    min: [usize; 3],
    /// Of the whole block.
    block: [usize; 3],
    /// Voxels from a face over which its weight rises to all.
    ramp: [f64; 3],
}

/// Result of `blend-blocks`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Blended {
    covered: usize,
}

/// Voxels that no block covers are 0.
pub fn blend_blocks(header: &BlendBlocks, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Blended, Vec<OutBytes>)> {
    header.check(inputs)?;
    match header.dtype {
        VoxelType::Uint8 => blend::<u8>(header, inputs, cancel),
        VoxelType::Uint16 => blend::<u16>(header, inputs, cancel),
        _ => Err(KernelError::invalid_input(format!("Blocks of {:?} are not blended.", header.dtype))),
    }
}

impl BlendBlocks {
    fn check(&self, inputs: &[&[u8]]) -> Result<()> {
        let bad = |what: String| Err(KernelError::invalid_input(what));
        if self.size.contains(&0) || self.size.iter().product::<usize>() > MOST_VOXELS {
            return bad(format!("A box of {:?} voxels is not blended at once.", self.size));
        }
        if inputs.len() != self.blocks.len() {
            return bad(format!("{} blocks have {} inputs.", self.blocks.len(), inputs.len()));
        }
        for (part, bytes) in self.blocks.iter().zip(inputs) {
            let inside = (0..3).all(|k| part.size[k] > 0 && part.min[k] + part.size[k] <= part.block[k]);
            let real = part.at.iter().chain(&part.ramp).all(|v| v.is_finite() && v.abs() < 1e9);
            if !inside || !real || bytes_of(&part.size, self.dtype) != Some(bytes.len()) {
                return bad(format!("A block of {:?} voxels at {:?} has {} bytes.", part.size, part.at, bytes.len()));
            }
        }
        Ok(())
    }
}

trait Voxel: Copy {
    const BYTES: usize;
    fn read(bytes: &[u8], index: usize) -> f32;
    fn write(value: f32, to: &mut [u8]);
}

impl Voxel for u8 {
    const BYTES: usize = 1;
    #[inline(always)]
    fn read(bytes: &[u8], index: usize) -> f32 {
        f32::from(bytes[index])
    }
    #[inline(always)]
    fn write(value: f32, to: &mut [u8]) {
        to[0] = (value + 0.5) as u8;
    }
}

impl Voxel for u16 {
    const BYTES: usize = 2;
    #[inline(always)]
    fn read(bytes: &[u8], index: usize) -> f32 {
        f32::from(u16::from_le_bytes([bytes[2 * index], bytes[2 * index + 1]]))
    }
    #[inline(always)]
    fn write(value: f32, to: &mut [u8]) {
        to.copy_from_slice(&((value + 0.5) as u16).to_le_bytes());
    }
}

/// How the output's voxels along one axis meet a block.
struct Along {
    /// First voxel of the output that the input covers.
    first: usize,
    /// For each: the input's voxel below, the share of the one above, and the weight.
    taps: Vec<(usize, usize, f32, f32)>,
}

impl Along {
    fn of(part: &Part, k: usize, size: usize, blend: Blend, interpolation: Interpolation) -> Self {
        let at = match interpolation {
            Interpolation::Linear => part.at[k],
            Interpolation::Nearest => part.at[k].round(),
        };
        let last = (part.size[k] - 1) as f64;
        let inside = |v: usize| (-0.5..last + 0.5).contains(&(v as f64 - at));
        // Half a voxel beyond the centres of the border voxels belongs to them, at the faces of the block alone.
        let open_low = part.min[k] == 0;
        let open_high = part.min[k] + part.size[k] == part.block[k];
        let counts = |v: usize| {
            let p = v as f64 - at;
            inside(v) && (open_low || p >= 0.0) && (open_high || p <= last)
        };
        let first = (0..size).find(|&v| counts(v)).unwrap_or(size);
        let taps = (first..size)
            .take_while(|&v| counts(v))
            .map(|v| {
                let p = (v as f64 - at).clamp(0.0, last);
                let low = p.floor() as usize;
                let share = (p - low as f64) as f32;
                let high = (low + 1).min(part.size[k] - 1);
                let in_block = p + part.min[k] as f64 + 0.5;
                let face = in_block.min(part.block[k] as f64 - in_block).max(0.25);
                (low, high, share, weight(face, part.ramp[k], blend))
            })
            .collect();
        Self { first, taps }
    }
}

fn weight(face: f64, ramp: f64, blend: Blend) -> f32 {
    let part = if ramp > 0.0 { (face / ramp).min(1.0) } else { 1.0 };
    match blend {
        Blend::Feather => part as f32,
        Blend::Sine => (std::f64::consts::FRAC_PI_2 * part).sin().powi(2).max(1e-6) as f32,
        // The nearest face decides between blocks, however wide the ramp.
        Blend::None => face as f32,
    }
}

fn blend<T: Voxel>(header: &BlendBlocks, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Blended, Vec<OutBytes>)> {
    let [w, h, d] = header.size;
    let mut out = output(w * h * d * T::BYTES);
    let along: Vec<[Along; 3]> = header
        .blocks
        .iter()
        .map(|part| std::array::from_fn(|k| Along::of(part, k, header.size[k], header.blend, header.interpolation)))
        .collect();
    let (mut sums, mut weights) = (vec![0.0f32; w * h], vec![0.0f32; w * h]);
    let mut covered = 0;
    for (z, out) in out.chunks_exact_mut(w * h * T::BYTES).enumerate() {
        cancel.poll()?;
        sums.fill(0.0);
        weights.fill(0.0);
        for ((part, along), bytes) in header.blocks.iter().zip(&along).zip(inputs) {
            if let Some(&tap) = z.checked_sub(along[2].first).and_then(|i| along[2].taps.get(i)) {
                let mut plane = PlaneSums { sums: &mut sums, weights: &mut weights, width: w, blend: header.blend };
                plane.add::<T>(part, along, tap, bytes, cancel)?;
            }
        }
        for ((sum, weight), out) in sums.iter().zip(&weights).zip(out.chunks_exact_mut(T::BYTES)) {
            if *weight > 0.0 {
                covered += 1;
                T::write(sum / weight, out);
            }
        }
    }
    Ok((Blended { covered }, vec![out]))
}

struct PlaneSums<'a> {
    sums: &'a mut [f32],
    weights: &'a mut [f32],
    width: usize,
    blend: Blend,
}

impl PlaneSums<'_> {
    fn add<T: Voxel>(
        &mut self,
        part: &Part,
        along: &[Along; 3],
        (z0, z1, fz, wz): (usize, usize, f32, f32),
        bytes: &[u8],
        cancel: Cancel<'_>,
    ) -> Result<()> {
        let [w, h, _] = part.size;
        for (i, &(y0, y1, fy, wy)) in along[1].taps.iter().enumerate() {
            if i % 64 == 0 {
                cancel.poll()?;
            }
            let rows = [(z0 * h + y0) * w, (z0 * h + y1) * w, (z1 * h + y0) * w, (z1 * h + y1) * w];
            let shares = [(1.0 - fy) * (1.0 - fz), fy * (1.0 - fz), (1.0 - fy) * fz, fy * fz];
            let start = (along[1].first + i) * self.width + along[0].first;
            for (j, &(x0, x1, fx, wx)) in along[0].taps.iter().enumerate() {
                let mut value = 0.0;
                for (row, share) in rows.iter().zip(shares) {
                    // A share of 0 is most of them where blocks lie at whole voxels.
                    if share > 0.0 {
                        let (low, high) = (T::read(bytes, row + x0), T::read(bytes, row + x1));
                        value += share * (low + (high - low) * fx);
                    }
                }
                self.take(start + j, value, wx * wy * wz);
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn take(&mut self, at: usize, value: f32, weight: f32) {
        if self.blend != Blend::None {
            self.sums[at] += value * weight;
            self.weights[at] += weight;
        } else if weight > self.weights[at] {
            self.sums[at] = value * weight;
            self.weights[at] = weight;
        }
    }
}

#[cfg(test)]
#[path = "blend_tests.rs"]
mod tests;
