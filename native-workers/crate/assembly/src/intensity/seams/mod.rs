//! The task `even-seams`: the gradient-domain correction of a section, as smooth offsets of its tiles.
//!
//! Wanted are grey levels u whose gradient is the tiles' own within each tile and has no step where one tile follows
//! another: the minimum of the sum over neighbours of (u_p - u_q - s g)^2 plus the screen's alpha (u_p - f_p)^2, with s g
//! the gradient within tiles (Kazhdan, Surendran and Hoppe 2010; Kazhdan et al. 2015). For the correction c = u - f that
//! is a screened Poisson equation whose right side is 0 but at seams, where it has the step between the two tiles. So c
//! is smooth within tiles, is all that has to be solved for, and is kept as a coarse grid for each tile.
//!
//! Sections of more cells than fit are streamed: seams are reduced to a coarse grid, band by band, which is solved in
//! memory; then each band of rows is solved finely with the coarse solution around it.

mod fit;
mod jumps;
mod partition;
mod stream;

use super::grid::{Nodes, floats, le_bytes};
use fit::Fits;
use jumps::{Jump, Steps};
use kernels::cancel::Cancel;
use kernels::decode::CachedTile;
use kernels::error::{KernelError, Result};
use kernels::geometry::{Affine, TileImage};
use partition::Plan;
use serde::{Deserialize, Serialize};

/// Most cells of a section.
const MOST_CELLS: usize = 1 << 30;

/// Header of `even-seams`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EvenSeams {
    pub tiles: Vec<SectionTile>,
    /// Side of a cell, stack-space pixels.
    pub step_px: f64,
    /// How far a correction reaches, stack-space pixels: alpha = (step / reach)^2 a cell.
    pub reach_px: f64,
    /// Nodes of the grids that come out.
    pub columns: usize,
    pub rows: usize,
    /// Cells that are solved in memory; more are streamed.
    #[serde(default = "cells_in_memory")]
    pub cells_in_memory: usize,
    /// Also gives the correction and the right side, cell by cell; only of what is solved in memory.
    #[serde(default)]
    pub field: bool,
}

fn cells_in_memory() -> usize {
    1 << 24
}

/// A tile in its place, with the correction that it already has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SectionTile {
    pub image: TileImage,
    pub stack_from_tile: Affine,
    /// Columns and rows of its grids in the input; none = levels as stored.
    pub grid: Option<[usize; 2]>,
}

/// Result of `even-seams`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Evened {
    /// Cells along x and y.
    size: [usize; 2],
    /// Side of the cells that were solved in memory, in cells: 1 = all of them.
    coarse: usize,
    seams: usize,
    /// Mean step over the seams between two tiles, grey levels: as it was, and with the grids.
    step_before: f64,
    step_after: f64,
    /// Of the grid that was solved in memory.
    relative_residual: f64,
}

/// What a tile brings.
pub struct Source<'a> {
    pub about: &'a SectionTile,
    pub tile_from_stack: Affine,
    /// Gains, then offsets, of the correction that it has.
    pub correction: Option<(Nodes, Vec<f32>)>,
}

/// Solves a section. Inputs: gains and offsets (f32) of each tile that has a grid, in order. Outputs: offsets (f32,
/// `columns` x `rows` a tile); with `field` the correction and the right side (f32, x fastest).
pub fn even_seams(header: &EvenSeams, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Evened, Vec<Vec<u8>>)> {
    let sources = sources_of(header, inputs)?;
    let plan = Plan::of(header, &sources)?;
    let nodes = |tile: &SectionTile| Nodes { columns: header.columns, rows: header.rows, size_px: tile.image.size_px };
    let mut fits = Fits::new(header.tiles.iter().map(nodes).collect());
    let solved = stream::solve(&plan, &sources, header, &mut fits, cancel)?;
    let offsets = fits.solve(cancel)?;
    let (step_before, step_after, seams) = steps_of(&solved.jumps, &plan, &sources, &fits, &offsets);
    let about = Evened {
        size: [plan.width, plan.height],
        coarse: solved.coarse,
        seams,
        step_before,
        step_after,
        relative_residual: solved.relative_residual,
    };
    let mut outputs = vec![le_bytes(&offsets.concat())];
    outputs.extend(solved.field.into_iter().flatten().map(|values| le_bytes(&values)));
    Ok((about, outputs))
}

fn sources_of<'a>(header: &'a EvenSeams, inputs: &[&[u8]]) -> Result<Vec<Source<'a>>> {
    let counts: Vec<usize> = header.tiles.iter().map(|t| t.grid.map_or(0, |[c, r]| 2 * c * r)).collect();
    let values = floats(inputs.first().copied().unwrap_or_default(), counts.iter().sum(), "Corrections of tiles")?;
    let mut at = 0;
    header
        .tiles
        .iter()
        .zip(counts)
        .map(|(about, count)| {
            let own = values[at..at + count].to_vec();
            at += count;
            let size_px = about.image.size_px;
            let correction = about.grid.map(|[columns, rows]| (Nodes { columns, rows, size_px }, own));
            Ok(Source { about, tile_from_stack: about.stack_from_tile.inverse()?, correction })
        })
        .collect()
}

/// Mean step over the seams of each two tiles: before, and with the grids as they will be drawn.
fn steps_of(
    jumps: &[Jump],
    plan: &Plan,
    sources: &[Source<'_>],
    fits: &Fits,
    offsets: &[Vec<f32>],
) -> (f64, f64, usize) {
    let (mut before, mut after) = (Steps::default(), Steps::default());
    for jump in jumps {
        let place = plan.middle_of(jump);
        let offset =
            |tile: u32| fits.value(tile as usize, sources[tile as usize].tile_from_stack.apply(place), offsets);
        before.add(jump, jump.step);
        after.add(jump, jump.step - (offset(jump.to) - offset(jump.from)));
    }
    (before.mean(), after.mean(), before.count())
}

/// The picture of a tile, held while bands need it.
pub type Held = Option<CachedTile>;

fn too_large(width: usize, height: usize) -> KernelError {
    KernelError::invalid_input(format!("A section of {width} x {height} cells is too large; make cells larger."))
}

#[cfg(test)]
mod tests;
