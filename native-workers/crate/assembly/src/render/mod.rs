//! The task `render-region`: a box of stack space from the tiles that cover it.

mod blend;
mod frame;

use blend::Canvas;
use frame::Frame;
use kernels::cancel::Cancel;
use kernels::decode::{Budget, tile_cache};
use kernels::error::{KernelError, Result};
use kernels::geometry::{Affine, Point, TileImage};
use kernels::image::{Dtype, GreyImage, Samples};
use serde::{Deserialize, Serialize};

/// Most pixels of a region.
const MOST_PIXELS: usize = 1 << 27;

/// A tile in its place.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacedTile {
    pub image: TileImage,
    pub stack_from_tile: Affine,
    /// Grey levels that become black and white; left out, levels stay as they are.
    pub intensity: Option<[f32; 2]>,
}

/// How overlapping tiles are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blend {
    /// Mean weighted by the distance to each tile's own edge: no visible seam, and none at a corner of tiles.
    #[default]
    Feather,
    /// The tile whose centre is nearest.
    NearestCentre,
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

/// Renders a region: each output pixel's centre goes through the inverse affine of each tile over it and takes a
/// bilinear sample. Decodes only tiles that touch the region, through the process's tile cache. Empty bands along the
/// edges of a picture (see `frame`) count as outside it.
///
/// Memory: 8 bytes a pixel of the region besides the output. Time: linear in the pixels that tiles cover.
pub fn render_region(header: &RenderRegion, cancel: Cancel<'_>) -> Result<(Rendered, Vec<Vec<u8>>)> {
    let [width, height] = header.size_px;
    if width.saturating_mul(height) > MOST_PIXELS {
        return Err(KernelError::invalid_input(format!(
            "A region of {width} x {height} pixels is too large for one piece."
        )));
    }
    let mut canvas = Canvas::new(width, height, header.blend);
    for tile in &header.tiles {
        cancel.poll()?;
        if let Some(view) = View::of(header, tile)? {
            let image = tile_cache().get(&tile.image.path, Budget::default(), cancel)?;
            draw(&mut canvas, &view, tile, &image, header.dtype, cancel)?;
        }
    }
    let (samples, covered_px) = canvas.finish(header.dtype);
    Ok((Rendered { covered_px }, vec![samples.into_le_bytes()]))
}

/// How a region sees a tile.
struct View {
    /// Tile-space place (level-0 pixels) of an output pixel's index.
    tile_from_output: Affine,
    /// Output pixels that the tile may cover: first and one past the last column and row.
    columns: [usize; 2],
    rows: [usize; 2],
}

impl View {
    /// None where the tile does not touch the region.
    fn of(header: &RenderRegion, tile: &PlacedTile) -> Result<Option<Self>> {
        let ([ox, oy], step) = (header.origin_px, header.step_px);
        let half = 0.5 * step;
        let stack_from_output = Affine([step, 0.0, 0.0, step, ox + half, oy + half]);
        let tile_from_output = tile.stack_from_tile.inverse()?.after(&stack_from_output);
        let [w, h] = tile.image.size_px;
        let bounds = tile.stack_from_tile.bounds([0.0, 0.0, w, h]);
        let range = |low: f64, high: f64, origin: f64, count: usize| {
            let first = ((low - origin) / step - 1.0).floor().clamp(0.0, count as f64);
            let end = ((high - origin) / step + 1.0).ceil().clamp(0.0, count as f64);
            [first as usize, end as usize]
        };
        let columns = range(bounds[0], bounds[2], ox, header.size_px[0]);
        let rows = range(bounds[1], bounds[3], oy, header.size_px[1]);
        let touches = columns[0] < columns[1] && rows[0] < rows[1];
        Ok(touches.then_some(Self { tile_from_output, columns, rows }))
    }
}

fn draw(
    canvas: &mut Canvas,
    view: &View,
    tile: &PlacedTile,
    image: &GreyImage,
    dtype: Dtype,
    cancel: Cancel<'_>,
) -> Result<()> {
    let tone = Tone::of(tile.intensity, dtype);
    let frame = Frame::of(image);
    for y in view.rows[0]..view.rows[1] {
        cancel.poll()?;
        match &image.samples {
            Samples::U8(pixels) => draw_row(canvas, view, tile, &Grid::new(image, pixels, frame.as_ref()), tone, y),
            Samples::U16(pixels) => draw_row(canvas, view, tile, &Grid::new(image, pixels, frame.as_ref()), tone, y),
        }
    }
    Ok(())
}

fn draw_row<T: Copy + Into<f32>>(
    canvas: &mut Canvas,
    view: &View,
    tile: &PlacedTile,
    grid: &Grid<'_, T>,
    tone: Tone,
    y: usize,
) {
    let ([w, h], per_px) = (tile.image.size_px, 1.0 / tile.image.scale);
    for x in view.columns[0]..view.columns[1] {
        let [tx, ty] = view.tile_from_output.apply([x as f64, y as f64]);
        let to_border = tx.min(w - tx).min(ty.min(h - ty));
        let edge = match grid.frame {
            Some(frame) => to_border.min(frame.inset(tx * per_px, ty * per_px) * tile.image.scale),
            None => to_border,
        };
        // At the very edge a tile counts for nothing, so only what lies within it is drawn.
        if edge > 0.0 {
            let level = tone.apply(grid.bilinear(tx * per_px - 0.5, ty * per_px - 0.5));
            let off_centre = (tx - 0.5 * w).powi(2) + (ty - 0.5 * h).powi(2);
            canvas.add(x, y, level, edge as f32, off_centre as f32);
        }
    }
}

/// Grey levels in, grey levels out: `v * gain + offset`.
#[derive(Clone, Copy)]
struct Tone {
    gain: f32,
    offset: f32,
}

impl Tone {
    fn of(intensity: Option<[f32; 2]>, dtype: Dtype) -> Self {
        match intensity {
            Some([black, white]) if white > black => {
                let gain = dtype.max() / (white - black);
                Self { gain, offset: -black * gain }
            }
            _ => Self { gain: 1.0, offset: 0.0 },
        }
    }

    fn apply(self, v: f32) -> f32 {
        v * self.gain + self.offset
    }
}

/// Pixels to sample between.
struct Grid<'a, T> {
    pixels: &'a [T],
    frame: Option<&'a Frame>,
    stride: usize,
    last_x: f64,
    last_y: f64,
}

impl<'a, T: Copy + Into<f32>> Grid<'a, T> {
    fn new(image: &GreyImage, pixels: &'a [T], frame: Option<&'a Frame>) -> Self {
        let (last_x, last_y) = ((image.width - 1) as f64, (image.height - 1) as f64);
        Self { pixels, frame, stride: image.width, last_x, last_y }
    }

    /// The level at a place, in pixel indices (0 = the centre of the first); beyond the edge, that of the edge.
    fn bilinear(&self, x: f64, y: f64) -> f32 {
        let (x, y) = (x.clamp(0.0, self.last_x), y.clamp(0.0, self.last_y));
        let (ix, iy) = (x as usize, y as usize);
        let (fx, fy) = ((x - ix as f64) as f32, (y - iy as f64) as f32);
        let at = iy * self.stride + ix;
        let right = usize::from(fx > 0.0);
        let below = if fy > 0.0 { self.stride } else { 0 };
        let level = |i: usize| -> f32 { self.pixels[i].into() };
        let upper = level(at) + (level(at + right) - level(at)) * fx;
        let lower = level(at + below) + (level(at + below + right) - level(at + below)) * fx;
        upper + (lower - upper) * fy
    }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
