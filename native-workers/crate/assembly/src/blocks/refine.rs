//! The agreement of two boxes in three dimensions, and the sub-voxel shift at which it is best: least squares with gain
//! and offset free (Lucas and Kanade 1981), over a sample of voxels, outliers weighed down.

use super::Vec3;
use super::grid::Grid;
use kernels::cancel::Cancel;
use kernels::error::Result;

/// Voxels that are compared, about.
const SAMPLE: usize = 150_000;
const ROUGH_SAMPLE: usize = 40_000;
const MOST_STEPS: usize = 25;
const SMALL_STEP: f64 = 2e-4;
/// A refinement that walks farther than this, voxels, has lost its way.
const MOST_WALK: f64 = 2.5;
/// Residuals beyond so many SDs count less.
const HUBER: f64 = 2.5;
/// Blurred voxels so near each other say nearly the same.
const VOXELS_PER_SAMPLE: f64 = 8.0;
/// g, o, x, y, z.
const UNKNOWNS: usize = 5;

/// A sub-voxel shift.
#[derive(Debug, Clone, Copy)]
pub struct Refined {
    pub shift: Vec3,
    pub ncc: f64,
    /// One-sigma error along each axis, voxels.
    pub sigma: Vec3,
}

/// Where in `a` points are taken: every so many voxels within what `b` covers, a voxel from its faces.
struct Sample {
    from: [usize; 3],
    to: [usize; 3],
    step: [usize; 3],
}

impl Sample {
    fn of(a: &Grid, b: &Grid, shift: Vec3, most: usize) -> Option<Self> {
        let (mut from, mut to) = ([0; 3], [0; 3]);
        for k in 0..3 {
            let low = (1.0 - shift[k]).ceil().max(0.0);
            let high = (b.size[k] as f64 - 2.0 - shift[k]).floor().min(a.size[k] as f64 - 1.0);
            if high < low {
                return None;
            }
            (from[k], to[k]) = (low as usize, high as usize + 1);
        }
        let sides: [usize; 3] = std::array::from_fn(|k| to[k] - from[k]);
        let mut step = [1; 3];
        let count = |step: &[usize; 3]| (0..3).map(|k| sides[k].div_ceil(step[k])).product::<usize>();
        while count(&step) > most {
            let widest = (0..3).max_by_key(|&k| (sides[k] / step[k], 2 - k)).unwrap_or(0);
            step[widest] += 1;
        }
        Some(Self { from, to, step })
    }

    /// Calls with the index of each point in `a` and its place.
    fn each(&self, a: &Grid, cancel: Cancel<'_>, mut f: impl FnMut(usize, [usize; 3])) -> Result<()> {
        for z in (self.from[2]..self.to[2]).step_by(self.step[2]) {
            cancel.poll()?;
            for y in (self.from[1]..self.to[1]).step_by(self.step[1]) {
                let row = a.row(y, z);
                (self.from[0]..self.to[0]).step_by(self.step[0]).for_each(|x| f(row + x, [x, y, z]));
            }
        }
        Ok(())
    }
}

/// NCC over a sample of the true overlap at a whole shift; none where nothing overlaps or there is no texture.
pub fn agreement(a: &Grid, b: &Grid, shift: [i64; 3], cancel: Cancel<'_>) -> Result<Option<f64>> {
    let Some(sample) = Sample::of(a, b, shift.map(|s| s as f64), ROUGH_SAMPLE) else { return Ok(None) };
    let mut moments = Moments::default();
    sample.each(a, cancel, |i, [x, y, z]| {
        let at = |p: usize, k: usize| (p as i64 + shift[k]) as usize;
        moments.add(f64::from(a.level[i]), f64::from(b.level[b.row(at(y, 1), at(z, 2)) + at(x, 0)]));
    })?;
    Ok(moments.ncc())
}

#[derive(Default)]
struct Moments {
    first: Option<[f64; 2]>,
    sums: [f64; 6],
}

impl Moments {
    fn add(&mut self, p: f64, q: f64) {
        // About the first value: the same for all offsets.
        let [p0, q0] = *self.first.get_or_insert([p, q]);
        let (p, q) = (p - p0, q - q0);
        self.sums.iter_mut().zip([1.0, p, q, p * p, q * q, p * q]).for_each(|(s, v)| *s += v);
    }

    fn ncc(&self) -> Option<f64> {
        let [n, sp, sq, spp, sqq, spq] = self.sums;
        let (vp, vq) = (spp - sp * sp / n, sqq - sq * sq / n);
        (n >= 64.0 && vp > 1e-6 * n && vq > 1e-6 * n).then(|| ((spq - sp * sq / n) / (vp * vq).sqrt()).clamp(-1.0, 1.0))
    }
}

