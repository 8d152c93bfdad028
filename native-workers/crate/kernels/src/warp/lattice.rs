//! Smooth maps over a grid of points: worked out at the nodes of a lattice, refined where it does not bend with the map.

use super::{Affine, Point, apply};
use crate::cancel::Cancel;
use crate::error::{KernelError, Result};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Grid {
    pub(super) size: [usize; 3],
    pub(super) first: Point,
    pub(super) step: Point,
}

impl Grid {
    /// Of how many points it is. Refuses what is none, or too many to be held.
    pub(super) fn voxels(&self) -> Result<usize> {
        let count = self.size.iter().try_fold(1usize, |n, &side| n.checked_mul(side));
        let count = count.filter(|&n| (1..=MOST_POINTS).contains(&n));
        count.ok_or_else(|| KernelError::invalid_input(format!("A grid of {:?} points.", self.size)))
    }
}

/// Points of a grid at most: those of a brick, with room.
const MOST_POINTS: usize = 1 << 24;
/// Sides of the cells that are tried first.
const COARSEST: usize = 8;

/// Where `through` leads every point of a grid, x fastest. Around `nodes` (in their own frame) it is always exact.
pub(super) fn fill_smooth(
    grid: &Grid,
    through: &dyn Fn(Point) -> Point,
    nodes: &Option<(Affine, Vec<Point>)>,
    tolerance: f64,
    cancel: Cancel<'_>,
) -> Result<Vec<Point>> {
    let count = grid.voxels()?;
    let mut lattice =
        Lattice { grid, through, nodes, tolerance, points: vec![[0.0; 3]; count], exact: vec![false; count] };
    let cells = grid.size.map(|side| (side - 1).div_ceil(COARSEST).max(1));
    for z in 0..cells[2] {
        for y in 0..cells[1] {
            cancel.poll()?;
            for x in 0..cells[0] {
                let min = [x, y, z].map(|n| n * COARSEST);
                let max = std::array::from_fn(|k| (min[k] + COARSEST).min(grid.size[k] - 1));
                lattice.cell(min, max);
            }
        }
    }
    Ok(lattice.points)
}

struct Lattice<'a> {
    grid: &'a Grid,
    through: &'a dyn Fn(Point) -> Point,
    nodes: &'a Option<(Affine, Vec<Point>)>,
    tolerance: f64,
    points: Vec<Point>,
    exact: Vec<bool>,
}

type At = [usize; 3];

impl Lattice<'_> {
    fn index(&self, at: At) -> usize {
        (at[2] * self.grid.size[1] + at[1]) * self.grid.size[0] + at[0]
    }

    fn start(&self, at: At) -> Point {
        std::array::from_fn(|k| self.grid.first[k] + at[k] as f64 * self.grid.step[k])
    }

    fn exactly(&mut self, at: At) -> Point {
        let index = self.index(at);
        if !self.exact[index] {
            self.points[index] = (self.through)(self.start(at));
            self.exact[index] = true;
        }
        self.points[index]
    }

    /// A cell from node to node, both ends included.
    fn cell(&mut self, min: At, max: At) {
        let corners: [Point; 8] = std::array::from_fn(|c| self.exactly(corner(min, max, c)));
        if (0..3).all(|k| max[k] - min[k] <= 1) {
            return;
        }
        if !self.holds_node(min, max) && self.is_straight(min, max, &corners) {
            return self.fill(min, max, &corners);
        }
        let middle: At = std::array::from_fn(|k| usize::midpoint(min[k], max[k]));
        for part in 0..8 {
            // An axis of one voxel or two has one part.
            let is_double = (0..3).any(|k| part >> k & 1 == 1 && max[k] - min[k] <= 1);
            if is_double {
                continue;
            }
            let low = std::array::from_fn(|k| if part >> k & 1 == 1 { middle[k] } else { min[k] });
            let high =
                std::array::from_fn(|k| if part >> k & 1 == 1 || max[k] - min[k] <= 1 { max[k] } else { middle[k] });
            self.cell(low, high);
        }
    }

    /// Whether the middles of the cell and of its faces are where its corners say.
    fn is_straight(&mut self, min: At, max: At, corners: &[Point; 8]) -> bool {
        let middle: At = std::array::from_fn(|k| usize::midpoint(min[k], max[k]));
        let faces = (0..3).flat_map(|axis| [min[axis], max[axis]].map(|end| (axis, end)));
        let probes: Vec<At> = faces
            .map(|(axis, end)| {
                let mut at = middle;
                at[axis] = end;
                at
            })
            .chain([middle])
            .collect();
        probes.into_iter().all(|at| {
            let (exact, guess) = (self.exactly(at), between(min, max, corners, at));
            (0..3).all(|k| (exact[k] - guess[k]).abs() <= self.tolerance)
        })
    }

    fn fill(&mut self, min: At, max: At, corners: &[Point; 8]) {
        for z in min[2]..=max[2] {
            for y in min[1]..=max[1] {
                let (from, to) =
                    (between(min, max, corners, [min[0], y, z]), between(min, max, corners, [max[0], y, z]));
                let row = self.index([min[0], y, z]);
                let per_step = 1.0 / (max[0] - min[0]).max(1) as f64;
                for x in 0..=max[0] - min[0] {
                    if !self.exact[row + x] {
                        let share = x as f64 * per_step;
                        self.points[row + x] = std::array::from_fn(|k| from[k] + share * (to[k] - from[k]));
                    }
                }
            }
        }
    }

    fn holds_node(&self, min: At, max: At) -> bool {
        let Some((frame, nodes)) = self.nodes else { return false };
        let mut low = [f64::INFINITY; 3];
        let mut high = [f64::NEG_INFINITY; 3];
        for c in 0..8 {
            let at = apply(frame, self.start(corner(min, max, c)));
            for k in 0..3 {
                low[k] = low[k].min(at[k]);
                high[k] = high[k].max(at[k]);
            }
        }
        nodes.iter().any(|node| (0..3).all(|k| node[k] >= low[k] && node[k] <= high[k]))
    }
}

fn corner(min: At, max: At, c: usize) -> At {
    std::array::from_fn(|k| if c >> k & 1 == 1 { max[k] } else { min[k] })
}

fn between(min: At, max: At, corners: &[Point; 8], at: At) -> Point {
    let share: Point =
        std::array::from_fn(
            |k| if max[k] == min[k] { 0.0 } else { (at[k] - min[k]) as f64 / (max[k] - min[k]) as f64 },
        );
    let mut out = [0.0; 3];
    for (c, corner) in corners.iter().enumerate() {
        let weight: f64 = (0..3).map(|k| if c >> k & 1 == 1 { share[k] } else { 1.0 - share[k] }).product();
        for k in 0..3 {
            out[k] += weight * corner[k];
        }
    }
    out
}
