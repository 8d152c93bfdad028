//! Pictures of sections: grey levels with a mask of what is there. Coordinates are continuous, pixel centres at .5.

use kernels::error::{KernelError, Result};
use kernels::geometry::{Affine, Point};
use serde::Deserialize;

/// Most pixels of a picture.
const MOST_PIXELS: usize = 1 << 26;
/// Local contrast below this many grey levels counts as this much, so that bare resin is not blown up to texture.
const LEAST_CONTRAST: f64 = 2.0;

/// Where a picture lies in the space of its section.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Frame {
    pub size_px: [usize; 2],
    /// Section-space corner of the first pixel.
    pub origin_px: Point,
    /// Section-space pixels a pixel of the picture.
    pub step_px: f64,
}

impl Frame {
    /// From picture pixels to section space.
    pub fn section_from_picture(&self) -> Affine {
        Affine([self.step_px, 0.0, 0.0, self.step_px, self.origin_px[0], self.origin_px[1]])
    }

    /// From section space to picture pixels.
    pub fn picture_from_section(&self) -> Affine {
        let s = 1.0 / self.step_px;
        Affine([s, 0.0, 0.0, s, -self.origin_px[0] * s, -self.origin_px[1] * s])
    }
}

/// Which property of a picture is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contrast {
    /// Grey levels: both pictures show things alike.
    #[default]
    Levels,
    /// The strength of edges: bright and dark may be swapped, as between fluorescence and electrons.
    Edges,
}

/// Rows of pixels; `mask` is 1 where there is something, 0 elsewhere, and levels are 0 there.
#[derive(Debug, Clone)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub levels: Vec<f32>,
    pub mask: Vec<f32>,
}

impl Picture {
    /// From bytes of 8 bits a pixel, 0 = nothing there.
    pub fn read(bytes: &[u8], [width, height]: [usize; 2]) -> Result<Self> {
        let pixels = width.saturating_mul(height);
        if pixels == 0 || pixels > MOST_PIXELS || bytes.len() != pixels {
            return Err(KernelError::invalid_input(format!(
                "A picture of {width} x {height} pixels came as {} bytes.",
                bytes.len()
            )));
        }
        let levels = bytes.iter().map(|&v| f32::from(v)).collect();
        let mask = bytes.iter().map(|&v| if v == 0 { 0.0 } else { 1.0 }).collect();
        Ok(Self { width, height, levels, mask })
    }

    /// Part of the pixels that are there.
    pub fn covered(&self) -> f64 {
        self.mask.iter().map(|&m| f64::from(m)).sum::<f64>() / self.mask.len() as f64
    }

    /// The picture that a feature of it is compared by.
    #[must_use]
    pub fn seen_as(self, contrast: Contrast) -> Self {
        match contrast {
            Contrast::Levels => self,
            Contrast::Edges => self.edges(),
        }
    }

    /// Half as wide and high: means over the pixels that are there.
    #[must_use]
    pub fn halved(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let mut half = Self { width, height, levels: vec![0.0; width * height], mask: vec![0.0; width * height] };
        for (i, (level, mask)) in half.levels.iter_mut().zip(&mut half.mask).enumerate() {
            let (x0, y0) = (i % width * 2, i / width * 2);
            let (mut sum, mut count) = (0.0, 0.0);
            for y in y0..(y0 + 2).min(self.height) {
                for x in x0..(x0 + 2).min(self.width) {
                    let at = y * self.width + x;
                    sum += self.levels[at] * self.mask[at];
                    count += self.mask[at];
                }
            }
            if count > 1.5 {
                (*level, *mask) = (sum / count, 1.0);
            }
        }
        half
    }

    /// Both halved alike until no side is over `side`.
    pub fn fitted_alike(a: &Self, b: &Self, side: usize) -> (Self, Self, f64) {
        let (mut a, mut b, mut scale) = (a.clone(), b.clone(), 1.0);
        while a.width.max(a.height).max(b.width).max(b.height) > side {
            (a, b, scale) = (a.halved(), b.halved(), 2.0 * scale);
        }
        (a, b, scale)
    }

