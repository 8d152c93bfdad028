//! The equations of a solve: what the matches and the prior ask of the tiles, for given weights and placements.

use super::dense::{Cell, Dense, identity, zero};
use super::levels::{Frame, Levels};
use super::matrix::{BlockMatrix, Pattern};
use super::model::Model;
use super::problem::{Matches, Tile};
use super::vectors::{dot, solve};
use kernels::cancel::Cancel;
use kernels::error::Result;

/// Pairs between two looks at the cancel flag.
const PAIRS_A_POLL: usize = 1024;
/// The least prior, so that a tile without a match on either side of a direction still has a place.
const LEAST_PRIOR: f64 = 1e-9;

/// What does not change while the placements do.
pub struct System<'a, const B: usize, const R: usize> {
    tiles: &'a [Tile],
    prior: &'a [Cell<B, R>],
    matches: &'a Matches,
    prior_weights: [f64; B],
    pattern: Pattern,
    /// Of each pair of the matches, the places of its two blocks.
    places: Vec<[usize; 2]>,
}

/// The shares of one pair of tiles.
struct PairShare<const B: usize, const R: usize> {
    first: Dense<B>,
    second: Dense<B>,
    across: Dense<B>,
    pull_first: Cell<B, R>,
    pull_second: Cell<B, R>,
}

impl<'a, const B: usize, const R: usize> System<'a, B, R> {
    pub fn new(tiles: &'a [Tile], prior: &'a [Cell<B, R>], matches: &'a Matches, prior_weights: [f64; B]) -> Self {
        let (pattern, places) = Pattern::of_pairs(tiles.len(), &matches.pairs);
        let prior_weights = prior_weights.map(|w| w.max(LEAST_PRIOR));
        Self { tiles, prior, matches, prior_weights, pattern, places }
    }

    /// The distance between the two places of every match, px.
    pub fn residuals<M: Model<B, R>>(&self, cells: &[Cell<B, R>]) -> Vec<f64> {
        residuals::<B, R, M>(self.tiles, cells, self.matches)
    }

    /// One Gauss-Newton step, its equations solved to `tolerance`; gives the largest move of a parameter, px.
    pub fn step<M: Model<B, R>>(
        &self,
        weights: &[f64],
        cells: &mut [Cell<B, R>],
        tolerance: f64,
        cancel: Cancel<'_>,
    ) -> Result<f64> {
        let (matrix, b) = self.equations::<M>(weights, cells, cancel)?;
        let frames: Vec<Frame> = self.tiles.iter().zip(&*cells).map(|(t, c)| M::frame(t, c)).collect();
        let levels = Levels::new(matrix, frames, &M::spread(), cancel)?;
        let (moves, _) = solve(&levels, &b, tolerance, cancel)?;
        let mut most = 0.0_f64;
        for (cell, by) in
            cells.as_flattened_mut().as_flattened_mut().iter_mut().zip(moves.as_flattened().as_flattened())
        {
            *cell += by;
            most = most.max(by.abs());
        }
        Ok(most)
    }

    /// How far the equations are from being fulfilled: the length of their right-hand side at `cells`.
    pub fn unrest<M: Model<B, R>>(&self, weights: &[f64], cells: &[Cell<B, R>], cancel: Cancel<'_>) -> Result<f64> {
        let mut b = self.pull_of_prior(cells);
        self.each_pair::<M>(weights, cells, cancel, |pair, share| {
            let (i, j) = self.matches.pairs[pair];
            add(&mut b[i as usize], &share.pull_first);
            add(&mut b[j as usize], &share.pull_second);
        })?;
        for (b, _) in b.iter_mut().zip(self.tiles).filter(|(_, t)| t.is_fixed()) {
            *b = zero();
        }
        Ok(dot(&b, &b).sqrt())
    }

