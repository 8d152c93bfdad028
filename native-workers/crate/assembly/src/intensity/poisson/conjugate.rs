//! Conjugate gradients with one multigrid cycle as preconditioner. The cycle is symmetric: the order of colours after
//! the coarse correction is the reverse of that before, and restriction is the adjoint of interpolation.

use super::Multigrid;
use super::smooth::Row;
use kernels::cancel::Cancel;
use kernels::error::Result;
use std::mem::swap;

/// Ends where the residual is so small a part of the right side.
const RELATIVE_RESIDUAL: f64 = 1e-6;

/// At most `steps` steps from nothing; leaves the solution in `u` and the last residual in `b`, and gives how large a
/// part of the right side that is.
pub fn solve(grids: &mut Multigrid, steps: usize, cancel: Cancel<'_>) -> Result<f64> {
    let cells = grids.levels[0].u.len();
    let (mut x, mut p, mut q) = (vec![0.0f32; cells], vec![0.0f32; cells], vec![0.0f32; cells]);
    let given = dot(&grids.levels[0].b, &grids.levels[0].b);
    let goal = given * RELATIVE_RESIDUAL * RELATIVE_RESIDUAL;
    let mut before = 1.0f64;
    for _ in 0..steps {
        let finest = &mut grids.levels[0];
        if dot(&finest.b, &finest.b) <= goal {
            break;
        }
        finest.u.fill(0.0);
        grids.cycle(0, cancel)?;
        let finest = &mut grids.levels[0];
        let now = dot(&finest.b, &finest.u);
        let turn = (now / before) as f32;
        before = now;
        p.iter_mut().zip(&finest.u).for_each(|(p, z)| *p = z + turn * *p);
        swap(&mut finest.u, &mut p);
        for y in 0..finest.height {
            cancel.poll()?;
            let (start, row) = (finest.index(0, y), Row::of(finest, y));
            q[start..start + finest.width].iter_mut().enumerate().for_each(|(x, q)| *q = row.applied(x));
        }
        swap(&mut finest.u, &mut p);
        let step = (now / dot(&p, &q)) as f32;
        x.iter_mut().zip(&p).for_each(|(x, p)| *x += step * p);
        finest.b.iter_mut().zip(&q).for_each(|(r, q)| *r -= step * q);
    }
    grids.levels[0].u = x;
    let left = dot(&grids.levels[0].b, &grids.levels[0].b);
    Ok(if given > 0.0 { (left / given).sqrt() } else { 0.0 })
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    let rows = a.chunks(4096).zip(b.chunks(4096));
    rows.map(|(a, b)| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()).sum()
}
