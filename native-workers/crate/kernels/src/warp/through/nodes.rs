//! The part of a field that a box of voxels is led by: its vectors as steps of what comes after it, in single precision.

use super::cells::{Cells, Held};
use super::{LANES, Point};
use crate::warp::field::Field;
use crate::with_wide_vectors;

/// x, y, z and nothing: one load.
pub(super) type Node = [f32; 4];
/// 3 rows of 3.
pub(super) type Linear = [[f64; 3]; 3];

/// Nodes more than points have been found to need on either side: a field bends between the points that were looked at.
const MARGIN: f64 = 2.0;

pub(super) struct Nodes {
    pub(super) held: Held,
    pub(super) at: Vec<Node>,
    /// To be added to every node.
    pub(super) origin: Point,
    pub(super) are_numbers: bool,
}

impl Nodes {
    /// Of the box of a field around bounds of places in its grid. `out`: of a vector.
    pub(super) fn new(field: &Field<'_>, low: Point, high: Point, out: &Linear) -> Self {
        let about = &field.about;
        let ends: [(usize, usize); 3] = std::array::from_fn(|k| {
            let (first, end) = (about.min[k], about.min[k] + about.size[k]);
            let from = ((low[k] - MARGIN).max(first as f64) as usize).clamp(first, end - 1);
            let to = ((high[k] + MARGIN).max(first as f64) as usize + 1).clamp(from + 1, end);
            (from, to)
        });
        let size = ends.map(|(from, to)| to - from);
        // One more of each, which repeats the last, so that every node has neighbours.
        let pick = |k: usize, n: usize| (ends[k].0 + n).min(ends[k].1 - 1) - about.min[k];
        let first = turned(out, field.stored(index_in(about.size, [pick(0, 0), pick(1, 0), pick(2, 0)])));
        let origin = if first.iter().all(|v| v.is_finite()) { first } else { [0.0; 3] };
        let held = Held::new(about.grid, ends.map(|(from, _)| from), size);
        let mut at = Vec::with_capacity(held.plane * (size[2] + 1));
        for z in 0..=size[2] {
            for y in 0..=size[1] {
                let row = index_in(about.size, [0, pick(1, y), pick(2, z)]);
                for x in 0..=size[0] {
                    let [a, b, c] = turned(out, field.stored(row + pick(0, x)));
                    at.push([(a - origin[0]) as f32, (b - origin[1]) as f32, (c - origin[2]) as f32, 0.0]);
                }
            }
        }
        let are_numbers = at.iter().flatten().all(|v| v.is_finite());
        Self { held, at, origin, are_numbers }
    }
}

pub(super) fn turned(m: &Linear, [x, y, z]: Point) -> Point {
    m.map(|[a, b, c]| a * x + b * y + c * z)
}

fn index_in(size: [usize; 3], [x, y, z]: [usize; 3]) -> usize {
    (z * size[1] + y) * size[0] + x
}

#[inline(always)]
pub(super) fn between(a: &Node, b: &Node, share: f32) -> Node {
    std::array::from_fn(|k| a[k] + share * (b[k] - a[k]))
}

with_wide_vectors! {
    /// What the nodes around places say. Whether all of it are numbers.
    pub(super) fn mix_around(nodes: &Nodes, cells: &Cells, out: &mut [Node; LANES]) -> bool {
        let Held { row, plane, .. } = nodes.held;
        let mut sum = [0.0f32; 4];
        for (l, out) in out.iter_mut().enumerate() {
            let [x, y, z] = [cells.share[0][l], cells.share[1][l], cells.share[2][l]];
            let at = cells.at[l] as usize;
            let pair = |at: usize| {
                let pair = &nodes.at[at..at + 2];
                between(&pair[0], &pair[1], x)
            };
            let near = between(&pair(at), &pair(at + row), y);
            let far = between(&pair(at + plane), &pair(at + plane + row), y);
            *out = between(&near, &far, z);
            for k in 0..4 {
                sum[k] += out[k];
            }
        }
        sum.iter().all(|v| v.is_finite())
    }
}
