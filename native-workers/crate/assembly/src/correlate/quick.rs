//! A quick look, coarse to fine: reduced pictures say where the tiles fit, and the pixels of one window of the overlap
//! say where exactly. It answers only where there is no doubt; the other pairs are looked at in full.

use super::cells::{Found, middle};
use super::fit::{Question, fit};
use super::ncc::{agreement, product};
use super::patch::{Patch, Rect};
use super::prepare::{prepare, prepare_reduced};
use super::refine::refine_from;
use super::view::Place;
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::geometry::Point;
use kernels::image::GreyImage;

/// Fractions to look at, how many pixels along the shorter side, and in all, must be left, and how many are tried.
const FACTORS: [usize; 3] = [8, 4, 2];
const LEAST_REDUCED_SIDE: usize = 28;
const LEAST_REDUCED_PX: usize = 4096;
const MOST_TRIES: usize = 2;
/// How significant the best place must be, and how much more so than the second: well above what unrelated tissue ever
/// gave (see the bench), and above what a full look asks for.
const DECISIVE: f64 = 9.0;
const DECISIVE_RATIO: f64 = 1.4;
/// Pixels of a window; the larger one where the place is less sure than this after the first, pixels.
const WINDOWS_PX: [usize; 2] = [1 << 15, 1 << 17];
const FIRM_SIGMA: f64 = 0.01;
/// How many places for the window are weighed along an axis.
const MOST_PLACES: usize = 8;
/// Pixels of tile b around the window: what interpolation takes in and how far the reduced place may be off.
const REACH: i64 = 12;
/// How far the exact place may lie from the reduced one, reduced pixels.
const MOST_OFF: f64 = 1.0;

/// What a quick look is sure of.
pub struct Quick {
    pub found: Found,
    /// Stored pixels of the overlap.
    pub area: f64,
}

/// Looks at the reduced tiles, then at a window of their pixels. None where there is any doubt.
pub fn quick(
    a: &GreyImage,
    b: &GreyImage,
    place: &Place,
    asked: &Question,
    cancel: Cancel<'_>,
) -> Result<Option<Quick>> {
    let Some(by) = place.shifted else { return Ok(None) };
    let Some((pair, coarse)) = first_sure(a, b, place, asked, cancel)? else { return Ok(None) };
    let mut found = None;
    let over = place.from_a.and(place.from_b.moved(coarse.near.map(|s| -s.round() as i64)));
    for most_px in WINDOWS_PX {
        let window = pair.window(coarse.shift, over, place, most_px);
        found = exactly(a, b, window, (&coarse, by), (place, asked), cancel)?;
        if window == over || found.is_none_or(|found| found.refined.sigma <= FIRM_SIGMA) {
            break;
        }
    }
    Ok(found.map(|found| Quick { found, area: coarse.area }))
}

/// The place to a part of a pixel, from the pixels of one window of tile a.
fn exactly(
    a: &GreyImage,
    b: &GreyImage,
    window: Rect,
    (coarse, by): (&Coarse, [i64; 2]),
    (place, asked): (&Place, &Question),
    cancel: Cancel<'_>,
) -> Result<Option<Found>> {
    let in_b = window.moved(coarse.near.map(|s| s.round() as i64)).grown(REACH).and(place.from_b);
    let patch_a = prepare(a, window, cancel)?;
    let patch_b = Patch { x: in_b.x0, y: in_b.y0, ..prepare(b, in_b.moved(by), cancel)? };
    let Some(refined) = refine_from(&patch_a, &patch_b, coarse.near, coarse.slack) else { return Ok(None) };
    let whole = refined.shift.map(|s| s.round() as i64);
    let inside = (0..2).all(|i| (refined.shift[i] - asked.centre[i]).abs() <= asked.search);
    let seen = agreement(&patch_a, &patch_b, whole).filter(|seen| inside && seen.ncc > 0.0);
    let at = middle(patch_a.overlap(&patch_b, whole));
    Ok(seen.map(|seen| Found { at, refined, ncc: seen.ncc, peak_ratio: coarse.peak_ratio }))
}

/// Both tiles at a fraction of their size; indices count from the first pixel of each.
struct Reduced {
    a: Patch,
    b: Patch,
    factor: usize,
    /// From the first pixel of a to that of b, frame pixels.
    corner: Point,
}

/// Where the reduced tiles fit.
struct Coarse {
    /// Reduced pixels, and frame pixels.
    shift: [i64; 2],
    near: Point,
    /// How far that may be off, frame pixels.
    slack: f64,
    peak_ratio: f64,
    area: f64,
}

