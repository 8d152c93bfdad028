//! Pairs of tiles with known truth, for the tests and the benches of matching.

#![allow(dead_code, reason = "each test and bench uses a part of it")]

use assembly::correlate::{CorrelatePair, Model};
use kernels::cancel::never;
use kernels::geometry::{Affine, Point, TileImage};
use kernels::image::{GreyImage, Samples};
use kernels::synth::{SynthesizeTile, draw};
use std::f64::consts::TAU;

/// Seeded random numbers (xorshift64*).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            random.unit();
        }
        random
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Mean 0, SD 1.
    pub fn gaussian(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (TAU * self.unit()).cos()
    }
}

/// Gaussian noise smoothed by cubic B-splines: can be asked anywhere, so shifts of a part of a pixel are exact.
pub struct Texture {
    knots: Vec<f64>,
    side: i64,
    scale: f64,
}

impl Texture {
    /// Features of about `scale` pixels.
    pub fn new(random: &mut Random, scale: f64) -> Self {
        let side = 400;
        Self { knots: (0..side * side).map(|_| random.gaussian()).collect(), side, scale }
    }

    /// Mean 0, SD 1.
    pub fn at(&self, x: f64, y: f64) -> f64 {
        let spline = |t: f64| match t.abs() {
            t if t < 1.0 => 2.0 / 3.0 - t * t + 0.5 * t * t * t,
            t if t < 2.0 => (2.0 - t).powi(3) / 6.0,
            _ => 0.0,
        };
        let (u, v) = (x / self.scale, y / self.scale);
        let mut sum = 0.0;
        for j in v.floor() as i64 - 1..v.floor() as i64 + 3 {
            for i in u.floor() as i64 - 1..u.floor() as i64 + 3 {
                let knot = j.rem_euclid(self.side) * self.side + i.rem_euclid(self.side);
                sum += self.knots[knot as usize] * spline(u - i as f64) * spline(v - j as f64);
            }
        }
        sum / 0.479
    }
}

/// Sample tissue without noise, grey levels 0 to 255 to a 257th, through a map from tile to tissue.
pub fn tissue(seed: usize, size: [usize; 2], tissue_from_tile: Affine) -> Vec<f64> {
    let header = serde_json::json!({
        "path": "", "seed": seed, "section": 0, "sizePx": size, "tissueFromTile": tissue_from_tile.0,
        "noiseSd": 0, "dtype": "uint16",
    });
    let header: SynthesizeTile = serde_json::from_value(header).unwrap();
    match draw(&header, never()).unwrap().samples {
        Samples::U16(v) => v.iter().map(|&s| f64::from(s) / 257.0).collect(),
        Samples::U8(v) => v.iter().map(|&s| f64::from(s)).collect(),
    }
}

/// A map that only moves.
pub fn moved([x, y]: Point) -> Affine {
    Affine([1.0, 0.0, 0.0, 1.0, x, y])
}

/// Rounds levels to 8 bits.
pub fn image_u8(size: [usize; 2], levels: impl Iterator<Item = f64>) -> GreyImage {
    let samples = levels.map(|v| v.round().clamp(0.0, 255.0) as u8).collect();
    GreyImage { width: size[0], height: size[1], samples: Samples::U8(samples) }
}

/// Rounds levels to 16 bits.
pub fn image_u16(size: [usize; 2], levels: impl Iterator<Item = f64>) -> GreyImage {
    let samples = levels.map(|v| v.round().clamp(0.0, 65_535.0) as u16).collect();
    GreyImage { width: size[0], height: size[1], samples: Samples::U16(samples) }
}

/// A camera of its own for each tile: gain 0.7 to 1.3, offset up to 30, vignetting 20 %, noise SD 3.
pub fn photographed(random: &mut Random, size: [usize; 2], levels: &[f64]) -> GreyImage {
    let (gain, offset) = (random.range(0.7, 1.3), random.range(-30.0, 30.0));
    let exposed = levels.iter().enumerate().map(|(i, v)| {
        let across = |at: usize, n: usize| (2 * at + 1) as f64 / n as f64 - 1.0;
        let (x, y) = (across(i % size[0], size[0]), across(i / size[0], size[1]));
        v * gain * (1.0 - 0.1 * (x * x + y * y)) + offset + 3.0 * random.gaussian()
    });
    image_u8(size, exposed)
}

/// What is asked of two tiles of one size, stored at level 0.
pub fn question(size: [usize; 2], b_from_a: Affine, search_px: f64) -> CorrelatePair {
    let tile = TileImage { path: "tile.png".into(), scale: 1.0, size_px: size.map(|s| s as f64) };
    CorrelatePair { a: tile.clone(), b: tile, b_from_a, search_px, model: Model::Translation, min_overlap: 0.01 }
}

/// Two strips of one texture of SD 25 that fit over each other but for some quarters of a pixel, with noise, and where
/// b's pixels lie from a's.
pub fn strips(random: &mut Random, size: [usize; 2], scale: f64, noise: f64) -> (GreyImage, GreyImage, Point) {
    let texture = Texture::new(random, scale);
    let shift = [random.range(-40.0, 40.0).round() / 4.0, random.range(-40.0, 40.0).round() / 4.0];
    let mut strip = |[dx, dy]: Point| {
        let levels = (0..size[0] * size[1]).map(|i| {
            let (x, y) = ((i % size[0]) as f64 + 20.0 - dx, (i / size[0]) as f64 + 20.0 - dy);
            (128.0 + 25.0 * texture.at(x, y) + noise * random.gaussian()) * 128.0
        });
        image_u16(size, levels)
    };
    (strip([0.0, 0.0]), strip(shift), shift)
}

/// Two overlapping tiles of sample tissue through cameras of their own, and how far b's corner lies from a's.
pub fn neighbours(random: &mut Random, side: usize, seed: usize) -> (GreyImage, GreyImage, Point) {
    let step = side as f64 * (1.0 - random.range(0.05, 0.30));
    let aside = random.range(-10.0, 10.0);
    let step = if random.unit() < 0.5 { [step, aside] } else { [aside, step] };
    let corner = [random.range(0.0, 5000.0), random.range(0.0, 5000.0)];
    let size = [side, side];
    let a = tissue(seed, size, moved(corner));
    let b = tissue(seed, size, moved([corner[0] + step[0], corner[1] + step[1]]));
    (photographed(random, size, &a), photographed(random, size, &b), step)
}

/// The value below which the part `p` of the values lies.
pub fn quantile(values: &mut [f64], p: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * p).round() as usize]
}
