//! Joining tiles on a band of rows.

use super::row::Row;
use kernels::image::Dtype;
use serde::Deserialize;

/// How overlapping tiles are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blend {
    /// Mean weighted by the distance to each tile's own edge: no visible seam, and none at a corner of tiles.
    #[default]
    Feather,
    /// The tile whose centre is nearest.
    NearestCentre,
    /// The tile that comes last, as Render draws; a mask lets those below shine through.
    Top,
}

/// Below half a mask, a tile is not the one that is nearest.
const THERE: f32 = 0.5;

/// Some rows of the output: sums of levels and weights (feather), or the level that holds and what it holds by.
pub struct Band {
    width: usize,
    blend: Blend,
    level: Vec<f32>,
    /// Weight; for nearest centre the squared distance plus one; 0 = nothing there yet.
    weight: Vec<f32>,
}

impl Band {
    /// Room for `rows` rows of `width`.
    pub fn new(width: usize, rows: usize, blend: Blend) -> Self {
        Self { width, blend, level: vec![0.0; width * rows], weight: vec![0.0; width * rows] }
    }

    /// Takes everything away.
    pub fn clear(&mut self) {
        self.level.fill(0.0);
        self.weight.fill(0.0);
    }

    /// Adds a tile's samples to row `y` of the band, from column `x` on.
    pub fn add(&mut self, x: usize, y: usize, row: &Row, centre: [f64; 2]) {
        let range = y * self.width + x..y * self.width + x + row.len();
        let below = self.level[range.clone()].iter_mut().zip(&mut self.weight[range]);
        let above = row.levels.iter().zip(&row.edges).zip(&row.masks);
        match self.blend {
            Blend::Feather => {
                for ((level, weight), ((&new, &edge), &mask)) in below.zip(above) {
                    let share = edge * mask;
                    *level += new * share;
                    *weight += share;
                }
            }
            Blend::NearestCentre => {
                let places = row.xs.iter().zip(&row.ys);
                for (((level, weight), ((&new, &edge), &mask)), (&tx, &ty)) in below.zip(above).zip(places) {
                    let distance = ((tx - centre[0]).powi(2) + (ty - centre[1]).powi(2)) as f32 + 1.0;
                    if edge > 0.0 && mask >= THERE && (*weight == 0.0 || distance < *weight) {
                        (*level, *weight) = (new, distance);
                    }
                }
            }
            Blend::Top => {
                for ((level, weight), ((&new, &edge), &mask)) in below.zip(above) {
                    if edge > 0.0 && mask > 0.0 {
                        *level = if *weight > 0.0 { *level + (new - *level) * mask } else { new };
                        *weight = 1.0;
                    }
                }
            }
        }
    }

    /// Writes the first rows into `out`, rounded half up and held to the type's range; gives how many pixels are covered.
    pub fn write(&self, dtype: Dtype, out: &mut [u8]) -> usize {
        let feather = self.blend == Blend::Feather;
        let most = dtype.max();
        let levels = self.level.iter().zip(&self.weight).map(|(&level, &weight)| {
            let mean = if feather && weight > 0.0 { level / weight } else { level };
            (mean + 0.5).clamp(0.0, most)
        });
        match dtype {
            Dtype::Uint8 => out.iter_mut().zip(levels).for_each(|(o, v)| *o = v as u8),
            Dtype::Uint16 => {
                for (o, v) in out.chunks_exact_mut(2).zip(levels) {
                    o.copy_from_slice(&(v as u16).to_le_bytes());
                }
            }
        }
        self.weight[..out.len() / dtype.bytes()].iter().filter(|w| **w > 0.0).count()
    }
}
