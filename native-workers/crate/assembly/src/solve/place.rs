//! From the stage's placements to solved ones, model by model: each starts from what the one with less freedom found.

use super::dense::Cell;
use super::evidence::{Firmness, Fits, firmness};
use super::followers::Neighbours;
use super::gauge::{self, Gauge};
use super::header::{self, Kind, Solve, Solved};
use super::model::{Model, Rigid, Similarity, Translation, apply};
use super::polynomial::Polynomial;
use super::problem::{Matches, Tile};
use super::robust::{self, Fit, Problem, Settings};
use super::{held, stage, system};
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};

/// How far a good match misses, px: sets the prior against the matches.
const MATCH_SIGMA_PX: f64 = 0.3;
/// The spread of normal errors of one pixel an axis, as `spread_of` measures distances.
const SPREAD_OF_A_PIXEL: f64 = 1.746;
/// Matches are never taken for better than this share of `MATCH_SIGMA_PX`.
const BEST_MATCHES: f64 = 0.1;
/// `||b - K x|| / ||b||` of what is given out, and of what is only started from.
const EXACTLY: f64 = 1e-9;
const ABOUT: f64 = 1e-4;
/// A model with more freedom starts with suspicion of what the one before left this many spreads away.
const SUSPECT_AT: f64 = 3.0;

/// Placements of all tiles and the fate of every match, in the order of the sorted matches.
pub struct Placed {
    pub affines: Vec<[f64; 6]>,
    /// Of the polynomial model: for each tile all coefficients of x, then all of y.
    pub coefficients: Vec<f64>,
    pub residuals_px: Vec<f64>,
    pub kept: Vec<bool>,
    pub component: Vec<i32>,
    /// Parameters of a tile.
    pub freedom: usize,
    /// Where the stage, as recalibrated, puts the centres.
    pub stage_centres: Vec<[f64; 2]>,
    pub summary: Solved,
}

/// A question and how it is to be answered.
struct Question<'a> {
    header: &'a Solve,
    tiles: &'a [Tile],
    matches: &'a Matches,
    cancel: Cancel<'a>,
}

pub fn place(header: &Solve, tiles: &[Tile], matches: &Matches, cancel: Cancel<'_>) -> Result<Placed> {
    let question = Question { header, tiles, matches, cancel };
    match (header.model, header.order) {
        (Kind::Translation, _) => {
            let (expected, fit) = question.about_stage::<1, 2, Translation>(EXACTLY)?;
            Ok(question.finish::<1, 2, Translation>(&expected, &expected, fit))
        }
        (Kind::Rigid, _) => question.rigid(EXACTLY),
        (Kind::Similarity, _) => question.similarity(EXACTLY),
        (Kind::Affine, _) => question.affine(EXACTLY),
        (Kind::Polynomial, 2) => question.polynomial::<6>(),
        (Kind::Polynomial, 3) => question.polynomial::<10>(),
        (Kind::Polynomial, order) => {
            Err(KernelError::invalid_input(format!("Polynomials are of order 2 or 3, not {order}.")))
        }
    }
}

