//! Robust regularised least squares over all tiles at once, for any model.
//!
//! Minimises `sum_m w_m rho(|T_a a - T_b b| / s) + sum_i |theta_i - theta_i0|^2_Lambda` by iteratively reweighted
//! Gauss-Newton with the Geman-McClure weight, its scale `s` lowered from wide to the residuals' own spread
//! (graduated non-convexity, Black and Rangarajan 1996), then drops what lies beyond `4 s` and solves once more.

use super::dense::Cell;
use super::model::Model;
use super::problem::{Matches, Tile};
use super::reconsider::reconsider;
use super::system::System;
use kernels::cancel::Cancel;
use kernels::error::Result;

/// Residuals below a pixel are never suspected.
const FLOOR_PX: f64 = 1.0;
const DROP_AT: f64 = 4.0;
const ROUNDS: usize = 24;
/// What a round solves its equations to: the next changes them anyway.
const ROUGHLY: f64 = 0.03;
const SETTLING: usize = 12;

/// How strongly the prior holds, and whether wrong matches are expected.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Weight of a pixel's move of a centre, relative to a match of weight 1 missed by a pixel.
    pub position: f64,
    /// Likewise for a point at the tile's edge moved by scale or shear.
    pub linear: f64,
    pub robust: bool,
    /// Where the robust scale starts, px: matches far beyond it have little say.
    pub widest_px: f64,
    /// `||b - K x|| / ||b||` to reach, with x counted from the prior.
    pub goal: f64,
}

/// Placements and what became of each match.
pub struct Fit<const B: usize, const R: usize> {
    pub cells: Vec<Cell<B, R>>,
    pub kept: Vec<bool>,
    pub sigma_px: f64,
    pub rounds: usize,
    /// `||b - K x|| / ||b||`, with x counted from the prior.
    pub relative_residual: f64,
}

/// The tiles, what they are held to, and what joins them.
#[derive(Clone, Copy)]
pub struct Problem<'a, const B: usize, const R: usize> {
    pub tiles: &'a [Tile],
    pub prior: &'a [Cell<B, R>],
    pub matches: &'a Matches,
}

/// Solves from `start`.
pub fn solve<const B: usize, const R: usize, M: Model<B, R>>(
    problem: Problem<'_, B, R>,
    start: &[Cell<B, R>],
    settings: Settings,
    cancel: Cancel<'_>,
) -> Result<Fit<B, R>> {
    let Problem { tiles, prior, matches } = problem;
    let run = Run::new::<M>(problem, settings, cancel);
    let mut cells = start.to_vec();
    let mut kept = vec![true; matches.points.len()];
    let mut rounds = 0;
    if settings.robust && !matches.points.is_empty() {
        let mut scale = run.narrow::<M>(&mut cells, settings.widest_px, &mut rounds)?;
        if reconsider::<B, R, M>(tiles, prior, matches, scale, settings.position, &mut cells) {
            scale = run.narrow::<M>(&mut cells, scale, &mut rounds)?;
        }
        for (kept, residual) in kept.iter_mut().zip(run.system.residuals::<M>(&cells)) {
            *kept = residual <= DROP_AT * scale;
        }
    }
    run.finish::<M>(cells, kept, rounds, prior, settings.goal)
}

/// Solves again with the matches that `fit` kept, from where it ended.
pub fn solve_again<const B: usize, const R: usize, M: Model<B, R>>(
    problem: Problem<'_, B, R>,
    fit: Fit<B, R>,
    settings: Settings,
    cancel: Cancel<'_>,
) -> Result<Fit<B, R>> {
    let run = Run::new::<M>(problem, settings, cancel);
    run.finish::<M>(fit.cells, fit.kept, fit.rounds, problem.prior, settings.goal)
}

struct Run<'a, const B: usize, const R: usize> {
    system: System<'a, B, R>,
    matches: &'a Matches,
    cancel: Cancel<'a>,
}

