//! What is made small: how far the volumes are apart, and how much was bent for it.

use super::Field;
use super::flow::Flow;
use super::grid::Grid;
use super::metric::Compared;
use super::smooth::Smooth;
use super::spectrum::Spectrum;
use super::warp::Warp;
use crate::threads::Crew;
use kernels::error::Result;

/// Volumes, and how they are compared.
pub struct Problem<'a> {
    pub warp: &'a Warp<'a>,
    pub compared: Compared<'a>,
    pub smooth: &'a Smooth,
    pub smooth_um: f64,
    /// Weight of the bending energy.
    pub regularity: f64,
    pub crew: Crew<'a>,
}

/// Velocities with the energy that they have.
pub struct Point {
    pub spectrum: Spectrum,
    pub velocities: Vec<Field>,
    pub data: f64,
    /// Half the mean of |L v|² over the fixed volume, over a².
    pub bending: f64,
    pub least_determinant: f64,
    /// By the spectrum.
    pub gradient: Spectrum,
}

/// Ends of all nodes less the nodes, in nodes.
pub fn displacements(grid: &Grid, ends: &Field) -> Field {
    let by = |(i, end): (usize, &[f32; 3])| {
        let at = grid.index(i);
        std::array::from_fn(|k| end[k] - at[k] as f32)
    };
    ends.iter().enumerate().map(by).collect()
}

impl Problem<'_> {
    /// Energy per square of a spectrum.
    fn stiffness(&self, steps: usize) -> f64 {
        let grid = self.warp.grid;
        let nodes: f64 = grid.spacing_um().iter().product();
        let body: f64 = self.warp.fixed.extent_um().iter().product();
        nodes / (body * steps as f64 * self.smooth_um.powi(2) * grid.count() as f64)
    }

    pub fn energy(&self, point: &Point) -> f64 {
        point.data + self.regularity * point.bending
    }

    /// None where the map would fold: where a determinant is not above `least`.
    pub fn at(&self, spectrum: Spectrum, velocities: Vec<Field>, least: f64) -> Result<Option<Point>> {
        let (warp, grid, crew) = (self.warp, self.warp.grid, self.crew);
        let flow = Flow::new(grid, &velocities);
        let paths = flow.paths(crew)?;
        let least_determinant = flow.least_determinant(&paths[0], crew)?;
        if least_determinant.is_nan() || least_determinant <= least {
            return Ok(None);
        }
        let seen = warp.seen(&displacements(grid, &paths[0]), crew)?;
        let value = self.compared.value(&seen.level, crew)?;
        let pull = warp.pulled(&seen, &value.by_level, crew)?;
        drop(seen);
        let by_velocity = flow.pulled(&paths, pull, crew)?;
        drop(paths);
        let mut gradient = self.smooth.spectra(&by_velocity, true, crew)?;
        let stiffness = self.stiffness(velocities.len());
        // The spectrum's own scale: a sum over frequencies is one over nodes, times their number.
        gradient.add(self.regularity * stiffness * grid.count() as f64, &spectrum);
        let bending = 0.5 * stiffness * spectrum.dot(&spectrum);
        Ok(Some(Point { spectrum, velocities, data: value.value, bending, least_determinant, gradient }))
    }
}
