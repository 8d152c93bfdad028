//! Matching two sections closely, from a rough map: blocks of half-size pictures first, then blocks of the pictures
//! themselves, each where its neighbours of the first pass moved to.

use super::blocks::{Block, Fate, Pass, hexagonal, match_blocks};
use super::picture::{Contrast, Frame, Picture};
use super::rigid::fit_affine;
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use kernels::geometry::{Affine, Point};
use serde::{Deserialize, Serialize};

/// A block may miss what its neighbours say by this part of the spacing, or three times their median miss.
const MOST_MISS: f64 = 0.12;
/// Least neighbours that can judge a block.
const LEAST_NEIGHBOURS: usize = 3;
/// Blocks below which a pass has found nothing.
const LEAST_BLOCKS: usize = 4;
/// Blocks that are sought where they do not belong, and how high the best twentieth of them correlate there.
const MOST_WRONG: usize = 60;
const LEAST_WRONG: usize = 10;
const CHANCE: f64 = 0.95;
/// Smallest search of the second pass, pixels.
const LEAST_SEARCH: f64 = 7.0;

/// Header of `match-sections-fine`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchFine {
    a: Frame,
    b: Frame,
    #[serde(default)]
    contrast: Contrast,
    /// Section b's place of a place of section a, roughly.
    b_from_a: Affine,
    /// Section-space pixels of a: between blocks, side of a block, how far off the rough map may be.
    spacing_px: f64,
    block_px: f64,
    search_px: f64,
    #[serde(default = "least_ncc")]
    least_ncc: f64,
}

fn least_ncc() -> f64 {
    0.2
}

/// Result of `match-sections-fine`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fine {
    /// Blocks by fate: matched, empty, weak, ambiguous, ridge, alone, outside.
    fates: [usize; 7],
    /// Median correlation of the matched.
    ncc: f64,
    /// How far the matched lie from one affine map, RMS, section-space pixels of b; and by how much that map stretches
    /// areas.
    scatter_px: f64,
    stretch: f64,
    /// Part of the matched of the first pass whose correlation only one block in twenty reaches where it does not belong.
    significant: f64,
}

/// Matches picture b to a. outputs[0] = f64[matched][5]: place in section a, place in section b, ncc.
pub fn match_sections_fine(header: &MatchFine, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Fine, Vec<Vec<u8>>)> {
    let [a, b] = inputs else {
        return Err(KernelError::invalid_input(format!("Matching takes two pictures, not {}.", inputs.len())));
    };
    let a = Picture::read(a, header.a.size_px)?.seen_as(header.contrast);
    let b = Picture::read(b, header.b.size_px)?.seen_as(header.contrast);
    let rough = header.b.picture_from_section().after(&header.b_from_a).after(&header.a.section_from_picture());
    let px = |section: f64| section / header.a.step_px;
    let (spacing, side, search) = (px(header.spacing_px), px(header.block_px), px(header.search_px));
    if !(spacing >= 4.0 && side >= 8.0 && search >= 1.0 && side + search < 2048.0) {
        return Err(KernelError::invalid_input(format!(
            "Blocks of {side:.0} pixels every {spacing:.0}, sought within {search:.0}, cannot be matched."
        )));
    }
    let (blocks, significant) = match_twice([&a, &b], &rough, [spacing, side, search], header.least_ncc, cancel)?;
    Ok(answer(header, &blocks, significant))
}

