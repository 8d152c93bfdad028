//! From a grid to the one at twice the spacing and back: bilinear between centres of cells, and its adjoint, which keeps
//! the moments of what seams put into two cells side by side.

use super::level::Level;
use super::smooth::Row;
use kernels::cancel::Cancel;
use kernels::error::Result;

/// Of a fine cell: its own coarse cell has this weight along an axis, the nearest other one the rest.
const OWN: f32 = 0.75;
const OTHER: f32 = 0.25;

/// The coarse cell nearest to a fine one besides its own; its own at the border.
fn other(fine: usize, coarse_count: usize) -> usize {
    let own = fine / 2;
    if fine.is_multiple_of(2) { own.saturating_sub(1) } else { (own + 1).min(coarse_count - 1) }
}

/// Puts the residual of `fine` into `coarse.b`.
pub fn restrict_residual(fine: &Level, coarse: &mut Level, cancel: Cancel<'_>) -> Result<()> {
    coarse.b.fill(0.0);
    let mut residual = vec![0.0; fine.width];
    let mut along = vec![0.0; coarse.width];
    for y in 0..fine.height {
        cancel.poll()?;
        let row = Row::of(fine, y);
        residual.iter_mut().enumerate().for_each(|(x, r)| *r = row.residual(x));
        restrict_row(&residual, &mut along);
        for (to, weight) in [(y / 2, OWN), (other(y, coarse.height), OTHER)] {
            let start = coarse.index(0, to);
            let onto = &mut coarse.b[start..start + coarse.width];
            onto.iter_mut().zip(&along).for_each(|(b, v)| *b += weight * v);
        }
    }
    coarse.settle_rim();
    Ok(())
}

/// The adjoint of interpolation along a row.
pub fn restrict_row(fine: &[f32], coarse: &mut [f32]) {
    let count = coarse.len();
    for (x, pair) in fine.chunks(2).enumerate() {
        coarse[x] = OWN * pair.iter().sum::<f32>();
    }
    for (x, pair) in fine.chunks(2).enumerate() {
        for (side, value) in pair.iter().enumerate() {
            coarse[other(2 * x + side, count)] += OTHER * value;
        }
    }
}

/// The rows of the grid `factor` times as coarse that a row of `height` is restricted to, with their weights.
pub fn coarse_weights(y: usize, height: usize, factor: usize) -> Vec<(usize, f32)> {
    let (mut rows, mut height, mut factor) = (vec![(y, 1.0)], height, factor);
    while factor > 1 {
        (height, factor) = (height.div_ceil(2), factor / 2);
        let mut coarser: Vec<(usize, f32)> = Vec::new();
        for (row, weight) in rows {
            for (to, part) in [(row / 2, OWN), (other(row, height), OTHER)] {
                match coarser.iter_mut().find(|(at, _)| *at == to) {
                    Some((_, sum)) => *sum += weight * part,
                    None => coarser.push((to, weight * part)),
                }
            }
        }
        rows = coarser;
    }
    rows
}

/// Adds `coarse.u`, interpolated, to `fine.u`.
pub fn add_interpolated(coarse: &mut Level, fine: &mut Level, cancel: Cancel<'_>) -> Result<()> {
    coarse.fill_rim();
    let mut between = vec![0.0; coarse.width];
    for y in 0..fine.height {
        cancel.poll()?;
        let own = &coarse.u[coarse.index(0, y / 2)..][..coarse.width];
        let next = &coarse.u[coarse.index(0, other(y, coarse.height))..][..coarse.width];
        between.iter_mut().zip(own.iter().zip(next)).for_each(|(t, (a, b))| *t = OWN * a + OTHER * b);
        let start = fine.index(0, y);
        add_row(&between, &mut fine.u[start..start + fine.width]);
    }
    Ok(())
}

/// Adds a coarse row, interpolated, to a fine one.
fn add_row(coarse: &[f32], fine: &mut [f32]) {
    let last = coarse.len() - 1;
    for (x, pair) in fine.chunks_mut(2).enumerate() {
        let own = OWN * coarse[x];
        pair[0] += own + OTHER * coarse[x.saturating_sub(1)];
        if let Some(odd) = pair.get_mut(1) {
            *odd += own + OTHER * coarse[(x + 1).min(last)];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::cancel::never;

    #[test]
    fn restriction_is_the_adjoint_of_interpolation() {
        for (width, height) in [(7, 5), (8, 4), (1, 9), (2, 2), (16, 3)] {
            let mut fine = Level::of_cells(width, height, 1.0, |x, y| (x * 3 + y) % 5 > 0 || width < 3);
            let mut coarse = fine.coarser(never()).unwrap();
            let noise = |i: usize| ((i * 7919 % 113) as f32) / 113.0 - 0.5;
            let is_there = |level: &Level, i: usize| if level.mass[i] > 0.0 { 1.0 } else { 0.0 };
            for i in 0..fine.b.len() {
                fine.b[i] = noise(i) * is_there(&fine, i);
            }
            restrict_residual(&fine, &mut coarse, never()).unwrap();
            for i in 0..coarse.u.len() {
                coarse.u[i] = noise(i + 31) * is_there(&coarse, i);
            }
            let right: f32 = coarse.b.iter().zip(&coarse.u).map(|(b, u)| b * u).sum();
            let b = fine.b.clone();
            fine.u.fill(0.0);
            add_interpolated(&mut coarse, &mut fine, never()).unwrap();
            let left: f32 = fine.u.iter().zip(&b).map(|(u, b)| u * b).sum();
            assert!((left - right).abs() < 1e-5, "{width} x {height}: {left} against {right}");
        }
    }
}
