//! A field whose grid lies along the axes of the box: what it says of a row of voxels, worked out column by column once
//! for all rows between the same nodes.

use super::nodes::{Node, Nodes, between};
use super::{LANES, Point};
use crate::warp::{Affine, apply};
use crate::with_wide_vectors;

/// x, y and z of what is added to where voxels come to, each a number a column.
type Says = [Vec<f32>; 3];

/// Where columns of the box lie in the grid of a field, and the two rows of nodes that were asked for last.
pub(super) struct Columns {
    index_from_point: Affine,
    at: Vec<u32>,
    share: Vec<f32>,
    /// Whether single precision tells where the column lies, and that is at hand.
    is_sound: Vec<bool>,
    rows: [Says; 2],
    /// Rows along y that `rows` are, at the place along z.
    held: [Option<usize>; 2],
    z: (usize, f32),
    line: Vec<Node>,
    /// How far the row of voxels lies from the first to the second.
    share_y: f32,
}

impl Columns {
    /// `None` where the grid lies askew, or not all nodes are numbers.
    pub(super) fn new(nodes: &Nodes, index_from_point: &Affine, columns: usize) -> Option<Self> {
        let m = index_from_point;
        if !nodes.are_numbers || [m[1], m[2], m[4], m[8]].iter().any(|&v| v != 0.0) {
            return None;
        }
        let padded = columns.next_multiple_of(LANES);
        let cell = |x: usize| {
            let place = m[0] * x as f64 + m[3];
            nodes.held.cell(0, place).filter(|_| !nodes.held.is_at_end(0, place))
        };
        let cells: Vec<_> = (0..padded).map(cell).collect();
        let empty = || std::array::from_fn(|_| vec![0.0; padded]);
        Some(Self {
            index_from_point: *m,
            at: cells.iter().map(|cell| cell.map_or(0, |(at, _)| at as u32)).collect(),
            share: cells.iter().map(|cell| cell.map_or(0.0, |(_, share)| share)).collect(),
            is_sound: cells.iter().map(Option::is_some).collect(),
            rows: [empty(), empty()],
            held: [None; 2],
            z: (0, 0.0),
            line: vec![[0.0; 4]; nodes.held.row],
            share_y: 0.0,
        })
    }

    /// Takes on the row of voxels at y and z; `false` where it has no place between nodes that are at hand.
    pub(super) fn begin(&mut self, nodes: &Nodes, y: f64, z: f64) -> bool {
        let [_, y, z]: Point = apply(&self.index_from_point, [0.0, y, z]);
        let held = &nodes.held;
        let (Some((y_at, share_y)), Some(z_at)) = (held.cell(1, y), held.cell(2, z)) else { return false };
        if held.is_at_end(1, y) || held.is_at_end(2, z) {
            return false;
        }
        if self.z != z_at {
            (self.z, self.held) = (z_at, [None; 2]);
        }
        self.share_y = share_y;
        if self.held[1] == Some(y_at) {
            self.rows.swap(0, 1);
            self.held.swap(0, 1);
        }
        for (slot, row) in [y_at, y_at + 1].into_iter().enumerate() {
            if self.held[slot] != Some(row) {
                let from = z_at.0 * held.plane + row * held.row;
                let pair = [from, from + held.plane].map(|from| &nodes.at[from..][..held.row]);
                spread(pair, z_at.1, &self.at, &self.share, &mut self.line, &mut self.rows[slot]);
                self.held[slot] = Some(row);
            }
        }
        true
    }

    /// Adds what the field says of the columns from one on. Answers which of them it may be believed of, where not of all.
    pub(super) fn add(&self, from: usize, by: &mut [[f32; LANES]; 3]) -> Option<&[bool]> {
        for (k, by) in by.iter_mut().enumerate() {
            let [low, high] = [0, 1].map(|slot| &self.rows[slot][k][from..from + LANES]);
            add_between(low, high, self.share_y, by);
        }
        let is_sound = &self.is_sound[from..from + LANES];
        (!is_sound.iter().fold(true, |all, one| all & one)).then_some(is_sound)
    }
}

with_wide_vectors! {
    /// Two rows of nodes mixed along z, then along x at every column.
    fn spread(rows: [&[Node]; 2], z: f32, at: &[u32], share: &[f32], line: &mut [Node], says: &mut Says) {
        for (line, (low, high)) in line.iter_mut().zip(rows[0].iter().zip(rows[1])) {
            *line = between(low, high, z);
        }
        let [x_says, y_says, z_says] = says;
        let says = x_says.iter_mut().zip(y_says).zip(z_says);
        for ((&at, &share), ((x, y), z)) in at.iter().zip(share).zip(says) {
            let pair = &line[at as usize..at as usize + 2];
            [*x, *y, *z, _] = between(&pair[0], &pair[1], share);
        }
    }
}

with_wide_vectors! {
    fn add_between(low: &[f32], high: &[f32], share: f32, by: &mut [f32; LANES]) {
        for (by, (low, high)) in by.iter_mut().zip(low.iter().zip(high)) {
            *by += low + share * (high - low);
        }
    }
}