/// Walks from `start` to where the boxes agree best; none where it does not settle near by.
pub fn refine(a: &Grid, b: &Grid, start: Vec3, cancel: Cancel<'_>) -> Result<Option<Refined>> {
    let mut shift = start;
    let mut scale = f64::INFINITY;
    for _ in 0..MOST_STEPS {
        let Some(sample) = Sample::of(a, b, shift, SAMPLE) else { return Ok(None) };
        let normal = Normal::of(a, b, &sample, shift, scale, cancel)?;
        let Some(solved) = normal.solve() else { return Ok(None) };
        let walked: Vec3 = std::array::from_fn(|k| (shift[k] + solved.step[k].clamp(-1.0, 1.0)) - start[k]);
        if walked.iter().any(|w| !w.is_finite() || w.abs() > MOST_WALK) {
            return Ok(None);
        }
        shift = std::array::from_fn(|k| start[k] + walked[k]);
        scale = solved.scale;
        if solved.step.iter().all(|s| s.abs() < SMALL_STEP) {
            return Ok(solved.ncc.map(|ncc| Refined { shift, ncc, sigma: solved.sigma }));
        }
    }
    Ok(None)
}

/// Normal equations of `gain * a + offset = b(p + shift)`.
struct Normal {
    matrix: [[f64; UNKNOWNS]; UNKNOWNS],
    right: [f64; UNKNOWNS],
    squares: f64,
    weights: f64,
    moments: Moments,
}

struct Solved {
    step: Vec3,
    sigma: Vec3,
    scale: f64,
    ncc: Option<f64>,
}

impl Normal {
    fn of(a: &Grid, b: &Grid, sample: &Sample, shift: Vec3, scale: f64, cancel: Cancel<'_>) -> Result<Self> {
        let whole = shift.map(|s| s.floor() as i64);
        let share: [f32; 3] = std::array::from_fn(|k| (shift[k] - whole[k] as f64) as f32);
        let mut normal = Self {
            matrix: [[0.0; UNKNOWNS]; UNKNOWNS],
            right: [0.0; UNKNOWNS],
            squares: 0.0,
            weights: 0.0,
            moments: Moments::default(),
        };
        let mut fit: Option<[f64; 2]> = None;
        if scale.is_finite() {
            // Residuals for the weights are those of the straight line through all.
            let mut all = Moments::default();
            sample.each(a, cancel, |i, p| all.add(f64::from(a.level[i]), f64::from(taste(b, p, whole, share)[0])))?;
            fit = all.line();
        }
        sample.each(a, cancel, |i, p| {
            let [value, gx, gy, gz] = taste(b, p, whole, share).map(f64::from);
            let level = f64::from(a.level[i]);
            let weight = fit.map_or(1.0, |[gain, offset]| {
                let residual = (gain * level + offset - value).abs();
                if residual <= HUBER * scale { 1.0 } else { HUBER * scale / residual }
            });
            normal.add([level, 1.0, -gx, -gy, -gz], value, weight);
            normal.moments.add(level, value);
        })?;
        Ok(normal)
    }

    fn add(&mut self, row: [f64; UNKNOWNS], value: f64, weight: f64) {
        for i in 0..UNKNOWNS {
            let scaled = row[i] * weight;
            self.matrix[i].iter_mut().zip(row).skip(i).for_each(|(m, r)| *m += scaled * r);
            self.right[i] += scaled * value;
        }
        self.squares += weight * value * value;
        self.weights += weight;
    }

    fn solve(mut self) -> Option<Solved> {
        for i in 0..UNKNOWNS {
            for j in 0..i {
                self.matrix[i][j] = self.matrix[j][i];
            }
        }
        let inverse = inverted(self.matrix)?;
        let found: [f64; UNKNOWNS] =
            std::array::from_fn(|i| (0..UNKNOWNS).map(|j| inverse[i][j] * self.right[j]).sum());
        let explained: f64 = (0..UNKNOWNS).map(|i| found[i] * self.right[i]).sum();
        let variance = ((self.squares - explained) / self.weights).max(0.0);
        let step: Vec3 = std::array::from_fn(|k| found[2 + k]);
        let sigma = std::array::from_fn(|k| (variance * VOXELS_PER_SAMPLE * inverse[2 + k][2 + k]).max(0.0).sqrt());
        Some(Solved { step, sigma, scale: variance.sqrt().max(1e-9), ncc: self.moments.ncc() })
    }
}

impl Moments {
    /// Gain and offset that take the first values to the second.
    fn line(&self) -> Option<[f64; 2]> {
        let [n, sp, sq, spp, _, spq] = self.sums;
        let [p0, q0] = self.first?;
        let variance = spp - sp * sp / n;
        (variance > 0.0).then(|| {
            let gain = (spq - sp * sq / n) / variance;
            [gain, q0 + sq / n - gain * (p0 + sp / n)]
        })
    }
}

