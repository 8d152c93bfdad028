//! What a feature is known again by: the directions in which its surroundings rise, in cells about it.

use std::f64::consts::TAU;

const ANGLES: usize = 36;
const CELLS: usize = 4;
const BINS: usize = 8;
/// Numbers of a descriptor.
pub const LENGTH: usize = CELLS * CELLS * BINS;

/// One smoothed picture of an octave.
pub struct Layer {
    pub width: usize,
    pub height: usize,
    pub levels: Vec<f32>,
}

impl Layer {
    /// Every second pixel.
    pub fn half(&self) -> Self {
        let (width, height) = (self.width / 2, self.height / 2);
        let levels = (0..width * height).map(|i| self.levels[i / width * 2 * self.width + i % width * 2]).collect();
        Self { width, height, levels }
    }
}

/// The descriptor of the same place where left and right of the picture are swapped.
pub fn mirrored_descriptor(descriptor: &[u8; LENGTH]) -> [u8; LENGTH] {
    let mut out = [0; LENGTH];
    for (i, v) in out.iter_mut().enumerate() {
        let (row, column, bin) = (i / (CELLS * BINS), i / BINS % CELLS, i % BINS);
        *v = descriptor[((CELLS - 1 - row) * CELLS + column) * BINS + (BINS - bin) % BINS];
    }
    out
}

/// Slopes of a layer at a pixel: how steep, and in which direction.
fn slope(layer: &Layer, x: i64, y: i64) -> Option<(f64, f64)> {
    let (w, h) = (layer.width as i64, layer.height as i64);
    if x < 1 || y < 1 || x >= w - 1 || y >= h - 1 {
        return None;
    }
    let at = (y * w + x) as usize;
    let dx = f64::from(layer.levels[at + 1] - layer.levels[at - 1]);
    let dy = f64::from(layer.levels[at + layer.width] - layer.levels[at - layer.width]);
    Some((dx.hypot(dy), dy.atan2(dx)))
}

/// The directions that the surroundings mostly rise to.
pub fn angles_of(layer: &Layer, at: [f64; 2], sigma: f64) -> Vec<f64> {
    let reach = (4.5 * sigma).round() as i64;
    let centre = at.map(|v| v.round() as i64);
    let mut histogram = [0.0; ANGLES];
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let Some((steep, angle)) = slope(layer, centre[0] + dx, centre[1] + dy) else { continue };
            let weight = (-((dx * dx + dy * dy) as f64) / (2.0 * (1.5 * sigma).powi(2))).exp();
            histogram[(angle.rem_euclid(TAU) / TAU * ANGLES as f64) as usize % ANGLES] += weight * steep;
        }
    }
    for _ in 0..3 {
        let before = histogram;
        for (i, v) in histogram.iter_mut().enumerate() {
            *v = (before[(i + ANGLES - 1) % ANGLES] + before[i] + before[(i + 1) % ANGLES]) / 3.0;
        }
    }
    let top = histogram.iter().copied().fold(0.0, f64::max);
    let mut angles = Vec::new();
    for (i, &v) in histogram.iter().enumerate() {
        let (left, right) = (histogram[(i + ANGLES - 1) % ANGLES], histogram[(i + 1) % ANGLES]);
        if v >= 0.8 * top && v > left && v >= right {
            let off = 0.5 * (left - right) / (left - 2.0 * v + right);
            angles.push((i as f64 + 0.5 + off) * TAU / ANGLES as f64);
        }
    }
    angles.truncate(2);
    angles
}

/// Histograms of slopes in 4 x 4 cells about a place, turned to `angle`.
pub fn describe(layer: &Layer, at: [f64; 2], sigma: f64, angle: f64) -> [u8; LENGTH] {
    let cell = 3.0 * sigma;
    let reach = (cell * 0.5 * (CELLS as f64 + 1.0) * std::f64::consts::SQRT_2).ceil() as i64;
    let (sin, cos) = angle.sin_cos();
    let centre = at.map(|v| v.round() as i64);
    let mut sums = [0.0f64; LENGTH];
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let (x, y) = ((centre[0] + dx) as f64 - at[0], (centre[1] + dy) as f64 - at[1]);
            let along = [(cos * x + sin * y) / cell, (cos * y - sin * x) / cell];
            let place = along.map(|v| v + 0.5 * CELLS as f64 - 0.5);
            if place.iter().any(|&p| p <= -1.0 || p >= CELLS as f64) {
                continue;
            }
            let Some((steep, direction)) = slope(layer, centre[0] + dx, centre[1] + dy) else { continue };
            let weight = steep * (-(along[0].powi(2) + along[1].powi(2)) / (0.5 * (CELLS * CELLS) as f64)).exp();
            spread(&mut sums, place, (direction - angle).rem_euclid(TAU) / TAU * BINS as f64, weight);
        }
    }
    to_bytes(&sums)
}

/// Adds to the two nearest cells along each axis and the two nearest bins.
fn spread(sums: &mut [f64; LENGTH], [column, row]: [f64; 2], bin: f64, weight: f64) {
    for (r, wr) in [(row.floor(), 1.0 - row.rem_euclid(1.0)), (row.floor() + 1.0, row.rem_euclid(1.0))] {
        for (c, wc) in [(column.floor(), 1.0 - column.rem_euclid(1.0)), (column.floor() + 1.0, column.rem_euclid(1.0))]
        {
            if r < 0.0 || c < 0.0 || r >= CELLS as f64 || c >= CELLS as f64 {
                continue;
            }
            let at = (r as usize * CELLS + c as usize) * BINS;
            let (low, part) = (bin as usize % BINS, bin.fract());
            sums[at + low] += weight * wr * wc * (1.0 - part);
            sums[at + (low + 1) % BINS] += weight * wr * wc * part;
        }
    }
}

/// Length one, no number over 0.2, length one again; then square roots (Arandjelovic 2012), of which differences tell more.
fn to_bytes(sums: &[f64; LENGTH]) -> [u8; LENGTH] {
    let length = sums.iter().map(|v| v * v).sum::<f64>().sqrt().max(1e-12);
    let clipped = sums.map(|v| (v / length).min(0.2));
    let total = clipped.iter().sum::<f64>().max(1e-12);
    clipped.map(|v| (255.0 * (v / total).sqrt() * 2.0).min(255.0).round() as u8)
}
