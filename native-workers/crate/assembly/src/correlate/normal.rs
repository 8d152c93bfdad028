//! Normal equations of the sub-pixel fit: eight unknowns (shift x, y; gain constant, along x, along y; offset likewise).

use super::refine::Neighbours;
use kernels::wide::with_wide_vectors;

/// What pixels are made into: slopes along x and y, level, level times x, one, x, residual; all 0 where a pixel
/// does not count.
pub const TERMS: usize = 7;
const UNKNOWNS: usize = 8;
/// Each unknown's term and its power of y; the residual is last.
const MAKE_UP: [(usize, usize); UNKNOWNS + 1] =
    [(0, 0), (1, 0), (2, 0), (3, 0), (2, 1), (4, 0), (5, 0), (4, 1), (6, 0)];
/// Pixels below which nothing is pinned down.
const LEAST_COUNT: f64 = 64.0;
/// A pivot smaller than this part of its diagonal is none.
const LEAST_PIVOT: f64 = 1e-9;
/// Parallel sums: several vectors, since each addition waits for the one before.
const LANES: usize = 32;

/// Pixels whose terms are summed at once, about.
const BLOCK_PX: usize = 1024;

/// The terms of some neighbouring rows, which share one height in the shading: a staircase of a few rows a step.
pub struct Rows {
    terms: [Vec<f32>; TERMS],
    along: Vec<f32>,
    width: usize,
    filled: usize,
    most: usize,
}

/// Sums of products over all rows; the last row and column are the residual's.
#[derive(Clone, Copy, Default)]
pub struct Normal {
    sums: [[f64; UNKNOWNS + 1]; UNKNOWNS + 1],
}

impl Rows {
    /// Room for rows of `width` pixels.
    pub fn new(width: usize) -> Self {
        let along = (0..width).map(|i| 2.0 * i as f32 / width as f32 - 1.0).collect();
        let most = (BLOCK_PX / width.max(1)).max(1);
        Self { terms: std::array::from_fn(|_| vec![0.0; width * most]), along, width, filled: 0, most }
    }

    /// How many rows there is room for.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Adds the terms of a row: `a` and its mask, validity and level of `b` there, its slopes, and the shading (gain, gain
    /// along x, offset, offset along x).
    pub fn push(
        &mut self,
        a: &Neighbours<'_>,
        mask: &[f32],
        valid: &[f32],
        [level, dx, dy]: [&[f32]; 3],
        shading: &[f32; 4],
    ) {
        let rows = [a.here, a.left, a.right, a.above, a.below, mask, valid, level, dx, dy, &self.along];
        let span = self.filled * self.width..(self.filled + 1) * self.width;
        fill_terms(self.terms.each_mut().map(|t| &mut t[span.clone()]), rows, shading);
        self.filled += 1;
    }

    fn term(&self, i: usize) -> &[f32] {
        &self.terms[i][..self.filled * self.width]
    }
}

with_wide_vectors! {
    fn fill_terms(terms: [&mut [f32]; TERMS], rows: [&[f32]; 11], shading: &[f32; 4]) {
        let n = rows[0].len();
        let [here, left, right, above, below, mask, valid, level, dx, dy, along] = rows.map(|row| &row[..n]);
        let [slope_x, slope_y, shown, shown_x, one, x, residual] = terms.map(|t| &mut t[..n]);
        for i in 0..n {
            let (m, u) = (mask[i] * valid[i], along[i]);
            let gain = shading[0] + shading[1] * u;
            let offset = shading[2] + shading[3] * u;
            slope_x[i] = m * 0.5 * (gain * dx[i] + 0.5 * (right[i] - left[i]));
            slope_y[i] = m * 0.5 * (gain * dy[i] + 0.5 * (below[i] - above[i]));
            shown[i] = m * level[i];
            shown_x[i] = m * level[i] * u;
            one[i] = m;
            x[i] = m * u;
            residual[i] = m * (here[i] - gain * level[i] - offset);
        }
    }
}

with_wide_vectors! {
    fn dot(p: &[f32], q: &[f32]) -> f64 {
        let mut lanes = [0.0f32; LANES];
        let (ps, qs) = (p.chunks_exact(LANES), q.chunks_exact(LANES));
        let rest: f32 = ps.remainder().iter().zip(qs.remainder()).map(|(a, b)| a * b).sum();
        for (a, b) in ps.zip(qs) {
            for l in 0..LANES {
                lanes[l] += a[l] * b[l];
            }
        }
        lanes.iter().map(|&v| f64::from(v)).sum::<f64>() + f64::from(rest)
    }
}

impl Normal {
    /// Adds rows at height `v`, -1 to 1.
    pub fn add(&mut self, rows: &Rows, v: f64) {
        let product = |i: usize, j: usize| if i <= j { dot(rows.term(i), rows.term(j)) } else { 0.0 };
        let products: [[f64; TERMS]; TERMS] = std::array::from_fn(|i| std::array::from_fn(|j| product(i, j)));
        let powers = [1.0, v, v * v];
        for (sums, (term_i, power_i)) in self.sums.iter_mut().zip(MAKE_UP) {
            for (sum, (term_j, power_j)) in sums.iter_mut().zip(MAKE_UP) {
                *sum += powers[power_i + power_j] * products[term_i.min(term_j)][term_i.max(term_j)];
            }
        }
    }

    /// Pixels that count.
    pub fn count(&self) -> f64 {
        self.sums[5][5]
    }

    /// Sum of squared residuals.
    pub fn residual(&self) -> f64 {
        self.sums[UNKNOWNS][UNKNOWNS]
    }

    /// The step, and the diagonal of the inverse for x and y; by Cholesky. None where the pixels do not pin it down.
    pub fn solve(&self) -> Option<([f64; UNKNOWNS], [f64; 2])> {
        if self.count() < LEAST_COUNT {
            return None;
        }
        let mut lower = [[0.0f64; UNKNOWNS]; UNKNOWNS];
        for i in 0..UNKNOWNS {
            for j in 0..=i {
                let dot: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
                let rest = self.sums[i][j] - dot;
                if i > j {
                    lower[i][j] = rest / lower[j][j];
                } else if rest > LEAST_PIVOT * self.sums[i][i] {
                    lower[i][i] = rest.sqrt();
                } else {
                    return None;
                }
            }
        }
        let right = std::array::from_fn(|i| self.sums[i][UNKNOWNS]);
        let spread = [0, 1].map(|i: usize| {
            let mut unit = [0.0; UNKNOWNS];
            unit[i] = 1.0;
            substitute(&lower, unit)[i]
        });
        Some((substitute(&lower, right), spread))
    }
}

fn substitute(lower: &[[f64; UNKNOWNS]; UNKNOWNS], mut v: [f64; UNKNOWNS]) -> [f64; UNKNOWNS] {
    for i in 0..UNKNOWNS {
        let dot: f64 = (0..i).map(|k| lower[i][k] * v[k]).sum();
        v[i] = (v[i] - dot) / lower[i][i];
    }
    for i in (0..UNKNOWNS).rev() {
        let dot: f64 = (i + 1..UNKNOWNS).map(|k| lower[k][i] * v[k]).sum();
        v[i] = (v[i] - dot) / lower[i][i];
    }
    v
}
