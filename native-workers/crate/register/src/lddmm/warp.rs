//! The moving volume as the fixed one sees it through ends of nodes, and slopes carried back to the nodes.

use super::grid::Grid;
use super::volume::Volume;
use super::{Field, Vec3, piece};
use crate::threads::Crew;
use kernels::error::Result;

/// µm of the fixed volume to µm of the moving one, 3 x 4 rows first.
pub type Affine = [f64; 12];

/// Where voxels of the fixed volume lie between nodes, axis by axis, and how nodes lead into the moving volume.
pub struct Warp<'a> {
    pub fixed: &'a Volume,
    pub moving: &'a Volume,
    pub grid: &'a Grid,
    /// Nodes to voxels of the moving volume: rows of the linear part, then the shift.
    linear: [[f32; 3]; 3],
    shift: [f32; 3],
    /// For each voxel along x, y, z.
    places: [Vec<Place>; 3],
}

/// A voxel along one axis of the grid.
#[derive(Clone, Copy)]
struct Place {
    /// Nodes, not taken around the torus.
    at: f32,
    before: usize,
    after: usize,
    /// How far from the node before to that after.
    part: f32,
}

/// The moving volume seen by each voxel of the fixed one.
pub struct Seen {
    pub level: Vec<f32>,
    /// Per node.
    pub slope: Field,
}

impl<'a> Warp<'a> {
    pub fn new(fixed: &'a Volume, moving: &'a Volume, grid: &'a Grid, moving_from_fixed: &Affine) -> Self {
        let m = moving_from_fixed;
        let spacing = grid.spacing_um();
        let linear =
            std::array::from_fn(|i| std::array::from_fn(|j| (m[4 * i + j] * spacing[j] / moving.spacing_um[i]) as f32));
        let moved: Vec3 =
            std::array::from_fn(|i| (0..3).map(|j| m[4 * i + j] * grid.origin_um[j]).sum::<f64>() + m[4 * i + 3]);
        let places = std::array::from_fn(|k| {
            let place = |i: usize| {
                let at = (fixed.origin_um[k] + i as f64 * fixed.spacing_um[k] - grid.origin_um[k]) / spacing[k];
                let n = grid.size[k] as i64;
                let node = |j: i64| j.rem_euclid(n) as usize;
                let first = at.floor() as i64;
                Place { at: at as f32, before: node(first), after: node(first + 1), part: (at - at.floor()) as f32 }
            };
            (0..fixed.size[k]).map(place).collect()
        });
        Self { fixed, moving, grid, linear, shift: moving.voxels_of(moved), places }
    }

    /// y and z of a row of the fixed volume, counted over all planes.
    fn row_at(&self, row: usize) -> (usize, usize) {
        (row % self.fixed.size[1], row / self.fixed.size[1])
    }

    /// Where a row of voxels is seen from, in voxels of the moving volume. `by` are the nodes' displacements, nodes.
    fn row(&self, by: &Field, y: usize, z: usize, mut visit: impl FnMut(usize, [f32; 3])) {
        let [w, h, _] = self.grid.size;
        let (y, z) = (self.places[1][y], self.places[2][z]);
        let rows = [(z.before, y.before), (z.before, y.after), (z.after, y.before), (z.after, y.after)];
        let rows = rows.map(|(z, y)| (z * h + y) * w);
        let (v, s) = (y.part, z.part);
        let shares = [(1.0 - s) * (1.0 - v), (1.0 - s) * v, s * (1.0 - v), s * v];
        let column =
            |x: usize| -> [f32; 3] { std::array::from_fn(|k| (0..4).map(|r| shares[r] * by[rows[r] + x][k]).sum()) };
        let columns: Vec<[f32; 3]> = (0..w).map(column).collect();
        for (i, x) in self.places[0].iter().enumerate() {
            let (a, b, node) = (columns[x.before], columns[x.after], [x.at, y.at, z.at]);
            let at: [f32; 3] = std::array::from_fn(|k| node[k] + a[k] + x.part * (b[k] - a[k]));
            visit(i, self.moving_voxel(at));
        }
    }

