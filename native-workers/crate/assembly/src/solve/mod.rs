//! Global placement of the tiles of a section from point matches: robust, regularised least squares over all tiles.
//! The formulation is Saalfeld et al. 2010 and Khairy et al. 2018 (EM_aligner), with the stage as prior.

mod block;
mod gauge;
mod model;
mod problem;
mod reconsider;
mod robust;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod solve_tests;
mod stage;

use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use model::{Affine, Model, Rigid, Translation, apply};
use problem::{Match, Tile, read_matches, read_tiles};
use robust::{Fit, Settings};
use serde::{Deserialize, Serialize};

/// How far a good match misses, px: sets the prior against the matches.
const MATCH_SIGMA_PX: f64 = 0.3;

/// Header of `solve-stack`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Solve {
    model: Kind,
    tiles: usize,
    matches: usize,
    #[serde(default = "stage_sigma")]
    stage_sigma_px: f64,
    #[serde(default = "linear_prior")]
    linear_prior: f64,
    #[serde(default = "robust")]
    robust: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Translation,
    Rigid,
    Affine,
}

fn stage_sigma() -> f64 {
    10.0
}

fn linear_prior() -> f64 {
    0.01
}

fn robust() -> bool {
    true
}

/// What the solve says of itself.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Solved {
    iterations: usize,
    relative_residual: f64,
    sigma_px: f64,
    components: i32,
}

/// Placements of all tiles and the fate of every match.
struct Placed {
    affines: Vec<[f64; 6]>,
    residuals_px: Vec<f64>,
    kept: Vec<bool>,
    component: Vec<i32>,
    summary: Solved,
}

/// Solves the section that the inputs describe; see the task table for their layout. Memory is linear in tiles and
/// matches; time is a few tens of sparse solves.
pub fn solve_stack(header: &Solve, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Solved, Vec<Vec<u8>>)> {
    let [priors, sizes, rows] = inputs else {
        return Err(KernelError::invalid_input(format!("A solve takes three inputs, not {}.", inputs.len())));
    };
    let tiles = read_tiles(priors, sizes, header.tiles)?;
    let matches = read_matches(rows, header.matches, header.tiles)?;
    let placed = place(header, &tiles, &matches, cancel)?;
    let floats = |values: &mut dyn Iterator<Item = f64>| -> Vec<u8> { values.flat_map(f64::to_le_bytes).collect() };
    let outputs = vec![
        floats(&mut placed.affines.iter().flatten().copied()),
        floats(&mut placed.residuals_px.iter().copied()),
        placed.kept.iter().map(|&k| u8::from(k)).collect(),
        placed.component.iter().flat_map(|c| c.to_le_bytes()).collect(),
    ];
    Ok((placed.summary, outputs))
}

fn place(header: &Solve, tiles: &[Tile], matches: &[Match], cancel: Cancel<'_>) -> Result<Placed> {
    match header.model {
        Kind::Translation => {
            let (expected, fit) = fit_about_stage::<2, Translation>(header, tiles, matches, cancel)?;
            Ok(finish::<2, Translation>(tiles, matches, &expected, fit))
        }
        Kind::Rigid => place_rigid(header, tiles, matches, cancel),
        Kind::Affine => place_affine(header, tiles, matches, cancel),
    }
}

/// Solves, learns the stage's systematic error, and solves again about the better prior; gives the prior's centres too.
fn fit_about_stage<const P: usize, M: Model<P>>(
    header: &Solve,
    tiles: &[Tile],
    matches: &[Match],
    cancel: Cancel<'_>,
) -> Result<(Vec<[f64; 2]>, Fit<P>)> {
    let mut prior: Vec<[f64; P]> = tiles.iter().map(|t| M::from_affine(t, &t.stage)).collect();
    let fit = robust::solve::<P, M>(tiles, &prior, matches, header.settings(), cancel)?;
    let centres = centres_of(&fit.parameters);
    let Some(better) = stage::recalibrated(tiles, &centres, &components_of(tiles, matches, &fit.kept)) else {
        return Ok((tiles.iter().map(Tile::stage_centre).collect(), fit));
    };
    for (p, centre) in prior.iter_mut().zip(&better) {
        p[..2].copy_from_slice(centre);
    }
    let fit = robust::solve::<P, M>(tiles, &prior, matches, header.settings(), cancel)?;
    Ok((better, fit))
}

