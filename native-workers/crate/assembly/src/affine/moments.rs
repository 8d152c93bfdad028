//! Where the body in a volume lies, how large it is, and how it is turned.

use super::level::Level;
use super::map::eigen;
use super::{Mat3, Vec3};

/// First and second moments of what stands out from the background, µm.
#[derive(Debug, Clone, Copy)]
pub struct Moments {
    pub centre: Vec3,
    pub spread: Mat3,
    /// The level around the body, and how far from it a level must lie to be of the body.
    pub background: f32,
    pub noise: f32,
}

impl Moments {
    /// The background is the median of the outer voxels, so that dark bodies on bright ground have mass, too.
    pub fn of(volume: &Level) -> Self {
        let (background, noise) = surroundings(volume);
        let mut moments = Self { centre: [0.0; 3], spread: [[0.0; 3]; 3], background, noise };
        let mut sums = moments.sums(volume);
        if sums.mass <= 0.0 {
            moments.noise = -1.0;
            sums = moments.sums(volume);
        }
        moments.centre = sums.first.map(|v| v / sums.mass);
        for i in 0..3 {
            for j in 0..3 {
                moments.spread[i][j] = sums.second[i][j] / sums.mass - moments.centre[i] * moments.centre[j];
            }
        }
        moments
    }

    /// How far a level stands out.
    pub fn mass(&self, level: f32) -> f64 {
        f64::from((level - self.background).abs() - self.noise).max(0.0)
    }

    /// µm, root mean square over the axes.
    pub fn radius(&self) -> f64 {
        ((self.spread[0][0] + self.spread[1][1] + self.spread[2][2]) / 3.0).sqrt()
    }

    /// Principal axes as columns, the longest first.
    pub fn axes(&self) -> Mat3 {
        let (values, vectors) = eigen(self.spread);
        let mut order = [0, 1, 2];
        order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
        std::array::from_fn(|i| std::array::from_fn(|j| vectors[i][order[j]]))
    }

    fn sums(&self, volume: &Level) -> Sums {
        let mut sums = Sums::default();
        let [w, h, _] = volume.size;
        for (row, levels) in volume.level.chunks_exact(w).enumerate() {
            for (x, level) in levels.iter().enumerate() {
                let mask = volume.weight.as_ref().map_or(1.0, |m| f64::from(m[row * w + x]));
                let mass = self.mass(*level) * mask;
                if mass > 0.0 {
                    let index = [x, row % h, row / h];
                    sums.add(mass, std::array::from_fn(|k| volume.origin[k] + index[k] as f64 * volume.spacing[k]));
                }
            }
        }
        sums
    }
}

#[derive(Default)]
struct Sums {
    mass: f64,
    first: Vec3,
    second: Mat3,
}

impl Sums {
    fn add(&mut self, mass: f64, at: Vec3) {
        self.mass += mass;
        for i in 0..3 {
            self.first[i] += mass * at[i];
            for j in 0..3 {
                self.second[i][j] += mass * at[i] * at[j];
            }
        }
    }
}

/// Median of the outermost voxels that count, and three times their robust spread.
fn surroundings(volume: &Level) -> (f32, f32) {
    let [w, h, d] = volume.size;
    let edge = |i: usize, n: usize| i == 0 || i == n - 1;
    let outer = |i: &usize| edge(i % w, w) || edge(i / w % h, h) || (!volume.flat && edge(i / (w * h), d));
    let counts = |i: &usize| volume.weight.as_ref().is_none_or(|m| m[*i] > 0.5);
    let mut values: Vec<f32> =
        (0..volume.level.len()).filter(|i| outer(i) && counts(i)).map(|i| volume.level[i]).collect();
    if values.is_empty() {
        return (volume.range[0], 0.0);
    }
    let half = values.len() / 2;
    let middle = *values.select_nth_unstable_by(half, f32::total_cmp).1;
    values.iter_mut().for_each(|v| *v = (*v - middle).abs());
    let spread = 1.4826 * *values.select_nth_unstable_by(half, f32::total_cmp).1;
    // Where a body reaches through most of the border, its own levels must not pass for noise.
    (middle, (3.0 * spread).min(0.25 * (volume.range[1] - volume.range[0])))
}
