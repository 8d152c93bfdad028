//! How sharp and how empty a tile is. Neither changes when all grey levels are scaled or shifted.

use crate::cancel::Cancel;
use crate::error::Result;
use crate::image::GreyImage;

/// Side of the blocks that are judged, pixels.
const BLOCK: usize = 32;
/// Side of the cells whose means tell texture from noise.
const CELL: usize = 4;
/// A block is noise alone where its SD is at most this many times its own pixel noise.
const SD_OF_NOISE: f64 = 1.25;
/// Or where means over 4 x 4 pixels vary at most this much of what pixels do (white noise: 0.25).
const CELL_SD_OF_SD: f64 = 0.36;
/// Or where it varies less than rounding to whole levels does, with room.
const LEAST_SD: f64 = 0.75;
/// Variance that white noise of variance 1 has after the 4-neighbour Laplacian.
const LAPLACIAN_NOISE: f64 = 20.0;
/// Allowance for the error of the noise estimate.
const NOISE_MARGIN: f64 = 1.15;

/// Texture measures of a tile.
#[derive(Debug, Clone, Copy)]
pub struct Texture {
    /// Variance of the Laplacian over the variance of the picture, both at half size and less the pixel noise:
    /// 0 where there is nothing but noise, higher when sharper (Pech-Pacheco et al. 2000).
    pub focus: f64,
    /// Fraction of 32-pixel blocks that vary no more than noise does.
    pub blankness: f64,
}

/// One block: pixel noise by Immerkaer's mask (1996), and SDs less a plane (so that shading is not texture).
struct Block {
    noise: f64,
    sd: f64,
    cell_sd: f64,
}

impl Block {
    fn is_blank(&self) -> bool {
        self.sd <= LEAST_SD || self.sd <= SD_OF_NOISE * self.noise || self.cell_sd <= CELL_SD_OF_SD * self.sd
    }
}

impl Texture {
    /// Measures an image. Tiles under 32 pixels a side are judged as one block.
    pub fn measure(image: &GreyImage, cancel: Cancel<'_>) -> Result<Self> {
        let (wide, high) = (image.width.min(BLOCK), image.height.min(BLOCK));
        let mut blocks = Vec::new();
        let mut rows = vec![0f32; image.width * high];
        for top in (0..=image.height - high).step_by(high) {
            cancel.poll()?;
            rows.chunks_exact_mut(image.width).enumerate().for_each(|(y, row)| image.row_f32(top + y, row));
            for left in (0..=image.width - wide).step_by(wide) {
                blocks.push(measure_block(&rows, image.width, left, wide, high));
            }
        }
        let blank = blocks.iter().filter(|b| b.is_blank()).count();
        let mut noises: Vec<f64> = blocks.iter().map(|b| b.noise).collect();
        noises.sort_by(f64::total_cmp);
        let noise = NOISE_MARGIN * noises[noises.len() / 4];
        Ok(Self { focus: focus(image, noise, cancel)?, blankness: blank as f64 / blocks.len() as f64 })
    }
}

fn measure_block(rows: &[f32], stride: usize, left: usize, wide: usize, high: usize) -> Block {
    let at = |x: usize, y: usize| f64::from(rows[y * stride + left + x]);
    let mut sum_abs = 0.0;
    for y in 1..high.saturating_sub(1) {
        for x in 1..wide.saturating_sub(1) {
            let row = |y: usize| at(x - 1, y) - 2.0 * at(x, y) + at(x + 1, y);
            sum_abs += (row(y - 1) - 2.0 * row(y) + row(y + 1)).abs();
        }
    }
    let inner = (wide.saturating_sub(2) * high.saturating_sub(2)).max(1);
    let noise = (std::f64::consts::PI / 2.0).sqrt() / 6.0 * sum_abs / inner as f64;
    let sd = sd_less_plane(wide, high, at);
    let (cells_wide, cells_high) = (wide / CELL, high / CELL);
    let cell = |cx: usize, cy: usize| {
        let pixels = (0..CELL * CELL).map(|i| at(cx * CELL + i % CELL, cy * CELL + i / CELL));
        pixels.sum::<f64>() / (CELL * CELL) as f64
    };
    let cell_sd = if cells_wide > 1 && cells_high > 1 { sd_less_plane(cells_wide, cells_high, cell) } else { sd };
    Block { noise, sd, cell_sd }
}

/// Standard deviation about the least-squares plane.
fn sd_less_plane(wide: usize, high: usize, at: impl Fn(usize, usize) -> f64) -> f64 {
    let n = (wide * high) as f64;
    let (mid_x, mid_y) = ((wide - 1) as f64 / 2.0, (high - 1) as f64 / 2.0);
    let (mut s, mut ss, mut sx, mut sy) = (0.0, 0.0, 0.0, 0.0);
    let base = at(0, 0);
    for y in 0..high {
        for x in 0..wide {
            let v = at(x, y) - base;
            s += v;
            ss += v * v;
            sx += v * (x as f64 - mid_x);
            sy += v * (y as f64 - mid_y);
        }
    }
    let spread = |count: usize| ((count * count - 1) as f64 / 12.0).max(f64::MIN_POSITIVE);
    let plane = (sx / n).powi(2) / spread(wide) + (sy / n).powi(2) / spread(high);
    (ss / n - (s / n).powi(2) - plane).max(0.0).sqrt()
}

fn focus(image: &GreyImage, noise: f64, cancel: Cancel<'_>) -> Result<f64> {
    let (wide, high) = (image.width / 2, image.height / 2);
    if wide < 3 || high < 3 {
        return Ok(0.0);
    }
    let half = half_size(image, wide, high, cancel)?;
    let (mut sum, mut square, mut laplacian) = (0.0, 0.0, 0.0);
    for (y, row) in half.chunks_exact(wide).enumerate() {
        cancel.poll()?;
        let level = |x: usize| f64::from(row[x]);
        sum += row.iter().map(|&v| f64::from(v)).sum::<f64>();
        square += row.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>();
        if y > 0 && y + 1 < high {
            let (above, below) = (&half[(y - 1) * wide..y * wide], &half[(y + 1) * wide..(y + 2) * wide]);
            let bend = |x: usize| {
                let around = level(x - 1) + level(x + 1) + f64::from(above[x]) + f64::from(below[x]);
                around - 4.0 * level(x)
            };
            laplacian += (1..wide - 1).map(|x| bend(x).powi(2)).sum::<f64>();
        }
    }
    let (count, inner) = ((wide * high) as f64, ((wide - 2) * (high - 2)) as f64);
    let variance = square / count - (sum / count).powi(2);
    // The mean of the Laplacian is zero but for the edges, so its mean square is its variance.
    let sharp = laplacian / inner - LAPLACIAN_NOISE * noise * noise / 4.0;
    Ok(if sharp > 0.0 && variance > 0.0 { sharp / variance } else { 0.0 })
}

fn half_size(image: &GreyImage, wide: usize, high: usize, cancel: Cancel<'_>) -> Result<Vec<f32>> {
    let (mut upper, mut lower) = (vec![0f32; image.width], vec![0f32; image.width]);
    let mut half = Vec::with_capacity(wide * high);
    for y in 0..high {
        cancel.poll()?;
        image.row_f32(2 * y, &mut upper);
        image.row_f32(2 * y + 1, &mut lower);
        let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2)).take(wide);
        half.extend(pairs.map(|(u, l)| 0.25 * (u[0] + u[1] + l[0] + l[1])));
    }
    Ok(half)
}