    fn equations<M: Model<B, R>>(
        &self,
        weights: &[f64],
        cells: &[Cell<B, R>],
        cancel: Cancel<'_>,
    ) -> Result<(BlockMatrix<B>, Vec<Cell<B, R>>)> {
        let mut matrix = BlockMatrix::zero(self.pattern.clone());
        let mut b = self.pull_of_prior(cells);
        for (diagonal, tile) in matrix.diagonal.iter_mut().zip(self.tiles) {
            for (i, weight) in self.prior_weights.iter().enumerate() {
                diagonal[i][i] = weight * tile.hold;
            }
        }
        self.each_pair::<M>(weights, cells, cancel, |pair, share| {
            let (i, j) = self.matches.pairs[pair];
            add(&mut matrix.diagonal[i as usize], &share.first);
            add(&mut matrix.diagonal[j as usize], &share.second);
            add(&mut b[i as usize], &share.pull_first);
            add(&mut b[j as usize], &share.pull_second);
            if !self.tiles[i as usize].is_fixed() && !self.tiles[j as usize].is_fixed() {
                matrix.set_pair(self.places[pair], &share.across);
            }
        })?;
        for (t, _) in self.tiles.iter().enumerate().filter(|(_, t)| t.is_fixed()) {
            matrix.diagonal[t] = identity();
            b[t] = zero();
        }
        Ok((matrix, b))
    }

    fn pull_of_prior(&self, cells: &[Cell<B, R>]) -> Vec<Cell<B, R>> {
        let of = |((tile, prior), cell): ((&Tile, &Cell<B, R>), &Cell<B, R>)| -> Cell<B, R> {
            let hold = if tile.is_fixed() { 0.0 } else { tile.hold };
            std::array::from_fn(|i| std::array::from_fn(|r| hold * self.prior_weights[i] * (prior[i][r] - cell[i][r])))
        };
        self.tiles.iter().zip(self.prior).zip(cells).map(of).collect()
    }

    fn each_pair<M: Model<B, R>>(
        &self,
        weights: &[f64],
        cells: &[Cell<B, R>],
        cancel: Cancel<'_>,
        mut take: impl FnMut(usize, &PairShare<B, R>),
    ) -> Result<()> {
        for (pair, &(i, j)) in self.matches.pairs.iter().enumerate() {
            if pair % PAIRS_A_POLL == 0 {
                cancel.poll()?;
            }
            let first = M::ready(&self.tiles[i as usize], &cells[i as usize]);
            let second = M::ready(&self.tiles[j as usize], &cells[j as usize]);
            let mut share = PairShare::none();
            for at in self.matches.of_pair(pair).filter(|&at| weights[at] > 0.0) {
                let point = &self.matches.points[at];
                let (a, b) = (M::place(&first, point.a), M::place(&second, point.b));
                let gap = [a[0] - b[0], a[1] - b[1]];
                share.add(&M::design(&first, point.a), &M::design(&second, point.b), gap, weights[at]);
            }
            take(pair, &share);
        }
        Ok(())
    }
}

impl<const B: usize, const R: usize> PairShare<B, R> {
    fn none() -> Self {
        Self { first: zero(), second: zero(), across: zero(), pull_first: zero(), pull_second: zero() }
    }

    /// Adds a match: `gap` is from the second tile's place to the first's.
    #[inline]
    fn add(&mut self, of_a: &[[f64; B]; 2], of_b: &[[f64; B]; 2], gap: [f64; 2], weight: f64) {
        // With R = 2 one row serves both axes.
        for row in 0..3 - R {
            let (a, b) = (&of_a[row], &of_b[row]);
            for i in 0..B {
                let (wa, wb) = (weight * a[i], weight * b[i]);
                for j in 0..B {
                    self.first[i][j] += wa * a[j];
                    self.second[i][j] += wb * b[j];
                    self.across[i][j] -= wa * b[j];
                }
                for r in 0..R {
                    self.pull_first[i][r] -= wa * gap[row + r];
                    self.pull_second[i][r] += wb * gap[row + r];
                }
            }
        }
    }
}

/// The distance between the two places of every match, px.
pub fn residuals<const B: usize, const R: usize, M: Model<B, R>>(
    tiles: &[Tile],
    cells: &[Cell<B, R>],
    matches: &Matches,
) -> Vec<f64> {
    let mut residuals_px = Vec::with_capacity(matches.points.len());
    for (pair, &(i, j)) in matches.pairs.iter().enumerate() {
        let first = M::ready(&tiles[i as usize], &cells[i as usize]);
        let second = M::ready(&tiles[j as usize], &cells[j as usize]);
        residuals_px.extend(matches.points[matches.of_pair(pair)].iter().map(|point| {
            let (a, b) = (M::place(&first, point.a), M::place(&second, point.b));
            ((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)).sqrt()
        }));
    }
    residuals_px
}

fn add<const B: usize, const R: usize>(to: &mut Cell<B, R>, by: &Cell<B, R>) {
    for (to, by) in to.as_flattened_mut().iter_mut().zip(by.as_flattened()) {
        *to += by;
    }
}
