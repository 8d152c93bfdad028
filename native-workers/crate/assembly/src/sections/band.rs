//! Symmetric systems whose unknowns only meet others near them: Cholesky within a band.

/// A symmetric positive matrix; row `i` holds columns `i - band` to `i`.
pub struct Banded {
    pub size: usize,
    band: usize,
    rows: Vec<f64>,
}

impl Banded {
    /// All zeros; unknowns more than `band` apart never meet. Memory: `size * (band + 1)` doubles.
    pub fn zeros(size: usize, band: usize) -> Self {
        Self { size, band, rows: vec![0.0; size * (band + 1)] }
    }

    fn at(&self, row: usize, column: usize) -> usize {
        row * (self.band + 1) + column + self.band - row
    }

    /// Adds the square of a row of `terms` (unknown, coefficient) with its weight.
    pub fn add_square(&mut self, terms: &[(usize, f64)], weight: f64) {
        for &(i, p) in terms {
            for &(j, q) in terms.iter().filter(|(j, _)| *j <= i) {
                let at = self.at(i, j);
                self.rows[at] += weight * p * q;
            }
        }
    }

    /// Solves for several right sides at once, in place. Pivots that vanish leave their unknown at 0.
    pub fn solve(mut self, sides: &mut [Vec<f64>]) {
        for i in 0..self.size {
            let first = i.saturating_sub(self.band);
            for j in first..=i {
                let from = first.max(j.saturating_sub(self.band));
                let dot: f64 = (from..j).map(|k| self.rows[self.at(i, k)] * self.rows[self.at(j, k)]).sum();
                let (at, pivot) = (self.at(i, j), self.rows[self.at(j, j)]);
                let rest = self.rows[at] - dot;
                self.rows[at] = if j < i {
                    rest / pivot
                } else if rest > 0.0 {
                    rest.sqrt()
                } else {
                    f64::INFINITY
                };
            }
        }
        for side in sides {
            for i in 0..self.size {
                let dot: f64 = (i.saturating_sub(self.band)..i).map(|k| self.rows[self.at(i, k)] * side[k]).sum();
                side[i] = (side[i] - dot) / self.rows[self.at(i, i)];
            }
            for i in (0..self.size).rev() {
                let last = (i + self.band).min(self.size - 1);
                let dot: f64 = (i + 1..=last).map(|k| self.rows[self.at(k, i)] * side[k]).sum();
                side[i] = (side[i] - dot) / self.rows[self.at(i, i)];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_solution_solves_the_system() {
        let terms: Vec<Vec<(usize, f64)>> =
            (0..40).map(|i| vec![(i % 20, 1.0 + i as f64 / 9.0), ((i % 20 + 1 + i / 20).min(19), -0.7)]).collect();
        let mut matrix = Banded::zeros(20, 2);
        let truth: Vec<f64> = (0..20).map(|i| f64::from(i * i % 7) - 3.0).collect();
        let mut side = vec![0.0; 20];
        for row in &terms {
            matrix.add_square(row, 2.0);
            let value: f64 = row.iter().map(|&(i, c)| c * truth[i]).sum();
            row.iter().for_each(|&(i, c)| side[i] += 2.0 * c * value);
        }
        let mut sides = [side];
        matrix.solve(&mut sides);
        assert!(sides[0].iter().zip(&truth).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}
