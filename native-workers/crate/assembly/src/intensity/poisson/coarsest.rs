//! The coarsest grid, solved directly.

use super::level::Level;

/// Cholesky of the whole matrix, in double: there are at most a few hundred cells. Missing cells stay 0.
pub fn solve(level: &mut Level) {
    let cells: Vec<usize> = (0..level.height)
        .flat_map(|y| level.index(0, y)..level.index(level.width, y))
        .filter(|&at| level.mass[at] > 0.0)
        .collect();
    let (count, stride) = (cells.len(), level.stride());
    let mut matrix = vec![0.0f64; count * count];
    let number_of = |at: usize| cells.binary_search(&at);
    for (i, &at) in cells.iter().enumerate() {
        matrix[i * count + i] += f64::from(level.mass[at]);
        for (to, weight) in [(at + 1, level.right[at]), (at + stride, level.below[at])] {
            let (Ok(j), w) = (number_of(to), f64::from(weight)) else { continue };
            matrix[i * count + i] += w;
            matrix[j * count + j] += w;
            matrix[j * count + i] -= w;
        }
    }
    let mut x: Vec<f64> = cells.iter().map(|&at| f64::from(level.b[at])).collect();
    factor(&mut matrix, count);
    substitute(&matrix, &mut x);
    level.u.fill(0.0);
    for (&at, x) in cells.iter().zip(&x) {
        level.u[at] = *x as f32;
    }
}

/// Lower triangle of a symmetric positive matrix to its Cholesky factor.
fn factor(a: &mut [f64], n: usize) {
    for j in 0..n {
        for k in 0..j {
            let f = a[j * n + k];
            if f != 0.0 {
                (j..n).for_each(|i| a[i * n + j] -= f * a[i * n + k]);
            }
        }
        let pivot = a[j * n + j].max(f64::MIN_POSITIVE).sqrt();
        (j..n).for_each(|i| a[i * n + j] /= pivot);
    }
}

fn substitute(a: &[f64], x: &mut [f64]) {
    let n = x.len();
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| a[i * n + k] * x[k]).sum();
        x[i] = (x[i] - sum) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| a[k * n + i] * x[k]).sum();
        x[i] = (x[i] - sum) / a[i * n + i];
    }
}