fn place_rigid(header: &Solve, tiles: &[Tile], matches: &[Match], cancel: Cancel<'_>) -> Result<Placed> {
    let (expected, mut fit) = fit_about_stage::<3, Rigid>(header, tiles, matches, cancel)?;
    let component = components_of(tiles, matches, &fit.kept);
    gauge::settle_rotation(tiles, &expected, &component, &mut fit.parameters);
    Ok(finish::<3, Rigid>(tiles, matches, &expected, fit))
}

/// Affine, about the rigid solution. All tiles sheared or scaled together leave every match as it is, and shrinking them
/// even gains a little on noise, so that common part is taken from the rigid solution and not from the matches.
fn place_affine(header: &Solve, tiles: &[Tile], matches: &[Match], cancel: Cancel<'_>) -> Result<Placed> {
    let rigid = place_rigid(header, tiles, matches, cancel)?;
    let expected: Vec<[f64; 2]> = tiles.iter().zip(&rigid.affines).map(|(t, m)| apply(m, t.centre)).collect();
    let prior: Vec<[f64; 6]> = tiles.iter().zip(&rigid.affines).map(|(t, m)| Affine::from_affine(t, m)).collect();
    let mut fit = robust::solve::<6, Affine>(tiles, &prior, matches, header.settings(), cancel)?;
    hold_gauge(tiles, &expected, &mut fit);
    Ok(finish::<6, Affine>(tiles, matches, &expected, fit))
}

/// Takes the common linear map between the solved and the expected centres out of the solution.
fn hold_gauge(tiles: &[Tile], expected: &[[f64; 2]], fit: &mut Fit<6>) {
    let solved = centres_of(&fit.parameters);
    let Some((map, _)) = stage::common_map(&solved, expected, &vec![0; tiles.len()]) else { return };
    for (tile, p) in tiles.iter().zip(&mut fit.parameters) {
        *p = Affine::from_affine(tile, &map.after(&Affine::to_affine(tile, p)));
    }
}

fn finish<const P: usize, M: Model<P>>(
    tiles: &[Tile],
    matches: &[Match],
    expected: &[[f64; 2]],
    fit: Fit<P>,
) -> Placed {
    let component = components_of(tiles, matches, &fit.kept);
    let centres = centres_of(&fit.parameters);
    let spacing = tiles.iter().map(|t| 2.0 * t.half_side).sum::<f64>() / tiles.len() as f64;
    let mut parameters = fit.parameters;
    for tile in (0..tiles.len()).filter(|&t| component[t] < 0) {
        let centre = stage::follow_neighbours(tile, expected, &centres, &component, spacing);
        parameters[tile][..2].copy_from_slice(&centre);
    }
    let residuals_px = robust::residuals::<P, M>(tiles, &parameters, matches);
    let summary = Solved {
        iterations: fit.rounds,
        relative_residual: fit.linear.relative_residual,
        sigma_px: fit.sigma_px,
        components: component.iter().copied().max().map_or(0, |last| last + 1),
    };
    let affines = tiles.iter().zip(&parameters).map(|(t, p)| M::to_affine(t, p)).collect();
    Placed { affines, residuals_px, kept: fit.kept, component, summary }
}

fn components_of(tiles: &[Tile], matches: &[Match], kept: &[bool]) -> Vec<i32> {
    let pairs = matches.iter().zip(kept).filter(|(m, k)| **k && m.weight > 0.0).map(|(m, _)| (m.tile_a, m.tile_b));
    stage::components(tiles.len(), pairs)
}

fn centres_of<const P: usize>(parameters: &[[f64; P]]) -> Vec<[f64; 2]> {
    parameters.iter().map(|p| [p[0], p[1]]).collect()
}

impl Solve {
    fn settings(&self) -> Settings {
        Settings {
            position: (MATCH_SIGMA_PX / self.stage_sigma_px).powi(2),
            linear: self.linear_prior,
            robust: self.robust,
            stage_sigma_px: self.stage_sigma_px,
        }
    }
}
