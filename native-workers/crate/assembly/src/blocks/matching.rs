//! The task `match-blocks`: the shift between what two blocks show of one slab of their overlap.

use super::Vec3;
use super::axes::{Axis, candidates, fuse_axes, place};
use super::grid::Grid;
use super::ncc_map::{NccMap, ncc_map};
use super::peak::{Peak, peak_of};
use super::project::{PLANES, Plane, project};
use super::refine::{Refined, agreement, refine};
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use kernels::voxel::VoxelType;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Sides of an overlap below this are not compared (TeraStitcher asks for 25).
const LEAST_SIDE: i64 = 12;
/// How far the second look, over what truly overlaps, may go from the first, voxels.
const SECOND_RADIUS: i64 = 4;
/// Voxels two apart along a row that have less in common than this are noise.
const LEAST_TEXTURE: f64 = 0.02;

/// Header of `match-blocks`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchBlocks {
    dtype: VoxelType,
    size_a: [usize; 3],
    size_b: [usize; 3],
    /// Voxel of box b that the stage lays over voxel 0 of box a.
    expected: [i64; 3],
    search_vox: [i64; 3],
}

impl MatchBlocks {
    fn read(&self, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Grid, Grid)> {
        let [a, b] = inputs else {
            return Err(KernelError::invalid_input(format!("A pair is two boxes, not {}.", inputs.len())));
        };
        if self.search_vox.iter().any(|r| !(0..=4096).contains(r)) || self.expected.iter().any(|e| e.abs() > 1 << 30) {
            return Err(KernelError::invalid_input(format!(
                "A search of {:?} voxels is not allowed.",
                self.search_vox
            )));
        }
        Ok((Grid::read(self.size_a, self.dtype, a, cancel)?, Grid::read(self.size_b, self.dtype, b, cancel)?))
    }
}

/// Result of `match-blocks`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Matched {
    /// Voxel of box b that shows what voxel 0 of box a shows; what was expected where nothing matched.
    shift: Vec3,
    sigma: Vec3,
    /// Over the true overlap, of three dimensions.
    ncc: f64,
    /// Of the least certain projection.
    peak_ratio: f64,
    /// As TeraStitcher describes each axis.
    axes: [AxisQuality; 3],
    reason: &'static str,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct AxisQuality {
    reliability: f64,
    ncc_peak: f64,
    ncc_width: i64,
    agreed: bool,
}

/// Matches two boxes. Memory: four bytes a voxel twice over; time is a few passes over them.
pub fn match_blocks(header: &MatchBlocks, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Matched, Vec<Vec<u8>>)> {
    let (a, b) = header.read(inputs, cancel)?;
    let matched = match_grids(a, b, header.expected, header.search_vox, cancel)?;
    Ok((matched, Vec::new()))
}

/// The NCC maps of the three projections over what the stage says overlaps: f64, rows of `2 * search + 1` along the first
/// kept axis; NaN where nothing can be compared. For looking at, and for measuring.
pub fn project_ncc(header: &MatchBlocks, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Mapped, Vec<Vec<u8>>)> {
    let (a, b) = header.read(inputs, cancel)?;
    let over = common(a.size, b.size, header.expected)
        .ok_or_else(|| KernelError::invalid_input("The boxes do not overlap.".to_owned()))?;
    let maps = maps_of(&a, &b, &over, header.expected, header.search_vox, cancel)?;
    let bytes = |map: NccMap| map.ncc.iter().flat_map(|v| v.to_le_bytes()).collect();
    Ok((
        Mapped { sizes: PLANES.map(|p| p.kept.map(|k| 2 * header.search_vox[k] + 1)) },
        maps.into_iter().map(bytes).collect(),
    ))
}

/// Result of `project-ncc`.
#[derive(Debug, Serialize)]
pub struct Mapped {
    /// Of the maps of xy, xz and yz.
    sizes: [[i64; 2]; 3],
}

