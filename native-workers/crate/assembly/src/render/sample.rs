//! Grey levels between the pixels of a picture.

use super::row::Row;
use kernels::image::{GreyImage, Samples};

/// A picture with its scale: level-0 pixels of the tile that one of its pixels stands for.
pub struct Sampled<'a> {
    pub image: &'a GreyImage,
    pub scale: f64,
    /// Level-0 pixels of the tile from an output pixel to the next along x and along y, where each output pixel stands
    /// for clearly more than one of the picture; it is then the mean of four samples.
    pub spread: Option<[[f64; 2]; 2]>,
}

impl Sampled<'_> {
    /// Levels at the places of a row where the tile is; 0 elsewhere.
    pub fn fill(&self, row: &mut Row) {
        match &self.image.samples {
            Samples::U8(pixels) => self.levels(pixels, row),
            Samples::U16(pixels) => self.levels(pixels, row),
        }
    }

    fn levels<T: Copy + Into<f32>>(&self, pixels: &[T], row: &mut Row) {
        let grid = Grid::new(self.image, pixels);
        let per_px = 1.0 / self.scale;
        let places = row.xs.iter().zip(&row.ys).zip(&row.edges);
        for (((&tx, &ty), &edge), level) in places.zip(&mut row.levels) {
            let at = |dx: f64, dy: f64| grid.bilinear((tx + dx) * per_px - 0.5, (ty + dy) * per_px - 0.5);
            *level = match self.spread {
                _ if edge <= 0.0 => 0.0,
                None => at(0.0, 0.0),
                Some([[ax, ay], [bx, by]]) => {
                    let (px, py, qx, qy) = ((ax + bx) / 4.0, (ay + by) / 4.0, (ax - bx) / 4.0, (ay - by) / 4.0);
                    (at(px, py) + at(-px, -py) + at(qx, qy) + at(-qx, -qy)) / 4.0
                }
            };
        }
    }
}

/// Pixels to sample between.
struct Grid<'a, T> {
    pixels: &'a [T],
    stride: usize,
    /// The last pixel that has a neighbour, and the last one.
    before: [usize; 2],
    last: [f64; 2],
    /// From a pixel to the one on its right; 0 in a picture of one column. Of rows likewise.
    right: usize,
    below: usize,
}

impl<'a, T: Copy + Into<f32>> Grid<'a, T> {
    fn new(image: &GreyImage, pixels: &'a [T]) -> Self {
        let sides = [image.width, image.height];
        Self {
            pixels,
            stride: image.width,
            before: sides.map(|n| n.saturating_sub(2)),
            last: sides.map(|n| (n - 1) as f64),
            right: usize::from(image.width > 1),
            below: if image.height > 1 { image.width } else { 0 },
        }
    }

    /// The level at a place, in pixel indices (0 = the centre of the first); beyond the edge, that of the edge.
    #[inline(always)]
    fn bilinear(&self, x: f64, y: f64) -> f32 {
        let (x, y) = (x.max(0.0).min(self.last[0]), y.max(0.0).min(self.last[1]));
        let (ix, iy) = ((x as u32 as usize).min(self.before[0]), (y as u32 as usize).min(self.before[1]));
        let (fx, fy) = ((x - ix as f64) as f32, (y - iy as f64) as f32);
        let four = &self.pixels[iy * self.stride + ix..][..self.below + self.right + 1];
        let [a, b, c, d]: [f32; 4] =
            [four[0].into(), four[self.right].into(), four[self.below].into(), four[self.below + self.right].into()];
        let (upper, lower) = (a + (b - a) * fx, c + (d - c) * fx);
        upper + (lower - upper) * fy
    }
}

/// A picture that is up to 5 % too small is taken: tiles that are turned or stretched a little are no exception.
const NEARLY: f64 = 0.07;

/// Halvings after which a picture has about as many pixels as are asked for, and what one of those then spans of it.
pub fn halvings_for(span: f64) -> (u32, f64) {
    let halvings = (span.log2() + NEARLY).floor().clamp(0.0, 16.0) as u32;
    (halvings, span / f64::from(1u32 << halvings))
}
