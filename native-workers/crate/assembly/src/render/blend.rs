//! Joining tiles on a canvas.

use super::Blend;
use kernels::image::{Dtype, Samples};

/// Sums of levels and weights (feather), or the best level and how far its tile's centre is (nearest centre).
pub struct Canvas {
    width: usize,
    blend: Blend,
    level: Vec<f32>,
    /// Weight, or for nearest centre the squared distance plus one; 0 = nothing there yet.
    weight: Vec<f32>,
}

impl Canvas {
    /// An empty canvas.
    pub fn new(width: usize, height: usize, blend: Blend) -> Self {
        Self { width, blend, level: vec![0.0; width * height], weight: vec![0.0; width * height] }
    }

    /// Adds a tile's level at a pixel; `edge` is its distance to the tile's edge, `off_centre` its squared distance to
    /// the tile's centre, both in tile pixels.
    pub fn add(&mut self, x: usize, y: usize, level: f32, edge: f32, off_centre: f32) {
        let at = y * self.width + x;
        match self.blend {
            Blend::Feather => {
                self.level[at] += level * edge;
                self.weight[at] += edge;
            }
            Blend::NearestCentre => {
                let distance = off_centre + 1.0;
                if self.weight[at] == 0.0 || distance < self.weight[at] {
                    self.level[at] = level;
                    self.weight[at] = distance;
                }
            }
        }
    }

    /// The levels, rounded half up and held to the type's range, and the number of pixels that are covered.
    pub fn finish(self, dtype: Dtype) -> (Samples, usize) {
        let covered = self.weight.iter().filter(|w| **w > 0.0).count();
        let feather = self.blend == Blend::Feather;
        let levels = self.level.iter().zip(&self.weight).map(move |(&level, &weight)| {
            let mean = if feather && weight > 0.0 { level / weight } else { level };
            (mean + 0.5).clamp(0.0, dtype.max())
        });
        let samples = match dtype {
            Dtype::Uint8 => Samples::U8(levels.map(|v| v as u8).collect()),
            Dtype::Uint16 => Samples::U16(levels.map(|v| v as u16).collect()),
        };
        (samples, covered)
    }
}
