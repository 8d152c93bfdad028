//! Symmetric positive definite matrices of small dense blocks, one row of blocks a tile, and their solution by
//! conjugate gradients with a block-Jacobi preconditioner. Sums run in a fixed order, so results are reproducible.

use kernels::cancel::Cancel;
use kernels::error::Result;

/// A vector of one block a tile.
pub type Blocks<const P: usize> = Vec<[f64; P]>;
/// A dense block, rows first.
pub type Dense<const P: usize> = [[f64; P]; P];

/// A symmetric matrix: the diagonal blocks, and one block for each linked pair `(row, column)` with row < column.
/// The block of the mirrored place is its transpose and is not stored.
pub struct BlockMatrix<const P: usize> {
    pub diagonal: Vec<Dense<P>>,
    pub pairs: Vec<(usize, usize)>,
    pub off_diagonal: Vec<Dense<P>>,
}

/// How a solution came about.
#[derive(Debug, Clone, Copy, Default)]
pub struct Solution {
    /// `||Kx - b|| / ||b||`.
    pub relative_residual: f64,
}

const MAX_ITERATIONS: usize = 5000;
const TOLERANCE: f64 = 1e-10;

impl<const P: usize> BlockMatrix<P> {
    /// A zero matrix of `tiles` rows with room for the given pairs.
    pub fn zero(tiles: usize, pairs: Vec<(usize, usize)>) -> Self {
        let off_diagonal = vec![[[0.0; P]; P]; pairs.len()];
        Self { diagonal: vec![[[0.0; P]; P]; tiles], pairs, off_diagonal }
    }

    /// `K x`.
    pub fn times(&self, x: &Blocks<P>) -> Blocks<P> {
        let mut y: Blocks<P> = self.diagonal.iter().zip(x).map(|(block, v)| block_times(block, v)).collect();
        for (&(row, column), block) in self.pairs.iter().zip(&self.off_diagonal) {
            for i in 0..P {
                for j in 0..P {
                    y[row][i] += block[i][j] * x[column][j];
                    y[column][j] += block[i][j] * x[row][i];
                }
            }
        }
        y
    }

    /// Solves `K x = b` from `x = 0`. Hestenes and Stiefel 1952, preconditioned by the inverse diagonal blocks.
    pub fn solve(&self, b: &Blocks<P>, cancel: Cancel<'_>) -> Result<(Blocks<P>, Solution)> {
        let inverse: Vec<Dense<P>> = self.diagonal.iter().map(invert).collect();
        let precondition =
            |r: &Blocks<P>| -> Blocks<P> { inverse.iter().zip(r).map(|(m, v)| block_times(m, v)).collect() };
        let scale = dot(b, b).sqrt();
        let mut x = vec![[0.0; P]; b.len()];
        if scale == 0.0 {
            return Ok((x, Solution::default()));
        }
        let mut r = b.clone();
        let mut z = precondition(&r);
        let mut direction = z.clone();
        let mut rz = dot(&r, &z);
        let mut iterations = 0;
        while iterations < MAX_ITERATIONS && dot(&r, &r).sqrt() > TOLERANCE * scale {
            cancel.poll()?;
            let k_direction = self.times(&direction);
            let step = rz / dot(&direction, &k_direction);
            add_scaled(&mut x, &direction, step);
            add_scaled(&mut r, &k_direction, -step);
            z = precondition(&r);
            let next = dot(&r, &z);
            let turn = next / rz;
            rz = next;
            for (d, z) in direction.iter_mut().zip(&z) {
                for i in 0..P {
                    d[i] = z[i] + turn * d[i];
                }
            }
            iterations += 1;
        }
        let mut rest = self.times(&x);
        add_scaled(&mut rest, b, -1.0);
        let relative_residual = dot(&rest, &rest).sqrt() / scale;
        Ok((x, Solution { relative_residual }))
    }
}

fn block_times<const P: usize>(block: &Dense<P>, v: &[f64; P]) -> [f64; P] {
    std::array::from_fn(|i| (0..P).map(|j| block[i][j] * v[j]).sum())
}

fn dot<const P: usize>(a: &Blocks<P>, b: &Blocks<P>) -> f64 {
    a.iter().zip(b).map(|(a, b)| (0..P).map(|i| a[i] * b[i]).sum::<f64>()).sum()
}

fn add_scaled<const P: usize>(x: &mut Blocks<P>, d: &Blocks<P>, step: f64) {
    for (x, d) in x.iter_mut().zip(d) {
        for i in 0..P {
            x[i] += step * d[i];
        }
    }
}

/// The inverse of a positive definite block by Gauss-Jordan elimination; priors keep the pivots away from zero.
fn invert<const P: usize>(block: &Dense<P>) -> Dense<P> {
    let mut a = *block;
    let mut inverse: Dense<P> = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
    for pivot in 0..P {
        let by = 1.0 / a[pivot][pivot];
        for j in 0..P {
            a[pivot][j] *= by;
            inverse[pivot][j] *= by;
        }
        for row in (0..P).filter(|&row| row != pivot) {
            let factor = a[row][pivot];
            for j in 0..P {
                a[row][j] -= factor * a[pivot][j];
                inverse[row][j] -= factor * inverse[pivot][j];
            }
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_a_chain_of_springs_exactly() {
        // Tiles 0..n-1 joined by unit springs, the first held at 0 and each pulled: K x = b with a known x.
        let n = 50;
        let mut matrix = BlockMatrix::<2>::zero(n, (0..n - 1).map(|i| (i, i + 1)).collect());
        for i in 0..n {
            let degree = if i == 0 || i == n - 1 { 1.0 } else { 2.0 };
            let held = if i == 0 { 1.0 } else { 0.0 };
            matrix.diagonal[i] = [[degree + held, 0.25], [0.25, degree + held + 0.5]];
        }
        matrix.off_diagonal.fill([[-1.0, 0.0], [0.0, -1.0]]);
        let truth: Blocks<2> = (0..n).map(|i| [(i as f64).sin(), (i as f64 * 0.3).cos()]).collect();
        let b = matrix.times(&truth);
        let (x, solution) = matrix.solve(&b, kernels::cancel::never()).unwrap();
        assert!(solution.relative_residual < 1e-9);
        for (x, truth) in x.iter().zip(&truth) {
            assert!((x[0] - truth[0]).abs() < 1e-6 && (x[1] - truth[1]).abs() < 1e-6);
        }
    }
}
