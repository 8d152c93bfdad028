//! The task `solve-lens`: the distortion that all tiles of a camera share, from points that overlapping tiles both show.
//!
//! After Kaynig et al. 2010: a polynomial L of tile coordinates and a translation t for each tile, such that for every
//! point R_a L(x_a) + t_a = R_b L(x_b) + t_b, R being what the stack says of how tiles are turned and scaled. That is
//! linear in L and t, and solved at once, robustly. Products of Legendre polynomials from the second degree on keep L
//! free of an affine part, which no overlap can tell from the tiles' own places.
//!
//! Narrow overlaps leave some terms open: what is odd across a tile shifts both of its edges alike. So what lenses do
//! (radial and tangential distortion, Brown 1966) is free, and everything else is held to the size that the points left
//! over ask for: where points tell more, they decide.

use super::dense::{Factor, legendre, legendre_in_pixels, median, solve_symmetric, terms};
use super::lens_prior::prior;
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::SQRT_2;

const ROUNDS: usize = 6;
/// Residuals beyond so many SDs hardly count (Cauchy).
const CAUCHY: f64 = 2.4;
/// How far points miss, px, before it is known.
const FIRST_SIGMA_PX: f64 = 0.3;
/// Points that residuals cannot be less than, px: finer ones are luck.
const LEAST_SIGMA_PX: f64 = 0.02;
/// What is no lens's is expected to be at least so large, px, and as a part of what is.
const LEAST_OTHER_PX: f64 = 0.02;
const OTHER_PART: f64 = 0.03;
/// Most tiles: the equations are solved densely for what is left without the shifts of tiles.
const MOST_TILES: usize = 1500;

/// Header of `solve-lens`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SolveLens {
    pub tiles: usize,
    /// Level-0 pixels of every tile.
    pub size_px: [f64; 2],
    /// Total degree of the polynomial, 2 to 7.
    pub degree: usize,
}

/// Result of `solve-lens`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LensFound {
    points: usize,
    /// RMS of the distances between points, px: with shifts alone, and with the lens.
    rms_before_px: f64,
    rms_after_px: f64,
    /// RMS and largest displacement over a tile, px.
    displacement_px: [f64; 2],
    /// Expected error of the displacement, RMS over a tile, px.
    uncertainty_px: f64,
}

struct Point {
    tiles: [usize; 2],
    at: [[f64; 2]; 2],
    weight: f64,
}

/// Inputs: f64[tiles][6], stack from tile; f64[n][7], points: tile a, tile b, x and y in a, x and y in b, weight.
/// Outputs: f64[2][terms], coefficients of x' and of y' over x^p y^q in tile pixels (by degree, falling powers of x);
/// f64[tiles][2], how much each tile's shift changes, stack pixels.
pub fn solve_lens(header: &SolveLens, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(LensFound, Vec<Vec<u8>>)> {
    let [maps, points] = inputs else {
        return Err(KernelError::invalid_input("A lens takes two inputs."));
    };
    if !(2..=7).contains(&header.degree) || header.tiles == 0 || header.tiles > MOST_TILES {
        return Err(KernelError::invalid_input(format!(
            "A lens of degree {} from {} tiles cannot be solved.",
            header.degree, header.tiles
        )));
    }
    let maps: Vec<[f64; 6]> = rows_of(maps)?;
    let points = read_points(points, header)?;
    if maps.len() != header.tiles || maps.iter().flatten().any(|v| !v.is_finite()) {
        return Err(KernelError::invalid_input("Every tile has a finite affine map."));
    }
    let problem = Problem { header, maps: &maps, points: &points, terms: terms(2, header.degree) };
    let mut weights: Vec<f64> = points.iter().map(|p| p.weight).collect();
    let none = vec![0.0; 2 * problem.terms.len()];
    let mut lens = none.clone();
    let mut shifts = Vec::new();
    let mut variances = Vec::new();
    let mut other_px = LEAST_OTHER_PX;
    let mut sigma_px = FIRST_SIGMA_PX;
    for round in 0..ROUNDS {
        cancel.poll()?;
        let held = prior(&problem.terms, header.size_px, header.degree, other_px, sigma_px);
        (lens, shifts, variances) = problem.solve(&weights, Some(&held));
        sigma_px = problem.rms(&lens, &shifts, &weights).max(LEAST_SIGMA_PX) / SQRT_2;
        if round == 1 {
            // Solved as a lens alone so far: what is left says how much else there is.
            let size = problem.displacement(&lens)[0];
            other_px = LEAST_OTHER_PX.max(OTHER_PART * size).max(sigma_px);
        }
        if round + 1 < ROUNDS {
            problem.reweigh(&lens, &shifts, &mut weights);
        }
    }
    let (_, plain, _) = problem.solve(&weights, None);
    let about = LensFound {
        points: points.len(),
        rms_before_px: problem.rms(&none, &plain, &weights),
        rms_after_px: problem.rms(&lens, &shifts, &weights),
        displacement_px: problem.displacement(&lens),
        uncertainty_px: problem.mean_square(&variances).sqrt(),
    };
    let bytes = |values: &[f64]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    Ok((about, vec![bytes(&problem.in_pixels(&lens)), bytes(&shifts)]))
}

fn rows_of<const N: usize>(bytes: &[u8]) -> Result<Vec<[f64; N]>> {
    if !bytes.len().is_multiple_of(8 * N) {
        return Err(KernelError::invalid_input(format!("{} bytes are no rows of {N} numbers.", bytes.len())));
    }
    let value = |row: &[u8], i: usize| f64::from_le_bytes(std::array::from_fn(|k| row[8 * i + k]));
    Ok(bytes.chunks_exact(8 * N).map(|row| std::array::from_fn(|i| value(row, i))).collect())
}

fn read_points(bytes: &[u8], header: &SolveLens) -> Result<Vec<Point>> {
    let point = |v: [f64; 7]| {
        let tiles = [v[0] as usize, v[1] as usize];
        let is_sound = v.iter().all(|v| v.is_finite()) && tiles.iter().all(|&t| t < header.tiles) && v[6] >= 0.0;
        let wrong = || KernelError::invalid_input(format!("{v:?} is no point of two of {} tiles.", header.tiles));
        let point = Point { tiles, at: [[v[2], v[3]], [v[4], v[5]]], weight: v[6] };
        if is_sound && tiles[0] != tiles[1] { Ok(point) } else { Err(wrong()) }
    };
    rows_of(bytes)?.into_iter().map(point).collect()
}

struct Problem<'a> {
    header: &'a SolveLens,
    maps: &'a [[f64; 6]],
    points: &'a [Point],
    terms: Vec<[usize; 2]>,
}

