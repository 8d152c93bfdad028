//! Cubic interpolation between pixels (Keys 1981).

use super::patch::Patch;
use kernels::wide::with_wide_vectors;

/// Weights on pixels -1, 0, 1, 2 at `t` (0 to 1), and their derivatives.
pub fn cubic(t: f32) -> ([f32; 4], [f32; 4]) {
    let (t2, t3) = (t * t, t * t * t);
    let weights =
        [-0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1.0, -1.5 * t3 + 2.0 * t2 + 0.5 * t, 0.5 * t3 - 0.5 * t2];
    let slopes = [-1.5 * t2 + 2.0 * t - 0.5, 4.5 * t2 - 5.0 * t, -4.5 * t2 + 4.0 * t + 0.5, 1.5 * t2 - t];
    (weights, slopes)
}

with_wide_vectors! {
    /// Interpolates four rows along y: levels and their slopes.
    pub fn mix(level: &mut [f32], slope: &mut [f32], rows: [&[f32]; 4], weights: [f32; 4], slopes: [f32; 4]) {
        let n = level.len();
        let [p, q, r, s] = rows.map(|row| &row[..n]);
        let slope = &mut slope[..n];
        for x in 0..n {
            level[x] = weights[0] * p[x] + weights[1] * q[x] + weights[2] * r[x] + weights[3] * s[x];
            slope[x] = slopes[0] * p[x] + slopes[1] * q[x] + slopes[2] * r[x] + slopes[3] * s[x];
        }
    }
}

with_wide_vectors! {
    /// Interpolates along x: `from` has three more pixels than `out`.
    pub fn interpolate_row(out: &mut [f32], from: &[f32], weights: [f32; 4]) {
        for (o, p) in out.iter_mut().zip(from.windows(4)) {
            *o = weights[0] * p[0] + weights[1] * p[1] + weights[2] * p[2] + weights[3] * p[3];
        }
    }
}

/// Pixels of a patch that have only valid ones around them: 1 where that is so.
pub struct Usable(Option<Vec<f32>>);

impl Usable {
    /// `reach` is how far before and after a pixel others must be valid, along x and y.
    pub fn of(patch: &Patch, [before, after]: [usize; 2]) -> Self {
        if !patch.masked {
            return Self(None);
        }
        let (w, h) = (patch.width, patch.height);
        let least = |count: usize, at: usize, pick: &dyn Fn(usize) -> f32| {
            (at.saturating_sub(before)..(at + after + 1).min(count)).map(pick).fold(1.0, f32::min)
        };
        let rows: Vec<f32> = (0..w * h).map(|i| least(w, i % w, &|x| patch.mask[i / w * w + x])).collect();
        Self(Some((0..w * h).map(|i| least(h, i / w, &|y| rows[y * w + i % w])).collect()))
    }

    /// A row of it.
    pub fn row<'a>(&'a self, patch: &'a Patch, span: std::ops::Range<usize>) -> &'a [f32] {
        self.0.as_ref().map_or(&patch.mask[span.clone()], |usable| &usable[span])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_to_one_and_give_parabolas_back() {
        for i in 0..=10 {
            let t = i as f32 / 10.0;
            let (weights, slopes) = cubic(t);
            let f = |x: f32| 3.0 * x * x - 2.0 * x + 5.0;
            let at = |w: [f32; 4]| (0..4).map(|k| w[k] * f(k as f32 - 1.0)).sum::<f32>();
            assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert!((at(weights) - f(t)).abs() < 1e-5 && (at(slopes) - (6.0 * t - 2.0)).abs() < 1e-5);
        }
    }
}
