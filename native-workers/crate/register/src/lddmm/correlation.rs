//! Squared correlation of levels within small boxes.

use super::metric::{Compared, Value};
use crate::threads::Crew;
use kernels::error::Result;

/// Voxels to either side.
const REACH: usize = 2;
/// Variance that is taken for noise, of a volume whose levels reach over about 1. With a tenth of it, boxes that show
/// nothing but noise bend the finest level out of shape: Dice .952 instead of .964 in benches/brain.rs.
const NOISE: f32 = 1e-3;

/// What does not change with the levels seen.
pub struct FixedBoxes {
    /// Levels of the fixed volume, over about -.5 to .5.
    level: Vec<f32>,
    /// Of the box around each voxel: voxels that count, their mean level, its variance and noise.
    count: Vec<f32>,
    mean: Vec<f32>,
    varied: Vec<f32>,
    /// Voxels that count.
    total: f64,
}

impl FixedBoxes {
    pub fn new(compared: &Compared<'_>, crew: Crew<'_>) -> Result<Self> {
        let w = compared.weight;
        let level = leveled(compared.fixed, compared.ranges[0]);
        let sum = |of: &dyn Fn(usize) -> f32| boxed((0..w.len()).map(of).collect(), compared.size, crew);
        let count = sum(&|i| w[i])?;
        let mut mean = sum(&|i| w[i] * level[i])?;
        let mut varied = sum(&|i| w[i] * (level[i] * level[i]))?;
        for i in (0..w.len()).filter(|i| count[*i] > 0.0) {
            mean[i] /= count[i];
            varied[i] = (varied[i] / count[i] - mean[i] * mean[i]).max(0.0) + NOISE;
        }
        let total = w.iter().map(|w| f64::from(*w)).sum::<f64>().max(1e-30);
        Ok(Self { level, count, mean, varied, total })
    }
}

/// Levels over about -.5 to .5.
fn leveled(levels: &[f32], [low, high]: [f32; 2]) -> Vec<f32> {
    let scale = 1.0 / (high - low);
    levels.iter().map(|l| (l - low) * scale - 0.5).collect()
}

/// One less the mean squared correlation over voxels that count (0 to 1), and its exact derivative.
pub fn correlation(compared: &Compared<'_>, seen: &[f32], crew: Crew<'_>) -> Result<Value> {
    let w = compared.weight;
    let fixed = compared.boxes(crew)?;
    let (a, b) = (&fixed.level, leveled(seen, compared.ranges[1]));
    let sum = |values: Vec<f32>| boxed(values, compared.size, crew);
    let product = |of: &dyn Fn(usize) -> f32| -> Vec<f32> { (0..w.len()).map(|i| w[i] * of(i)).collect() };
    let mut mean_b = sum(product(&|i| b[i]))?;
    let mut by_cross = sum(product(&|i| a[i] * b[i]))?;
    let mut by_square = sum(product(&|i| b[i] * b[i]))?;
    let mut mean_a = vec![0.0; w.len()];
    let mut shares = 0.0;
    for i in 0..w.len() {
        let n = fixed.count[i];
        if w[i] <= 0.0 || n < 2.0 {
            (by_cross[i], by_square[i], mean_b[i]) = (0.0, 0.0, 0.0);
            continue;
        }
        let (p, q) = (fixed.mean[i], mean_b[i] / n);
        let cross = by_cross[i] / n - p * q;
        let varied_b = (by_square[i] / n - q * q).max(0.0) + NOISE;
        let shared = cross / (fixed.varied[i] * varied_b);
        shares += f64::from(w[i] * cross * shared);
        by_cross[i] = w[i] * 2.0 * shared / n;
        by_square[i] = by_cross[i] * cross / varied_b;
        (mean_a[i], mean_b[i]) = (by_cross[i] * p, by_square[i] * q);
    }
    let (by_cross, by_square) = (sum(by_cross)?, sum(by_square)?);
    let (mean_a, mean_b) = (sum(mean_a)?, sum(mean_b)?);
    let [low, high] = compared.ranges[1];
    let to_level = 1.0 / (high - low) / fixed.total as f32;
    let slope = |i: usize| -to_level * w[i] * (a[i] * by_cross[i] - mean_a[i] - b[i] * by_square[i] + mean_b[i]);
    Ok(Value { value: 1.0 - shares / fixed.total, by_level: (0..w.len()).map(slope).collect() })
}

/// Sums over the box around each voxel, as far as there are voxels.
pub fn boxed(mut values: Vec<f32>, [w, h, d]: [usize; 3], crew: Crew<'_>) -> Result<Vec<f32>> {
    let mut out = vec![0.0; values.len()];
    let plane = w * h;
    crew.each(
        values.chunks_mut(plane).zip(out.chunks_mut(plane)).collect(),
        |(from, to): (&mut [f32], &mut [f32])| {
            for (from, to) in from.chunks_exact(w).zip(to.chunks_exact_mut(w)) {
                for by in 0..=REACH.min(w - 1) {
                    to[by..].iter_mut().zip(from).for_each(|(t, f)| *t += f);
                    if by > 0 {
                        to.iter_mut().zip(&from[by..]).for_each(|(t, f)| *t += f);
                    }
                }
            }
            rows(to, from, w, h);
        },
    )?;
    // The planes summed so far lie in `values`.
    crew.each(out.chunks_mut(plane).enumerate().collect(), |(z, to): (usize, &mut [f32])| {
        to.fill(0.0);
        for other in z.saturating_sub(REACH)..(z + REACH + 1).min(d) {
            to.iter_mut().zip(&values[other * plane..]).for_each(|(t, f)| *t += f);
        }
    })?;
    Ok(out)
}

/// Sums of rows around each row.
fn rows(from: &[f32], to: &mut [f32], w: usize, h: usize) {
    to.fill(0.0);
    for y in 0..h {
        for other in y.saturating_sub(REACH)..(y + REACH + 1).min(h) {
            let row = &from[other * w..][..w];
            to[y * w..][..w].iter_mut().zip(row).for_each(|(t, f)| *t += f);
        }
    }
}