impl<'a, const B: usize, const R: usize> Run<'a, B, R> {
    fn new<M: Model<B, R>>(problem: Problem<'a, B, R>, settings: Settings, cancel: Cancel<'a>) -> Self {
        let Problem { tiles, prior, matches } = problem;
        let system = System::new(tiles, prior, matches, M::prior_weights(settings.position, settings.linear));
        Self { system, matches, cancel }
    }

    fn finish<M: Model<B, R>>(
        &self,
        mut cells: Vec<Cell<B, R>>,
        kept: Vec<bool>,
        mut rounds: usize,
        prior: &[Cell<B, R>],
        goal: f64,
    ) -> Result<Fit<B, R>> {
        let relative_residual = self.settle::<M>(&mut cells, prior, &kept, goal, &mut rounds)?;
        let residuals_px = self.system.residuals::<M>(&cells);
        let kept_px = residuals_px.iter().zip(&kept).filter(|(_, k)| **k).map(|(r, _)| *r).collect();
        Ok(Fit { cells, sigma_px: spread_of(kept_px), kept, rounds, relative_residual })
    }

    /// Reweighted rounds with the scale lowered from `scale` to the residuals' spread; gives the last scale, px.
    fn narrow<M: Model<B, R>>(&self, cells: &mut [Cell<B, R>], mut scale: f64, rounds: &mut usize) -> Result<f64> {
        let mut residuals_px = self.system.residuals::<M>(cells);
        for _ in 0..ROUNDS {
            let weights: Vec<f64> = self
                .matches
                .points
                .iter()
                .zip(&residuals_px)
                .map(|(point, r)| point.weight * geman_mcclure(r / scale))
                .collect();
            let moved = self.system.step::<M>(&weights, cells, ROUGHLY, self.cancel)?;
            *rounds += 1;
            residuals_px = self.system.residuals::<M>(cells);
            let spread = spread_of(residuals_px.clone()).max(FLOOR_PX);
            if scale <= spread * 1.01 && moved < 0.01 * FLOOR_PX {
                break;
            }
            scale = (scale * 0.6).max(spread);
        }
        Ok(scale)
    }

    /// Plain weighted solves with what is kept, until the equations are fulfilled; gives how well they are.
    fn settle<M: Model<B, R>>(
        &self,
        cells: &mut [Cell<B, R>],
        prior: &[Cell<B, R>],
        kept: &[bool],
        goal: f64,
        rounds: &mut usize,
    ) -> Result<f64> {
        let weights: Vec<f64> =
            self.matches.points.iter().zip(kept).map(|(point, &k)| if k { point.weight } else { 0.0 }).collect();
        let asked = self.system.unrest::<M>(&weights, prior, self.cancel)?;
        if asked == 0.0 {
            cells.copy_from_slice(prior);
            return Ok(0.0);
        }
        let mut reached = self.system.unrest::<M>(&weights, cells, self.cancel)? / asked;
        for _ in 0..SETTLING {
            if reached <= goal {
                break;
            }
            let tolerance = (0.5 * goal / reached).clamp(1e-12, ROUGHLY);
            self.system.step::<M>(&weights, cells, tolerance, self.cancel)?;
            *rounds += 1;
            let next = self.system.unrest::<M>(&weights, cells, self.cancel)? / asked;
            if next > 0.5 * reached {
                return Ok(next);
            }
            reached = next;
        }
        Ok(reached)
    }
}

fn geman_mcclure(r: f64) -> f64 {
    let d = 1.0 + r * r;
    1.0 / (d * d)
}

/// 1.4826 times the median: the spread of one axis' worth of normal residuals, robustly; 0 for none.
pub fn spread_of(mut residuals_px: Vec<f64>) -> f64 {
    let middle = residuals_px.len() / 2;
    if residuals_px.is_empty() {
        return 0.0;
    }
    1.4826 * *residuals_px.select_nth_unstable_by(middle, f64::total_cmp).1
}
