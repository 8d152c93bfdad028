//! Mutual information of samples of the fixed volume with the moving one, and its gradient.

use super::level::{Here, Level};
use super::map::{Pose, times_vector};
use super::samples::Samples;
use super::{Mat3, Vec3};
use kernels::cancel::Cancel;
use kernels::error::Result;

/// What is climbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Information per sample of the fixed volume: what falls outside the moving volume tells nothing. Keeps a rough
    /// search from sliding the volumes apart.
    Whole,
    /// Information over the overlap: not drawn to larger overlaps, thus exact where volumes are cut.
    Overlap,
}

/// Samples against a moving volume.
pub struct Metric<'a> {
    samples: &'a Samples,
    moving: &'a Level,
    bins: usize,
    goal: Goal,
    here: Vec<Here>,
    joint: Vec<f64>,
    pub evaluations: usize,
}

#[derive(Debug, Clone, Copy)]
pub struct Value {
    /// What is climbed, nats.
    pub score: f64,
    /// Over the overlap, nats.
    pub mi: f64,
    /// Over the smaller entropy.
    pub shared: f64,
    /// Derivative by the linear part about the samples' centre, and by where that goes.
    pub by_linear: Mat3,
    pub by_shift: Vec3,
}

impl<'a> Metric<'a> {
    pub fn new(samples: &'a Samples, moving: &'a Level, bins: usize, goal: Goal) -> Self {
        let here = vec![Here::default(); samples.at.len()];
        Self { samples, moving, bins, goal, here, joint: vec![0.0; bins * bins], evaluations: 0 }
    }

    /// Of samples seen through `pose`, whose `from` is the samples' centre.
    pub fn at(&mut self, pose: &Pose, cancel: Cancel<'_>) -> Result<Value> {
        self.evaluations += 1;
        self.look(pose, cancel)?;
        let total: f64 = self.joint.iter().sum();
        let none = Value { score: 0.0, mi: 0.0, shared: 0.0, by_linear: [[0.0; 3]; 3], by_shift: [0.0; 3] };
        if total <= 0.0 {
            return Ok(none);
        }
        let information = self.information(total);
        let count = self.samples.at.len() as f64;
        let (score, over, less) = match self.goal {
            Goal::Whole => (information.mi * total / count, count, 0.0),
            Goal::Overlap => (information.mi, total, information.mi),
        };
        let (by_linear, by_shift) = self.gradient(&information.log, less, over, cancel)?;
        Ok(Value { score, mi: information.mi, shared: information.shared, by_linear, by_shift })
    }

    /// Share of the fixed body's mass that the moving volume covers, seen through `pose`.
    pub fn overlap(&mut self, pose: &Pose, cancel: Cancel<'_>) -> Result<f64> {
        self.look(pose, cancel)?;
        let mass = |i: usize| f64::from(self.samples.mass[i]);
        let all: f64 = (0..self.here.len()).map(mass).sum();
        let seen: f64 = self.here.iter().enumerate().map(|(i, here)| here.weight * mass(i)).sum();
        Ok(if all > 0.0 { seen / all } else { 0.0 })
    }

    /// Slots of the moving level: B-splines reach two bins to either side, all of which are there.
    fn slot(&self, level: f64) -> (usize, f64, f64) {
        let [low, high] = self.moving.range.map(f64::from);
        let per_level = (self.bins - 4) as f64 / (high - low);
        let inside = level.clamp(low, high);
        let u = 1.5 + (inside - low) * per_level;
        let first = u as usize - 1;
        (first, u - (first + 1) as f64, if inside == level { per_level } else { 0.0 })
    }

    fn look(&mut self, pose: &Pose, cancel: Cancel<'_>) -> Result<()> {
        self.joint.fill(0.0);
        for i in 0..self.samples.at.len() {
            if i % 4096 == 0 {
                cancel.poll()?;
            }
            let turned = times_vector(&pose.linear, self.samples.at[i]);
            let here = self.moving.here(std::array::from_fn(|k| pose.to[k] + turned[k]));
            self.here[i] = here;
            if here.weight > 0.0 {
                let (first, part, _) = self.slot(here.level);
                let row = usize::from(self.samples.bin[i]) * self.bins + first;
                for (to, w) in self.joint[row..row + 4].iter_mut().zip(spline(part)) {
                    *to += here.weight * w;
                }
            }
        }
        Ok(())
    }

    fn information(&self, total: f64) -> Information {
        let n = self.bins;
        let mut log: Vec<f64> = self.joint.iter().map(|h| h / total).collect();
        let rows: Vec<f64> = log.chunks_exact(n).map(|row| row.iter().sum()).collect();
        let columns: Vec<f64> = (0..n).map(|b| (0..n).map(|a| log[a * n + b]).sum()).collect();
        let mut mi = 0.0;
        for a in 0..n {
            for b in 0..n {
                let p = log[a * n + b];
                log[a * n + b] = if p > 0.0 { (p / (rows[a] * columns[b])).ln() } else { 0.0 };
                mi += p * log[a * n + b];
            }
        }
        let entropy = |p: &[f64]| -p.iter().filter(|p| **p > 0.0).map(|p| p * p.ln()).sum::<f64>();
        let least = entropy(&rows).min(entropy(&columns));
        Information { mi, shared: if least > 1e-9 { mi / least } else { 0.0 }, log }
    }

    fn gradient(&self, log: &[f64], less: f64, over: f64, cancel: Cancel<'_>) -> Result<(Mat3, Vec3)> {
        let (mut by_linear, mut by_shift): (Mat3, Vec3) = ([[0.0; 3]; 3], [0.0; 3]);
        for (i, here) in self.here.iter().enumerate() {
            if i % 4096 == 0 {
                cancel.poll()?;
            }
            if here.weight <= 0.0 {
                continue;
            }
            let (first, part, per_level) = self.slot(here.level);
            let row = usize::from(self.samples.bin[i]) * self.bins + first;
            let logs = &log[row..row + 4];
            let sum = |w: [f64; 4]| logs.iter().zip(w).map(|(l, w)| l * w).sum::<f64>();
            let by_level = here.weight * per_level * sum(spline_slope(part));
            let by_weight = sum(spline(part)) - less;
            for k in 0..3 {
                let g = (by_level * here.slope[k] + by_weight * here.weight_slope[k]) / over;
                by_shift[k] += g;
                for (to, x) in by_linear[k].iter_mut().zip(self.samples.at[i]) {
                    *to += g * x;
                }
            }
        }
        Ok((by_linear, by_shift))
    }
}

struct Information {
    mi: f64,
    shared: f64,
    /// ln(p(a, b) / (p(a) p(b))).
    log: Vec<f64>,
}

/// The cubic B-spline of the four bins around a place `t` (0 to 1) beyond the second of them.
#[inline(always)]
fn spline(t: f64) -> [f64; 4] {
    let s = 1.0 - t;
    let near = |t: f64| (4.0 - 6.0 * t * t + 3.0 * t * t * t) / 6.0;
    [s * s * s / 6.0, near(t), near(s), t * t * t / 6.0]
}

/// Its derivative by `t`.
#[inline(always)]
fn spline_slope(t: f64) -> [f64; 4] {
    let s = 1.0 - t;
    let near = |t: f64| (3.0 * t * t - 4.0 * t) / 2.0;
    [-s * s / 2.0, near(t), -near(s), t * t / 2.0]
}