fn match_grids(a: Grid, b: Grid, expected: [i64; 3], search: [i64; 3], cancel: Cancel<'_>) -> Result<Matched> {
    let nothing = |reason, peaks: &[Option<Peak>; 3]| Ok(Matched::none(expected, search, peaks, reason));
    if common(a.size, b.size, expected).is_none() {
        return nothing("too little overlap", &[None; 3]);
    }
    if !has_texture(&a) || !has_texture(&b) {
        return nothing("no texture", &[None; 3]);
    }
    let first = look(&a, &b, expected, search, cancel)?;
    if first.iter().all(Option::is_none) {
        return nothing("no significant peak", &first);
    }
    let Some((whole, _)) = best_of(&a, &b, &candidates(&first, expected), cancel)? else {
        return nothing("too little overlap", &first);
    };
    let second = look(&a, &b, whole, [SECOND_RADIUS; 3], cancel)?;
    let axes = fuse_axes(&second);
    let start = place(&axes, whole);
    let (a, b) = (a.blurred(cancel)?, b.blurred(cancel)?);
    let Some(refined) = refine(&a, &b, start, cancel)? else {
        return nothing("no significant peak", &first);
    };
    if (0..3).any(|k| (refined.shift[k] - expected[k] as f64).abs() > search[k] as f64 + 1.0) {
        return nothing("no significant peak", &first);
    }
    Ok(Matched::of(&refined, &first, &fuse_axes(&first), search))
}

/// The whole shift at which the voxels themselves agree best.
fn best_of(a: &Grid, b: &Grid, shifts: &[[i64; 3]], cancel: Cancel<'_>) -> Result<Option<([i64; 3], f64)>> {
    let mut best: Option<([i64; 3], f64)> = None;
    for &shift in shifts {
        if let Some(ncc) = agreement(a, b, shift, cancel)?
            && best.is_none_or(|(_, most)| ncc > most)
        {
            best = Some((shift, ncc));
        }
    }
    Ok(best)
}

/// The peaks of the three projections, each along what overlaps of its axis at `shift`.
fn look(a: &Grid, b: &Grid, shift: [i64; 3], radius: [i64; 3], cancel: Cancel<'_>) -> Result<[Option<Peak>; 3]> {
    let mut peaks = [None; 3];
    let Some(over) = common(a.size, b.size, shift) else { return Ok(peaks) };
    for (map, peak) in maps_of(a, b, &over, shift, radius, cancel)?.iter().zip(&mut peaks) {
        *peak = peak_of(map);
    }
    Ok(peaks)
}

fn maps_of(
    a: &Grid,
    b: &Grid,
    over: &[Range<usize>; 3],
    shift: [i64; 3],
    radius: [i64; 3],
    cancel: Cancel<'_>,
) -> Result<Vec<NccMap>> {
    let one_of = |plane: &Plane| {
        let along = over[plane.along].clone();
        let moved = |end: usize| (end as i64 + shift[plane.along]) as usize;
        let one = project(a, *plane, along.clone(), cancel)?;
        let two = project(b, *plane, moved(along.start)..moved(along.end), cancel)?;
        ncc_map(&one, &two, plane.kept.map(|k| shift[k]), plane.kept.map(|k| radius[k]), LEAST_SIDE, cancel)
    };
    PLANES.iter().map(one_of).collect()
}

/// Of each axis of `a`, what `b` covers; none where it is nothing on some axis.
fn common(a: [usize; 3], b: [usize; 3], shift: [i64; 3]) -> Option<[Range<usize>; 3]> {
    let range = |k: usize| {
        let from = (-shift[k]).max(0);
        let to = (a[k] as i64).min(b[k] as i64 - shift[k]);
        (to > from).then_some(from as usize..to.max(0) as usize)
    };
    Some([range(0)?, range(1)?, range(2)?])
}

/// Whether voxels two apart have something in common, over a sample of rows.
fn has_texture(grid: &Grid) -> bool {
    let [w, h, d] = grid.size;
    let every = (h * d).div_ceil(2000);
    let (mut n, mut mean, mut square, mut product) = (0.0, 0.0, 0.0, 0.0);
    let zero = f64::from(grid.level[0]);
    for row in grid.level.chunks_exact(w).step_by(every) {
        for pair in row.windows(3) {
            let (p, q) = (f64::from(pair[0]) - zero, f64::from(pair[2]) - zero);
            n += 1.0;
            mean += p;
            square += p * p;
            product += p * q;
        }
    }
    let variance = square - mean * mean / n;
    n > 0.0 && variance > 1e-6 * n && (product - mean * mean / n) / variance > LEAST_TEXTURE
}