fn match_twice(
    [a, b]: [&Picture; 2],
    rough: &Affine,
    [spacing, side, search]: [f64; 3],
    least_ncc: f64,
    cancel: Cancel<'_>,
) -> Result<(Vec<Block>, f64)> {
    let half = |v: f64| (0.5 * v).round() as usize;
    let prepare = |p: &Picture| p.normalised(half(1.25 * side).max(6)).blurred(0.8);
    let (small_a, small_b) = (a.halved(), b.halved());
    let by = |s: f64| Affine([s, 0.0, 0.0, s, 0.0, 0.0]);
    let coarse_map = by(0.5).after(rough).after(&by(2.0));
    let coarse =
        Pass { spacing: 0.75 * spacing, half: half(0.9 * side).max(8), search: half(search).max(4), least_ncc };
    let (small_a, small_b) = (prepare(&small_a), prepare(&small_b));
    let centres = hexagonal(&small_a, coarse.spacing);
    let mut first = match_blocks([&small_a, &small_b], &centres, &coarse, &|_| coarse_map, cancel)?;
    judge_by_neighbours(&mut first, &coarse_map, 2.5 * coarse.spacing, MOST_MISS * coarse.spacing.max(16.0));
    let significant = significance(&first, [&small_a, &small_b], &coarse, &coarse_map, cancel)?;
    let seeds: Vec<([Point; 2], f64)> =
        matched(&first).map(|m| ([m.a.map(|v| 2.0 * v), m.b.map(|v| 2.0 * v)], m.ncc)).collect();
    if seeds.len() < LEAST_BLOCKS {
        let grown =
            first.into_iter().map(|m| Block { a: m.a.map(|v| 2.0 * v), b: m.b.map(|v| 2.0 * v), ..m }).collect();
        return Ok((grown, significant));
    }
    let whole = fit_affine(seeds.iter().map(|(p, w)| (p, *w)), rough, 1.0, spacing).unwrap_or(*rough);
    let near = 3.0 * coarse.spacing;
    let map_at = |at: Point| local_affine(&seeds, at, near, &whole);
    let fine = Pass { spacing, half: half(side), search: (0.25 * search).max(LEAST_SEARCH) as usize, least_ncc };
    let (a, b) = (prepare(a), prepare(b));
    let mut second = match_blocks([&a, &b], &hexagonal(&a, spacing), &fine, &map_at, cancel)?;
    judge_by_neighbours(&mut second, &whole, 2.5 * spacing, MOST_MISS * spacing.max(16.0));
    Ok((second, significant))
}

/// Compares how well blocks matched with how well they do where they cannot belong (a permutation test, as ASHLAR's of
/// 2022): overlapping blocks that found the same chance agreement pass every filter of neighbours, but not this.
fn significance(
    blocks: &[Block],
    pictures: [&Picture; 2],
    pass: &Pass,
    map: &Affine,
    cancel: Cancel<'_>,
) -> Result<f64> {
    let away = 1.6 * pass.search as f64 + 4.0;
    let every = (blocks.len() / MOST_WRONG).max(1);
    let mut wrong = Vec::new();
    for (i, block) in blocks.iter().enumerate().filter(|(i, m)| i % every == 0 && m.fate != Fate::Empty) {
        for direction in [i, i + 2, i + 4] {
            let (sin, cos) = (direction as f64 * std::f64::consts::TAU / 6.0).sin_cos();
            let elsewhere = map.after(&Affine([1.0, 0.0, 0.0, 1.0, away * cos, away * sin]));
            let found = match_blocks(pictures, &[block.a], pass, &|_| elsewhere, cancel)?;
            if let Some(m) = found.first().filter(|m| m.fate != Fate::Outside && m.ncc > 0.0) {
                wrong.push(m.ncc);
                break;
            }
        }
    }
    let (total, right) = (matched(blocks).count().max(1) as f64, matched(blocks).map(|m| m.ncc));
    if wrong.len() < LEAST_WRONG {
        return Ok(0.0);
    }
    wrong.sort_by(f64::total_cmp);
    let chance = wrong[((wrong.len() - 1) as f64 * CHANCE) as usize];
    Ok(right.filter(|&ncc| ncc > chance).count() as f64 / total)
}

fn matched(blocks: &[Block]) -> impl Iterator<Item = &Block> {
    blocks.iter().filter(|m| m.fate == Fate::Matched)
}

/// The affine map about a place, from matches weighed by how near they are, held to `whole`.
fn local_affine(matches: &[([Point; 2], f64)], at: Point, near: f64, whole: &Affine) -> Affine {
    let weigh =
        |p: &[Point; 2]| (-0.5 * ((p[0][0] - at[0]).powi(2) + (p[0][1] - at[1]).powi(2)) / (0.5 * near).powi(2)).exp();
    let close = matches.iter().map(|(p, w)| (p, w * weigh(p))).filter(|(_, w)| *w > 1e-4);
    fit_affine(close, whole, 0.3, 0.5 * near).unwrap_or(*whole)
}

