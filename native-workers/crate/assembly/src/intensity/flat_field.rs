//! The task `flat-field`: how a camera's brightness falls off, and its dark level, from many tiles of other tissue.
//!
//! As in BaSiC (Peng et al. 2017) a tile is b_i S(x) + D(x) and what is its own; here S and D are smooth (products of
//! Legendre polynomials), what is a tile's own is kept out by robust means over tiles instead of sparsity, and each
//! coefficient is held back as far as its scatter from tile to tile makes it doubtful (James and Stein).

use super::dense::{legendre, solve_symmetric, terms};
use super::grid::{Nodes, floats, le_bytes};
use super::robust::{middle, robust_line, robust_mean};
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use serde::{Deserialize, Serialize};

/// Rounds of levels of tiles and shape of the field.
const ROUNDS: usize = 8;
/// A tile darker than this part of the others shows no tissue.
const LEAST_LEVEL: f64 = 0.2;
/// The dark level can be told only where tiles are of other brightness, and there are enough.
const LEAST_SPREAD: f64 = 0.05;
const LEAST_TILES: usize = 8;

/// Header of `flat-field`.
#[derive(Debug, Deserialize)]
pub struct FlatField {
    pub tiles: usize,
    /// Cells of a tile along x and y.
    pub columns: usize,
    pub rows: usize,
    #[serde(default = "degree")]
    pub degree: usize,
    /// Whether a dark level is looked for, too.
    #[serde(default)]
    pub dark: bool,
    /// Nodes of the grids that come out.
    pub nodes: [usize; 2],
}

fn degree() -> usize {
    6
}

/// Result of `flat-field`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldFound {
    /// Tiles that were used.
    tiles: usize,
    /// Whether medians of cells were taken.
    sparse: bool,
    /// SD of the field over its mean, as it is in the tiles, and its expected error.
    non_uniformity: f64,
    uncertainty: f64,
    /// Largest over smallest of the field.
    range: f64,
    dark: bool,
}

/// Inputs: mean levels of cells, and their medians (f32, tile after tile; NaN = none). Means tell more of tissue that
/// fills the picture; where most of it is dark and little glows, medians do: those are taken that leave less doubt.
/// Outputs: grids of gain and offset (f32), to correct
/// the tiles with: gain = 1 / S, offset = -D / S, mean of S 1.
pub fn flat_field(header: &FlatField, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(FieldFound, Vec<Vec<u8>>)> {
    let &[means, medians] = inputs else {
        return Err(KernelError::invalid_input("A flat field takes two inputs."));
    };
    let count = header.columns * header.rows;
    if !(2..=64).contains(&header.columns) || !(2..=64).contains(&header.rows) || header.degree > 8 {
        return Err(KernelError::invalid_input("A flat field has 2 to 64 cells a side and a degree of at most 8."));
    }
    let basis = Basis::new(header);
    let levels = |bytes| floats(bytes, header.tiles * count, "Levels of tiles");
    let (means, medians) = (levels(means)?, levels(medians)?);
    let of_means = Told::of(&means, count, &basis, cancel)?;
    let of_medians = Told::of(&medians, count, &basis, cancel)?;
    let is_sparse = of_medians.uncertainty < of_means.uncertainty;
    let told = if is_sparse { of_medians } else { of_means };
    let (coefficients, dark) = told.lines(&basis, header.dark);
    let nodes = Nodes { columns: header.nodes[0], rows: header.nodes[1], size_px: [1.0, 1.0] };
    let shape = basis.on_nodes(&nodes, &coefficients);
    let offset: Vec<f32> = match &dark {
        Some(dark) => basis.on_nodes(&nodes, dark).iter().zip(&shape).map(|(d, s)| (-d / s) as f32).collect(),
        None => vec![0.0; shape.len()],
    };
    let gain: Vec<f32> = shape.iter().map(|s| (1.0 / s) as f32).collect();
    let on_cells = basis.values(&coefficients);
    let (least, most) = on_cells.iter().fold((f64::INFINITY, 0.0f64), |(l, m), v| (l.min(*v), m.max(*v)));
    let variance = on_cells.iter().map(|v| (v - 1.0).powi(2)).sum::<f64>() / count as f64;
    let found = FieldFound {
        tiles: told.tiles.len(),
        sparse: is_sparse,
        non_uniformity: variance.sqrt(),
        uncertainty: told.uncertainty,
        range: most / least,
        dark: dark.is_some(),
    };
    Ok((found, vec![le_bytes(&gain), le_bytes(&offset)]))
}

/// What levels of one kind tell.
struct Told<'a> {
    tiles: Vec<&'a [f32]>,
    /// Cell by cell as the tiles show it, and their levels.
    field: Vec<f64>,
    brightness: Vec<f64>,
    coefficients: Vec<f64>,
    uncertainty: f64,
}

