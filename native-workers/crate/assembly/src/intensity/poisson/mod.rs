//! Screened Poisson on a grid with holes: for every cell p, the sum over its neighbours q of w(p, q) (u_p - u_q), plus
//! m_p u_p, is b_p. Weights of edges are 0 where a cell is missing (Neumann); m > 0 in every cell that is there.
//!
//! Multigrid: red-black Gauss-Seidel, bilinear interpolation between centres of cells, its adjoint as restriction,
//! coarse grids by the same stencil at twice the spacing, nested iteration to begin with (Brandt 1977; Kazhdan and
//! Hoppe 2008 for pictures): a cycle leaves a tenth of the error. Around holes and between islands coarse grids are a
//! poorer likeness; there a cycle only prepares a step of conjugate gradients, which cannot diverge.
//! Time and memory are linear in the cells: about 32 bytes a cell, and 12 more with holes.

mod coarsest;
mod conjugate;
mod level;
mod smooth;
mod transfer;

pub use level::Level;
pub use transfer::{coarse_weights, restrict_row};

use kernels::cancel::Cancel;
use kernels::error::Result;
use smooth::{Order, residual_norm, sweep};

/// Sweeps before and after the coarse correction of a cycle.
const SWEEPS: usize = 3;
/// Grids of at most this many cells are solved directly.
const DIRECT_CELLS: usize = 144;

/// The grids of a problem, finest first.
pub struct Multigrid {
    levels: Vec<Level>,
}

impl Multigrid {
    /// Makes the coarse grids of a problem.
    pub fn new(finest: Level, cancel: Cancel<'_>) -> Result<Self> {
        let mut levels = vec![finest];
        while let Some(last) = levels.last()
            && last.cells() > DIRECT_CELLS
        {
            let coarse = last.coarser(cancel)?;
            levels.push(coarse);
        }
        Ok(Self { levels })
    }

    /// Solves from nothing, with `cycles` on the finest grid; of a grid with holes at most six times as many. Gives
    /// ||b - A u|| / ||b||; 0 where b is 0.
    pub fn solve(&mut self, cycles: usize, cancel: Cancel<'_>) -> Result<f64> {
        if !self.levels[0].rim.is_empty() {
            return conjugate::solve(self, 6 * cycles, cancel);
        }
        self.solve_whole(cycles, cancel)?;
        Ok(residual_norm(&self.levels[0]))
    }

    /// Coarse grids first, then one cycle on each finer one.
    fn solve_whole(&mut self, cycles: usize, cancel: Cancel<'_>) -> Result<()> {
        let last = self.levels.len() - 1;
        for at in 0..last {
            self.levels[at].u.fill(0.0);
            self.restrict(at, cancel)?;
        }
        coarsest::solve(&mut self.levels[last]);
        for at in (0..last).rev() {
            self.interpolate(at, cancel)?;
            self.cycle(at, cancel)?;
        }
        (1..cycles).try_for_each(|_| self.cycle(0, cancel))
    }

    /// The finest grid, with its solution; what it has in missing cells says nothing.
    pub fn into_finest(mut self) -> Level {
        self.levels.swap_remove(0)
    }

    fn cycle(&mut self, at: usize, cancel: Cancel<'_>) -> Result<()> {
        if at + 1 == self.levels.len() {
            coarsest::solve(&mut self.levels[at]);
            return Ok(());
        }
        for _ in 0..SWEEPS {
            sweep(&mut self.levels[at], Order::RedFirst, cancel)?;
        }
        self.restrict(at, cancel)?;
        self.levels[at + 1].u.fill(0.0);
        self.cycle(at + 1, cancel)?;
        self.interpolate(at, cancel)?;
        for _ in 0..SWEEPS {
            sweep(&mut self.levels[at], Order::BlackFirst, cancel)?;
        }
        Ok(())
    }

    /// The residual of a grid becomes the right side of the next coarser one.
    fn restrict(&mut self, at: usize, cancel: Cancel<'_>) -> Result<()> {
        let (fine, coarse) = self.levels.split_at_mut(at + 1);
        transfer::restrict_residual(&fine[at], &mut coarse[0], cancel)
    }

    /// What the next coarser grid found is added to a grid.
    fn interpolate(&mut self, at: usize, cancel: Cancel<'_>) -> Result<()> {
        let (fine, coarse) = self.levels.split_at_mut(at + 1);
        transfer::add_interpolated(&mut coarse[0], &mut fine[at], cancel)
    }
}

#[cfg(test)]
mod tests;