    /// Left and right swapped.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        let flip = |v: &[f32]| v.chunks_exact(self.width).flat_map(|row| row.iter().rev().copied()).collect();
        Self { levels: flip(&self.levels), mask: flip(&self.mask), ..*self }
    }

    /// Less the local mean, over the local standard deviation, both over boxes of `2 radius + 1` pixels.
    #[must_use]
    pub fn normalised(&self, radius: usize) -> Self {
        let weight = Sums::of(&self.mask, self.width);
        let level = Sums::of(&self.levels, self.width);
        let squares: Vec<f32> = self.levels.iter().map(|v| v * v).collect();
        let square = Sums::of(&squares, self.width);
        let mut out = self.clone();
        for (i, v) in out.levels.iter_mut().enumerate() {
            if self.mask[i] == 0.0 {
                continue;
            }
            let (x, y) = (i % self.width, i / self.width);
            let window = |at: usize, end: usize| [at.saturating_sub(radius), (at + radius + 1).min(end)];
            let (columns, rows) = (window(x, self.width), window(y, self.height));
            let n = weight.over(columns, rows);
            let mean = level.over(columns, rows) / n;
            let variance = (square.over(columns, rows) / n - mean * mean).max(0.0);
            *v = ((f64::from(*v) - mean) / (variance.sqrt() + LEAST_CONTRAST)) as f32;
        }
        out
    }

    /// Smoothed by a Gaussian; what is not there stays out of it.
    #[must_use]
    pub fn blurred(&self, sigma: f64) -> Self {
        let levels: Vec<f32> = self.levels.iter().zip(&self.mask).map(|(v, m)| v * m).collect();
        let (levels, weight) =
            (blur(&levels, self.width, self.height, sigma), blur(&self.mask, self.width, self.height, sigma));
        let mut out = self.clone();
        for (i, v) in out.levels.iter_mut().enumerate() {
            *v = if self.mask[i] > 0.0 { levels[i] / weight[i].max(1e-6) } else { 0.0 };
        }
        out
    }

    /// How steep the picture is, compressed so that a few strong edges do not outshine all others.
    fn edges(&self) -> Self {
        let smooth = self.blurred(1.2);
        let mut out = smooth.clone();
        out.mask.fill(0.0);
        out.levels.fill(0.0);
        for y in 1..self.height.saturating_sub(1) {
            for x in 1..self.width.saturating_sub(1) {
                let at = y * self.width + x;
                let around = [at - 1, at + 1, at - self.width, at + self.width];
                if smooth.mask[at] == 0.0 || around.iter().any(|&i| smooth.mask[i] == 0.0) {
                    continue;
                }
                let [left, right, above, below] = around.map(|i| smooth.levels[i]);
                out.mask[at] = 1.0;
                out.levels[at] = 32.0 * (1.0 + (right - left).hypot(below - above)).ln();
            }
        }
        out
    }

    /// The level between pixels; `None` where a pixel that it takes is not there.
    pub fn sample(&self, [x, y]: Point) -> Option<f32> {
        let (x, y) = (x - 0.5, y - 0.5);
        if !(x >= 0.0 && y >= 0.0 && x <= (self.width - 1) as f64 && y <= (self.height - 1) as f64) {
            return None;
        }
        let (ix, iy) =
            ((x as usize).min(self.width.saturating_sub(2)), (y as usize).min(self.height.saturating_sub(2)));
        let (fx, fy) = ((x - ix as f64) as f32, (y - iy as f64) as f32);
        let at = iy * self.width + ix;
        let right = usize::from(self.width > 1);
        let below = if self.height > 1 { self.width } else { 0 };
        let corners = [at, at + right, at + below, at + below + right];
        if corners.iter().any(|&i| self.mask[i] == 0.0) {
            return None;
        }
        let [a, b, c, d] = corners.map(|i| self.levels[i]);
        let upper = a + (b - a) * fx;
        let lower = c + (d - c) * fx;
        Some(upper + (lower - upper) * fy)
    }
}

/// Sums over boxes of a picture, from running sums.
pub struct Sums {
    stride: usize,
    sums: Vec<f64>,
}

