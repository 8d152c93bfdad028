//! A tile made ready to be drawn.

use super::frame::Frame;
use super::place::{Lattice, Places};
use super::row::Row;
use super::sample::{Sampled, halvings_for};
use super::tone::{Correction, Tone};
use super::{PlacedTile, RenderRegion};
use kernels::cancel::Cancel;
use kernels::decode::{Budget, CachedTile, tile_cache};
use kernels::error::Result;
use kernels::geometry::Affine;
use kernels::image::Dtype;

/// An output pixel that spans more pixels of a picture than this is sampled in four places.
const SPREAD: f64 = 1.25;

/// How a region sees a tile.
pub struct View {
    places: Places,
    /// Output pixels that the tile may cover: first and one past the last column and row.
    pub columns: [usize; 2],
    pub rows: [usize; 2],
    /// Level-0 pixels of the tile from an output pixel to the next along x and y; of a lattice, about.
    spread: [[f64; 2]; 2],
}

impl View {
    /// None where the tile does not touch the region.
    pub fn of(header: &RenderRegion, tile: &PlacedTile, inputs: &[&[u8]]) -> Result<Option<Self>> {
        let ([ox, oy], step) = (header.origin_px, header.step_px);
        let half = 0.5 * step;
        let stack_from_output = Affine([step, 0.0, 0.0, step, ox + half, oy + half]);
        let tile_from_output = tile.stack_from_tile.inverse()?.after(&stack_from_output);
        let m = tile_from_output.0;
        let (places, [columns, rows]) = match &tile.lattice {
            Some(lattice) => {
                let lattice = Lattice::new(lattice, inputs)?;
                let extent = lattice.extent(header.size_px);
                (Places::Lattice(lattice), extent)
            }
            None => (Places::Affine(tile_from_output), affine_extent(header, tile)),
        };
        let touches = columns[0] < columns[1] && rows[0] < rows[1];
        let spread = [[m[0], m[1]], [m[2], m[3]]];
        Ok(touches.then_some(Self { places, columns, rows, spread }))
    }

    /// Level-0 pixels of the tile that an output pixel spans: the side of a square of that area.
    fn span(&self) -> f64 {
        let [[a, b], [c, d]] = self.spread;
        (a * d - b * c).abs().sqrt()
    }
}

fn affine_extent(header: &RenderRegion, tile: &PlacedTile) -> [[usize; 2]; 2] {
    let [w, h] = tile.image.size_px;
    let bounds = tile.stack_from_tile.bounds([0.0, 0.0, w, h]);
    let range = |axis: usize| {
        let (origin, count) = (header.origin_px[axis], header.size_px[axis] as f64);
        let first = ((bounds[axis] - origin) / header.step_px - 1.0).floor().clamp(0.0, count);
        let end = ((bounds[axis + 2] - origin) / header.step_px + 1.0).ceil().clamp(0.0, count);
        [first as usize, end as usize]
    };
    [range(0), range(1)]
}

/// A decoded picture at the size that is asked for.
struct Picture {
    image: CachedTile,
    scale: f64,
    spread: Option<[[f64; 2]; 2]>,
}

impl Picture {
    fn read(path: &std::path::Path, scale: f64, view: &View, cancel: Cancel<'_>) -> Result<Self> {
        let (halvings, span) = halvings_for(view.span() / scale);
        let image = tile_cache().get_reduced(path, halvings, Budget::default(), cancel)?;
        let spread = (span > SPREAD).then_some(view.spread);
        Ok(Self { image, scale: scale * f64::from(1u32 << halvings), spread })
    }

    fn sampled(&self) -> Sampled<'_> {
        Sampled { image: &self.image, scale: self.scale, spread: self.spread }
    }
}

/// What it takes to draw a tile; holds its pixels.
pub struct Sheet {
    picture: Picture,
    mask: Option<Picture>,
    frame: Option<Frame>,
    correction: Option<Correction>,
    tone: Option<Tone>,
    size_px: [f64; 2],
}

impl Sheet {
    /// Reads the tile's files, through the process's cache of tiles.
    pub fn read(tile: &PlacedTile, view: &View, dtype: Dtype, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<Self> {
        let size_px = tile.image.size_px;
        let picture = Picture::read(&tile.image.path, tile.image.scale, view, cancel)?;
        let mask = tile.mask.as_ref().map(|m| Picture::read(&m.path, m.scale, view, cancel)).transpose()?;
        let correction = tile.correction.as_ref().map(|c| Correction::new(c, inputs, size_px)).transpose()?;
        let frame = Frame::of(&picture.image);
        Ok(Self { picture, mask, frame, correction, tone: Tone::of(tile.intensity, dtype), size_px })
    }

    /// The middle of the tile, level-0 pixels.
    pub fn centre(&self) -> [f64; 2] {
        self.size_px.map(|side| 0.5 * side)
    }

    /// What the tile gives to the pixels of row `y` that its view has.
    pub fn fill(&self, view: &View, y: usize, row: &mut Row) {
        row.resize(view.columns[1] - view.columns[0]);
        view.places.fill(view.columns[0], y, row);
        self.edges(row);
        if let Some(mask) = &self.mask {
            mask.sampled().fill(row);
            std::mem::swap(&mut row.levels, &mut row.masks);
            let most = mask.image.samples.dtype().max();
            row.masks.iter_mut().for_each(|v| *v /= most);
        }
        self.picture.sampled().fill(row);
        if let Some(correction) = &self.correction {
            correction.apply(row);
        }
        if let Some(tone) = self.tone {
            tone.apply(row);
        }
    }

    /// At the very edge a tile counts for nothing, so only what lies within it is drawn.
    fn edges(&self, row: &mut Row) {
        let [w, h] = self.size_px;
        for ((&tx, &ty), edge) in row.xs.iter().zip(&row.ys).zip(&mut row.edges) {
            let inset = (tx.min(w - tx)).min(ty.min(h - ty));
            // `max` leaves out what is not a number, but `min` would have done so, too.
            *edge = if tx.is_nan() || ty.is_nan() { 0.0 } else { inset.max(0.0) as f32 };
        }
        if let Some(frame) = &self.frame {
            let (scale, per_px) = (self.picture.scale, 1.0 / self.picture.scale);
            for ((&tx, &ty), edge) in row.xs.iter().zip(&row.ys).zip(&mut row.edges) {
                if *edge > 0.0 {
                    *edge = edge.min((frame.inset(tx * per_px, ty * per_px) * scale).max(0.0) as f32);
                }
            }
        }
    }
}
