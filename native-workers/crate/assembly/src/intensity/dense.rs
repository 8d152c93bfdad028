//! Small dense problems.

/// Solves a symmetric positive definite system in place by Cholesky; a pivot that is none leaves its unknown 0.
pub fn solve_symmetric(a: &mut [f64], x: &mut [f64]) {
    let n = x.len();
    let least = (0..n).map(|i| a[i * n + i]).fold(0.0, f64::max) * 1e-13;
    for j in 0..n {
        for k in 0..j {
            let f = a[j * n + k];
            (j..n).for_each(|i| a[i * n + j] -= f * a[i * n + k]);
        }
        let pivot = a[j * n + j];
        let scale = if pivot > least { 1.0 / pivot.sqrt() } else { 0.0 };
        (j..n).for_each(|i| a[i * n + j] *= scale);
    }
    let over = |v: f64, pivot: f64| if pivot > 0.0 { v / pivot } else { 0.0 };
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| a[i * n + k] * x[k]).sum();
        x[i] = over(x[i] - sum, a[i * n + i]);
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| a[k * n + i] * x[k]).sum();
        x[i] = over(x[i] - sum, a[i * n + i]);
    }
}

/// Values of the Legendre polynomials of degree 0 to `degree` at `x`, -1 to 1.
pub fn legendre(x: f64, degree: usize) -> Vec<f64> {
    let mut values = vec![1.0, x];
    for n in 1..degree {
        let n = n as f64;
        let next = ((2.0 * n + 1.0) * x * values[n as usize] - n * values[n as usize - 1]) / (n + 1.0);
        values.push(next);
    }
    values.truncate(degree + 1);
    values
}

/// Degrees along x and y of the products of Legendre polynomials up to a total degree, lowest first.
pub fn terms(from: usize, degree: usize) -> Vec<[usize; 2]> {
    (from..=degree).flat_map(|total| (0..=total).map(move |y| [total - y, y])).collect()
}

/// The middle of some values, which are put into another order; NaN for none.
pub fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let half = values.len() / 2;
    *values.select_nth_unstable_by(half, f64::total_cmp).1
}

/// Coefficients over powers of x of the Legendre polynomials of 2 x / size - 1.
pub fn legendre_in_pixels(degree: usize, size: f64) -> Vec<Vec<f64>> {
    let mut all = vec![vec![0.0; degree + 1]; degree + 1];
    all[0][0] = 1.0;
    (all[1][0], all[1][1]) = (-1.0, 2.0 / size);
    for n in 1..degree {
        for p in 0..=n {
            let (value, before) = (all[n][p], all[n - 1][p]);
            let k = (2 * n + 1) as f64 / (n + 1) as f64;
            all[n + 1][p] += -k * value - n as f64 / (n + 1) as f64 * before;
            all[n + 1][p + 1] += k * value * 2.0 / size;
        }
    }
    all
}

/// Cholesky factor of a matrix, for many right sides.
pub struct Factor {
    lower: Vec<f64>,
    n: usize,
}

impl Factor {
    /// Of a symmetric positive matrix of n x n.
    pub fn of(mut a: Vec<f64>, n: usize) -> Self {
        for j in 0..n {
            for k in 0..j {
                let f = a[j * n + k];
                if f != 0.0 {
                    (j..n).for_each(|i| a[i * n + j] -= f * a[i * n + k]);
                }
            }
            let pivot = a[j * n + j].max(1e-300).sqrt();
            (j..n).for_each(|i| a[i * n + j] /= pivot);
        }
        Self { lower: a, n }
    }

    /// Solves for `count` right sides, row after row.
    pub fn solve_columns(&self, right: &[f64], count: usize) -> Vec<f64> {
        let (n, a) = (self.n, &self.lower);
        let mut x = right.to_vec();
        for i in 0..n {
            for k in (0..i).filter(|k| a[i * n + k] != 0.0) {
                (0..count).for_each(|c| x[i * count + c] -= a[i * n + k] * x[k * count + c]);
            }
            (0..count).for_each(|c| x[i * count + c] /= a[i * n + i]);
        }
        for i in (0..n).rev() {
            for k in (i + 1..n).filter(|k| a[k * n + i] != 0.0) {
                (0..count).for_each(|c| x[i * count + c] -= a[k * n + i] * x[k * count + c]);
            }
            (0..count).for_each(|c| x[i * count + c] /= a[i * n + i]);
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_solved_and_missing_directions_left_out() {
        let mut x = [1.0, 2.0, 5.0];
        solve_symmetric(&mut [4.0, 1.0, 0.0, 1.0, 3.0, 0.0, 0.0, 0.0, 0.0], &mut x);
        assert!((4.0 * x[0] + x[1] - 1.0).abs() < 1e-12 && (x[0] + 3.0 * x[1] - 2.0).abs() < 1e-12 && x[2] == 0.0);
    }

    #[test]
    fn legendre_polynomials_are_those_of_the_tables() {
        let x = 0.3f64;
        let table = [1.0, x, (3.0 * x * x - 1.0) / 2.0, (5.0 * x.powi(3) - 3.0 * x) / 2.0];
        assert!(legendre(x, 3).iter().zip(table).all(|(a, b)| (a - b).abs() < 1e-12));
        assert!(legendre(x, 0) == [1.0] && terms(1, 2) == [[1, 0], [0, 1], [2, 0], [1, 1], [0, 2]]);
        assert!(median(&mut [3.0, 1.0, 2.0]) == 2.0 && median(&mut []).is_nan());
    }
}
