//! What a lens is expected to do: radial and tangential distortion (Brown 1966) freely, anything else a little.

use super::dense::{legendre, solve_symmetric};

/// What a lens does may be as large as this, px: hardly held.
const LENS_PX: f64 = 100.0;

/// What coefficients are expected to be, as weights beside points of weight 1 and this error: the inverse of their
/// covariance.
pub fn prior(terms: &[[usize; 2]], size_px: [f64; 2], degree: usize, other_px: f64, sigma_px: f64) -> Vec<f64> {
    let n = 2 * terms.len();
    let mut covariance = vec![0.0; n * n];
    (0..n).for_each(|i| covariance[i * n + i] = other_px * other_px);
    for column in brown(terms, size_px, degree) {
        for i in 0..n {
            (0..n).for_each(|j| covariance[i * n + j] += LENS_PX * LENS_PX * column[i] * column[j]);
        }
    }
    let mut inverse = vec![0.0; n * n];
    for j in 0..n {
        let mut unit = vec![0.0; n];
        unit[j] = sigma_px * sigma_px;
        solve_symmetric(&mut covariance.clone(), &mut unit);
        (0..n).for_each(|i| inverse[i * n + j] = unit[i]);
    }
    inverse
}

/// The terms of what a lens does: a column of coefficients for each kind of distortion.
fn brown(terms: &[[usize; 2]], size_px: [f64; 2], degree: usize) -> Vec<Vec<f64>> {
    const SIDE: usize = 48;
    let n = terms.len();
    let half = size_px.map(|s| 0.5 * s);
    let scale = half[0].hypot(half[1]);
    let mut columns = vec![vec![0.0; 2 * n]; 4];
    for i in 0..SIDE * SIDE {
        let unit = [i % SIDE, i / SIDE].map(|k| (2 * k + 1) as f64 / SIDE as f64 - 1.0);
        let [x, y] = [unit[0] * half[0] / scale, unit[1] * half[1] / scale];
        let r = x * x + y * y;
        let kinds =
            [[x * r, y * r], [x * r * r, y * r * r], [r + 2.0 * x * x, 2.0 * x * y], [2.0 * x * y, r + 2.0 * y * y]];
        let [along, down] = unit.map(|at| legendre(at, degree));
        for (column, kind) in columns.iter_mut().zip(kinds) {
            for (k, &[p, q]) in terms.iter().enumerate() {
                let norm = ((2 * p + 1) * (2 * q + 1)) as f64 / (SIDE * SIDE) as f64;
                (0..2).for_each(|axis| column[axis * n + k] += norm * kind[axis] * along[p] * down[q]);
            }
        }
    }
    columns
}
