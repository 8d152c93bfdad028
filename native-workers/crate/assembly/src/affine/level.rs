//! Volumes at a resolution: smoothed by Gaussians, thinned out along each axis, asked for at any place.

use super::Vec3;
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result, Tag};

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
    /// The volume at about `resolution` µm. Axes that are coarser already keep their voxels.
    pub fn at(&self, resolution: f64, cancel: Cancel<'_>) -> Result<Level> {
        let thin = |k: usize| ((resolution / self.spacing[k]).round() as usize).clamp(1, self.size[k] / 4);
        let by: [usize; 3] = std::array::from_fn(thin);
        let (level, size) = thinned(&self.level, self.size, by, cancel)?;
        let weight = self.weight.as_ref().map(|w| thinned(w, self.size, by, cancel)).transpose()?.map(|(w, _)| w);
        let range = range(&level, weight.as_deref());
        let Some(range) = range.filter(|[low, high]| high > low) else {
            let hint = "Check that the right channel and mask were chosen.";
            return Err(KernelError::new(Tag::BadSource, format!("The {} volume is blank.", self.name), hint)
                .with("volume", self.name));
        };
        let spacing = std::array::from_fn(|k| self.spacing[k] * by[k] as f64);
        let origin = std::array::from_fn(|k| self.spacing[k] * (by[k] - 1) as f64 / 2.0);
        Ok(Level { size, spacing, origin, level, weight, range })
    }

    /// µm along each axis, from the first centre to the last.
    pub fn extent(&self) -> Vec3 {
        std::array::from_fn(|k| self.spacing[k] * (self.size[k] - 1) as f64)
    }
}

fn thinned(from: &[f32], size: [usize; 3], by: [usize; 3], cancel: Cancel<'_>) -> Result<(Vec<f32>, [usize; 3])> {
    let (mut data, mut size) = (from.to_vec(), size);
    for axis in 0..3 {
        let outer: usize = size[axis + 1..].iter().product();
        let inner: usize = size[..axis].iter().product();
        let (n, m) = (size[axis], size[axis] / by[axis]);
        let taps = taps(n, m, by[axis]);
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

/// For each of `m` voxels that stand for `by` each: the first of the voxels it is made of, and their weights.
fn taps(n: usize, m: usize, by: usize) -> Vec<(usize, Vec<f32>)> {
    let sigma = 0.5 * by as f64;
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

fn range(level: &[f32], weight: Option<&[f32]>) -> Option<[f32; 2]> {
    let counts = |i: &usize| weight.is_none_or(|w| w[*i] > 0.5);
    let mut values: Vec<f32> = (0..level.len()).filter(counts).map(|i| level[i]).collect();
    if values.is_empty() {
        return None;
    }
    let (cut, last) = (values.len() / 1000, values.len() - 1);
    let mut nth = |i: usize| *values.select_nth_unstable_by(i, f32::total_cmp).1;
    let inner = [nth(cut), nth(last - cut)];
    // Where all but a few voxels are alike, those few are what there is to see.
    Some(if inner[1] > inner[0] { inner } else { [nth(0), nth(last)] })
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