impl Question<'_> {
    fn rigid(&self, goal: f64) -> Result<Placed> {
        let (expected, mut fit) = self.about_stage::<3, 1, Rigid>(goal)?;
        let component = self.components(&fit.kept);
        gauge::settle_rotation(self.tiles, &expected, &component, &mut fit.cells);
        Ok(self.finish::<3, 1, Rigid>(&expected, &expected, fit))
    }

    fn similarity(&self, goal: f64) -> Result<Placed> {
        self.about::<4, 1, Similarity>(&self.rigid(ABOUT)?, goal)
    }

    fn affine(&self, goal: f64) -> Result<Placed> {
        // Where nothing is weighed against it, the model between is not needed.
        let found = if self.header.robust { self.similarity(ABOUT)? } else { self.rigid(ABOUT)? };
        self.about::<3, 2, Polynomial<3>>(&found, goal)
    }

    fn polynomial<const B: usize>(&self) -> Result<Placed> {
        self.about::<B, 2, Polynomial<B>>(&self.affine(ABOUT)?, EXACTLY)
    }

    /// Solves, learns the stage's systematic error, and solves again about the better prior; gives the prior's centres.
    fn about_stage<const B: usize, const R: usize, M: Model<B, R>>(
        &self,
        goal: f64,
    ) -> Result<(Vec<[f64; 2]>, Fit<B, R>)> {
        let Self { tiles, matches, cancel, .. } = *self;
        let widest_px = 3.0 * self.header.stage_sigma_px * std::f64::consts::SQRT_2;
        let staged = held::stage_centres(tiles, matches, widest_px);
        let mut prior: Vec<Cell<B, R>> = tiles.iter().map(|t| M::from_affine(t, &t.stage)).collect();
        for (prior, centre) in prior.iter_mut().zip(&staged) {
            M::set_centre(prior, *centre);
        }
        let settings = self.settings(widest_px, goal);
        let problem = Problem { tiles, prior: &prior, matches };
        let fit = robust::solve::<B, R, M>(problem, &prior, settings, cancel)?;
        let centres: Vec<[f64; 2]> = fit.cells.iter().map(M::centre).collect();
        let Some(better) = stage::recalibrated(&staged, &centres, &self.components(&fit.kept)) else {
            return Ok((staged, fit));
        };
        for ((prior, centre), _) in prior.iter_mut().zip(&better).zip(tiles).filter(|(_, t)| !t.is_held()) {
            M::set_centre(prior, *centre);
        }
        let fit = robust::solve::<B, R, M>(Problem { tiles, prior: &prior, matches }, &prior, settings, cancel)?;
        Ok((better, fit))
    }

    /// Solves with more freedom from what a model with less found. Prior are the stage's places and the turn and shear
    /// found: that one's places are bent by what it could not follow. The turn and shear hold as firmly as the matches show
    /// that they suffice. What all tiles do in common is taken from there and not from the matches, which do not see it.
    fn about<const B: usize, const R: usize, M: Gauge<B, R>>(&self, found: &Placed, goal: f64) -> Result<Placed> {
        let Self { tiles, matches, cancel, header } = *self;
        let placed = |(tile, affine): (&Tile, &[f64; 6])| if tile.is_held() { tile.stage } else { *affine };
        let places: Vec<[f64; 6]> = tiles.iter().zip(&found.affines).map(placed).collect();
        let expected: Vec<[f64; 2]> = tiles.iter().zip(&places).map(|(t, m)| apply(m, t.centre)).collect();
        let start: Vec<Cell<B, R>> = tiles.iter().zip(&places).map(|(t, m)| M::from_affine(t, m)).collect();
        let mut prior = start.clone();
        for ((prior, centre), _) in prior.iter_mut().zip(&found.stage_centres).zip(tiles).filter(|(_, t)| !t.is_held())
        {
            M::set_centre(prior, *centre);
        }
        let problem = Problem { tiles, prior: &prior, matches };
        let widest_px = SUSPECT_AT * robust::spread_of(found.residuals_px.clone()).max(1.0);
        let settings = self.settings(widest_px, goal);
        let first = Settings { goal: if header.robust { ABOUT } else { goal }, ..settings };
        let mut fit = robust::solve::<B, R, M>(problem, &start, first, cancel)?;
        if header.robust {
            let firm = self.firmness(found, &fit, &system::residuals::<B, R, M>(tiles, &fit.cells, matches));
            let trust = (fit.sigma_px / SPREAD_OF_A_PIXEL / MATCH_SIGMA_PX).clamp(BEST_MATCHES, 1.0).powi(2);
            let tiles = firm.loosened(tiles);
            let linear = settings.linear * trust.max(firm.linear / header::LINEAR_PRIOR);
            let held = Settings { position: trust * settings.position, linear, ..settings };
            fit = robust::solve_again::<B, R, M>(Problem { tiles: &tiles, prior: &prior, matches }, fit, held, cancel)?;
        }
        gauge::hold_common_map::<B, R, M>(tiles, &expected, &mut fit.cells);
        Ok(self.finish::<B, R, M>(&found.stage_centres, &expected, fit))
    }

    fn firmness<const B: usize, const R: usize>(&self, found: &Placed, fit: &Fit<B, R>, free_px: &[f64]) -> Firmness {
        let fits = Fits {
            tiles: self.tiles,
            matches: self.matches,
            kept: &fit.kept,
            stiff_px: &found.residuals_px,
            free_px,
            stiff_freedom: found.freedom,
            free_freedom: B * R,
        };
        firmness(&fits)
    }

    fn finish<const B: usize, const R: usize, M: Model<B, R>>(
        &self,
        stage_centres: &[[f64; 2]],
        expected: &[[f64; 2]],
        fit: Fit<B, R>,
    ) -> Placed {
        let tiles = self.tiles;
        let component = self.components(&fit.kept);
        let mut cells = fit.cells;
        let centres: Vec<[f64; 2]> = cells.iter().map(M::centre).collect();
        let spacing = tiles.iter().map(|t| 2.0 * t.half_side).sum::<f64>() / tiles.len() as f64;
        let neighbours = Neighbours::new(expected, &centres, &component, spacing);
        for tile in (0..tiles.len()).filter(|&t| component[t] < 0 && !tiles[t].is_held()) {
            M::set_centre(&mut cells[tile], neighbours.follow(tile));
        }
        let summary = Solved {
            iterations: fit.rounds,
            relative_residual: fit.relative_residual,
            sigma_px: fit.sigma_px,
            components: component.iter().copied().max().map_or(0, |last| last + 1),
        };
        Placed {
            residuals_px: system::residuals::<B, R, M>(tiles, &cells, self.matches),
            affines: tiles.iter().zip(&cells).map(|(t, c)| M::to_affine(t, c)).collect(),
            coefficients: tiles.iter().zip(&cells).flat_map(|(t, c)| M::coefficients(t, c)).collect(),
            kept: fit.kept,
            component,
            freedom: B * R,
            stage_centres: stage_centres.to_vec(),
            summary,
        }
    }

    fn components(&self, kept: &[bool]) -> Vec<i32> {
        let matches = self.matches;
        let joins = |pair: &usize| matches.of_pair(*pair).any(|at| kept[at] && matches.points[at].weight > 0.0);
        let pairs = (0..matches.pairs.len()).filter(joins).map(|pair| matches.pairs[pair]);
        stage::components(self.tiles.len(), pairs)
    }

    fn settings(&self, widest_px: f64, goal: f64) -> Settings {
        let Solve { stage_sigma_px, linear_prior, lambda, robust, .. } = *self.header;
        Settings {
            position: lambda * (MATCH_SIGMA_PX / stage_sigma_px).powi(2),
            linear: lambda * linear_prior,
            robust,
            widest_px,
            goal,
        }
    }
}
