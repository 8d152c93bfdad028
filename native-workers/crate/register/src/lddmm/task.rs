//! `register-lddmm`: some steps of a deformation at one resolution.

use super::Field;
use super::descent::{LEAST_DETERMINANT, descend};
use super::energy::{Point, Problem, displacements};
use super::flow::Flow;
use super::grid::Grid;
use super::header::{Answer, RegisterLddmm, State, VolumeHeader};
use super::metric::Compared;
use super::smooth::{Smooth, resampled};
use super::volume::Volume;
use super::warp::Warp;
use super::weights;
use crate::threads::Crew;
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result, Tag};
use std::sync::OnceLock;

/// Nodes of all times.
const MOST_NODES: usize = 1 << 27;

/// See the task table.
pub fn register_lddmm(header: &RegisterLddmm, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Answer, Vec<Vec<u8>>)> {
    header.check()?;
    let crew = Crew { threads: header.threads, cancel };
    let (fixed, moving, state) = header.volumes(inputs)?;
    let grid = header.grid(&fixed)?;
    let velocities = match (&header.state, state) {
        (Some(state), Some(bytes)) => start(state, bytes, &grid)?,
        _ => vec![vec![[0.0; 3]; grid.count()]; header.steps],
    };
    let smooth = Smooth::new(grid, header.smooth_um);
    let warp = Warp::new(&fixed, &moving, &grid, &header.moving_from_fixed);
    let ends = Flow::new(&grid, &velocities).paths(crew)?.swap_remove(0);
    let by = displacements(&grid, &ends);
    let given = warp.weights(&by, crew)?;
    let ranges = [fixed.range, moving.range];
    let compared = |weight| Compared {
        size: fixed.size,
        fixed: &fixed.level,
        weight,
        metric: header.metric,
        contrast: header.contrast,
        ranges,
        boxes: OnceLock::new(),
    };
    let shared = given.iter().map(|w| f64::from(*w)).sum::<f64>();
    if shared < 64.0 {
        let hint = "Place the volumes over each other first, and check their masks.";
        return Err(KernelError::new(Tag::BadSource, "The volumes share no voxels that count.", hint));
    }
    let tissue = match header.missing {
        true => Some(weights::tissue(&compared(&given), &warp.seen(&by, crew)?.level, crew)?),
        false => None,
    };
    let weight = tissue.as_ref().unwrap_or(&given);
    let mean = weight.iter().map(|w| f64::from(*w)).sum::<f64>() / shared;
    let problem = Problem {
        warp: &warp,
        compared: compared(weight),
        smooth: &smooth,
        smooth_um: header.smooth_um,
        regularity: header.regularity,
        crew,
    };
    let point = first(&problem, velocities)?;
    let (point, told) = descend(&problem, point, header.iterations, header.tolerance)?;
    let answer = Answer {
        state: State { grid, steps: header.steps },
        energies: told.energies,
        data: told.data,
        bending: point.bending,
        least_determinant: point.least_determinant,
        folds: told.folds,
        converged: told.converged,
        weight: mean,
    };
    Ok((answer, vec![bytes_of(point.velocities.into_iter().flatten())]))
}

/// Velocities weakened until their map does not fold: one that did not on other nodes may on these.
fn first(problem: &Problem<'_>, mut velocities: Vec<Field>) -> Result<Point> {
    for _ in 0..16 {
        let spectrum = problem.smooth.spectra(&velocities, false, problem.crew)?;
        if let Some(point) = problem.at(spectrum, velocities.clone(), LEAST_DETERMINANT)? {
            return Ok(point);
        }
        velocities.iter_mut().flatten().flatten().for_each(|v| *v *= 0.9);
    }
    Err(KernelError::invalid_input("The velocities to start from fold space."))
}

/// Velocities as they were left, on other nodes where the grid is another.
pub fn start(state: &State, bytes: &[u8], grid: &Grid) -> Result<Vec<Field>> {
    let fields = fields_of(state, bytes)?;
    if state.grid == *grid {
        return Ok(fields);
    }
    fields.iter().map(|field| resampled(field, &state.grid, grid)).collect()
}

/// Reads velocities: f32 of x, y, z at each node, times one after the other.
pub fn fields_of(state: &State, bytes: &[u8]) -> Result<Vec<Field>> {
    let nodes = state.grid.size.iter().try_fold(state.steps, |a, n| a.checked_mul(*n));
    let axes = if state.grid.is_flat() { 2 } else { 3 };
    let sound = state.grid.size[..axes].iter().all(|n| *n >= 4 && n.is_multiple_of(2))
        && state.grid.extent_um.iter().all(|e| e.is_finite() && *e > 0.0)
        && state.grid.origin_um.iter().all(|o| o.is_finite());
    if !sound || state.steps == 0 || nodes.is_none_or(|n| n > MOST_NODES || bytes.len() != n * 12) {
        let message = format!("{} bytes are not the velocities of {state:?}.", bytes.len());
        return Err(KernelError::invalid_input(message));
    }
    let number = |b: &[u8; 4]| f32::from_le_bytes(*b);
    let node = |b: &[u8; 12]| {
        let numbers = b.as_chunks::<4>().0;
        [number(&numbers[0]), number(&numbers[1]), number(&numbers[2])]
    };
    let all: Field = bytes.as_chunks::<12>().0.iter().map(node).collect();
    if all.iter().flatten().any(|v| !v.is_finite()) {
        return Err(KernelError::invalid_input("Velocities that are no numbers."));
    }
    if state.grid.is_flat() && all.iter().any(|v| v[2] != 0.0) {
        return Err(KernelError::invalid_input("Velocities of a section that leave its plane."));
    }
    Ok(all.chunks(state.grid.count()).map(<[_]>::to_vec).collect())
}