/// The first fraction at which the tiles fit beyond doubt.
fn first_sure(
    a: &GreyImage,
    b: &GreyImage,
    place: &Place,
    asked: &Question,
    cancel: Cancel<'_>,
) -> Result<Option<(Reduced, Coarse)>> {
    let [from_a, from_b] = [place.from_a, place.from_b];
    let factors = FACTORS.into_iter().filter(|&factor| enough(from_a, factor) && enough(from_b, factor));
    for factor in factors.take(MOST_TRIES) {
        let pair = Reduced {
            a: prepare_reduced(a, from_a, factor, cancel)?,
            b: prepare_reduced(b, from_b.moved(place.shifted.unwrap_or_default()), factor, cancel)?,
            factor,
            corner: [(from_b.x0 - from_a.x0) as f64, (from_b.y0 - from_a.y0) as f64],
        };
        if let Some(coarse) = pair.fit(asked, cancel)? {
            return Ok(Some((pair, coarse)));
        }
    }
    Ok(None)
}

/// Whether enough is left of a picture.
fn enough(rect: Rect, factor: usize) -> bool {
    let (width, height) = (rect.width() / factor, rect.height() / factor);
    width.min(height) >= LEAST_REDUCED_SIDE && width * height >= LEAST_REDUCED_PX
}

impl Reduced {
    fn fit(&self, asked: &Question, cancel: Cancel<'_>) -> Result<Option<Coarse>> {
        let factor = self.factor as f64;
        let question = Question {
            centre: [0, 1].map(|i: usize| (asked.centre[i] - self.corner[i]) / factor),
            search: asked.search / factor + 0.5,
            least_area: asked.least_area / (factor * factor),
            least: asked.least,
        };
        let fit = fit(&self.a, &self.b, &question, cancel)?;
        let (Some(best), Ok(refined)) = (fit.best, fit.outcome) else { return Ok(None) };
        let sure = best.significance >= DECISIVE && fit.peak_ratio >= DECISIVE_RATIO;
        Ok(sure.then(|| Coarse {
            shift: best.shift,
            near: [0, 1].map(|i: usize| self.corner[i] + factor * refined.shift[i]),
            slack: MOST_OFF * factor,
            peak_ratio: fit.peak_ratio,
            area: best.agreement.area * factor * factor,
        }))
    }

    /// The part of the overlap `over`, pixels of a's frame, in which the tiles vary together most.
    fn window(&self, shift: [i64; 2], over: Rect, place: &Place, most_px: usize) -> Rect {
        let [width, height] = sides(over.width(), over.height(), most_px);
        let (columns, rows) = (starts(over.width(), width), starts(over.height(), height));
        let at = |x: usize, y: usize| {
            let (x0, y0) = (over.x0 + x as i64, over.y0 + y as i64);
            Rect { x0, y0, x1: x0 + width as i64, y1: y0 + height as i64 }
        };
        let places = rows.iter().flat_map(|&y| columns.iter().map(move |&x| at(x, y)));
        let weighed = places.map(|rect| (self.weight(rect, shift, place), rect));
        weighed.fold((f64::NEG_INFINITY, over), |most, next| if next.0 > most.0 { next } else { most }).1
    }

    /// Sum of the products of both tiles' levels over a part of the frame.
    fn weight(&self, part: Rect, shift: [i64; 2], place: &Place) -> f64 {
        let factor = self.factor as i64;
        let small = part.moved([-place.from_a.x0, -place.from_a.y0]);
        let small = Rect { x0: small.x0 / factor, y0: small.y0 / factor, x1: small.x1 / factor, y1: small.y1 / factor };
        product(&self.a, &self.b, small.and(self.a.overlap(&self.b, shift)), shift)
    }
}

/// Sides of the window in an overlap: the whole of it where it is small.
fn sides(width: usize, height: usize, most_px: usize) -> [usize; 2] {
    if width * height <= most_px {
        return [width, height];
    }
    let short = width.min(height).min(most_px.isqrt());
    let long = width.max(height).min(most_px / short.max(1));
    if width <= height { [short, long] } else { [long, short] }
}

/// Where windows of `side` may start along `length`, evenly.
fn starts(length: usize, side: usize) -> Vec<usize> {
    let count = (length / side.max(1)).clamp(1, MOST_PLACES);
    let room = length - side;
    (0..count).map(|i| if count == 1 { room / 2 } else { room * i / (count - 1) }).collect()
}
