//! Fields of vectors over a grid, a box of which is at hand.

use super::{Affine, NOWHERE, Point, apply};
use crate::error::{KernelError, Result};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FieldHeader {
    /// Of the whole field.
    pub(super) grid: [usize; 3],
    /// Of the box that is given.
    pub(super) min: [usize; 3],
    pub(super) size: [usize; 3],
    /// Doubles, not floats.
    wide: bool,
    /// To voxels of the grid, whose centres are at whole numbers.
    pub(super) index_from_point: Affine,
    pub(super) nm_from_vector: Affine,
    pub(super) holds: Holds,
    pub(super) interpolation: Interpolation,
    pub(super) inverse: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Holds {
    Displacement,
    Position,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Interpolation {
    Linear,
    Nearest,
}

pub(super) struct Field<'a> {
    pub(super) about: FieldHeader,
    vectors: &'a [u8],
    /// Voxels of the box.
    count: usize,
}

/// A vector as it is stored, and how it changes along each axis of the grid.
pub(super) struct Found {
    pub(super) vector: Point,
    slopes: [Point; 3],
}

/// What lies at a place of the grid.
pub(super) enum Looked {
    Found(Found),
    /// Beyond the grid.
    Beyond,
    /// In the grid, not in the box.
    NotGiven,
}

const ROUNDS: usize = 60;
const LEAST_STEP: f64 = 1.0 / 256.0;

impl<'a> Field<'a> {
    pub(super) fn new(header: &FieldHeader, vectors: &'a [u8]) -> Result<Self> {
        let fits = (0..3).all(|k| header.size[k] > 0 && header.min[k] + header.size[k] <= header.grid[k]);
        let count = header.size.iter().try_fold(1usize, |n, &side| n.checked_mul(side)).unwrap_or(usize::MAX);
        let bytes = count.checked_mul(if header.wide { 24 } else { 12 });
        if !fits || bytes != Some(vectors.len()) {
            return Err(KernelError::invalid_input(format!(
                "A box of {:?} vectors has {} bytes.",
                header.size,
                vectors.len()
            )));
        }
        Ok(Self { about: header.clone(), vectors, count })
    }

    /// Where a point leads; the search for the inverse counts in `left` where it left the box.
    pub(super) fn at(&self, p: Point, tolerance: f64, left: &mut usize) -> Point {
        if p.iter().any(|v| !v.is_finite()) {
            return NOWHERE;
        }
        let found = if self.about.inverse { self.search(p, tolerance) } else { self.forward(p).map(|(to, _)| to) };
        match found {
            Some(to) if to.iter().all(|v| v.is_finite()) => to,
            Some(_) => NOWHERE,
            None => {
                *left += 1;
                NOWHERE
            }
        }
    }

    /// Where it leads and the Jacobian there; `None` where that part of the field was not given.
    fn forward(&self, p: Point) -> Option<(Point, [Point; 3])> {
        let about = &self.about;
        let same = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let found = match self.look(apply(&about.index_from_point, p)) {
            Looked::Found(found) => found,
            Looked::Beyond if about.holds == Holds::Displacement => return Some((p, same)),
            Looked::Beyond => return Some((NOWHERE, same)),
            Looked::NotGiven => return None,
        };
        let (m, n) = (&about.nm_from_vector, &about.index_from_point);
        let moved = |row: usize, v: &Point| m[row * 4] * v[0] + m[row * 4 + 1] * v[1] + m[row * 4 + 2] * v[2];
        let is_added = about.holds == Holds::Displacement;
        let to = std::array::from_fn(|k| moved(k, &found.vector) + if is_added { p[k] } else { m[k * 4 + 3] });
        let jacobian = std::array::from_fn(|row| {
            std::array::from_fn(|column| {
                let slope: f64 = (0..3).map(|axis| moved(row, &found.slopes[axis]) * n[axis * 4 + column]).sum();
                slope + if is_added && row == column { 1.0 } else { 0.0 }
            })
        });
        Some((to, jacobian))
    }

    /// Newton's method with halved steps, as `transforms/inverse-map.ts`.
    fn search(&self, wanted: Point, tolerance: f64) -> Option<Point> {
        let (mut at, mut trial, mut step) = (wanted, wanted, [0.0; 3]);
        let (mut missed, mut share) = (f64::INFINITY, 1.0);
        for _ in 0..ROUNDS {
            let (to, jacobian) = self.forward(trial)?;
            let rest: Point = std::array::from_fn(|k| wanted[k] - to[k]);
            let now = rest.iter().map(|v| v * v).sum::<f64>().sqrt();
            if now < missed {
                (missed, share, at) = (now, 1.0, trial);
                let inverse = inverted(&jacobian);
                if now <= tolerance {
                    return Some(if inverse.is_some_and(|(_, det)| det > 0.0) { at } else { NOWHERE });
                }
                step = inverse.map_or(rest, |(m, _)| std::array::from_fn(|k| (0..3).map(|j| m[k][j] * rest[j]).sum()));
            } else {
                share /= 2.0;
                if share < LEAST_STEP || !missed.is_finite() {
                    return Some(NOWHERE);
                }
            }
            trial = std::array::from_fn(|k| at[k] + share * step[k]);
        }
        Some(NOWHERE)
    }

    /// x, y and z of the vector of a voxel of the box.
    pub(super) fn stored(&self, at: usize) -> Point {
        std::array::from_fn(|part| self.value(part * self.count + at))
    }

    /// Mixed as the field says.
    pub(super) fn look(&self, index: Point) -> Looked {
        let FieldHeader { grid, min, size, interpolation, .. } = &self.about;
        let inside = (0..3).all(|k| index[k] >= -0.5 && index[k] < grid[k] as f64 - 0.5);
        if !inside {
            return Looked::Beyond;
        }
        let (mut low, mut high, mut share) = ([0usize; 3], [0usize; 3], [0.0; 3]);
        for k in 0..3 {
            let place = index[k].clamp(0.0, (grid[k] - 1) as f64);
            let place = if *interpolation == Interpolation::Nearest { (place + 0.5).floor() } else { place };
            let first = (place.floor() as usize).min(grid[k] - 1);
            let second = if place > first as f64 { (first + 1).min(grid[k] - 1) } else { first };
            if first < min[k] || second >= min[k] + size[k] {
                return Looked::NotGiven;
            }
            (low[k], high[k], share[k]) = (first - min[k], second - min[k], place - first as f64);
        }
        Looked::Found(self.mix(low, high, share))
    }

    fn mix(&self, low: [usize; 3], high: [usize; 3], share: Point) -> Found {
        let size = &self.about.size;
        let mut out = Found { vector: [0.0; 3], slopes: [[0.0; 3]; 3] };
        for corner in 0..8 {
            let is_high = |k: usize| corner >> k & 1 == 1;
            if (0..3).any(|k| is_high(k) && high[k] == low[k]) {
                continue;
            }
            let pick = |k: usize| if is_high(k) { high[k] } else { low[k] };
            let weight = |k: usize| {
                if high[k] == low[k] {
                    1.0
                } else if is_high(k) {
                    share[k]
                } else {
                    1.0 - share[k]
                }
            };
            let at = (pick(2) * size[1] + pick(1)) * size[0] + pick(0);
            let vector = self.stored(at);
            let [x, y, z] = [weight(0), weight(1), weight(2)];
            let slope = |k: usize| {
                if high[k] == low[k] {
                    0.0
                } else if is_high(k) {
                    1.0
                } else {
                    -1.0
                }
            };
            for (part, value) in vector.into_iter().enumerate() {
                out.vector[part] += x * y * z * value;
                out.slopes[0][part] += slope(0) * y * z * value;
                out.slopes[1][part] += x * slope(1) * z * value;
                out.slopes[2][part] += x * y * slope(2) * value;
            }
        }
        out
    }

    fn value(&self, at: usize) -> f64 {
        if self.about.wide {
            let mut own = [0; 8];
            own.copy_from_slice(&self.vectors[at * 8..at * 8 + 8]);
            f64::from_le_bytes(own)
        } else {
            let mut own = [0; 4];
            own.copy_from_slice(&self.vectors[at * 4..at * 4 + 4]);
            f64::from(f32::from_le_bytes(own))
        }
    }
}

/// The inverse and the determinant; `None` where it flattens.
fn inverted(m: &[Point; 3]) -> Option<([Point; 3], f64)> {
    let cross = |a: Point, b: Point| [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    let columns = [cross(m[1], m[2]), cross(m[2], m[0]), cross(m[0], m[1])];
    let det: f64 = (0..3).map(|k| m[0][k] * columns[0][k]).sum();
    if !det.is_finite() || det.abs() < 1e-12 {
        return None;
    }
    Some((std::array::from_fn(|row| std::array::from_fn(|column| columns[column][row] / det)), det))
}
