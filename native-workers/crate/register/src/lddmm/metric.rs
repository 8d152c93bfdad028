//! How far a seen volume is from the fixed one, and which way its levels should change.

use super::contrast::{self, Contrast};
use super::correlation::{self, FixedBoxes};
use super::information;
use crate::threads::Crew;
use kernels::error::Result;
use serde::Deserialize;
use std::sync::OnceLock;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// Squared differences, over twice the variance of the fixed volume.
    Ssd,
    /// One less the squared correlation of levels in boxes of 5 voxels a side.
    Cc,
    /// The negative of the mutual information, nats.
    Mi,
}

/// The fixed volume, ready to be compared with.
pub struct Compared<'a> {
    pub size: [usize; 3],
    pub fixed: &'a [f32],
    /// How far a voxel counts: 0 to 1.
    pub weight: &'a [f32],
    pub metric: Metric,
    /// How the levels seen become those of the fixed volume, with [`Metric::Ssd`].
    pub contrast: Contrast,
    /// Levels of the fixed, of the moving volume between which there is something to tell.
    pub ranges: [[f32; 2]; 2],
    /// Of these weights, with [`Metric::Cc`]; made when they are first asked for.
    pub boxes: OnceLock<FixedBoxes>,
}

/// A value, and its derivative by each level seen.
pub struct Value {
    pub value: f64,
    pub by_level: Vec<f32>,
}

impl Compared<'_> {
    pub fn value(&self, seen: &[f32], crew: Crew<'_>) -> Result<Value> {
        match self.metric {
            Metric::Ssd => contrast::differences(self, seen, crew),
            Metric::Cc => correlation::correlation(self, seen, crew),
            Metric::Mi => information::information(self, seen, crew),
        }
    }

    pub fn boxes(&self, crew: Crew<'_>) -> Result<&FixedBoxes> {
        match self.boxes.get() {
            Some(boxes) => Ok(boxes),
            None => FixedBoxes::new(self, crew).map(|boxes| self.boxes.get_or_init(|| boxes)),
        }
    }
}

/// Sums of numbers over all voxels, piece by piece: the same whatever the threads.
pub fn sums<const N: usize>(planes: Vec<[f64; N]>) -> [f64; N] {
    planes.into_iter().fold([0.0; N], |all, one| std::array::from_fn(|k| all[k] + one[k]))
}
