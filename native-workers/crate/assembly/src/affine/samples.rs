//! Where the fixed volume is looked at: one place in each of many equal boxes, the same every time.

use super::Vec3;
use super::level::Level;
use super::map::{Pose, times_vector};
use super::moments::Moments;

/// Places of the fixed volume with its levels there.
pub struct Samples {
    /// The point that places are counted from, µm.
    pub centre: Vec3,
    /// µm from the centre.
    pub at: Vec<Vec3>,
    /// Of the fixed volume's level.
    pub bin: Vec<u8>,
    /// How far the level stands out of the background.
    pub mass: Vec<f32>,
    /// µm along each axis, root mean square.
    pub radius: Vec3,
}

impl Samples {
    /// About `count` places that the mask allows, levels in `bins` bins.
    pub fn of(fixed: &Level, moments: &Moments, count: usize, bins: usize) -> Self {
        let extent: Vec3 = std::array::from_fn(|k| fixed.spacing[k] * (fixed.size[k] - 1) as f64);
        let side = (extent.iter().product::<f64>() / count as f64).cbrt();
        let boxes = extent.map(|e| ((e / side).round() as usize).max(1));
        let mut samples = Self { centre: moments.centre, at: vec![], bin: vec![], mass: vec![], radius: [0.0; 3] };
        let [low, high] = fixed.range.map(f64::from);
        for index in 0..boxes.iter().product::<usize>() {
            let cell = [index % boxes[0], index / boxes[0] % boxes[1], index / (boxes[0] * boxes[1])];
            let place: Vec3 = std::array::from_fn(|k| {
                let within = (cell[k] as f64 + jitter(index * 3 + k)) / boxes[k] as f64;
                fixed.origin[k] + within * extent[k]
            });
            let here = fixed.here(place);
            if here.weight > 0.5 {
                let part = ((here.level - low) / (high - low)).clamp(0.0, 1.0);
                samples.bin.push(((part * bins as f64) as usize).min(bins - 1) as u8);
                samples.mass.push(moments.mass(here.level as f32) as f32);
                samples.at.push(std::array::from_fn(|k| place[k] - samples.centre[k]));
            }
        }
        let mean = |k: usize| samples.at.iter().map(|a| a[k] * a[k]).sum::<f64>() / samples.at.len().max(1) as f64;
        samples.radius = std::array::from_fn(|k| mean(k).sqrt().max(1e-9));
        samples
    }

    /// Those that `pose` puts well inside `moving`. While they alone are compared, nothing is won by pushing others
    /// over the border; the information over a changing overlap is drawn to overlaps without background.
    pub fn inside(&self, pose: &Pose, moving: &Level) -> Self {
        let margin = |k: usize| 2.0_f64.min(moving.size[k] as f64 / 16.0);
        let kept = |i: &usize| {
            let turned = times_vector(&pose.linear, self.at[*i]);
            let at: Vec3 = std::array::from_fn(|k| pose.to[k] + turned[k]);
            let within = (0..3).all(|k| {
                let index = (at[k] - moving.origin[k]) / moving.spacing[k];
                index >= margin(k) && index <= (moving.size[k] - 1) as f64 - margin(k)
            });
            within && moving.here(at).weight > 0.99
        };
        let kept: Vec<usize> = (0..self.at.len()).filter(kept).collect();
        Self {
            centre: self.centre,
            at: kept.iter().map(|i| self.at[*i]).collect(),
            bin: kept.iter().map(|i| self.bin[*i]).collect(),
            mass: kept.iter().map(|i| self.mass[*i]).collect(),
            radius: self.radius,
        }
    }
}

/// 0 to 1, always the same (SplitMix64).
fn jitter(index: usize) -> f64 {
    let mut z = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}
