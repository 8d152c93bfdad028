//! Several places along an overlap: what pins down rotation, scale and shear.

use super::fit::{Fit, Least, Question, fit};
use super::patch::{Patch, Rect};
use super::refine::Refined;
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::geometry::{Affine, Point};

/// Sides of a cell, frame pixels, and how many are laid along an overlap and across it.
const CELL_PX: [f64; 2] = [96.0, 224.0];
const MOST_ALONG: usize = 9;
const MOST_ACROSS: usize = 3;
/// Unforeseen rotation, scale and shear that a search allows for (a part of the distance), and the slack of a place.
const LINEAR_SLACK: f64 = 0.025;
const PLACE_SLACK_PX: f64 = 5.0;
/// The same between two places that are to agree; unforeseen rotations of some degrees pass.
const AGREE_SLACK: f64 = 0.07;
const AGREE_PX: f64 = 2.5;
/// Part of a cell that must overlap.
const LEAST_PART: f64 = 0.5;
/// Places that must agree before they count without a match of the whole overlap.
const LEAST_AGREEING: usize = 3;

/// A cell that was found.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Middle of the cell, frame pixels, continuous.
    pub at: Point,
    pub refined: Refined,
    pub ncc: f64,
    pub peak_ratio: f64,
}

/// Fits the cells of the overlap at `shift`: each near where the match of the whole overlap puts it.
pub fn around(a: &Patch, b: &Patch, shift: Point, cancel: Cancel<'_>) -> Result<Vec<Found>> {
    let whole = shift.map(|s| s.round() as i64);
    let over = a.overlap(b, whole);
    let reach = 0.5 * LINEAR_SLACK * over.width().max(over.height()) as f64 + PLACE_SLACK_PX;
    let found = each(a, b, &cells(over), shift, reach, cancel)?;
    let agreeing = agreeing(&found);
    Ok(if agreeing.len() > 1 { agreeing } else { Vec::new() })
}

/// Fits cells all over the search range, for overlaps that are turned too much to match as a whole.
pub fn anywhere(a: &Patch, b: &Patch, question: &Question, cancel: Cancel<'_>) -> Result<Vec<Found>> {
    let over = a.overlap(b, question.centre.map(|s| s.round() as i64));
    let found = each(a, b, &cells(over), question.centre, question.search, cancel)?;
    let agreeing = agreeing(&found);
    Ok(if agreeing.len() >= LEAST_AGREEING { agreeing } else { Vec::new() })
}

/// The similarity (rotation, scale, shift) that takes the places of `a` to those of `b` best, both in frame pixels, and
/// how far its linear part moves the edge of a cell. None for a single place.
pub fn similarity(found: &[Found]) -> Option<(Affine, f64)> {
    let n = found.len() as f64;
    let mean = |pick: &dyn Fn(&Found) -> f64| found.iter().map(pick).sum::<f64>() / n;
    let middle = [0, 1].map(|i: usize| mean(&|f| f.at[i]));
    let shown = [0, 1].map(|i: usize| mean(&|f| f.at[i] + f.refined.shift[i]));
    let (mut along, mut across, mut spread) = (0.0, 0.0, 0.0);
    for f in found {
        let [x, y] = [0, 1].map(|i: usize| f.at[i] - middle[i]);
        let [u, v] = [0, 1].map(|i: usize| f.at[i] + f.refined.shift[i] - shown[i]);
        along += x * u + y * v;
        across += x * v - y * u;
        spread += x * x + y * y;
    }
    if spread < 1.0 {
        return None;
    }
    let (cos, sin) = (along / spread, across / spread);
    let linear = Affine([cos, sin, -sin, cos, 0.0, 0.0]);
    let moves = (cos - 1.0).hypot(sin) * 0.5 * CELL_PX[1];
    Some((linear.through(middle, shown), moves))
}

/// Cuts an overlap into a grid of nearly square cells.
pub fn cells(over: Rect) -> Vec<Rect> {
    let (width, height) = (over.width() as f64, over.height() as f64);
    let side = width.min(height).clamp(CELL_PX[0], CELL_PX[1]);
    let count = |length: f64, most: usize| ((length / side).round() as usize).clamp(1, most);
    let along_x = width >= height;
    let across = count(width.min(height), MOST_ACROSS);
    let along = count(width.max(height), MOST_ALONG);
    let (columns, rows) = if along_x { (along, across) } else { (across, along) };
    let cut = |from: i64, length: usize, i: usize, n: usize| from + (length * i / n) as i64;
    let grid = (0..rows).flat_map(|j| (0..columns).map(move |i| (i, j)));
    grid.map(|(i, j)| Rect {
        x0: cut(over.x0, over.width(), i, columns),
        x1: cut(over.x0, over.width(), i + 1, columns),
        y0: cut(over.y0, over.height(), j, rows),
        y1: cut(over.y0, over.height(), j + 1, rows),
    })
    .collect()
}

fn each(a: &Patch, b: &Patch, cells: &[Rect], centre: Point, search: f64, cancel: Cancel<'_>) -> Result<Vec<Found>> {
    let reach = search.ceil() as i64 + 2;
    let mut found = Vec::new();
    for cell in cells {
        cancel.poll()?;
        let piece = a.part(*cell);
        let other = b.part(cell.moved(centre.map(|c| c.round() as i64)).grown(reach));
        let least_area = LEAST_PART * cell.area() as f64;
        if (other.rect().area() as f64) < least_area {
            continue;
        }
        let question = Question { centre, search, least_area, least: Least::AMONG_OTHERS };
        let Fit { best, peak_ratio, outcome } = fit(&piece, &other, &question, cancel)?;
        if let (Some(best), Ok(refined)) = (best, outcome) {
            let over = piece.overlap(&other, best.shift);
            found.push(Found { at: middle(over), refined, ncc: best.agreement.ncc, peak_ratio });
        }
    }
    Ok(found)
}

/// Middle of a rectangle of indices, continuous.
pub fn middle(rect: Rect) -> Point {
    [0.5 * (rect.x0 + rect.x1) as f64, 0.5 * (rect.y0 + rect.y1) as f64]
}

/// The largest set of places that agree with one of them, as far as a nearly rigid map goes.
fn agreeing(found: &[Found]) -> Vec<Found> {
    let agree = |p: &Found, q: &Found| {
        let apart = (p.at[0] - q.at[0]).hypot(p.at[1] - q.at[1]);
        let differ = |i: usize| p.refined.shift[i] - q.refined.shift[i];
        differ(0).hypot(differ(1)) <= AGREE_PX + AGREE_SLACK * apart
    };
    let sets = found.iter().map(|p| found.iter().filter(|q| agree(p, q)).copied().collect::<Vec<_>>());
    sets.fold(Vec::new(), |best, set| if set.len() > best.len() { set } else { best })
}