impl<'a> Told<'a> {
    fn of(levels: &'a [f32], count: usize, basis: &Basis, cancel: Cancel<'_>) -> Result<Self> {
        let tiles = usable(levels, count);
        if tiles.is_empty() {
            return Err(KernelError::invalid_input("No tile shows enough for a flat field."));
        }
        let (field, brightness) = robust_field(&tiles, count, basis, cancel)?;
        let (coefficients, uncertainty) = held_back(&tiles, &field, &brightness, basis);
        Ok(Self { tiles, field, brightness, coefficients, uncertainty })
    }

    /// The field, and the dark level where it is looked for and can be told.
    fn lines(&self, basis: &Basis, is_dark_wanted: bool) -> (Vec<f64>, Option<Vec<f64>>) {
        if !is_dark_wanted || !is_told(&self.brightness) {
            return (self.coefficients.clone(), None);
        }
        let (coefficients, dark) = lines_of(&self.tiles, &self.field, &self.brightness, basis);
        (coefficients, Some(dark))
    }
}

/// Tiles that show enough to say something.
fn usable(levels: &[f32], count: usize) -> Vec<&[f32]> {
    let tiles = levels.chunks_exact(count).filter(|t| t.iter().filter(|v| v.is_finite()).count() * 2 > count);
    let with_level: Vec<(&[f32], f64)> = tiles.map(|t| (t, middle(t.iter().map(|&v| f64::from(v))))).collect();
    let usual = middle(with_level.iter().map(|(_, level)| *level));
    with_level.into_iter().filter(|(_, level)| *level > LEAST_LEVEL * usual).map(|(tile, _)| tile).collect()
}

/// The smooth functions, on the cells.
struct Basis {
    terms: Vec<[usize; 2]>,
    degree: usize,
    columns: usize,
    /// Values of the terms, cell after cell.
    on_cells: Vec<Vec<f64>>,
}

impl Basis {
    fn new(header: &FlatField) -> Self {
        let terms = terms(0, header.degree);
        let place = |i: usize, n: usize| (2 * i + 1) as f64 / n as f64 - 1.0;
        let on_cells = (0..header.columns * header.rows)
            .map(|i| {
                let (x, y) = (place(i % header.columns, header.columns), place(i / header.columns, header.rows));
                at(&terms, header.degree, x, y)
            })
            .collect();
        Self { terms, degree: header.degree, columns: header.columns, on_cells }
    }

    /// Least squares of some cells; NaN = none.
    fn fit(&self, values: &[f64]) -> Vec<f64> {
        let n = self.terms.len();
        let (mut matrix, mut right) = (vec![0.0; n * n], vec![0.0; n]);
        for (row, value) in self.on_cells.iter().zip(values).filter(|(_, v)| v.is_finite()) {
            for i in 0..n {
                right[i] += row[i] * value;
                (0..n).for_each(|j| matrix[i * n + j] += row[i] * row[j]);
            }
        }
        solve_symmetric(&mut matrix, &mut right);
        right
    }

    fn values(&self, coefficients: &[f64]) -> Vec<f64> {
        self.on_cells.iter().map(|row| row.iter().zip(coefficients).map(|(r, c)| r * c).sum()).collect()
    }

    fn on_nodes(&self, nodes: &Nodes, coefficients: &[f64]) -> Vec<f64> {
        let place = |i: usize, n: usize| if n > 1 { 2.0 * i as f64 / (n - 1) as f64 - 1.0 } else { 0.0 };
        (0..nodes.count())
            .map(|i| {
                let row = at(
                    &self.terms,
                    self.degree,
                    place(i % nodes.columns, nodes.columns),
                    place(i / nodes.columns, nodes.rows),
                );
                row.iter().zip(coefficients).map(|(r, c)| r * c).sum()
            })
            .collect()
    }
}

fn at(terms: &[[usize; 2]], degree: usize, x: f64, y: f64) -> Vec<f64> {
    let (px, py) = (legendre(x, degree), legendre(y, degree));
    terms.iter().map(|&[i, j]| px[i] * py[j]).collect()
}