/// Takes out blocks that moved otherwise than those around them, the worst first (smoothness of Saalfeld et al. 2012).
fn judge_by_neighbours(blocks: &mut [Block], rough: &Affine, reach: f64, most_miss: f64) {
    for _ in 0..3 {
        let kept: Vec<([Point; 2], f64)> = matched(blocks).map(|m| ([m.a, m.b], m.ncc)).collect();
        let misses: Vec<Option<f64>> = kept.iter().enumerate().map(|(i, _)| miss_of(&kept, i, rough, reach)).collect();
        let mut known: Vec<f64> = misses.iter().flatten().copied().collect();
        known.sort_by(f64::total_cmp);
        let median = known.get(known.len() / 2).copied().unwrap_or(0.0);
        let limit = most_miss.max(3.0 * median).min(4.0 * most_miss);
        let mut out = false;
        let mut of = misses.iter();
        for block in blocks.iter_mut().filter(|m| m.fate == Fate::Matched) {
            if of.next().is_some_and(|miss| miss.is_none_or(|m| m > limit)) {
                (block.fate, out) = (Fate::Alone, true);
            }
        }
        if !out {
            return;
        }
    }
}

/// How far a match misses the affine map of its neighbours; `None` where these are too few.
fn miss_of(matches: &[([Point; 2], f64)], of: usize, rough: &Affine, reach: f64) -> Option<f64> {
    let (own, _) = &matches[of];
    let distance = |p: &[Point; 2]| (p[0][0] - own[0][0]).hypot(p[0][1] - own[0][1]);
    let near: Vec<&([Point; 2], f64)> =
        matches.iter().enumerate().filter(|(i, (p, _))| *i != of && distance(p) < reach).map(|(_, m)| m).collect();
    if near.len() < LEAST_NEIGHBOURS {
        return None;
    }
    let map = fit_affine(near.iter().map(|(p, w)| (p, *w)), rough, 0.2, 0.5 * reach)?;
    let [x, y] = map.apply(own[0]);
    Some((x - own[1][0]).hypot(y - own[1][1]))
}

fn answer(header: &MatchFine, blocks: &[Block], significant: f64) -> (Fine, Vec<Vec<u8>>) {
    let (from_a, from_b) = (header.a.section_from_picture(), header.b.section_from_picture());
    let mut fates = [0; 7];
    blocks.iter().for_each(|m| fates[m.fate as usize] += 1);
    let mut nccs: Vec<f64> = matched(blocks).map(|m| m.ncc).collect();
    nccs.sort_by(f64::total_cmp);
    let ncc = nccs.get(nccs.len() / 2).copied().unwrap_or(0.0);
    let bytes = matched(blocks).flat_map(|m| {
        let ([ax, ay], [bx, by]) = (from_a.apply(m.a), from_b.apply(m.b));
        [ax, ay, bx, by, m.ncc].into_iter().flat_map(f64::to_le_bytes)
    });
    let pairs: Vec<[Point; 2]> = matched(blocks).map(|m| [from_a.apply(m.a), from_b.apply(m.b)]).collect();
    let whole = fit_affine(pairs.iter().map(|p| (p, 1.0)), &header.b_from_a, 0.0, 1.0).unwrap_or(header.b_from_a);
    let miss = |p: &[Point; 2]| {
        let [x, y] = whole.apply(p[0]);
        (x - p[1][0]).powi(2) + (y - p[1][1]).powi(2)
    };
    let scatter_px = (pairs.iter().map(miss).sum::<f64>() / pairs.len().max(1) as f64).sqrt();
    let area = |m: &Affine| (m.0[0] * m.0[3] - m.0[1] * m.0[2]).abs();
    let stretch = area(&whole) / area(&header.b_from_a).max(f64::MIN_POSITIVE);
    (Fine { fates, ncc, scatter_px, stretch, significant }, vec![bytes.collect()])
}