pub fn bytes_of(vectors: impl IntoIterator<Item = [f32; 3]>) -> Vec<u8> {
    vectors.into_iter().flatten().flat_map(f32::to_le_bytes).collect()
}

impl RegisterLddmm {
    fn check(&self) -> Result<()> {
        let bad = |message: String| Err(KernelError::invalid_input(message));
        if !(1..=16).contains(&self.steps) || !(1..=64).contains(&self.threads) {
            return bad(format!("{} steps on {} threads.", self.steps, self.threads));
        }
        let numbers = [self.smooth_um, self.regularity, self.grid_um.unwrap_or(1.0)];
        if numbers.iter().any(|v| !(v.is_finite() && *v > 0.0)) || self.tolerance.is_nan() || self.tolerance < 0.0 {
            return bad(format!("Smoothness, regularity and grid are {numbers:?}."));
        }
        if self.moving_from_fixed.iter().any(|v| !v.is_finite()) {
            return bad("The affine map has parts that are no numbers.".into());
        }
        Ok(())
    }

    /// Both volumes and the bytes of the state; `inputs` are fixed, moving, then masks and velocities as the header says.
    fn volumes<'a>(&self, inputs: &[&'a [u8]]) -> Result<(Volume, Volume, Option<&'a [u8]>)> {
        let wanted =
            2 + usize::from(self.fixed.mask) + usize::from(self.moving.mask) + usize::from(self.state.is_some());
        if inputs.len() != wanted {
            return Err(KernelError::invalid_input(format!("{} inputs where {wanted} are needed.", inputs.len())));
        }
        let mut rest = inputs[2..].iter();
        let mut mask = |of: &VolumeHeader| if of.mask { rest.next().copied() } else { None };
        let (fixed_mask, moving_mask) = (mask(&self.fixed), mask(&self.moving));
        let fixed = Volume::read("fixed", &self.fixed, inputs[0], fixed_mask)?;
        let moving = Volume::read("moving", &self.moving, inputs[1], moving_mask)?;
        if fixed.is_section() != moving.is_section() {
            let message = format!("Volumes of {} and {} sections.", fixed.size[2], moving.size[2]);
            return Err(KernelError::new(Tag::BadSource, message, "Register one section to one section."));
        }
        Ok((fixed, moving, rest.next().copied()))
    }

    /// The torus of the state or, at first, one around the fixed volume; nodes as this resolution needs them.
    fn grid(&self, fixed: &Volume) -> Result<Grid> {
        let is_section = fixed.is_section();
        let axes = if is_section { 2 } else { 3 };
        let finest = fixed.spacing_um[..axes].iter().copied().fold(f64::INFINITY, f64::min);
        let apart = fixed.spacing_um.map(|s| s.max(self.grid_um.unwrap_or(2.0 * finest)));
        let most = fixed.extent_um().into_iter().fold(0.0, f64::max) + 4.0 * self.smooth_um;
        let grid = match &self.state {
            Some(state) if state.steps != self.steps => {
                let message = format!("The state has {} steps, not {}.", state.steps, self.steps);
                return Err(KernelError::invalid_input(message));
            }
            Some(state) if state.grid.extent_um.iter().any(|e| !(e.is_finite() && *e > 0.0)) => {
                return Err(KernelError::invalid_input(format!("{state:?} is no grid.")));
            }
            Some(state) if state.grid.is_flat() != is_section => {
                return Err(KernelError::invalid_input("The state is not one of these volumes."));
            }
            _ if apart.iter().any(|a| most / a > 8192.0) => return Err(too_fine(apart)),
            Some(state) => state.grid.with_nodes(apart),
            None if is_section => Grid::around_section(fixed.origin_um, fixed.extent_um(), self.smooth_um, apart),
            None => Grid::around(fixed.origin_um, fixed.extent_um(), self.smooth_um, apart),
        };
        if grid.count().saturating_mul(self.steps) > MOST_NODES { Err(too_fine(apart)) } else { Ok(grid) }
    }
}

fn too_fine(apart: [f64; 3]) -> KernelError {
    let message = format!("Velocities every {apart:?} µm are more than memory is meant for.");
    KernelError::new(Tag::OverBudget, message, "Register at a coarser resolution.")
}