impl Sums {
    pub fn of(levels: &[f32], width: usize) -> Self {
        let stride = width + 1;
        let mut sums = vec![0.0; stride * (levels.len() / width + 1)];
        for (y, row) in levels.chunks_exact(width).enumerate() {
            let mut run = 0.0;
            for (x, &v) in row.iter().enumerate() {
                run += f64::from(v);
                sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + run;
            }
        }
        Self { stride, sums }
    }

    /// Over columns and rows from the first to before the last.
    pub fn over(&self, [x0, x1]: [usize; 2], [y0, y1]: [usize; 2]) -> f64 {
        let at = |x: usize, y: usize| self.sums[y * self.stride + x];
        at(x1, y1) - at(x0, y1) - at(x1, y0) + at(x0, y0)
    }
}

/// A Gaussian along both axes; beyond the edge is 0.
pub fn blur(levels: &[f32], width: usize, height: usize, sigma: f64) -> Vec<f32> {
    let reach = (3.0 * sigma).ceil() as usize;
    let kernel: Vec<f32> = (0..=reach).map(|i| (-0.5 * (i as f64 / sigma).powi(2)).exp() as f32).collect();
    let total = kernel[0] + 2.0 * kernel[1..].iter().sum::<f32>();
    let mut across = vec![0.0f32; levels.len()];
    for (row, out) in levels.chunks_exact(width).zip(across.chunks_exact_mut(width)) {
        for (k, weight) in kernel.iter().map(|w| w / total).enumerate().take(width) {
            add(&mut out[..width - k], &row[k..], weight);
            if k > 0 {
                add(&mut out[k..], &row[..width - k], weight);
            }
        }
    }
    let mut down = vec![0.0f32; levels.len()];
    for (y, out) in down.chunks_exact_mut(width).enumerate() {
        for (k, weight) in kernel.iter().map(|w| w / total).enumerate() {
            for row in if k == 0 { vec![Some(y)] } else { vec![y.checked_sub(k), Some(y + k)] } {
                if let Some(row) = row.filter(|&r| r < height) {
                    add(out, &across[row * width..(row + 1) * width], weight);
                }
            }
        }
    }
    down
}

fn add(out: &mut [f32], from: &[f32], weight: f32) {
    for (o, v) in out.iter_mut().zip(from) {
        *o += weight * v;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn box_sums_are_those_of_the_pixels() {
        let levels: Vec<f32> = (0..12).map(|v| v as f32).collect();
        let sums = Sums::of(&levels, 4);
        assert_eq!(sums.over([1, 3], [1, 3]), 5.0 + 6.0 + 9.0 + 10.0);
        assert_eq!(sums.over([0, 4], [0, 3]), 66.0);
    }

    #[test]
    fn what_is_not_there_changes_nothing_around_it() {
        let bytes: Vec<u8> = (0..400).map(|i| if i % 20 < 8 { 0 } else { 100 }).collect();
        let picture = Picture::read(&bytes, [20, 20]).unwrap();
        assert_eq!(picture.covered(), 0.6);
        for seen in [picture.blurred(2.0), picture.halved().halved()] {
            assert!(seen.levels.iter().zip(&seen.mask).all(|(v, m)| (v - 100.0 * m).abs() < 1e-3));
        }
        assert!(picture.normalised(5).levels.iter().all(|v| v.abs() < 1e-6));
        assert!(picture.sample([8.2, 5.0]).is_none() && picture.sample([10.0, 5.0]) == Some(100.0));
    }

    #[test]
    fn inverted_pictures_have_the_same_edges() {
        let bytes: Vec<u8> = (0..900u32).map(|i| (100 + (i * i / 7) % 90) as u8).collect();
        let inverse: Vec<u8> = bytes.iter().map(|v| 255 - v).collect();
        let [a, b] = [bytes, inverse].map(|v| Picture::read(&v, [30, 30]).unwrap().seen_as(Contrast::Edges));
        assert!(a.levels.iter().zip(&b.levels).all(|(p, q)| (p - q).abs() < 1e-2));
    }
}