/// r = sqrt((1 - w / wmax)^2 / 2 + peak^2 / 2), as TeraStitcher has it.
fn quality(axis: Option<Axis>, radius: i64) -> AxisQuality {
    let most = radius + 1;
    let Some(Axis { peak, width, agreed, .. }) = axis else {
        return AxisQuality { reliability: 0.0, ncc_peak: 0.0, ncc_width: most, agreed: false };
    };
    let narrow = 1.0 - width.min(most) as f64 / most as f64;
    let reliability = (0.5 * narrow * narrow + 0.5 * peak * peak).sqrt();
    AxisQuality { reliability, ncc_peak: peak, ncc_width: width.min(most), agreed }
}

impl Matched {
    fn of(refined: &Refined, peaks: &[Option<Peak>; 3], axes: &[Option<Axis>; 3], search: [i64; 3]) -> Self {
        Self {
            shift: refined.shift,
            sigma: refined.sigma,
            ncc: refined.ncc,
            peak_ratio: least_ratio(peaks),
            axes: std::array::from_fn(|k| quality(axes[k], search[k])),
            reason: "",
        }
    }

    fn none(expected: [i64; 3], search: [i64; 3], peaks: &[Option<Peak>; 3], reason: &'static str) -> Self {
        Self {
            shift: expected.map(|e| e as f64),
            sigma: search.map(|s| s as f64),
            ncc: 0.0,
            peak_ratio: least_ratio(peaks),
            axes: std::array::from_fn(|k| quality(None, search[k])),
            reason,
        }
    }
}

fn least_ratio(peaks: &[Option<Peak>; 3]) -> f64 {
    let ratios = peaks.iter().flatten().map(|p| p.ratio);
    ratios.fold(None, |least: Option<f64>, r| Some(least.map_or(r, |l| l.min(r)))).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::test_texture::texture;
    use kernels::cancel::never;

    /// Box b lies so that `shift` is the truth, while the stage says `expected`.
    fn matched(shift: Vec3, expected: [i64; 3], noise: f64) -> Matched {
        let a = texture([0.0; 3], [48, 90, 60], 1, noise);
        let b = texture(shift.map(|s| -s), [56, 96, 66], 2, noise);
        match_grids(a, b, expected, [14, 14, 10], never()).unwrap()
    }

    #[test]
    fn finds_shifts_far_from_the_stage_to_a_part_of_a_voxel() {
        for (shift, expected) in [([9.3, -7.6, 4.25], [0, 0, 0]), ([-10.5, 11.5, -6.75], [-2, 3, 1])] {
            let found = matched(shift, expected, 10.0);
            assert_eq!(found.reason, "");
            assert!(found.shift.iter().zip(shift).all(|(f, s)| (f - s).abs() < 0.1), "{found:?}");
            assert!(found.ncc > 0.8 && found.axes.iter().all(|a| a.reliability > 0.7), "{found:?}");
        }
    }

    #[test]
    fn blank_boxes_and_boxes_of_noise_say_so() {
        let noise = |seed| {
            let mut grid = texture([0.0; 3], [48, 60, 40], seed, 30.0);
            let same = texture([0.0; 3], [48, 60, 40], 0, 0.0);
            grid.level.iter_mut().zip(&same.level).for_each(|(v, s)| *v -= s);
            grid
        };
        let found = match_grids(noise(1), noise(2), [0; 3], [10; 3], never()).unwrap();
        assert_eq!(found.reason, "no texture");
        let flat = || Grid { size: [40, 40, 40], level: vec![9.0; 64_000] };
        assert_eq!(match_grids(flat(), flat(), [0; 3], [10; 3], never()).unwrap().reason, "no texture");
        let apart = match_grids(flat(), flat(), [50, 0, 0], [5; 3], never()).unwrap();
        assert_eq!(apart.reason, "too little overlap");
    }

    #[test]
    fn unrelated_texture_does_not_agree() {
        let a = texture([0.0; 3], [48, 60, 40], 1, 5.0);
        let b = texture([900.0, 500.0, 300.0], [48, 60, 40], 2, 5.0);
        let found = match_grids(a, b, [0; 3], [10; 3], never()).unwrap();
        assert!(!found.reason.is_empty() || found.ncc < 0.4, "{found:?}");
    }
}
