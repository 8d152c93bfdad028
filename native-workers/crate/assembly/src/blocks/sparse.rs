//! Symmetric positive definite systems of the links of a grid of blocks, by conjugate gradients (Jacobi).

use kernels::cancel::Cancel;
use kernels::error::Result;

/// ||r|| / ||b|| at which a solution is good.
const TOLERANCE: f64 = 1e-11;

/// One axis of a placement: link `(a, b)` wants `x[b] - x[a] = d` with a weight, and each block its prior.
pub struct Axis1<'a> {
    pub links: &'a [(usize, usize)],
    pub wanted: &'a [f64],
    pub weights: &'a [f64],
    pub prior: &'a [f64],
    pub prior_weight: f64,
}

impl Axis1<'_> {
    /// The least-squares places, from the prior on. O(links * iterations).
    pub fn solve(&self, cancel: Cancel<'_>) -> Result<Vec<f64>> {
        let n = self.prior.len();
        let mut diagonal = vec![self.prior_weight; n];
        let mut right = vec![0.0; n];
        // About the prior, so that large coordinates cost no digits.
        for ((&(a, b), &d), &w) in self.links.iter().zip(self.wanted).zip(self.weights) {
            let miss = d - (self.prior[b] - self.prior[a]);
            diagonal[a] += w;
            diagonal[b] += w;
            right[a] -= w * miss;
            right[b] += w * miss;
        }
        let moved = self.descend(&diagonal, &right, cancel)?;
        Ok(self.prior.iter().zip(&moved).map(|(p, m)| p + m).collect())
    }

    fn descend(&self, diagonal: &[f64], right: &[f64], cancel: Cancel<'_>) -> Result<Vec<f64>> {
        let n = right.len();
        let mut x = vec![0.0; n];
        let mut r = right.to_vec();
        let goal = TOLERANCE * dot(right, right).sqrt();
        let mut z: Vec<f64> = r.iter().zip(diagonal).map(|(r, d)| r / d).collect();
        let mut p = z.clone();
        let mut rz = dot(&r, &z);
        let mut q = vec![0.0; n];
        for _ in 0..20 * n + 200 {
            if dot(&r, &r).sqrt() <= goal {
                break;
            }
            cancel.poll()?;
            self.times(diagonal, &p, &mut q);
            let alpha = rz / dot(&p, &q);
            for i in 0..n {
                x[i] += alpha * p[i];
                r[i] -= alpha * q[i];
                z[i] = r[i] / diagonal[i];
            }
            let next = dot(&r, &z);
            let beta = next / rz;
            rz = next;
            p.iter_mut().zip(&z).for_each(|(p, z)| *p = z + beta * *p);
        }
        Ok(x)
    }

    fn times(&self, diagonal: &[f64], p: &[f64], q: &mut [f64]) {
        q.iter_mut().zip(diagonal).zip(p).for_each(|((q, d), p)| *q = d * p);
        for (&(a, b), &w) in self.links.iter().zip(self.weights) {
            q[a] -= w * p[b];
            q[b] -= w * p[a];
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
