//! The steps between tiles along seams.

use super::Source;
use super::partition::{NONE, Pictures, Plan};
use crate::intensity::grid::value_at;
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::geometry::Point;
use kernels::image::{GreyImage, Samples};
use std::collections::HashMap;

/// Levels at a seam are means over a square as large as the overlap there, in stored pixels a side at least and at most:
/// what tiles show cancels the better, the larger it is.
const SIDES: [f64; 2] = [4.0, 32.0];

/// Two neighbouring cells of different tiles: cell (x, y) of `from`, and the one at its right or below of `to`.
#[derive(Debug, Clone, Copy)]
pub struct Jump {
    pub x: u32,
    pub y: u32,
    pub down: bool,
    pub from: u32,
    pub to: u32,
    /// What `to` has to be raised by for `from` to go on without a step, grey levels.
    pub step: f32,
}

/// The jumps from the cells of some rows; `labels` has one row more, unless the section ends.
pub fn jumps_of(
    plan: &Plan,
    sources: &[Source<'_>],
    pictures: &mut Pictures,
    labels: &[u32],
    rows: [usize; 2],
    cancel: Cancel<'_>,
) -> Result<Vec<Jump>> {
    let width = plan.width;
    let mut jumps = Vec::new();
    for y in rows[0]..rows[1] {
        cancel.poll()?;
        for x in 0..width {
            let at = (y - rows[0]) * width + x;
            let right = (x + 1 < width).then(|| labels[at + 1]);
            for (down, to) in [(false, right), (true, labels.get(at + width).copied())] {
                let (from, Some(to)) = (labels[at], to) else { continue };
                if from != to && from != NONE && to != NONE {
                    let place = [plan.centre(x, y), plan.centre(x + usize::from(!down), y + usize::from(down))];
                    let pair = [from as usize, to as usize];
                    let step = step_between(sources, pictures, pair, place, plan.cell_px(), cancel)?;
                    jumps.push(Jump { x: x as u32, y: y as u32, down, from, to, step });
                }
            }
        }
    }
    Ok(jumps)
}

/// Where both tiles show both places, the mean difference there: what they show cancels. Otherwise the difference over
/// the seam.
fn step_between(
    sources: &[Source<'_>],
    pictures: &mut Pictures,
    pair: [usize; 2],
    places: [Point; 2],
    cell_px: f64,
    cancel: Cancel<'_>,
) -> Result<f32> {
    let (mut sum, mut count) = (0.0, 0);
    let mut own = [0.0; 2];
    for (i, place) in places.into_iter().enumerate() {
        let depth = pair.map(|tile| depth_of(&sources[tile], place)).into_iter().fold(f64::INFINITY, f64::min);
        let side_px = cell_px.max(2.0 * depth);
        let mut levels = [0.0; 2];
        for (level, tile) in levels.iter_mut().zip(pair) {
            let source = &sources[tile];
            *level = level_at(source, pictures.get(tile, source, cancel)?, place, side_px);
        }
        own[i] = levels[i];
        if depth >= 0.0 {
            sum += levels[0] - levels[1];
            count += 1;
        }
    }
    Ok(if count > 0 { sum / count as f32 } else { own[0] - own[1] })
}

/// How far inside a tile a place is, level-0 pixels.
fn depth_of(source: &Source<'_>, place: Point) -> f64 {
    let ([tx, ty], [w, h]) = (source.tile_from_stack.apply(place), source.about.image.size_px);
    tx.min(w - tx).min(ty.min(h - ty))
}

/// The corrected mean level of a tile over a square; of its edge for a place beyond it.
fn level_at(source: &Source<'_>, image: &GreyImage, place: Point, side_px: f64) -> f32 {
    let [tx, ty] = source.tile_from_stack.apply(place);
    let scale = source.about.image.scale;
    let side = (side_px / scale).clamp(SIDES[0], SIDES[1]);
    let mean = match &image.samples {
        Samples::U8(pixels) => mean_about(pixels, image, [tx / scale, ty / scale], side),
        Samples::U16(pixels) => mean_about(pixels, image, [tx / scale, ty / scale], side),
    };
    match &source.correction {
        None => mean,
        Some((nodes, values)) => {
            let (gains, offsets) = values.split_at(nodes.count());
            let hats = nodes.hats(tx, ty);
            value_at(gains, &hats) * mean + value_at(offsets, &hats)
        }
    }
}

fn mean_about<T: Copy + Into<f32>>(pixels: &[T], image: &GreyImage, [x, y]: Point, side: f64) -> f32 {
    let range = |at: f64, most: usize| {
        let first = (at - 0.5 * side).round().clamp(0.0, (most - 1) as f64) as usize;
        first..((at + 0.5 * side).round().max(0.0) as usize).clamp(first + 1, most)
    };
    let (columns, rows) = (range(x, image.width), range(y, image.height));
    let count = (columns.len() * rows.len()) as f32;
    let sum_of =
        |row: usize| -> f32 { pixels[row * image.width..][columns.clone()].iter().map(|&p| -> f32 { p.into() }).sum() };
    rows.map(sum_of).sum::<f32>() / count
}

/// Mean steps, for each two tiles.
#[derive(Default)]
pub struct Steps {
    pairs: HashMap<[u32; 2], (f64, f64)>,
}

impl Steps {
    pub fn add(&mut self, jump: &Jump, step: f32) {
        let (pair, sign) = if jump.from < jump.to { ([jump.from, jump.to], 1.0) } else { ([jump.to, jump.from], -1.0) };
        let (sum, count) = self.pairs.entry(pair).or_default();
        *sum += sign * f64::from(step);
        *count += 1.0;
    }

    /// Pairs of tiles.
    pub fn count(&self) -> usize {
        self.pairs.len()
    }

    /// Mean over the pairs of how large their mean step is, weighted by the length of their seams.
    pub fn mean(&self) -> f64 {
        let mut steps: Vec<_> = self.pairs.iter().collect();
        steps.sort_unstable_by_key(|(pair, _)| **pair);
        let (sum, length) = steps.iter().fold((0.0, 0.0), |(s, l), (_, (sum, n))| (s + sum.abs(), l + n));
        if length > 0.0 { sum / length } else { 0.0 }
    }
}