/// The field (mean 1), cell by cell, as the robust mean of tiles over their levels, and the levels.
fn robust_field(tiles: &[&[f32]], count: usize, basis: &Basis, cancel: Cancel<'_>) -> Result<(Vec<f64>, Vec<f64>)> {
    let mut field = vec![1.0; count];
    let mut levels = Vec::new();
    for round in 0..ROUNDS {
        cancel.poll()?;
        levels = tiles.iter().map(|tile| middle(tile.iter().zip(&field).map(|(&v, f)| f64::from(v) / f))).collect();
        let cell = |x: usize| {
            let shares: Vec<f64> = tiles.iter().zip(&levels).map(|(t, b)| f64::from(t[x]) / b).collect();
            robust_mean(&shares)
        };
        let raw: Vec<f64> = (0..count).map(cell).collect();
        field = if round + 1 < ROUNDS { basis.values(&basis.fit(&raw)) } else { raw };
        let mean = middle_mean(&field);
        field.iter_mut().for_each(|v| *v = (*v / mean).max(0.05));
    }
    debug_assert_eq!(field.len() % basis.columns, 0);
    Ok((field, levels))
}

fn middle_mean(values: &[f64]) -> f64 {
    let there = values.iter().filter(|v| v.is_finite());
    there.clone().sum::<f64>() / there.count().max(1) as f64
}

/// Coefficients of the field, each held back by its error from tile to tile; and the field's expected error.
fn held_back(tiles: &[&[f32]], field: &[f64], levels: &[f64], basis: &Basis) -> (Vec<f64>, f64) {
    let mut coefficients = basis.fit(field);
    let n = tiles.len() as f64;
    let mut variances = vec![0.0; coefficients.len()];
    for (tile, level) in tiles.iter().zip(levels) {
        let own: Vec<f64> = tile.iter().zip(field).map(|(&v, f)| (f64::from(v) / level - f).clamp(-0.5, 0.5)).collect();
        for (sum, c) in variances.iter_mut().zip(basis.fit(&own)) {
            *sum += c * c / (n * (n - 1.0).max(0.5));
        }
    }
    let mut left = 0.0;
    for (k, (c, variance)) in coefficients.iter_mut().zip(&variances).enumerate().skip(1) {
        let kept = (1.0 - variance / (*c * *c).max(f64::MIN_POSITIVE)).max(0.0);
        let [i, j] = basis.terms[k];
        left += variance.min(*c * *c) / ((2 * i + 1) * (2 * j + 1)) as f64;
        *c *= kept;
    }
    coefficients[0] = 1.0;
    (coefficients, left.sqrt())
}

fn is_told(levels: &[f64]) -> bool {
    let usual = middle(levels.iter().copied());
    let spread = 1.4826 * middle(levels.iter().map(|b| (b - usual).abs()));
    levels.len() >= LEAST_TILES && spread > LEAST_SPREAD * usual
}

/// Levels of each cell as a line over those of the tiles, cell by cell without what is a tile's own: slopes are the
/// field's, intercepts the dark level's (about its mean, which no tile tells), each coefficient held back by its error.
fn lines_of(tiles: &[&[f32]], field: &[f64], levels: &[f64], basis: &Basis) -> (Vec<f64>, Vec<f64>) {
    let n = levels.len() as f64;
    let mean = levels.iter().sum::<f64>() / n;
    let spread: f64 = levels.iter().map(|b| (b - mean).powi(2)).sum();
    let mut own: Vec<Vec<f64>> = vec![vec![f64::NAN; field.len()]; tiles.len()];
    let (mut slopes, mut middles) = (vec![f64::NAN; field.len()], vec![f64::NAN; field.len()]);
    for x in 0..field.len() {
        let cell: Vec<[f64; 2]> = tiles.iter().zip(levels).map(|(t, b)| [b - mean, f64::from(t[x])]).collect();
        let (line, left) = robust_line(&cell, [field[x] * mean, field[x]]);
        [middles[x], slopes[x]] = line;
        own.iter_mut().zip(left).for_each(|(tile, v)| tile[x] = v);
    }
    let [slopes, middles] = [slopes, middles].map(|values| basis.fit(&values));
    let own: Vec<Vec<f64>> = own.iter().map(|tile| basis.fit(tile)).collect();
    let scale = middles[0] / mean;
    let line = |k: usize| {
        let at_zero = middles[k] - slopes[k] * mean;
        let wrong: f64 = own.iter().map(|tile| tile[k].powi(2)).sum();
        let variance = wrong / (n - 2.0).max(1.0) * (1.0 / n + mean * mean / spread);
        let kept = (1.0 - variance / (at_zero * at_zero).max(f64::MIN_POSITIVE)).max(0.0);
        // What is not kept of the intercept goes through the mean again.
        ((middles[k] - kept * at_zero) / mean / scale, kept * at_zero)
    };
    std::iter::once((1.0, 0.0)).chain((1..middles.len()).map(line)).unzip()
}

#[cfg(test)]
#[path = "flat_field_tests.rs"]
mod tests;
