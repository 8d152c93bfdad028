//! The two tiles in one frame: the stored pixels of tile a. Tile b is shifted by whole pixels where the stage says it
//! is only shifted, else it is resampled along the stage's linear map first.

use super::interpolate::cubic;
use super::patch::{Patch, Rect};
use super::prepare::prepare;
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::geometry::{Affine, Point};
use kernels::image::GreyImage;

/// A linear map that moves no corner by more than this, pixels, is a shift.
const SHIFT_TOLERANCE_PX: f64 = 0.05;
/// Pixels around a resampled one that its cubic takes in.
const CUBIC_REACH: i64 = 2;

/// What is compared.
pub struct View {
    pub a: Patch,
    pub b: Patch,
    /// Stored pixels of tile b from frame pixels, both continuous: where patch b was taken from.
    pub b_from_frame: Affine,
}

/// Where the stage puts tile b in the frame, and what of both can overlap.
pub struct Place {
    /// Stored pixels of tile b from frame pixels, both continuous.
    pub b_from_frame: Affine,
    /// Shift from a to b that the stage expects, frame pixels.
    pub centre: Point,
    /// What can overlap of each, frame pixels.
    pub from_a: Rect,
    pub from_b: Rect,
    /// From frame pixels to those of tile b, where that is a shift by whole pixels.
    pub shifted: Option<[i64; 2]>,
}

fn whole(image: &GreyImage) -> Rect {
    Rect { x0: 0, y0: 0, x1: image.width as i64, y1: image.height as i64 }
}

/// Where the stage says tile b is, and by how much.
fn seen(b: &GreyImage, extent: f64, b_from_a: &Affine) -> Result<(Affine, Point, Rect, Option<[i64; 2]>)> {
    let m = &b_from_a.0;
    let off = (m[0] - 1.0).abs() + m[1].abs() + m[2].abs() + (m[3] - 1.0).abs();
    if off * extent <= SHIFT_TOLERANCE_PX {
        let shift = [m[4].round(), m[5].round()];
        let by = shift.map(|s| s as i64);
        let b_from_frame = Affine([1.0, 0.0, 0.0, 1.0, shift[0], shift[1]]);
        return Ok((b_from_frame, [m[4] - shift[0], m[5] - shift[1]], whole(b).moved(by.map(|s| -s)), Some(by)));
    }
    let [x0, y0, x1, y1] = b_from_a.inverse()?.bounds([0.0, 0.0, b.width as f64, b.height as f64]);
    let rect = Rect { x0: x0.floor() as i64, y0: y0.floor() as i64, x1: x1.ceil() as i64, y1: y1.ceil() as i64 };
    Ok((*b_from_a, [0.0, 0.0], rect, None))
}

/// What of both tiles can overlap when the stage is wrong by up to `search` frame pixels. `b_from_a` maps stored
/// pixels. None where nothing can.
pub fn place(a: &GreyImage, b: &GreyImage, b_from_a: &Affine, search: f64) -> Result<Option<Place>> {
    let extent = a.width.max(a.height).max(b.width).max(b.height) as f64;
    let (b_from_frame, centre, rect, shifted) = seen(b, extent, b_from_a)?;
    let reach = search.ceil() as i64 + 1;
    let (from_a, from_b) = (whole(a).and(rect.grown(reach)), rect.and(whole(a).grown(reach)));
    let any = from_a.area() > 0 && from_b.area() > 0;
    Ok(any.then_some(Place { b_from_frame, centre, from_a, from_b, shifted }))
}

/// Cuts from both tiles what can overlap. None where nothing is left of tile b.
pub fn view(a: &GreyImage, b: &GreyImage, place: &Place, cancel: Cancel<'_>) -> Result<Option<View>> {
    let Place { b_from_frame, from_a, from_b, shifted, .. } = *place;
    let patch_a = prepare(a, from_a, cancel)?;
    let patch_b = match shifted {
        Some(by) => {
            let patch = prepare(b, from_b.moved(by), cancel)?;
            Patch { x: from_b.x0, y: from_b.y0, ..patch }
        }
        None => match resample(b, from_b, &b_from_frame, cancel)? {
            Some(patch) => patch,
            None => return Ok(None),
        },
    };
    Ok(Some(View { a: patch_a, b: patch_b, b_from_frame }))
}

/// Prepares what a rectangle of the frame shows of tile b, then resamples it: so the blur is the tile's own.
fn resample(b: &GreyImage, rect: Rect, b_from_frame: &Affine, cancel: Cancel<'_>) -> Result<Option<Patch>> {
    let [x0, y0, x1, y1] = b_from_frame.bounds([rect.x0 as f64, rect.y0 as f64, rect.x1 as f64, rect.y1 as f64]);
    let needed = Rect { x0: x0.floor() as i64, y0: y0.floor() as i64, x1: x1.ceil() as i64, y1: y1.ceil() as i64 };
    let needed = needed.grown(CUBIC_REACH).and(whole(b));
    if needed.area() == 0 {
        return Ok(None);
    }
    let source = prepare(b, needed, cancel)?;
    let (width, height) = (rect.width(), rect.height());
    let blank = || vec![0.0; width * height];
    let (mut level, mut soft, mut mask) = (blank(), blank(), blank());
    for j in 0..height {
        cancel.poll()?;
        let y = (rect.y0 + j as i64) as f64 + 0.5;
        for i in 0..width {
            let at = b_from_frame.apply([(rect.x0 + i as i64) as f64 + 0.5, y]);
            if let Some(v) = sample(&source, [at[0] - 0.5, at[1] - 0.5]) {
                ([level[j * width + i], soft[j * width + i]], mask[j * width + i]) = (v, 1.0);
            }
        }
    }
    Ok(Some(Patch { x: rect.x0, y: rect.y0, width, height, level, soft, mask, masked: true }))
}

/// Both kinds of level at a place in pixel indices, by Keys' cubic. None where one of the 4 x 4 pixels is missing or
/// masked.
fn sample(patch: &Patch, [x, y]: Point) -> Option<[f32; 2]> {
    let (ix, iy) = (x.floor(), y.floor());
    let (left, top) = (ix as i64 - 1 - patch.x, iy as i64 - 1 - patch.y);
    let inside = left >= 0 && top >= 0 && left + 4 <= patch.width as i64 && top + 4 <= patch.height as i64;
    if !inside {
        return None;
    }
    let ((wx, _), (wy, _)) = (cubic((x - ix) as f32), cubic((y - iy) as f32));
    let (mut sums, mut least) = ([0.0f32; 2], 1.0f32);
    for (j, w) in wy.iter().enumerate() {
        let at = (top as usize + j) * patch.width + left as usize;
        for (sum, levels) in sums.iter_mut().zip([&patch.level, &patch.soft]) {
            let row = &levels[at..at + 4];
            *sum += w * (wx[0] * row[0] + wx[1] * row[1] + wx[2] * row[2] + wx[3] * row[3]);
        }
        let mask = &patch.mask[at..at + 4];
        least = least.min(mask[0].min(mask[1]).min(mask[2].min(mask[3])));
    }
    (least > 0.0).then_some(sums)
}
