//! Mutual information of levels: a joint histogram with cubic B-splines along the levels seen (Mattes et al. 2003).

use super::metric::{Compared, Value, sums};
use super::{piece, pieces};
use crate::threads::Crew;
use kernels::error::Result;
use std::ops::Range;

const BINS: usize = 32;

/// The negative of the information, nats, and its exact derivative. All voxels that count are looked at, not samples.
pub fn information(compared: &Compared<'_>, seen: &[f32], crew: Crew<'_>) -> Result<Value> {
    let joint = sums(crew.each(pieces(compared.size), |at: Range<usize>| {
        let mut joint = [0.0f64; BINS * BINS];
        let [seen, fixed, weight] = [seen, compared.fixed, compared.weight].map(|all| &all[at.clone()]);
        for ((seen, fixed), weight) in seen.iter().zip(fixed).zip(weight) {
            if *weight > 0.0 {
                let (first, part, _) = slot(compared.ranges[1], *seen);
                let row = bin(compared.ranges[0], *fixed) * BINS + first;
                for (to, share) in joint[row..row + 4].iter_mut().zip(spline(part)) {
                    *to += f64::from(weight * share);
                }
            }
        }
        joint
    })?);
    let total: f64 = joint.iter().sum();
    let mut by_level = vec![0.0; seen.len()];
    if total <= 0.0 {
        return Ok(Value { value: 0.0, by_level });
    }
    let (mi, log) = logs(&joint, total);
    let piece = piece(compared.size);
    crew.each(by_level.chunks_mut(piece).enumerate().collect(), |(n, out): (usize, &mut [f32])| {
        for (k, to) in out.iter_mut().enumerate() {
            let i = n * piece + k;
            if compared.weight[i] > 0.0 {
                let (first, part, per_level) = slot(compared.ranges[1], seen[i]);
                let row = bin(compared.ranges[0], compared.fixed[i]) * BINS + first;
                let sum: f32 = log[row..row + 4].iter().zip(spline_slope(part)).map(|(l, s)| l * s).sum();
                *to = -compared.weight[i] * per_level * sum / total as f32;
            }
        }
    })?;
    Ok(Value { value: -mi, by_level })
}

/// The information, and ln(p(a, b) / (p(a) p(b))).
fn logs(joint: &[f64], total: f64) -> (f64, Vec<f32>) {
    let rows: Vec<f64> = joint.chunks_exact(BINS).map(|row| row.iter().sum::<f64>() / total).collect();
    let columns: Vec<f64> = (0..BINS).map(|b| (0..BINS).map(|a| joint[a * BINS + b]).sum::<f64>() / total).collect();
    let mut mi = 0.0;
    let log = |(i, h): (usize, &f64)| {
        let p = h / total;
        let log = if p > 0.0 { (p / (rows[i / BINS] * columns[i % BINS])).ln() } else { 0.0 };
        mi += p * log;
        log as f32
    };
    let all = joint.iter().enumerate().map(log).collect();
    (mi, all)
}

/// The bin of a level of the fixed volume.
fn bin([low, high]: [f32; 2], level: f32) -> usize {
    (((level - low) / (high - low)).clamp(0.0, 1.0) * (BINS - 1) as f32 + 0.5) as usize
}

/// First of the four bins of a level seen, the place between the middle two, and bins per level.
#[inline(always)]
fn slot([low, high]: [f32; 2], level: f32) -> (usize, f32, f32) {
    let per_level = (BINS - 4) as f32 / (high - low);
    let inside = level.clamp(low, high);
    let u = 1.5 + (inside - low) * per_level;
    let first = (u as usize - 1).min(BINS - 4);
    (first, u - (first + 1) as f32, if inside == level { per_level } else { 0.0 })
}

/// The cubic B-spline of the four bins around a place `t` (0 to 1) beyond the second of them.
#[inline(always)]
fn spline(t: f32) -> [f32; 4] {
    let s = 1.0 - t;
    let near = |t: f32| (4.0 - 6.0 * t * t + 3.0 * t * t * t) / 6.0;
    [s * s * s / 6.0, near(t), near(s), t * t * t / 6.0]
}

/// Its derivative by `t`.
#[inline(always)]
fn spline_slope(t: f32) -> [f32; 4] {
    let s = 1.0 - t;
    let near = |t: f32| (3.0 * t * t - 4.0 * t) / 2.0;
    [-s * s / 2.0, near(t), -near(s), t * t / 2.0]
}
