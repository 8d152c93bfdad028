//! Smooth noise over tissue space, cut at one depth: random values on a cubic lattice, blended by quintics (Perlin
//! 2002). The lattice is hashed once for the part of tissue that a tile covers.

use super::hash::Hash;

/// The part of tissue space that is asked about, pixels: local coordinates count from `x`, `y`.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Window {
    /// The same, `by` pixels larger on all sides; local coordinates count from its new corner.
    pub fn grown(self, by: f64) -> Self {
        Self { x: self.x - by, y: self.y - by, width: self.width + 2.0 * by, height: self.height + 2.0 * by }
    }
}

/// Noise in [-1, 1) with features of about `scale` pixels.
pub struct Noise {
    values: Vec<f32>,
    stride: usize,
    per_px: f32,
    phase_x: f32,
    phase_y: f32,
}

/// Fifth-order blend: 0 at 0, 1 at 1, two derivatives zero at both.
fn fade(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

impl Noise {
    /// Cuts noise of `scale` px at depth `z` px. Memory: a float a lattice point of the window.
    pub fn cut(hash: Hash, scale: f64, z: f64, window: Window) -> Self {
        let (first_x, first_y) = ((window.x / scale).floor(), (window.y / scale).floor());
        let columns = ((window.x + window.width) / scale).floor() as i64 - first_x as i64 + 3;
        let rows = ((window.y + window.height) / scale).floor() as i64 - first_y as i64 + 3;
        let layer = (z / scale).floor();
        let depth = fade((z / scale - layer) as f32);
        let mut values = Vec::with_capacity((columns * rows) as usize);
        for iy in 0..rows {
            for ix in 0..columns {
                let column = hash.and(first_x as i64 + ix).and(first_y as i64 + iy);
                let (upper, lower) = (column.and(layer as i64).signed(), column.and(layer as i64 + 1).signed());
                values.push(upper + (lower - upper) * depth);
            }
        }
        Self {
            values,
            stride: columns as usize,
            per_px: (1.0 / scale) as f32,
            phase_x: (window.x / scale - first_x) as f32,
            phase_y: (window.y / scale - first_y) as f32,
        }
    }

    /// Noise at a place in the window, local pixels. Places outside are taken at its edge.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let (u, v) = ((x * self.per_px + self.phase_x).max(0.0), (y * self.per_px + self.phase_y).max(0.0));
        let (ix, iy) = (u as usize, v as usize);
        let (ix, iy) = (ix.min(self.stride - 2), iy.min(self.values.len() / self.stride - 2));
        let (fx, fy) = (fade((u - ix as f32).min(1.0)), fade((v - iy as f32).min(1.0)));
        let at = iy * self.stride + ix;
        let (top, bottom) = (&self.values[at..at + 2], &self.values[at + self.stride..at + self.stride + 2]);
        let upper = top[0] + (top[1] - top[0]) * fx;
        let lower = bottom[0] + (bottom[1] - bottom[0]) * fx;
        upper + (lower - upper) * fy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { x: -35.5, y: 1000.25, width: 200.0, height: 150.0 };

    #[test]
    fn two_windows_see_the_same_noise() {
        let other = Window { x: 20.0, y: 1010.0, width: 90.0, height: 90.0 };
        let (a, b) = (Noise::cut(Hash::new(1, 1), 7.0, 3.3, WINDOW), Noise::cut(Hash::new(1, 1), 7.0, 3.3, other));
        for i in 0..80 {
            let (x, y) = (25.3 + f64::from(i), 1015.7 + f64::from(i));
            let in_a = a.at((x - WINDOW.x) as f32, (y - WINDOW.y) as f32);
            let in_b = b.at((x - other.x) as f32, (y - other.y) as f32);
            assert!((in_a - in_b).abs() < 1e-4);
        }
    }

    #[test]
    fn noise_is_continuous_in_depth() {
        let near = |z| Noise::cut(Hash::new(1, 1), 20.0, z, WINDOW).at(31.0, 44.0);
        for step in 0..100 {
            let z = f64::from(step) * 0.5;
            assert!((near(z) - near(z + 0.5)).abs() < 0.12);
        }
    }
}
