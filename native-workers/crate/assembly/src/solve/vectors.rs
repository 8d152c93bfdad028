//! Vectors of one cell a tile, and the solution of large systems over them.

use super::dense::{Cell, zero};
use super::levels::Levels;
use kernels::cancel::Cancel;
use kernels::error::Result;

const MOST_ITERATIONS: usize = 1000;

pub fn dot<const B: usize, const R: usize>(a: &[Cell<B, R>], b: &[Cell<B, R>]) -> f64 {
    a.as_flattened().as_flattened().iter().zip(b.as_flattened().as_flattened()).map(|(a, b)| a * b).sum()
}

pub fn add_scaled<const B: usize, const R: usize>(x: &mut [Cell<B, R>], d: &[Cell<B, R>], step: f64) {
    for (x, d) in x.as_flattened_mut().as_flattened_mut().iter_mut().zip(d.as_flattened().as_flattened()) {
        *x += step * d;
    }
}

/// Solves `K x = b` until `||b - K x|| <= tolerance ||b||`: conjugate gradients, flexible (Notay 2000) since the
/// preconditioner takes turns that depend on what it is asked. Gives the iterations that it took.
pub fn solve<const B: usize, const R: usize>(
    levels: &Levels<B>,
    b: &[Cell<B, R>],
    tolerance: f64,
    cancel: Cancel<'_>,
) -> Result<(Vec<Cell<B, R>>, usize)> {
    let mut x = vec![zero(); b.len()];
    let goal = tolerance * dot(b, b).sqrt();
    if goal == 0.0 {
        return Ok((x, 0));
    }
    let mut scratch = levels.scratch();
    let mut r = b.to_vec();
    let mut z = x.clone();
    let mut direction = x.clone();
    let mut pull = x.clone();
    let mut reached = 1.0;
    for iteration in 0..MOST_ITERATIONS {
        if dot(&r, &r).sqrt() <= goal {
            return Ok((x, iteration));
        }
        levels.answer(&r, &mut z, &mut scratch, cancel)?;
        // r - r_before is -step * pull, and step = reached / (direction . pull).
        let turn = if iteration == 0 { 0.0 } else { -dot(&z, &pull) / reached };
        for (d, z) in direction.as_flattened_mut().as_flattened_mut().iter_mut().zip(z.as_flattened().as_flattened()) {
            *d = z + turn * *d;
        }
        levels.finest().times(&direction, &mut pull, cancel)?;
        let curvature = dot(&direction, &pull);
        let step = dot(&direction, &r) / curvature;
        reached = curvature;
        add_scaled(&mut x, &direction, step);
        add_scaled(&mut r, &pull, -step);
    }
    Ok((x, MOST_ITERATIONS))
}
