//! Volumes at a resolution: smoothed by Gaussians, thinned out along each axis, asked for at any place.

use super::Vec3;
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result, Tag};
use kernels::level_range::level_range;

/// A volume as it was given.
pub struct Source {
    /// What errors call it.
    pub name: &'static str,
    pub size: [usize; 3],
    /// µm.
    pub spacing: Vec3,
    pub level: Vec<f32>,
    /// 0 to 1: how far a voxel counts.
    pub weight: Option<Vec<f32>>,
    /// One section, repeated along z.
    pub flat: bool,
}

/// A volume at one resolution, in the µm of the source.
pub struct Level {
    pub size: [usize; 3],
    pub spacing: Vec3,
    /// The centre of voxel 0.
    pub origin: Vec3,
    pub level: Vec<f32>,
    pub weight: Option<Vec<f32>>,
    /// Between which levels lie all but one in a thousand voxels at either end.
    pub range: [f32; 2],
    /// One section, repeated along z.
    pub flat: bool,
}

/// Level and weight at a place, with their slopes per µm.
#[derive(Debug, Clone, Copy, Default)]
pub struct Here {
    pub level: f64,
    pub slope: Vec3,
    pub weight: f64,
    pub weight_slope: Vec3,
}

impl Source {
    /// The volume at about `resolution` µm. Axes that are coarser already keep their voxels, and are blurred no further:
    /// between thick slices that are blurred once more, an affine map comes out squeezed.
    pub fn at(&self, resolution: f64, cancel: Cancel<'_>) -> Result<Level> {
        let thin = |k: usize| ((resolution / self.spacing[k]).round() as usize).clamp(1, self.size[k] / 4);
        let by: [usize; 3] = std::array::from_fn(thin);
        let sigma = std::array::from_fn(|k| 0.5 * (by[k] as f64).min(resolution / self.spacing[k]));
        let (level, weight, size) = self.averaged(by, sigma, cancel)?;
        let Some(range) = level_range(&level, weight.as_deref()) else {
            let message = format!("The {} volume has no voxels that count.", self.name);
            let hint = "Check that its mask is not empty, and that its levels are numbers.";
            return Err(KernelError::new(Tag::BadSource, message, hint).with("volume", self.name));
        };
        if range[0] >= range[1] {
            let hint = "Check that the right channel and mask were chosen.";
            return Err(KernelError::new(Tag::BadSource, format!("The {} volume is blank.", self.name), hint)
                .with("volume", self.name));
        }
        let spacing = std::array::from_fn(|k| self.spacing[k] * by[k] as f64);
        let origin = std::array::from_fn(|k| self.spacing[k] * (by[k] - 1) as f64 / 2.0);
        Ok(Level { size, spacing, origin, level, weight, range, flat: self.flat })
    }

    /// Levels and weights of `by` voxels each. Only voxels that count make up a level.
    fn averaged(&self, by: [usize; 3], sigma: Vec3, cancel: Cancel<'_>) -> Result<Averaged> {
        let Some(weight) = &self.weight else {
            let (level, size) = thinned(self.level.clone(), self.size, by, sigma, cancel)?;
            return Ok((level, None, size));
        };
        let counted = self.level.iter().zip(weight).map(|(level, w)| level * w).collect();
        let (mut level, size) = thinned(counted, self.size, by, sigma, cancel)?;
        let (weight, _) = thinned(weight.clone(), self.size, by, sigma, cancel)?;
        level.iter_mut().zip(&weight).filter(|(_, w)| **w > 0.0).for_each(|(level, w)| *level /= w);
        extend(&mut level, &weight, size, cancel)?;
        Ok((level, Some(weight), size))
    }

    /// µm along each axis, from the first centre to the last.
    pub fn extent(&self) -> Vec3 {
        std::array::from_fn(|k| self.spacing[k] * (self.size[k] - 1) as f64)
    }
}

type Averaged = (Vec<f32>, Option<Vec<f32>>, [usize; 3]);

/// Voxels that do not count take the mean of those around them that do, so that places between voxels see no others.
fn extend(level: &mut [f32], weight: &[f32], [w, h, d]: [usize; 3], cancel: Cancel<'_>) -> Result<()> {
    let around = |i: usize, n: usize| i.saturating_sub(1)..(i + 2).min(n);
    for i in 0..level.len() {
        if i % 4096 == 0 {
            cancel.poll()?;
        }
        if weight[i] > 0.0 {
            continue;
        }
        let (mut sum, mut count) = (0.0, 0.0);
        for z in around(i / (w * h), d) {
            for y in around(i / w % h, h) {
                for j in around(i % w, w).map(|x| (z * h + y) * w + x).filter(|j| weight[*j] > 0.0) {
                    (sum, count) = (sum + level[j], count + 1.0);
                }
            }
        }
        if count > 0.0 {
            level[i] = sum / count;
        }
    }
    Ok(())
}

