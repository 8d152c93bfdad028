//! Small dense blocks: the share of one tile, or of a pair of tiles, in a large system.

/// A block, rows first.
pub type Dense<const B: usize> = [[f64; B]; B];
/// The unknowns of one tile for `R` right-hand sides.
pub type Cell<const B: usize, const R: usize> = [[f64; R]; B];

pub const fn zero<const B: usize, const R: usize>() -> Cell<B, R> {
    [[0.0; R]; B]
}

pub fn identity<const B: usize>() -> Dense<B> {
    std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))))
}

/// `to += sign * block x`.
#[inline]
pub fn add_times<const B: usize, const R: usize>(to: &mut Cell<B, R>, block: &Dense<B>, x: &Cell<B, R>, sign: f64) {
    for i in 0..B {
        for r in 0..R {
            let mut sum = 0.0;
            for j in 0..B {
                sum += block[i][j] * x[j][r];
            }
            to[i][r] += sign * sum;
        }
    }
}

/// `block x`.
#[inline]
pub fn times<const B: usize, const R: usize>(block: &Dense<B>, x: &Cell<B, R>) -> Cell<B, R> {
    let mut y = zero();
    add_times(&mut y, block, x, 1.0);
    y
}

/// `to += block^T x`.
#[inline]
pub fn add_transposed_times<const B: usize, const R: usize>(to: &mut Cell<B, R>, block: &Dense<B>, x: &Cell<B, R>) {
    for i in 0..B {
        for j in 0..B {
            for r in 0..R {
                to[j][r] += block[i][j] * x[i][r];
            }
        }
    }
}

pub fn transposed<const B: usize>(block: &Dense<B>) -> Dense<B> {
    std::array::from_fn(|i| std::array::from_fn(|j| block[j][i]))
}

/// `to += left^T middle right`: a block seen through the maps of its two ends.
pub fn add_seen_through<const B: usize>(to: &mut Dense<B>, left: &Dense<B>, middle: &Dense<B>, right: &Dense<B>) {
    add_transposed_times(to, left, &times(middle, right));
}

/// The inverse of a block by Gauss-Jordan elimination without pivoting: for positive definite blocks, whose pivots
/// priors keep away from zero, and for those whose leading minors are known not to vanish.
pub fn inverse<const B: usize>(block: &Dense<B>) -> Dense<B> {
    let mut a = *block;
    let mut inverse = identity::<B>();
    for pivot in 0..B {
        let by = 1.0 / a[pivot][pivot];
        for j in 0..B {
            a[pivot][j] *= by;
            inverse[pivot][j] *= by;
        }
        for row in (0..B).filter(|&row| row != pivot) {
            let factor = a[row][pivot];
            for j in 0..B {
                a[row][j] -= factor * a[pivot][j];
                inverse[row][j] -= factor * inverse[pivot][j];
            }
        }
    }
    inverse
}

/// A dense symmetric positive definite matrix of any size, factored.
pub struct Cholesky {
    size: usize,
    /// Lower triangle, rows first, each row whole.
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors `matrix` (size x size, rows first) in place. Pivots that rounding made vanish are held at a tiny value.
    pub fn of(size: usize, mut matrix: Vec<f64>) -> Self {
        for row in 0..size {
            let (above, own) = matrix.split_at_mut(row * size);
            for column in 0..row {
                let other = &above[column * size..column * size + column];
                let sum: f64 = own[..column].iter().zip(other).map(|(a, b)| a * b).sum();
                own[column] = (own[column] - sum) / above[column * size + column];
            }
            let square: f64 = own[..row].iter().map(|v| v * v).sum();
            own[row] = (own[row] - square).max(1e-14 * own[row].abs()).max(f64::MIN_POSITIVE).sqrt();
        }
        Self { size, lower: matrix }
    }

    /// Solves for one right-hand side, in place.
    pub fn solve(&self, b: &mut [f64]) {
        let n = self.size;
        for row in 0..n {
            let l = &self.lower[row * n..row * n + n];
            let sum: f64 = l[..row].iter().zip(&b[..row]).map(|(l, x)| l * x).sum();
            b[row] = (b[row] - sum) / l[row];
        }
        for row in (0..n).rev() {
            let l = &self.lower[row * n..row * n + n];
            let value = b[row] / l[row];
            b[row] = value;
            for (x, l) in b[..row].iter_mut().zip(&l[..row]) {
                *x -= l * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_times_its_inverse_is_one() {
        let block = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]];
        let one = times(&block, &inverse(&block));
        for (i, row) in one.iter().enumerate() {
            for (j, v) in row.iter().enumerate() {
                assert!((v - f64::from(u8::from(i == j))).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn cholesky_solves_the_hilbert_matrix_of_five() {
        let hilbert = |i: usize, j: usize| 1.0 / (i + j + 1) as f64;
        let matrix = (0..25).map(|k| hilbert(k / 5, k % 5)).collect();
        let mut b: Vec<f64> = (0..5).map(|i| (0..5).map(|j| hilbert(i, j) * (j as f64 - 2.0)).sum()).collect();
        Cholesky::of(5, matrix).solve(&mut b);
        assert!(b.iter().enumerate().all(|(j, x)| (x - (j as f64 - 2.0)).abs() < 1e-9));
    }
}
