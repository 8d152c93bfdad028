//! Finding one section in another at any rotation: features propose, else a search over rotations; the correlation of
//! the warped pictures decides.

use super::descriptor::LENGTH;
use super::features::Feature;
use super::judge::{Judge, Judged};
use super::picture::{Contrast, Frame, Picture};
use super::rigid::{Turn, fit_turn};
use super::turn::search_turns;
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use kernels::geometry::Affine;
use kernels::wide::with_wide_vectors;
use serde::{Deserialize, Serialize};

/// A match may be this much nearer than the next one.
const MOST_RATIO: f32 = 0.94;
/// Pairs of matches that propose a place.
const PROPOSALS: usize = 4000;
/// Matches within this part of the picture's diagonal agree: sections are stretched and folded.
const TOLERANCE: f64 = 0.025;
/// Agreeing matches that make a proposal worth looking at.
const LEAST_INLIERS: usize = 7;

/// Header of `match-sections-rough`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchRough {
    a: Frame,
    b: Frame,
    #[serde(default)]
    contrast: Contrast,
    /// Whether section b may lie upside down.
    #[serde(default = "yes")]
    mirrored: bool,
}

fn yes() -> bool {
    true
}

/// Result of `match-sections-rough`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rough {
    /// Section b's place of a place of section a; none where nothing was found.
    b_from_a: Option<Affine>,
    mirrored: bool,
    /// Features that agree.
    inliers: usize,
    candidates: usize,
    /// Correlation of the small pictures at that place, and how far it stands out from those of wrong places.
    ncc: f64,
    significance: f64,
    /// 'features', 'rotations' or ''.
    found_by: &'static str,
    reason: &'static str,
}

/// A map between pictures, in pixels of them, with its merits.
#[derive(Debug, Clone, Copy)]
pub struct Proposal {
    pub map: Affine,
    pub mirrored: bool,
    pub inliers: usize,
    pub candidates: usize,
}

/// Matches two pictures by inputs: pictures a and b (8 bits, 0 = nothing there), features of a and of b.
pub fn match_sections_rough(
    header: &MatchRough,
    inputs: &[&[u8]],
    cancel: Cancel<'_>,
) -> Result<(Rough, Vec<Vec<u8>>)> {
    let [a, b, features_a, features_b] = inputs else {
        return Err(KernelError::invalid_input(format!("Matching takes four inputs, not {}.", inputs.len())));
    };
    let a = Picture::read(a, header.a.size_px)?.seen_as(header.contrast);
    let b = Picture::read(b, header.b.size_px)?.seen_as(header.contrast);
    let features = [Feature::read_all(features_a)?, Feature::read_all(features_b)?];
    let judge = Judge::new(&a, &b);
    let mut proposals = Vec::new();
    for mirrored in [false, true].into_iter().take(1 + usize::from(header.mirrored)) {
        proposals.extend(by_features(&features, [&a, &b], mirrored, cancel)?);
    }
    let mut best = judge.best(&proposals, cancel)?.map(|found| (found, "features"));
    if best.is_none() {
        let turns = search_turns(&a, &b, header.mirrored, cancel)?;
        best = judge.best(&turns, cancel)?.map(|found| (found, "rotations"));
    }
    let rough = match best {
        Some((Judged { proposal, ncc, significance }, found_by)) => {
            let map = header.b.section_from_picture().after(&proposal.map).after(&header.a.picture_from_section());
            let Proposal { mirrored, inliers, candidates, .. } = proposal;
            Rough { b_from_a: Some(map), mirrored, inliers, candidates, ncc, significance, found_by, reason: "" }
        }
        None => Rough::nothing(&a, &b),
    };
    Ok((rough, Vec::new()))
}

impl Rough {
    fn nothing(a: &Picture, b: &Picture) -> Self {
        let empty = a.covered() < 0.02 || b.covered() < 0.02;
        let reason = if empty { "nothing is there" } else { "no place in it looks alike" };
        let (b_from_a, mirrored, inliers, candidates) = (None, false, 0, 0);
        Self { b_from_a, mirrored, inliers, candidates, ncc: 0.0, significance: 0.0, found_by: "", reason }
    }
}

with_wide_vectors! {
    fn distance(a: &[u8; 128], b: &[u8; 128]) -> i32 {
        let mut sum = 0;
        for i in 0..128 {
            let d = i32::from(a[i]) - i32::from(b[i]);
            sum += d * d;
        }
        sum
    }
}