fn thinned(
    mut data: Vec<f32>,
    mut size: [usize; 3],
    by: [usize; 3],
    sigma: Vec3,
    cancel: Cancel<'_>,
) -> Result<(Vec<f32>, [usize; 3])> {
    for axis in 0..3 {
        let outer: usize = size[axis + 1..].iter().product();
        let inner: usize = size[..axis].iter().product();
        let (n, m) = (size[axis], size[axis] / by[axis]);
        let taps = taps([n, m], by[axis], sigma[axis]);
        let mut to = vec![0.0f32; outer * m * inner];
        for o in 0..outer {
            for (i, (first, weights)) in taps.iter().enumerate() {
                cancel.poll()?;
                let row = &mut to[(o * m + i) * inner..][..inner];
                for (k, w) in weights.iter().enumerate() {
                    let source = &data[(o * n + first + k) * inner..][..inner];
                    row.iter_mut().zip(source).for_each(|(t, s)| *t += w * s);
                }
            }
        }
        (data, size[axis]) = (to, m);
    }
    Ok((data, size))
}

/// For each of `m` voxels that stand for `by` each: the first of the voxels it is made of, and their weights (a bell of
/// `sigma` voxels).
fn taps([n, m]: [usize; 2], by: usize, sigma: f64) -> Vec<(usize, Vec<f32>)> {
    let tap = |i: usize| {
        let centre = (i * by) as f64 + (by - 1) as f64 / 2.0;
        let first = (centre - 2.5 * sigma).ceil().max(0.0) as usize;
        let last = ((centre + 2.5 * sigma).floor() as usize).min(n - 1);
        let bells: Vec<f64> = (first..=last).map(|k| (-0.5 * ((k as f64 - centre) / sigma).powi(2)).exp()).collect();
        let sum: f64 = bells.iter().sum();
        (first, bells.iter().map(|b| (b / sum) as f32).collect())
    };
    (0..m).map(tap).collect()
}

impl Level {
    /// The level at a place of µm, linear between voxels. Within a voxel beyond the border the weight falls to 0.
    pub fn here(&self, at: Vec3) -> Here {
        let (mut base, mut part, mut ramp, mut ramp_slope) = ([0usize; 3], [0.0; 3], [1.0; 3], [0.0; 3]);
        for k in 0..3 {
            let (c, last) = ((at[k] - self.origin[k]) / self.spacing[k], (self.size[k] - 1) as f64);
            if c <= -1.0 || c >= last + 1.0 || c.is_nan() {
                return Here::default();
            }
            if c < 0.0 {
                (ramp[k], ramp_slope[k]) = (1.0 + c, 1.0 / self.spacing[k]);
            } else if c > last {
                (ramp[k], ramp_slope[k]) = (1.0 + last - c, -1.0 / self.spacing[k]);
            }
            let inside = c.clamp(0.0, last);
            base[k] = (inside as usize).min(self.size[k] - 2);
            part[k] = inside - base[k] as f64;
        }
        let free = std::array::from_fn(|k| if ramp_slope[k] == 0.0 { 1.0 / self.spacing[k] } else { 0.0 });
        let (level, slope) = self.linear(&self.level, base, part, free);
        let (mask, mask_slope) = self.weight.as_ref().map_or((1.0, [0.0; 3]), |w| self.linear(w, base, part, free));
        let weight = ramp[0] * ramp[1] * ramp[2];
        let others = [ramp[1] * ramp[2], ramp[0] * ramp[2], ramp[0] * ramp[1]];
        let weight_slope = std::array::from_fn(|k| weight * mask_slope[k] + others[k] * ramp_slope[k] * mask);
        Here { level, slope, weight: weight * mask, weight_slope }
    }

    #[inline(always)]
    fn linear(&self, data: &[f32], [x, y, z]: [usize; 3], [u, v, w]: Vec3, free: Vec3) -> (f64, Vec3) {
        let (row, plane) = (self.size[0], self.size[0] * self.size[1]);
        let first = z * plane + y * row + x;
        let pair = |i: usize| (f64::from(data[i]), f64::from(data[i + 1]));
        let (a, b) = (pair(first), pair(first + row));
        let (c, d) = (pair(first + plane), pair(first + plane + row));
        let mix = |p: f64, q: f64, t: f64| p + t * (q - p);
        let along = |p: (f64, f64)| mix(p.0, p.1, u);
        let (near, far) = (mix(along(a), along(b), v), mix(along(c), along(d), v));
        let dx = mix(mix(a.1 - a.0, b.1 - b.0, v), mix(c.1 - c.0, d.1 - d.0, v), w);
        let dy = mix(along(b) - along(a), along(d) - along(c), w);
        (mix(near, far, w), [dx * free[0], dy * free[1], (far - near) * free[2]])
    }
}
