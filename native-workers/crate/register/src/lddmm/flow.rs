//! Places carried along velocities: there, back, and what a change of the velocities does to where they end.

use super::grid::Grid;
use super::{Field, piece};
use crate::threads::Crew;
use kernels::error::Result;

/// Turns of the search for a step's inverse; each brings it closer by the step's slope, which is below a half.
const TURNS: usize = 24;
/// Nodes.
const CLOSE: f32 = 1e-4;

/// Velocities, µm for the whole time, as steps of nodes.
pub struct Flow<'a> {
    pub grid: &'a Grid,
    pub velocities: &'a [Field],
    /// Nodes of a step for a velocity of one µm.
    pub step: [f32; 3],
}

impl<'a> Flow<'a> {
    pub fn new(grid: &'a Grid, velocities: &'a [Field]) -> Self {
        let spacing = grid.spacing_um();
        let step = std::array::from_fn(|k| (1.0 / (velocities.len() as f64 * spacing[k])) as f32);
        Self { grid, velocities, step }
    }

    #[inline(always)]
    fn moved(&self, at: [f32; 3], time: usize) -> [f32; 3] {
        let v = self.grid.cell(at).of(&self.velocities[time]);
        std::array::from_fn(|k| v[k] * self.step[k])
    }

    /// Where the place (nodes) of the fixed volume is seen from.
    pub fn back(&self, mut at: [f32; 3]) -> [f32; 3] {
        for time in (0..self.velocities.len()).rev() {
            let by = self.moved(at, time);
            at = std::array::from_fn(|k| at[k] - by[k]);
        }
        at
    }

    /// Undoes [`Flow::back`], step by step.
    pub fn forth(&self, mut at: [f32; 3]) -> [f32; 3] {
        for time in 0..self.velocities.len() {
            let start = at;
            for _ in 0..TURNS {
                let by = self.moved(at, time);
                let next: [f32; 3] = std::array::from_fn(|k| start[k] + by[k]);
                let far = (0..3).map(|k| (next[k] - at[k]).abs()).fold(0.0, f32::max);
                at = next;
                if far < CLOSE {
                    break;
                }
            }
        }
        at
    }

    /// Places of all nodes before each step, the first of them where they end: `steps` + 1 fields.
    pub fn paths(&self, crew: Crew<'_>) -> Result<Vec<Field>> {
        let start = |i: usize| self.grid.index(i).map(|v| v as f32);
        let mut paths = vec![(0..self.grid.count()).map(start).collect::<Field>()];
        let plane = piece(self.grid.size);
        for time in (0..self.velocities.len()).rev() {
            let mut next = paths[paths.len() - 1].clone();
            crew.each(next.chunks_mut(plane).collect(), |places: &mut [[f32; 3]]| {
                for at in places {
                    let by = self.moved(*at, time);
                    *at = std::array::from_fn(|k| at[k] - by[k]);
                }
            })?;
            paths.push(next);
        }
        paths.reverse();
        Ok(paths)
    }

    /// The derivative by the velocities, of what has the derivative `pull` by the ends (nodes) of [`Flow::paths`].
    pub fn pulled(&self, paths: &[Field], mut pull: Field, crew: Crew<'_>) -> Result<Vec<Field>> {
        let plane = piece(self.grid.size);
        let mut all = vec![];
        for time in 0..self.velocities.len() {
            let places = &paths[time + 1];
            let mut by_velocity = vec![[0.0f32; 3]; pull.len()];
            for (places, pulls) in places.chunks(plane).zip(pull.chunks(plane)) {
                crew.cancel.poll()?;
                for (at, p) in places.iter().zip(pulls).filter(|(_, p)| **p != [0.0; 3]) {
                    for (node, weight) in self.grid.cell(*at).weights() {
                        for k in 0..3 {
                            by_velocity[node][k] -= weight * self.step[k] * p[k];
                        }
                    }
                }
            }
            all.push(by_velocity);
            let items = pull.chunks_mut(plane).zip(places.chunks(plane)).collect();
            crew.each(items, |(pulls, places): (&mut [[f32; 3]], &[[f32; 3]])| {
                for (p, at) in pulls.iter_mut().zip(places).filter(|(p, _)| **p != [0.0; 3]) {
                    let by = std::array::from_fn(|k| self.step[k] * p[k]);
                    let slope = self.grid.cell(*at).slope(&self.velocities[time], by);
                    *p = std::array::from_fn(|k| p[k] - slope[k]);
                }
            })?;
        }
        Ok(all)
    }

    /// The least determinant of the map that the nodes' `ends` make, at every corner of every cell between them.
    pub fn least_determinant(&self, ends: &Field, crew: Crew<'_>) -> Result<f64> {
        let [w, h, d] = self.grid.size;
        let size = [w, h, d];
        // Planes, or rows of a section: the least of all is the same.
        let rows = if d == 1 { 1 } else { h };
        let least = crew.each((0..h * d / rows).collect(), |n: usize| {
            let mut least = f32::INFINITY;
            for (y, z) in (n * rows..(n + 1) * rows).map(|row| (row % h, row / h)) {
                for x in 0..w {
                    let at = [x, y, z];
                    let here = ends[(z * h + y) * w + x];
                    // Along each axis, from the node before and to the node after.
                    let sides: [[[f32; 3]; 2]; 3] = std::array::from_fn(|k| {
                        [size[k] - 1, 1].map(|by| {
                            let mut to = at;
                            to[k] = (at[k] + by) % size[k];
                            let there = ends[(to[2] * h + to[1]) * w + to[0]];
                            let sign = if by == 1 { 1.0 } else { -1.0 };
                            // Around the torus, ends jump by its size.
                            let mut along: [f32; 3] = std::array::from_fn(|j| sign * (there[j] - here[j]));
                            let around = (at[k] + by) >= size[k];
                            if around == (by == 1) {
                                along[k] += size[k] as f32;
                            }
                            along
                        })
                    });
                    for c in 0..8 {
                        least = least.min(determinant([sides[0][c & 1], sides[1][c >> 1 & 1], sides[2][c >> 2]]));
                    }
                }
            }
            least
        })?;
        Ok(f64::from(least.into_iter().fold(f32::INFINITY, f32::min)))
    }
}

#[inline(always)]
pub fn determinant([a, b, c]: [[f32; 3]; 3]) -> f32 {
    a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0])
}