/// Features that look more like each other than like any other, both ways.
fn pairs_of(a: &[Feature], b: &[Feature], cancel: Cancel<'_>) -> Result<Vec<(usize, usize)>> {
    const { assert!(LENGTH == 128) };
    let mut nearest_of_b = vec![(i32::MAX, usize::MAX); b.len()];
    let mut nearest_of_a = vec![None; a.len()];
    for (i, p) in a.iter().enumerate() {
        cancel.poll()?;
        let (mut first, mut second) = ((i32::MAX, usize::MAX), i32::MAX);
        for (j, q) in b.iter().enumerate() {
            let d = distance(&p.descriptor, &q.descriptor);
            if d < first.0 {
                (first, second) = ((d, j), first.0);
            } else if d < second {
                second = d;
            }
            if d < nearest_of_b[j].0 {
                nearest_of_b[j] = (d, i);
            }
        }
        if (first.0 as f32).sqrt() < MOST_RATIO * (second as f32).sqrt() {
            nearest_of_a[i] = Some(first.1);
        }
    }
    let mutual = |(i, j): (usize, Option<usize>)| j.filter(|&j| nearest_of_b[j].1 == i).map(|j| (i, j));
    Ok(nearest_of_a.into_iter().enumerate().filter_map(mutual).collect())
}

fn by_features(
    features: &[Vec<Feature>; 2],
    [a, b]: [&Picture; 2],
    mirrored: bool,
    cancel: Cancel<'_>,
) -> Result<Option<Proposal>> {
    let flipped: Vec<Feature>;
    let of_b = if mirrored {
        flipped = features[1].iter().map(|f| f.mirrored(b.width as f64)).collect();
        &flipped
    } else {
        &features[1]
    };
    let pairs = pairs_of(&features[0], of_b, cancel)?;
    let points: Vec<[[f64; 2]; 2]> = pairs.iter().map(|&(i, j)| [features[0][i].at, of_b[j].at]).collect();
    let turns: Vec<f64> = pairs.iter().map(|&(i, j)| of_b[j].angle - features[0][i].angle).collect();
    let tolerance = TOLERANCE * (a.width as f64).hypot(a.height as f64);
    let Some((turn, inliers)) = agreed(&points, &turns, tolerance, cancel)? else { return Ok(None) };
    let map = unflipped(turn.to_affine(), mirrored, b.width);
    Ok((inliers >= LEAST_INLIERS).then_some(Proposal { map, mirrored, inliers, candidates: points.len() }))
}

/// A map into the mirrored picture b, made one into b.
pub fn unflipped(map: Affine, mirrored: bool, width: usize) -> Affine {
    if mirrored { Affine([-1.0, 0.0, 0.0, 1.0, width as f64, 0.0]).after(&map) } else { map }
}

/// The turn and shift that most matches agree on: pairs of them propose, in a fixed order; the best is fitted to all
/// that agree with it.
fn agreed(
    points: &[[[f64; 2]; 2]],
    turns: &[f64],
    tolerance: f64,
    cancel: Cancel<'_>,
) -> Result<Option<(Turn, usize)>> {
    let n = points.len();
    let inside = |turn: &Turn| points.iter().filter(|p| turn.miss(p) < tolerance).count();
    let (mut best, mut most, mut state) = (None, 0, 0x9E37_79B9u64);
    for proposal in 0..if n < 3 { 0 } else { PROPOSALS } {
        if proposal % 64 == 0 {
            cancel.poll()?;
        }
        let [i, j] = [0; 2].map(|_: i32| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % n
        });
        let [p, q] = [&points[i], &points[j]];
        let length = |k: usize| (p[k][0] - q[k][0]).hypot(p[k][1] - q[k][1]);
        if length(0) < 2.0 * tolerance || !(0.85..1.18).contains(&(length(1) / length(0))) {
            continue;
        }
        let turn = fit_turn([*p, *q].iter(), |_| 1.0);
        let off = |of: usize| (turns[of] - turn.angle()).sin().abs() < 0.5 && (turns[of] - turn.angle()).cos() > 0.0;
        if !off(i) || !off(j) {
            continue;
        }
        let count = inside(&turn);
        if count > most {
            (best, most) = (Some(turn), count);
        }
    }
    let Some(mut turn) = best else { return Ok(None) };
    for _ in 0..5 {
        turn = fit_turn(points.iter(), |p| if turn.miss(p) < tolerance { 1.0 } else { 0.0 });
    }
    Ok(Some((turn, inside(&turn))))
}
