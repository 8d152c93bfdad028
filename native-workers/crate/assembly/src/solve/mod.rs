//! Global placement of the tiles of a section from point matches: robust, regularised least squares over all tiles.
//! The formulation is Saalfeld et al. 2010 and Khairy et al. 2018 (EM_aligner), with the stage as prior.

mod dense;
mod evidence;
mod followers;
mod gauge;
mod groups;
mod header;
mod held;
#[cfg(test)]
mod held_tests;
mod levels;
mod matrix;
mod model;
mod place;
mod polynomial;
mod problem;
mod reconsider;
mod robust;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod solve_tests;
mod stage;
mod system;
mod vectors;

pub use header::{Solve, Solved};
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use place::place;
use problem::{read_holds, read_matches, read_tiles};

/// Solves the section that the inputs describe; see the task table for their layout. Memory is linear in tiles and
/// matches, and so is time, about.
pub fn solve_stack(header: &Solve, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Solved, Vec<Vec<u8>>)> {
    let (&[priors, sizes, rows], holds) = inputs.split_first_chunk().ok_or_else(|| {
        KernelError::invalid_input(format!("A solve takes three inputs or four, not {}.", inputs.len()))
    })?;
    header.check()?;
    let mut tiles = read_tiles(priors, sizes, header.tiles)?;
    if let [holds] = holds {
        read_holds(holds, &mut tiles)?;
    }
    let matches = read_matches(rows, header.matches, header.tiles)?;
    let placed = place(header, &tiles, &matches, cancel)?;
    let outputs = vec![
        bytes_of(placed.affines.as_flattened()),
        bytes_of(&matches.as_given(&placed.residuals_px)),
        matches.as_given(&placed.kept).iter().map(|&k| u8::from(k)).collect(),
        placed.component.iter().flat_map(|c| c.to_le_bytes()).collect(),
        bytes_of(&placed.coefficients),
    ];
    Ok((placed.summary, outputs))
}

fn bytes_of(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}