    /// A place of nodes in voxels of the moving volume.
    #[inline(always)]
    fn moving_voxel(&self, at: [f32; 3]) -> [f32; 3] {
        let m = &self.linear;
        std::array::from_fn(|i| m[i][0] * at[0] + m[i][1] * at[1] + m[i][2] * at[2] + self.shift[i])
    }

    /// `by` are the nodes' displacements, nodes.
    pub fn seen(&self, by: &Field, crew: Crew<'_>) -> Result<Seen> {
        let count = self.fixed.count();
        let mut seen = Seen { level: vec![0.0; count], slope: vec![[0.0; 3]; count] };
        let (piece, width) = (piece(self.fixed.size), self.fixed.size[0]);
        let items = seen.level.chunks_mut(piece).zip(seen.slope.chunks_mut(piece)).enumerate().collect();
        let m = &self.linear;
        // Sections stay in their plane, whatever the affine map makes of it.
        let axes = if self.grid.is_flat() { 2 } else { 3 };
        crew.each(items, |(n, (levels, slopes)): (usize, (&mut [f32], &mut [[f32; 3]]))| {
            let first = n * piece / width;
            for (i, slopes) in slopes.chunks_exact_mut(width).enumerate() {
                let (y, z) = self.row_at(first + i);
                self.row(by, y, z, |x, at| {
                    let (level, slope) = self.moving.here(at);
                    levels[i * width + x] = level;
                    let along = |j: usize| if j < axes { (0..3).map(|i| slope[i] * m[i][j]).sum() } else { 0.0 };
                    slopes[x] = std::array::from_fn(along);
                });
            }
        })?;
        Ok(seen)
    }

    /// Which voxels of the fixed volume count and are seen by voxels that do: 0 or 1 each.
    pub fn weights(&self, by: &Field, crew: Crew<'_>) -> Result<Vec<f32>> {
        let mut weights = self.fixed.counts.clone().unwrap_or_else(|| vec![1.0; self.fixed.count()]);
        let width = self.fixed.size[0];
        let piece = piece(self.fixed.size);
        let items = weights.chunks_mut(piece).enumerate().collect();
        crew.each(items, |(n, weights): (usize, &mut [f32])| {
            for (i, row) in weights.chunks_exact_mut(width).enumerate() {
                let (y, z) = self.row_at(n * piece / width + i);
                self.row(by, y, z, |x, at| row[x] *= self.moving.weight(at));
            }
        })?;
        Ok(weights)
    }

    /// The derivative by the nodes' displacements, of what has the derivative `by_level` by the levels seen.
    pub fn pulled(&self, seen: &Seen, by_level: &[f32], crew: Crew<'_>) -> Result<Field> {
        let [w, h, _] = self.grid.size;
        let [width, height, _] = self.fixed.size;
        let planes = crew.each((0..self.fixed.size[2]).collect(), |z: usize| {
            let mut plane = vec![[0.0f32; 3]; w * h];
            for y in 0..height {
                let Place { before: y0, after: y1, part: v, .. } = self.places[1][y];
                for x in 0..width {
                    let i = (z * height + y) * width + x;
                    if by_level[i] == 0.0 {
                        continue;
                    }
                    let pull = seen.slope[i].map(|s| s * by_level[i]);
                    let Place { before: x0, after: x1, part: u, .. } = self.places[0][x];
                    for (row, share) in [(y0, 1.0 - v), (y1, v)] {
                        for (column, part) in [(x0, 1.0 - u), (x1, u)] {
                            let to = &mut plane[row * w + column];
                            (0..3).for_each(|k| to[k] += share * part * pull[k]);
                        }
                    }
                }
            }
            plane
        })?;
        let mut all = vec![[0.0f32; 3]; self.grid.count()];
        for (plane, z) in planes.iter().zip(&self.places[2]) {
            crew.cancel.poll()?;
            for (z, share) in [(z.before, 1.0 - z.part), (z.after, z.part)] {
                for (to, from) in all[z * w * h..][..w * h].iter_mut().zip(plane) {
                    (0..3).for_each(|k| to[k] += share * from[k]);
                }
            }
        }
        Ok(all)
    }
}
