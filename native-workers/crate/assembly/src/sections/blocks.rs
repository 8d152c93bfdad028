//! Matching blocks of one picture in another: normalised cross-correlation by Fourier transform, at sub-pixel peaks,
//! with the filters of Saalfeld et al. 2012.

use super::picture::{Picture, Sums};
use crate::correlate::fourier::{Spectrum, forward, inverse};
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::fast_size::fast_size;
use kernels::geometry::{Affine, Point};

/// Part of a block, and of where it is looked for, that must be there.
const LEAST_COVER: f64 = 0.75;
/// A second peak higher than this part of the first makes a match ambiguous.
const MOST_SECOND: f64 = 0.92;
/// Peaks nearer than this belong together, pixels.
const PEAK_REACH: usize = 4;
/// Ratio of principal curvatures over which a peak is a ridge.
const MOST_ELONGATED: f64 = 12.0;
/// Contrast that a block needs, of normalised levels.
const LEAST_VARIANCE: f64 = 0.02;

/// How one pass over the blocks is made, picture pixels.
#[derive(Debug, Clone, Copy)]
pub struct Pass {
    /// Between blocks; rows are shifted by half of it in turn.
    pub spacing: f64,
    /// Half the side of a block.
    pub half: usize,
    /// How far a block may lie from where it is expected.
    pub search: usize,
    pub least_ncc: f64,
}

/// What became of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Matched = 0,
    /// Too little contrast, or too little is there.
    Empty = 1,
    /// Correlation too low.
    Weak = 2,
    /// A second peak is nearly as high.
    Ambiguous = 3,
    /// The peak is a ridge, or lies at the edge of the search.
    Ridge = 4,
    /// Its neighbours moved otherwise.
    Alone = 5,
    /// The other picture does not reach so far.
    Outside = 6,
}

/// A block with the place where it was found.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// Pixels of a, and of b.
    pub a: Point,
    pub b: Point,
    pub ncc: f64,
    pub fate: Fate,
}

/// Centres of a hexagonal grid over a picture.
pub fn hexagonal(picture: &Picture, spacing: f64) -> Vec<Point> {
    let row_step = spacing * 0.75f64.sqrt();
    let count = |side: usize, step: f64| ((side as f64 / step).floor() as usize).max(1);
    let (columns, rows) = (count(picture.width, spacing), count(picture.height, row_step));
    let left = 0.5 * (picture.width as f64 - (columns as f64 - 0.5) * spacing);
    let top = 0.5 * (picture.height as f64 - (rows as f64 - 1.0) * row_step);
    let place = |r: usize, c: usize| {
        [left + (c as f64 + if r % 2 == 1 { 0.5 } else { 0.0 }) * spacing, top + r as f64 * row_step]
    };
    (0..rows).flat_map(|r| (0..columns).map(move |c| place(r, c))).collect()
}

/// Looks for the block of each centre where `map_at` expects it. Levels of both pictures have local means of about 0.
pub fn match_blocks(
    [a, b]: [&Picture; 2],
    centres: &[Point],
    pass: &Pass,
    map_at: &dyn Fn(Point) -> Affine,
    cancel: Cancel<'_>,
) -> Result<Vec<Block>> {
    centres
        .iter()
        .map(|&centre| {
            cancel.poll()?;
            let centre = centre.map(|v| v.floor() + 0.5);
            match_block([a, b], centre, pass, &map_at(centre), cancel)
        })
        .collect()
}

fn match_block([a, b]: [&Picture; 2], centre: Point, pass: &Pass, map: &Affine, cancel: Cancel<'_>) -> Result<Block> {
    let lost = |fate: Fate, ncc: f64| Block { a: centre, b: map.apply(centre), ncc, fate };
    let side = 2 * pass.half + 1;
    let wide = side + 2 * pass.search;
    let Some(block) = block_of(a, centre, pass.half) else { return Ok(lost(Fate::Empty, 0.0)) };
    let Some(around) = warped(b, centre, pass.half + pass.search, map) else {
        return Ok(lost(Fate::Outside, 0.0));
    };
    let map_of_ncc = correlate(&block, side, &around, wide, cancel)?;
    let count = 2 * pass.search + 1;
    let Some((peak, ncc, second)) = peaks(&map_of_ncc, count) else { return Ok(lost(Fate::Weak, 0.0)) };
    if ncc < pass.least_ncc {
        return Ok(lost(Fate::Weak, ncc));
    }
    if second > MOST_SECOND * ncc {
        return Ok(lost(Fate::Ambiguous, ncc));
    }
    let Some(off) = top_of(&map_of_ncc, count, peak) else { return Ok(lost(Fate::Ridge, ncc)) };
    let found = [0, 1].map(|k| centre[k] + peak[k] as f64 - pass.search as f64 + off[k]);
    Ok(Block { a: centre, b: map.apply(found), ncc, fate: Fate::Matched })
}

