//! Squared differences, with a cubic from the levels seen to those of the fixed volume that fits them best.

use super::metric::{Compared, Value, sums};
use super::{piece, pieces};
use crate::threads::Crew;
use kernels::error::Result;
use serde::Deserialize;
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contrast {
    /// Levels are the same in both volumes.
    None,
    /// A polynomial of degree 3, fitted by least squares whenever volumes are compared.
    Cubic,
}

/// A cubic in t = (level - middle) / reach.
#[derive(Debug, Clone, Copy)]
pub struct Cubic {
    pub middle: f64,
    pub reach: f64,
    pub factors: [f64; 4],
}

impl Cubic {
    /// The value at a level, and its slope.
    #[inline(always)]
    pub fn at(&self, level: f32) -> (f64, f64) {
        let t = (f64::from(level) - self.middle) / self.reach;
        let [a, b, c, d] = self.factors;
        (a + t * (b + t * (c + t * d)), (b + t * (2.0 * c + t * 3.0 * d)) / self.reach)
    }

    fn same() -> Self {
        Self { middle: 0.0, reach: 1.0, factors: [0.0, 1.0, 0.0, 0.0] }
    }

    /// The one that fits best: normal equations of powers up to 3.
    pub fn fitted(compared: &Compared<'_>, seen: &[f32], crew: Crew<'_>) -> Result<Self> {
        let [low, high] = compared.ranges[1].map(f64::from);
        let mut cubic = Self { middle: (low + high) / 2.0, reach: (high - low) / 2.0, ..Self::same() };
        // Sums of t^0 … t^6, then of level · t^0 … t^3.
        let of_piece = |at: Range<usize>| {
            let mut sums = [0.0; 11];
            let [seen, fixed, weight] = [seen, compared.fixed, compared.weight].map(|all| &all[at.clone()]);
            for ((seen, level), w) in seen.iter().zip(fixed).zip(weight) {
                let (w, level) = (f64::from(*w), f64::from(*level));
                if w > 0.0 {
                    let t = (f64::from(*seen) - cubic.middle) / cubic.reach;
                    let mut power = w;
                    for k in 0..7 {
                        sums[k] += power;
                        if k < 4 {
                            sums[7 + k] += power * level;
                        }
                        power *= t;
                    }
                }
            }
            sums
        };
        let all = sums(crew.each(pieces(compared.size), of_piece)?);
        // A trace of the diagonal keeps the fit to few levels solvable.
        let matrix = std::array::from_fn(|i| {
            std::array::from_fn(|j| all[i + j] + if i == j { 1e-9 * all[0] + 1e-30 } else { 0.0 })
        });
        cubic.factors = solved(matrix, std::array::from_fn(|i| all[7 + i]));
        Ok(cubic)
    }
}

/// Of a symmetric, positive matrix.
fn solved(mut a: [[f64; 4]; 4], mut b: [f64; 4]) -> [f64; 4] {
    for i in 0..4 {
        let pivot = a[i];
        for j in i + 1..4 {
            let by = a[j][i] / pivot[i];
            (i..4).for_each(|k| a[j][k] -= by * pivot[k]);
            b[j] -= by * b[i];
        }
    }
    for i in (0..4).rev() {
        let rest: f64 = (i + 1..4).map(|k| a[i][k] * b[k]).sum();
        b[i] = (b[i] - rest) / a[i][i];
    }
    b
}

/// The cubic that is asked for.
pub fn cubic_of(compared: &Compared<'_>, seen: &[f32], crew: Crew<'_>) -> Result<Cubic> {
    match compared.contrast {
        Contrast::None => Ok(Cubic::same()),
        Contrast::Cubic => Cubic::fitted(compared, seen, crew),
    }
}

/// Mean squared difference over twice the variance of the fixed levels. As the cubic is the best there is, its own change
/// adds nothing to the derivative.
pub fn differences(compared: &Compared<'_>, seen: &[f32], crew: Crew<'_>) -> Result<Value> {
    let cubic = cubic_of(compared, seen, crew)?;
    let moments = |at: Range<usize>| {
        let mut sums = [0.0; 3];
        for i in at {
            let (w, level) = (f64::from(compared.weight[i]), f64::from(compared.fixed[i]));
            sums = [sums[0] + w, sums[1] + w * level, sums[2] + w * level * level];
        }
        sums
    };
    let [count, first, second] = sums(crew.each(pieces(compared.size), moments)?);
    let mut by_level = vec![0.0; seen.len()];
    let spread = second - first * first / count.max(1e-30);
    if spread <= 0.0 {
        return Ok(Value { value: 0.0, by_level });
    }
    let piece = piece(compared.size);
    let items = by_level.chunks_mut(piece).enumerate().collect();
    let total = sums(crew.each(items, |(n, out): (usize, &mut [f32])| {
        let mut sum = 0.0;
        for (k, to) in out.iter_mut().enumerate() {
            let i = n * piece + k;
            let w = f64::from(compared.weight[i]);
            if w > 0.0 {
                let (value, slope) = cubic.at(seen[i]);
                let rest = value - f64::from(compared.fixed[i]);
                sum += w * rest * rest;
                *to = (w * rest * slope / spread) as f32;
            }
        }
        [sum]
    })?);
    Ok(Value { value: total[0] / (2.0 * spread), by_level })
}
