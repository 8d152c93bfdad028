//! The task `correlate-pair`: where two overlapping tiles show the same thing.

mod bearing;
mod cells;
mod fit;
pub mod fourier;
mod interpolate;
mod ncc;
mod normal;
mod patch;
mod prepare;
mod propose;
mod quick;
mod reduce;
mod refine;
mod shading;
mod smooth;
mod view;

use cells::{Found, middle};
use fit::{Fit, Least, Miss, Question, fit};
use kernels::cancel::Cancel;
use kernels::decode::{Budget, tile_cache};
use kernels::error::{KernelError, Result};
use kernels::geometry::{Affine, Point, TileImage};
use kernels::image::GreyImage;
use quick::{Quick, quick};
use serde::{Deserialize, Serialize};
use view::{Place, View, place, view};

/// Overlaps of fewer pixels than this (or this part of the smaller tile) are not judged, whatever the caller allows.
const LEAST_AREA_PX: f64 = 4096.0;
const LEAST_AREA_PART: f64 = 0.04;
/// A rotation or scale that moves the edge of a cell by more than this, pixels, calls for a second look, and how far
/// that one searches.
const UNFORESEEN_PX: f64 = 0.3;
const AGAIN_PX: f64 = 8.0;
/// Places that make a second look as good as a first with more.
const ENOUGH_PLACES: usize = 3;

/// What the tiles' places may differ by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    Translation,
    Rigid,
    Affine,
}

/// Header of `correlate-pair`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CorrelatePair {
    pub a: TileImage,
    pub b: TileImage,
    /// Tile b's level-0 pixel of a level-0 pixel of tile a, by the stage.
    pub b_from_a: Affine,
    /// How far the true place may lie from the stage's, level-0 pixels.
    pub search_px: f64,
    pub model: Model,
    /// Least overlap, as a part of the smaller tile's area.
    #[serde(default = "one_percent")]
    pub min_overlap: f64,
}

fn one_percent() -> f64 {
    0.01
}

/// A place that both tiles show, level-0 pixels of each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Match {
    pub a: Point,
    pub b: Point,
    pub ncc: f64,
    pub peak_ratio: f64,
    pub sigma_px: f64,
}

/// Result of `correlate-pair`; see the task table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Correlated {
    pub points: Vec<Match>,
    pub ncc: f64,
    pub peak_ratio: f64,
    pub overlap_px: f64,
    pub reason: &'static str,
}

/// Matches two tile files, through the process's tile cache.
pub fn correlate_pair(header: &CorrelatePair, cancel: Cancel<'_>) -> Result<(Correlated, Vec<Vec<u8>>)> {
    let a = tile_cache().get(&header.a.path, Budget::default(), cancel)?;
    let b = tile_cache().get(&header.b.path, Budget::default(), cancel)?;
    Ok((correlate(header, &a, &b, cancel)?, Vec::new()))
}

/// Matches two decoded tiles; the paths of the header are not looked at. O(n log n) in the pixels that may overlap.
pub fn correlate(header: &CorrelatePair, a: &GreyImage, b: &GreyImage, cancel: Cancel<'_>) -> Result<Correlated> {
    if header.b.scale < 0.99 * header.a.scale {
        // The coarser tile makes the frame, so that the finer is not sampled too sparsely.
        let turned = CorrelatePair {
            a: header.b.clone(),
            b: header.a.clone(),
            b_from_a: header.b_from_a.inverse()?,
            ..header.clone()
        };
        let mut found = in_frame_of_a(&turned, b, a, cancel)?;
        found.points.iter_mut().for_each(|p| (p.a, p.b) = (p.b, p.a));
        return Ok(found);
    }
    in_frame_of_a(header, a, b, cancel)
}

/// A scaling of the plane.
fn scaling(by: f64) -> Affine {
    Affine([by, 0.0, 0.0, by, 0.0, 0.0])
}

fn in_frame_of_a(header: &CorrelatePair, a: &GreyImage, b: &GreyImage, cancel: Cancel<'_>) -> Result<Correlated> {
    let (scale_a, scale_b) = (header.a.scale, header.b.scale);
    let search = header.search_px / scale_a;
    if !(search.is_finite() && search > 0.0 && scale_b > 0.0) {
        return Err(KernelError::invalid_input("The search range and the scales of tiles must be above 0."));
    }
    let stored = scaling(1.0 / scale_b).after(&header.b_from_a).after(&scaling(scale_a));
    let Some(place) = place(a, b, &stored, search)? else { return Ok(missed(Miss::TooLittleOverlap)) };
    let areas = [header.a.size_px, header.b.size_px].map(|[w, h]| w * h / (scale_a * scale_a));
    let smaller = areas[0].min(areas[1]);
    let least_area = (header.min_overlap * smaller).max(LEAST_AREA_PX.min(LEAST_AREA_PART * smaller));
    let question = Question { centre: place.centre, search, least_area, least: Least::ALONE };
    if header.model == Model::Translation
        && let Some(sure) = quick(a, b, &place, &question, cancel)?
    {
        return Ok(sure.correlated(&place, scale_a, scale_b));
    }
    let Some(first) = view(a, b, &place, cancel)? else { return Ok(missed(Miss::TooLittleOverlap)) };
    let found = look(header.model, first, &question, cancel)?;
    let found = match again(header, &found)? {
        Some(b_from_a) => looked_again(header.model, (a, b), &b_from_a, least_area, found, cancel)?,
        None => found,
    };
    Ok(found.correlated(scale_a, scale_b))
}

