//! The task `synthesize-tile`: sample tissue with known truth, the same bytes on every platform (hashes, and no
//! operation that IEEE 754 does not round exactly).

mod cells;
mod hash;
mod noise;
mod organelles;
mod tissue;
mod write;

use crate::cancel::Cancel;
use crate::error::{KernelError, Result};
use crate::geometry::Affine;
use crate::image::{Dtype, GreyImage, Samples};
use hash::Hash;
use noise::Window;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tissue::{BLOCK, RESIN, Tissue};

/// Grey level at which the shot noise has the SD that was asked for.
const NOISE_LEVEL: f32 = 128.0;

/// Side of the pieces that a tile is drawn in, pixels.
const PIECE: usize = 256;

/// Tissue or bare resin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Tissue,
    Blank,
}

/// Header of `synthesize-tile`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SynthesizeTile {
    path: PathBuf,
    seed: i64,
    section: i64,
    size_px: [usize; 2],
    tissue_from_tile: Affine,
    #[serde(default = "unity")]
    gain: f32,
    #[serde(default)]
    offset: f32,
    #[serde(default)]
    vignette: f32,
    #[serde(default = "three")]
    noise_sd: f32,
    #[serde(default)]
    noise_seed: i64,
    #[serde(default = "tissue_kind")]
    kind: Kind,
    #[serde(default = "uint8")]
    dtype: Dtype,
}

fn unity() -> f32 {
    1.0
}

fn three() -> f32 {
    3.0
}

fn tissue_kind() -> Kind {
    Kind::Tissue
}

fn uint8() -> Dtype {
    Dtype::Uint8
}

/// Result of `synthesize-tile`.
#[derive(Debug, Serialize)]
pub struct Synthesized {
    /// Of the written file.
    sha256: String,
}

/// Draws a tile and writes it as PNG: to a temporary name, synced, renamed. Errors: `not-writable`, `disk-full`.
pub fn synthesize_tile(header: &SynthesizeTile, cancel: Cancel<'_>) -> Result<(Synthesized, Vec<Vec<u8>>)> {
    let [width, height] = header.size_px;
    if width.saturating_mul(height) > 1 << 28 {
        return Err(KernelError::invalid_input(format!("A sample tile of {width} x {height} pixels is too large.")));
    }
    let sha256 = write::png(&header.path, &draw(header, cancel)?)?;
    Ok((Synthesized { sha256 }, Vec::new()))
}

/// Draws a tile: tissue, vignetting, gain, offset, shot noise; rounded to whole levels.
pub fn draw(header: &SynthesizeTile, cancel: Cancel<'_>) -> Result<GreyImage> {
    let [width, height] = header.size_px;
    let mut levels = vec![RESIN; width * height];
    if header.kind == Kind::Tissue {
        draw_tissue(header, &mut levels, cancel)?;
    }
    for (y, row) in levels.chunks_exact_mut(width).enumerate() {
        cancel.poll()?;
        expose(header, y, row);
    }
    let samples = match header.dtype {
        Dtype::Uint8 => Samples::U8(levels.iter().map(|v| (v + 0.5).clamp(0.0, 255.0) as u8).collect()),
        Dtype::Uint16 => Samples::U16(levels.iter().map(|v| (v * 257.0 + 0.5).clamp(0.0, 65_535.0) as u16).collect()),
    };
    Ok(GreyImage { width, height, samples })
}

/// The camera: what makes the same tissue look different in each tile.
fn expose(header: &SynthesizeTile, y: usize, row: &mut [f32]) {
    let [width, height] = header.size_px.map(|s| s as f32);
    let noise = Hash::new(header.noise_seed, 40).and(y as i64);
    let across = 2.0 * (y as f32 + 0.5) / height - 1.0;
    for (x, v) in row.iter_mut().enumerate() {
        let along = 2.0 * (x as f32 + 0.5) / width - 1.0;
        let lit = 1.0 - header.vignette * 0.5 * (along * along + across * across);
        let clean = *v * lit * header.gain + header.offset;
        let sd = header.noise_sd * (clean.max(0.0) / NOISE_LEVEL).sqrt();
        *v = clean + sd * noise.and(x as i64).gaussian();
    }
}

/// Draws piece by piece: what can be met in a piece is found once for it, so time is linear in pixels.
fn draw_tissue(header: &SynthesizeTile, levels: &mut [f32], cancel: Cancel<'_>) -> Result<()> {
    let [width, height] = header.size_px;
    let whole = window_of(header, [0, 0, width, height]);
    let sensible = whole.width * whole.height <= 64.0 * (width * height) as f64 + 1e6;
    if !sensible || whole.x.abs() > 1e9 || whole.y.abs() > 1e9 {
        return Err(KernelError::invalid_input("The place of a sample tile in tissue space is not sensible."));
    }
    for top in (0..height).step_by(PIECE) {
        for left in (0..width).step_by(PIECE) {
            let piece = [left, top, (left + PIECE).min(width), (top + PIECE).min(height)];
            draw_piece(header, levels, piece, cancel)?;
        }
    }
    Ok(())
}

/// Draws the pixels of a piece `[x0, y0, x1, y1]`.
fn draw_piece(header: &SynthesizeTile, levels: &mut [f32], piece: [usize; 4], cancel: Cancel<'_>) -> Result<()> {
    let window = window_of(header, piece);
    let tissue = Tissue::cut(header.seed, header.section, window);
    let [x0, y0, x1, y1] = piece;
    let mut places = Vec::with_capacity(BLOCK * BLOCK);
    for top in (y0..y1).step_by(BLOCK) {
        cancel.poll()?;
        for left in (x0..x1).step_by(BLOCK) {
            places.clear();
            let mut bounds = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
            for y in top..(top + BLOCK).min(y1) {
                for x in left..(left + BLOCK).min(x1) {
                    let [px, py] = header.tissue_from_tile.apply([x as f64 + 0.5, y as f64 + 0.5]);
                    let (px, py) = ((px - window.x) as f32, (py - window.y) as f32);
                    let (u, v) = tissue.warped(px, py);
                    bounds = [bounds[0].min(u), bounds[1].min(v), bounds[2].max(u), bounds[3].max(v)];
                    places.push((y * header.size_px[0] + x, px, py, u, v));
                }
            }
            let nearby = tissue.nearby(bounds);
            for &(at, px, py, u, v) in &places {
                levels[at] = tissue.level(&nearby, px, py, u, v);
            }
        }
    }
    Ok(())
}

/// The part of tissue that a piece of the tile covers.
fn window_of(header: &SynthesizeTile, piece: [usize; 4]) -> Window {
    let [x0, y0, x1, y1] = header.tissue_from_tile.bounds(piece.map(|v| v as f64));
    Window { x: x0, y: y0, width: x1 - x0, height: y1 - y0 }
}

#[cfg(test)]
#[path = "synth_tests.rs"]
mod tests;