/// The value of `b` at a place and its slope along each axis, both trilinear.
#[inline(always)]
fn taste(b: &Grid, p: [usize; 3], whole: [i64; 3], share: [f32; 3]) -> [f32; 4] {
    let at: [usize; 3] = std::array::from_fn(|k| (p[k] as i64 + whole[k]) as usize);
    let corner = b.row(at[1], at[2]) + at[0];
    let (down, deep) = (b.size[0], b.size[0] * b.size[1]);
    let v = |x: usize, y: usize, z: usize| b.level[corner + x + y * down + z * deep];
    let [fx, fy, fz] = share;
    let mix = |p: f32, q: f32, f: f32| p + (q - p) * f;
    // Along x first: values and slopes of the four edges.
    let edges =
        [[v(0, 0, 0), v(1, 0, 0)], [v(0, 1, 0), v(1, 1, 0)], [v(0, 0, 1), v(1, 0, 1)], [v(0, 1, 1), v(1, 1, 1)]];
    let along = edges.map(|[p, q]| mix(p, q, fx));
    let slopes = edges.map(|[p, q]| q - p);
    let gx = mix(mix(slopes[0], slopes[1], fy), mix(slopes[2], slopes[3], fy), fz);
    let gy = mix(along[1] - along[0], along[3] - along[2], fz);
    let near = mix(along[0], along[1], fy);
    let far = mix(along[2], along[3], fy);
    [mix(near, far, fz), gx, gy, far - near]
}

/// Gauss-Jordan with pivots on the diagonal of a scaled matrix; none where it is singular.
fn inverted(matrix: [[f64; UNKNOWNS]; UNKNOWNS]) -> Option<[[f64; UNKNOWNS]; UNKNOWNS]> {
    let scale: [f64; UNKNOWNS] = std::array::from_fn(|i| matrix[i][i].sqrt());
    if scale.iter().any(|&s| !s.is_finite() || s <= 0.0) {
        return None;
    }
    let mut left = matrix;
    let mut right = [[0.0; UNKNOWNS]; UNKNOWNS];
    for i in 0..UNKNOWNS {
        right[i][i] = 1.0;
        for j in 0..UNKNOWNS {
            left[i][j] /= scale[i] * scale[j];
        }
    }
    for pivot in 0..UNKNOWNS {
        let by = left[pivot][pivot];
        if by.abs() < 1e-10 {
            return None;
        }
        for j in 0..UNKNOWNS {
            left[pivot][j] /= by;
            right[pivot][j] /= by;
        }
        for i in (0..UNKNOWNS).filter(|&i| i != pivot) {
            let by = left[i][pivot];
            for j in 0..UNKNOWNS {
                left[i][j] -= by * left[pivot][j];
                right[i][j] -= by * right[pivot][j];
            }
        }
    }
    for i in 0..UNKNOWNS {
        for j in 0..UNKNOWNS {
            right[i][j] /= scale[i] * scale[j];
        }
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::test_texture::texture;
    use kernels::cancel::never;

    #[test]
    fn finds_a_sub_voxel_shift_under_gain_offset_and_noise() {
        for (shift, noise) in [([0.3, -0.45, 0.5], 0.0), ([1.25, 0.75, -0.6], 8.0)] {
            let a = texture([0.0, 0.0, 0.0], [60, 50, 40], 1, noise);
            let mut b = texture(shift.map(|s: f64| -s), [60, 50, 40], 2, noise);
            b.level.iter_mut().for_each(|v| *v = *v * 1.3 + 200.0);
            let (a, b) = (a.blurred(never()).unwrap(), b.blurred(never()).unwrap());
            let found = refine(&a, &b, shift.map(f64::round), never()).unwrap().unwrap();
            for k in 0..3 {
                assert!((found.shift[k] - shift[k]).abs() < 0.06, "{:?} {shift:?} {noise}", found.shift);
            }
            assert!(found.ncc > 0.9 && found.sigma.iter().all(|&s| s < 0.1), "{found:?}");
        }
    }

    #[test]
    fn agreement_is_high_at_the_true_shift_alone() {
        let a = texture([0.0; 3], [40, 40, 40], 1, 4.0);
        let b = texture([5.0, -3.0, 2.0], [40, 40, 40], 2, 4.0);
        let at = |s| agreement(&a, &b, s, never()).unwrap().unwrap();
        assert!(at([-5, 3, -2]) > 0.9 && at([5, -3, 2]) < 0.5, "{} {}", at([-5, 3, -2]), at([5, -3, 2]));
        assert!(agreement(&a, &b, [60, 0, 0], never()).unwrap().is_none());
    }
}