/// The pixels about a centre, less their mean; `None` where too few are there or they have no contrast.
fn block_of(a: &Picture, centre: Point, half: usize) -> Option<Vec<f32>> {
    let side = 2 * half + 1;
    let mut block = vec![0.0; side * side];
    let corner = centre.map(|v| v as i64 - half as i64);
    let (mut count, mut sum) = (0.0f64, 0.0f64);
    let at = |i: usize| {
        let (x, y) = (corner[0] + (i % side) as i64, corner[1] + (i / side) as i64);
        let inside = x >= 0 && y >= 0 && x < a.width as i64 && y < a.height as i64;
        inside.then(|| y as usize * a.width + x as usize).filter(|&i| a.mask[i] > 0.0)
    };
    for (i, v) in block.iter_mut().enumerate() {
        if let Some(at) = at(i) {
            *v = a.levels[at];
            (count, sum) = (count + 1.0, sum + f64::from(a.levels[at]));
        }
    }
    if count < LEAST_COVER * block.len() as f64 {
        return None;
    }
    let mean = (sum / count) as f32;
    let mut squares = 0.0;
    for (i, v) in block.iter_mut().enumerate() {
        if at(i).is_some() {
            *v -= mean;
            squares += f64::from(*v * *v);
        }
    }
    (squares / count > LEAST_VARIANCE).then_some(block)
}

/// Picture b as a sees it about a centre.
fn warped(b: &Picture, centre: Point, reach: usize, map: &Affine) -> Option<Vec<f32>> {
    let side = 2 * reach + 1;
    let mut count = 0;
    let levels = (0..side * side)
        .map(|i| {
            let off = [(i % side) as f64 - reach as f64, (i / side) as f64 - reach as f64];
            let level = b.sample(map.apply([centre[0] + off[0], centre[1] + off[1]]));
            count += usize::from(level.is_some());
            level.unwrap_or(0.0)
        })
        .collect();
    (count as f64 >= LEAST_COVER * (side * side) as f64).then_some(levels)
}

/// NCC of the block at each offset, rows of `wide - side + 1`.
fn correlate(block: &[f32], side: usize, around: &[f32], wide: usize, cancel: Cancel<'_>) -> Result<Vec<f64>> {
    let fast = fast_size(wide);
    let laid = |levels: &[f32], width: usize| {
        let mut field = vec![0.0; fast * fast];
        for (row, out) in levels.chunks_exact(width).zip(field.chunks_exact_mut(fast)) {
            out[..width].copy_from_slice(row);
        }
        forward(&mut field, fast, fast, cancel)
    };
    let (template, field) = (laid(block, side)?, laid(around, wide)?);
    let bins = field.bins.iter().zip(&template.bins).map(|(p, q)| p * q.conj()).collect();
    let products = inverse(Spectrum { width: fast, height: fast, bins }, cancel)?;
    let squares: Vec<f32> = around.iter().map(|v| v * v).collect();
    let (sums, squares) = (Sums::of(around, wide), Sums::of(&squares, wide));
    let energy: f64 = block.iter().map(|&v| f64::from(v * v)).sum();
    let (count, n) = (wide - side + 1, (side * side) as f64);
    Ok((0..count * count)
        .map(|i| {
            let (x, y) = (i % count, i / count);
            let (columns, rows) = ([x, x + side], [y, y + side]);
            let sum = sums.over(columns, rows);
            let variance = squares.over(columns, rows) - sum * sum / n;
            if variance < LEAST_VARIANCE * n * 0.25 {
                return 0.0;
            }
            f64::from(products[y * fast + x]) / (energy * variance).sqrt()
        })
        .collect())
}

/// The highest place, its height, and that of the highest local maximum away from it.
fn peaks(map: &[f64], count: usize) -> Option<([usize; 2], f64, f64)> {
    let (best, &ncc) = map.iter().enumerate().max_by(|p, q| p.1.total_cmp(q.1))?;
    let at = [best % count, best / count];
    let mut second = 0.0f64;
    for y in 1..count.saturating_sub(1) {
        for x in 1..count - 1 {
            let i = y * count + x;
            if x.abs_diff(at[0]).max(y.abs_diff(at[1])) <= PEAK_REACH || map[i] <= second {
                continue;
            }
            if [i - 1, i + 1, i - count, i + count].iter().all(|&n| map[n] <= map[i]) {
                second = map[i];
            }
        }
    }
    Some((at, ncc, second))
}

/// Where within a pixel the top lies, by the parabola through 3 x 3; `None` for ridges and at the edge.
fn top_of(map: &[f64], count: usize, [x, y]: [usize; 2]) -> Option<Point> {
    if x == 0 || y == 0 || x + 1 >= count || y + 1 >= count {
        return None;
    }
    let v = |dx: usize, dy: usize| map[(y + dy - 1) * count + x + dx - 1];
    let (mut dx, mut dy, mut dxx, mut dyy) = (0.0, 0.0, 0.0, 0.0);
    for k in 0..3 {
        dx += (v(2, k) - v(0, k)) / 6.0;
        dy += (v(k, 2) - v(k, 0)) / 6.0;
        dxx += (v(2, k) + v(0, k) - 2.0 * v(1, k)) / 3.0;
        dyy += (v(k, 2) + v(k, 0) - 2.0 * v(k, 1)) / 3.0;
    }
    let dxy = 0.25 * (v(2, 2) + v(0, 0) - v(2, 0) - v(0, 2));
    let (trace, det) = (dxx + dyy, dxx * dyy - dxy * dxy);
    if trace >= 0.0 || det <= 0.0 || trace * trace * MOST_ELONGATED > (MOST_ELONGATED + 1.0).powi(2) * det {
        return None;
    }
    let off = [(dxy * dy - dyy * dx) / det, (dxy * dx - dxx * dy) / det];
    off.iter().all(|o| o.abs() <= 1.0).then_some(off)
}