impl Problem<'_> {
    /// Values of the terms at a place of a tile.
    fn basis(&self, at: [f64; 2]) -> Vec<f64> {
        let [x, y] = [0, 1].map(|k| legendre(2.0 * at[k] / self.header.size_px[k] - 1.0, self.header.degree));
        self.terms.iter().map(|&[i, j]| x[i] * y[j]).collect()
    }

    /// How much the lens moves what a point's tiles show apart, as factors of its coefficients; and where the stack puts
    /// it apart without a lens.
    fn equation(&self, point: &Point) -> ([Vec<f64>; 2], [f64; 2]) {
        let n = self.terms.len();
        let (mut factors, mut apart) = ([vec![0.0; 2 * n], vec![0.0; 2 * n]], [0.0; 2]);
        for (side, sign) in [(0, 1.0), (1, -1.0)] {
            let m = &self.maps[point.tiles[side]];
            let [x, y] = point.at[side];
            let basis = self.basis(point.at[side]);
            for axis in 0..2 {
                apart[axis] += sign * (m[axis] * x + m[2 + axis] * y + m[4 + axis]);
                for (k, value) in basis.iter().enumerate() {
                    factors[axis][k] += sign * m[axis] * value;
                    factors[axis][n + k] += sign * m[2 + axis] * value;
                }
            }
        }
        (factors, apart)
    }

    /// Coefficients of the lens, shifts of tiles, and variances of the coefficients. Dense normal equations of the lens
    /// and the shifts of one axis after the other would couple only by the lens, so all are solved together.
    fn solve(&self, weights: &[f64], prior: Option<&[f64]>) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let (n, tiles) = (2 * self.terms.len(), self.header.tiles);
        let total: f64 = weights.iter().sum();
        let shift_prior = 1e-6 * total / tiles as f64 + 1e-12;
        // Shifts are eliminated: H = [A B; B' D] with D the graph of tiles, the same for both axes.
        let mut graph = vec![0.0; tiles * tiles];
        (0..tiles).for_each(|t| graph[t * tiles + t] = shift_prior);
        let (mut lens, mut right) = (vec![0.0; n * n], vec![0.0; n]);
        let mut cross = [vec![0.0; tiles * n], vec![0.0; tiles * n]];
        let mut pull = [vec![0.0; tiles], vec![0.0; tiles]];
        for (point, &w) in self.points.iter().zip(weights) {
            let [a, b] = point.tiles;
            let (factors, apart) = self.equation(point);
            for (i, j, sign) in [(a, a, 1.0), (b, b, 1.0), (a, b, -1.0), (b, a, -1.0)] {
                graph[i * tiles + j] += sign * w;
            }
            for axis in 0..2 {
                for (tile, sign) in [(a, 1.0), (b, -1.0)] {
                    pull[axis][tile] -= sign * w * apart[axis];
                    let row = &mut cross[axis][tile * n..][..n];
                    row.iter_mut().zip(&factors[axis]).for_each(|(c, f)| *c += sign * w * f);
                }
                for (i, f) in factors[axis].iter().enumerate() {
                    right[i] -= w * f * apart[axis];
                    lens[i * n..][..n].iter_mut().zip(&factors[axis]).for_each(|(l, g)| *l += w * f * g);
                }
            }
        }
        let factor = Factor::of(graph, tiles);
        let (mut solved, mut free) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
        for axis in 0..2 {
            solved[axis] = factor.solve_columns(&cross[axis], n);
            free[axis] = factor.solve_columns(&pull[axis], 1);
            for tile in 0..tiles {
                for i in 0..n {
                    let c = cross[axis][tile * n + i];
                    right[i] -= c * free[axis][tile];
                    (0..n).for_each(|j| lens[i * n + j] -= c * solved[axis][tile * n + j]);
                }
            }
        }
        let mut found = vec![0.0; n];
        let mut variances = vec![0.0; n];
        if let Some(prior) = prior {
            lens.iter_mut().zip(prior).for_each(|(l, p)| *l += p);
            found.copy_from_slice(&right);
            solve_symmetric(&mut lens.clone(), &mut found);
            for (k, variance) in variances.iter_mut().enumerate() {
                let mut unit = vec![0.0; n];
                unit[k] = 1.0;
                solve_symmetric(&mut lens.clone(), &mut unit);
                *variance = unit[k];
            }
        }
        let shifts: Vec<f64> = (0..2 * tiles)
            .map(|i| {
                let (tile, axis) = (i / 2, i % 2);
                let moved: f64 = (0..n).map(|k| solved[axis][tile * n + k] * found[k]).sum();
                free[axis][tile] - moved
            })
            .collect();
        let mean_square = self.rms(&found, &shifts, weights).powi(2) / 2.0;
        variances.iter_mut().for_each(|v| *v *= mean_square * self.mean_weight(weights));
        (found, shifts, variances)
    }

    fn mean_weight(&self, weights: &[f64]) -> f64 {
        weights.iter().sum::<f64>() / weights.len().max(1) as f64
    }

    fn distance(&self, point: &Point, lens: &[f64], shifts: &[f64]) -> f64 {
        let (factors, apart) = self.equation(point);
        let [a, b] = point.tiles;
        let along = |axis: usize| {
            let moved: f64 = factors[axis].iter().zip(lens).map(|(f, c)| f * c).sum();
            apart[axis] + moved + shifts[2 * a + axis] - shifts[2 * b + axis]
        };
        along(0).hypot(along(1))
    }

    fn rms(&self, lens: &[f64], shifts: &[f64], weights: &[f64]) -> f64 {
        let sum: f64 = self.points.iter().zip(weights).map(|(p, w)| w * self.distance(p, lens, shifts).powi(2)).sum();
        (sum / weights.iter().sum::<f64>().max(f64::MIN_POSITIVE)).sqrt()
    }

    fn reweigh(&self, lens: &[f64], shifts: &[f64], weights: &mut [f64]) {
        let distances: Vec<f64> = self.points.iter().map(|p| self.distance(p, lens, shifts)).collect();
        let scale = (1.2 * median(&mut distances.clone())).max(LEAST_SIGMA_PX);
        for ((weight, point), distance) in weights.iter_mut().zip(self.points).zip(distances) {
            *weight = point.weight / (1.0 + (distance / (CAUCHY * scale)).powi(2));
        }
    }

    /// Mean square over a tile of a displacement whose coefficients have these squares, px^2.
    fn mean_square(&self, squares: &[f64]) -> f64 {
        let norms = self.terms.iter().map(|&[i, j]| 1.0 / ((2 * i + 1) * (2 * j + 1)) as f64);
        norms.cycle().zip(squares).map(|(norm, square)| norm * square).sum()
    }

    fn displacement(&self, lens: &[f64]) -> [f64; 2] {
        let squares: Vec<f64> = lens.iter().map(|c| c * c).collect();
        let [w, h] = self.header.size_px;
        let at = |i: usize| {
            let basis = self.basis([w * (i % 33) as f64 / 32.0, h * (i / 33) as f64 / 32.0]);
            let n = basis.len();
            let along = |c: &[f64]| basis.iter().zip(c).map(|(b, c)| b * c).sum::<f64>();
            along(&lens[..n]).hypot(along(&lens[n..]))
        };
        [self.mean_square(&squares).sqrt(), (0..33 * 33).map(at).fold(0.0, f64::max)]
    }

    /// x + displacement as sums over x^p y^q of tile pixels.
    fn in_pixels(&self, lens: &[f64]) -> Vec<f64> {
        let all = terms(0, self.header.degree);
        let powers = [0, 1].map(|axis| legendre_in_pixels(self.header.degree, self.header.size_px[axis]));
        let mut out = vec![0.0; 2 * all.len()];
        for axis in 0..2 {
            out[axis * all.len() + 1 + axis] = 1.0;
            for (&[i, j], c) in self.terms.iter().zip(&lens[axis * self.terms.len()..]) {
                for (k, &[p, q]) in all.iter().enumerate() {
                    out[axis * all.len() + k] += c * powers[0][i][p] * powers[1][j][q];
                }
            }
        }
        out
    }
}

#[cfg(test)]
#[path = "lens_tests.rs"]
mod tests;
