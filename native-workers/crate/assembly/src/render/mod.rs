//! The task `render-region`: a box of stack space from the tiles that cover it.

mod blend;
pub(crate) mod frame;
mod place;
mod row;
mod sample;
mod sheet;
mod tone;

use blend::Band;
pub use blend::Blend;
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use kernels::geometry::{Affine, Point, TileImage};
use kernels::image::Dtype;
use kernels::output::{OutBytes, output_to_fill};
use place::LatticeHeader;
use row::Row;
use serde::{Deserialize, Serialize};
use sheet::{Sheet, View};
use std::path::PathBuf;
use tone::CorrectionHeader;

/// Most pixels of a region.
const MOST_PIXELS: usize = 1 << 27;
/// Pixels that are blended at once: their sums stay in a core's cache.
const BAND_PIXELS: usize = 1 << 16;

/// A tile in its place.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacedTile {
    pub image: TileImage,
    /// Of a tile with a lattice: the affine map that is nearest.
    pub stack_from_tile: Affine,
    /// Grey levels that become black and white; left out, levels stay as they are.
    pub intensity: Option<[f32; 2]>,
    pub mask: Option<Mask>,
    pub correction: Option<CorrectionHeader>,
    pub lattice: Option<LatticeHeader>,
}

/// A picture of what of a tile is there: black = not there, white = all there, between them a weight.
#[derive(Debug, Clone, Deserialize)]
pub struct Mask {
    pub path: PathBuf,
    /// Level-0 pixels a stored pixel.
    pub scale: f64,
}

/// Header of `render-region`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RenderRegion {
    pub tiles: Vec<PlacedTile>,
    /// Stack-space corner of the first output pixel.
    pub origin_px: Point,
    /// Output size, output pixels.
    pub size_px: [usize; 2],
    /// Stack-space pixels an output pixel.
    #[serde(default = "unity")]
    pub step_px: f64,
    pub dtype: Dtype,
    #[serde(default)]
    pub blend: Blend,
}

fn unity() -> f64 {
    1.0
}

/// Result of `render-region`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rendered {
    /// Output pixels that some tile covers.
    covered_px: usize,
}

/// Renders a region: each output pixel's centre goes through the inverse map of each tile over it and takes a bilinear
/// sample; where it spans several pixels of the picture, of the picture reduced by block means. Decodes only tiles that
/// touch the region, through the process's tile cache, and holds those of one band of rows at a time. Empty bands along
/// the edges of a picture (see `frame`) count as outside it.
///
/// Time: linear in the pixels that tiles cover.
pub fn render_region(header: &RenderRegion, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Rendered, Vec<OutBytes>)> {
    let [width, height] = header.size_px;
    if width.saturating_mul(height) > MOST_PIXELS {
        return Err(KernelError::invalid_input(format!(
            "A region of {width} x {height} pixels is too large for one piece."
        )));
    }
    let mut layers = layers_of(header, inputs, cancel)?;
    let band_rows = (BAND_PIXELS / width.max(1)).clamp(1, height.max(1));
    let mut band = Band::new(width, band_rows, header.blend);
    let mut out = output_to_fill(width * height * header.dtype.bytes());
    let mut covered_px = 0;
    for (i, part) in out.chunks_mut((band_rows * width * header.dtype.bytes()).max(1)).enumerate() {
        let rows = [i * band_rows, ((i + 1) * band_rows).min(height)];
        band.clear();
        for layer in &mut layers {
            layer.draw(&mut band, rows, header.dtype, inputs, cancel)?;
        }
        covered_px += band.write(header.dtype, part);
    }
    Ok((Rendered { covered_px }, vec![out]))
}

fn layers_of<'a>(header: &'a RenderRegion, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<Vec<Layer<'a>>> {
    let mut layers = Vec::new();
    for tile in &header.tiles {
        cancel.poll()?;
        layers.extend(View::of(header, tile, inputs)?.map(|view| Layer { tile, view, sheet: None }));
    }
    Ok(layers)
}

/// A tile of the region; its pixels are held while bands cross it.
struct Layer<'a> {
    tile: &'a PlacedTile,
    view: View,
    sheet: Option<Sheet>,
}

impl Layer<'_> {
    fn draw(
        &mut self,
        band: &mut Band,
        rows: [usize; 2],
        dtype: Dtype,
        inputs: &[&[u8]],
        cancel: Cancel<'_>,
    ) -> Result<()> {
        let [first, end] = [rows[0].max(self.view.rows[0]), rows[1].min(self.view.rows[1])];
        if first >= end {
            return Ok(());
        }
        let sheet = match self.sheet.take() {
            Some(sheet) => sheet,
            None => Sheet::read(self.tile, &self.view, dtype, inputs, cancel)?,
        };
        let mut row = Row::default();
        for y in first..end {
            cancel.poll()?;
            sheet.fill(&self.view, y, &mut row);
            band.add(self.view.columns[0], y - rows[0], &row, sheet.centre());
        }
        self.sheet = (end < self.view.rows[1]).then_some(sheet);
        Ok(())
    }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