/// A second look along the map that the first one found, kept where it finds as much.
fn looked_again(
    model: Model,
    (a, b): (&GreyImage, &GreyImage),
    b_from_a: &Affine,
    least_area: f64,
    first: Looked,
    cancel: Cancel<'_>,
) -> Result<Looked> {
    let Some(place) = place(a, b, b_from_a, AGAIN_PX)? else { return Ok(first) };
    let Some(seen) = view(a, b, &place, cancel)? else { return Ok(first) };
    let question = Question { centre: place.centre, search: AGAIN_PX, least_area, least: Least::AMONG_OTHERS };
    let second = look(model, seen, &question, cancel)?;
    Ok(if second.places.len() >= first.places.len().min(ENOUGH_PLACES) { second } else { first })
}

/// Where the places found say that tile b is turned or scaled by more than the stage knew, the map that knows it, in
/// stored pixels: matched again along it, the cells look alike to their edges.
fn again(header: &CorrelatePair, found: &Looked) -> Result<Option<Affine>> {
    if header.model == Model::Translation || found.places.len() < 2 {
        return Ok(None);
    }
    let turned = cells::similarity(&found.places).filter(|(_, moves)| *moves > UNFORESEEN_PX);
    Ok(turned.map(|(b_from_frame, _)| found.view.b_from_frame.after(&b_from_frame)))
}

/// One look at the tiles in one frame.
struct Looked {
    view: View,
    whole: Fit,
    places: Vec<Found>,
}

fn look(model: Model, view: View, question: &Question, cancel: Cancel<'_>) -> Result<Looked> {
    let whole = fit(&view.a, &view.b, question, cancel)?;
    let places = found_places(model, &view, question, &whole, cancel)?;
    Ok(Looked { view, whole, places })
}

impl Looked {
    fn correlated(&self, scale_a: f64, scale_b: f64) -> Correlated {
        let Self { view, whole, places } = self;
        let Some(best) = whole.best else { return missed(whole.outcome.err().unwrap_or(Miss::NoPeak)) };
        Correlated {
            reason: if places.is_empty() { whole.outcome.err().map_or("", Miss::reason) } else { "" },
            points: places.iter().map(|f| as_match(f, &view.b_from_frame, scale_a, scale_b)).collect(),
            ncc: best.agreement.ncc,
            peak_ratio: whole.peak_ratio,
            overlap_px: best.agreement.area * scale_a * scale_a,
        }
    }
}

impl Quick {
    fn correlated(&self, place: &Place, scale_a: f64, scale_b: f64) -> Correlated {
        let Self { found, area } = self;
        Correlated {
            points: vec![as_match(found, &place.b_from_frame, scale_a, scale_b)],
            ncc: found.ncc,
            peak_ratio: found.peak_ratio,
            overlap_px: area * scale_a * scale_a,
            reason: "",
        }
    }
}

fn missed(miss: Miss) -> Correlated {
    Correlated { points: Vec::new(), ncc: 0.0, peak_ratio: 1.0, overlap_px: 0.0, reason: miss.reason() }
}

fn found_places(model: Model, view: &View, question: &Question, whole: &Fit, cancel: Cancel<'_>) -> Result<Vec<Found>> {
    let View { a, b, .. } = view;
    let one = whole.outcome.ok().zip(whole.best).map(|(refined, best)| Found {
        at: middle(a.overlap(b, best.shift)),
        refined,
        ncc: best.agreement.ncc,
        peak_ratio: whole.peak_ratio,
    });
    let several = match (model, one) {
        (Model::Translation, _) => Vec::new(),
        (_, Some(one)) => cells::around(a, b, one.refined.shift, cancel)?,
        (_, None) => cells::anywhere(a, b, question, cancel)?,
    };
    Ok(if several.is_empty() { one.into_iter().collect() } else { several })
}

fn as_match(found: &Found, b_from_frame: &Affine, scale_a: f64, scale_b: f64) -> Match {
    let Found { at, refined, ncc, peak_ratio } = *found;
    let shown = [at[0] + refined.shift[0], at[1] + refined.shift[1]];
    let in_b = b_from_frame.apply(shown);
    Match {
        a: at.map(|v| v * scale_a),
        b: in_b.map(|v| v * scale_b),
        ncc,
        peak_ratio,
        sigma_px: refined.sigma * scale_a,
    }
}
