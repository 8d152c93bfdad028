//! A search over all rotations and shifts of small pictures, by correlation with norms over the true overlap
//! (Padfield 2012). It finds what has no features, and takes about half a second.

use super::picture::Picture;
use super::rough::{Proposal, unflipped};
use crate::correlate::fourier::{Spectrum, forward, inverse};
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::fast_size::fast_size;
use kernels::geometry::Affine;

/// Side of the small pictures, and the step between rotations, degrees.
const SIDE: usize = 80;
const STEP: f64 = 5.0;
/// Proposals that are handed on, at least this far apart, degrees.
const MOST: usize = 4;
const APART: f64 = 12.0;
const LEAST_OVERLAP: f64 = 0.25;

/// A small picture laid into a field of zeros, with what its correlations need.
struct Field {
    levels: Spectrum,
    squares: Spectrum,
    mask: Spectrum,
}

/// The best rotations and shifts of b over a.
pub fn search_turns(a: &Picture, b: &Picture, mirrored: bool, cancel: Cancel<'_>) -> Result<Vec<Proposal>> {
    let (a_small, b_small, scale) = Picture::fitted_alike(a, b, SIDE);
    let [a_small, b_small] = [a_small, b_small].map(|p| p.normalised(SIDE / 8).blurred(1.0));
    let diagonal = |p: &Picture| (p.width as f64).hypot(p.height as f64).ceil() as usize;
    let inner = diagonal(&a_small).max(diagonal(&b_small));
    let side = fast_size(2 * inner);
    let of_a = Field::of(&laid(&a_small, inner, 0.0, false), inner, side, cancel)?;
    let mut found: Vec<(f64, f64, Proposal)> = Vec::new();
    for flip in [false, true].into_iter().take(1 + usize::from(mirrored)) {
        for turn in 0..(360.0 / STEP) as usize {
            let degrees = turn as f64 * STEP;
            let turned = laid(&b_small, inner, degrees, flip);
            let (ncc, shift) = best_shift(&of_a, &Field::of(&turned, inner, side, cancel)?, side, cancel)?;
            let small = map_of(&a_small, &b_small, inner, degrees, shift);
            let by = |s: f64| Affine([s, 0.0, 0.0, s, 0.0, 0.0]);
            // Halving an odd side rounds it up: the small picture may be a little wider than the large one.
            let flipped = unflipped(small, flip, b_small.width);
            let map = by(scale).after(&flipped).after(&by(1.0 / scale));
            let about = if flip { degrees + 1000.0 } else { degrees };
            found.push((ncc, about, Proposal { map, mirrored: flip, inliers: 0, candidates: 0 }));
        }
    }
    found.sort_by(|p, q| q.0.total_cmp(&p.0));
    let mut kept: Vec<(f64, Proposal)> = Vec::new();
    for (_, about, proposal) in found {
        let near = |other: f64| {
            let d = (about - other).abs();
            d < APART || (d - 360.0).abs() < APART
        };
        if kept.len() < MOST && !kept.iter().any(|(other, _)| near(*other)) {
            kept.push((about, proposal));
        }
    }
    Ok(kept.into_iter().map(|(_, proposal)| proposal).collect())
}

/// The picture turned about its centre, in the middle of a square of `inner` pixels.
fn laid(picture: &Picture, inner: usize, degrees: f64, flip: bool) -> Picture {
    let flipped: Picture;
    let picture = if flip {
        flipped = picture.mirrored();
        &flipped
    } else {
        picture
    };
    let back = turn_about(picture, inner, degrees);
    let mut out =
        Picture { width: inner, height: inner, levels: vec![0.0; inner * inner], mask: vec![0.0; inner * inner] };
    for i in 0..inner * inner {
        if let Some(v) = picture.sample(back.apply([(i % inner) as f64 + 0.5, (i / inner) as f64 + 0.5])) {
            (out.levels[i], out.mask[i]) = (v, 1.0);
        }
    }
    out
}

/// The picture's pixel of a pixel of the square.
fn turn_about(picture: &Picture, inner: usize, degrees: f64) -> Affine {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let middle = inner as f64 / 2.0;
    Affine([cos, sin, -sin, cos, 0.0, 0.0])
        .through([middle, middle], [picture.width as f64 / 2.0, picture.height as f64 / 2.0])
}

/// From pixels of the small a to those of the small b (mirrored, where it was).
fn map_of(a: &Picture, b: &Picture, inner: usize, degrees: f64, shift: [f64; 2]) -> Affine {
    let middle = inner as f64 / 2.0;
    let square_from_a = Affine([1.0, 0.0, 0.0, 1.0, middle - a.width as f64 / 2.0, middle - a.height as f64 / 2.0]);
    let shifted = Affine([1.0, 0.0, 0.0, 1.0, -shift[0], -shift[1]]);
    turn_about(b, inner, degrees).after(&shifted).after(&square_from_a)
}

impl Field {
    fn of(picture: &Picture, inner: usize, side: usize, cancel: Cancel<'_>) -> Result<Self> {
        let spectrum = |value: &dyn Fn(usize) -> f32| {
            let mut field = vec![0.0; side * side];
            for i in 0..inner * inner {
                field[i / inner * side + i % inner] = value(i);
            }
            forward(&mut field, side, side, cancel)
        };
        Ok(Self {
            levels: spectrum(&|i| picture.levels[i])?,
            squares: spectrum(&|i| picture.levels[i].powi(2))?,
            mask: spectrum(&|i| picture.mask[i])?,
        })
    }
}

fn correlated(a: &Spectrum, b: &Spectrum, cancel: Cancel<'_>) -> Result<Vec<f32>> {
    let bins = a.bins.iter().zip(&b.bins).map(|(p, q)| p * q.conj()).collect();
    inverse(Spectrum { width: a.width, height: a.height, bins }, cancel)
}

/// The correlation and shift at which b, moved by the shift, agrees best with a. Levels have local means of about 0.
fn best_shift(a: &Field, b: &Field, side: usize, cancel: Cancel<'_>) -> Result<(f64, [f64; 2])> {
    let products = correlated(&a.levels, &b.levels, cancel)?;
    let of_a = correlated(&a.squares, &b.mask, cancel)?;
    let of_b = correlated(&a.mask, &b.squares, cancel)?;
    let overlap = correlated(&a.mask, &b.mask, cancel)?;
    let least = LEAST_OVERLAP * f64::from(overlap.iter().copied().fold(0.0f32, f32::max));
    let (mut best, mut at) = (-1.0, 0);
    for i in 0..products.len() {
        let norm = f64::from(of_a[i]) * f64::from(of_b[i]);
        if f64::from(overlap[i]) < least || norm <= 1e-6 {
            continue;
        }
        // Large overlaps are seldom alike by chance, so they count for more.
        let ncc = f64::from(products[i]) / norm.sqrt() * (f64::from(overlap[i]) / (least / LEAST_OVERLAP)).sqrt();
        if ncc > best {
            (best, at) = (ncc, i);
        }
    }
    let wrapped = |v: usize| if v > side / 2 { v as f64 - side as f64 } else { v as f64 };
    Ok((best, [wrapped(at % side), wrapped(at / side)]))
}
