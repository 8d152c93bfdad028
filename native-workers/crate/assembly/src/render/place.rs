//! Where in a tile the pixels of a row of the output lie.

use super::row::Row;
use kernels::error::{KernelError, Result};
use kernels::geometry::Affine;
use serde::Deserialize;

/// Places in a tile at the nodes of a regular lattice over the output, for maps that are no affine ones.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LatticeHeader {
    /// Number of the input: f64 pairs (level-0 pixels of the tile), rows of nodes; NaN where the tile is not.
    pub input: usize,
    pub columns: usize,
    pub rows: usize,
    /// Output pixels from the region's corner to the first node.
    pub first_px: [f64; 2],
    /// Output pixels from node to node.
    pub step_px: f64,
}

/// How places are worked out.
pub enum Places {
    /// Of the indices of an output pixel.
    Affine(Affine),
    Lattice(Lattice),
}

impl Places {
    /// Fills in where the pixels of row `y`, from column `x` on, lie in the tile.
    pub fn fill(&self, x: usize, y: usize, row: &mut Row) {
        match self {
            Self::Affine(tile_from_output) => {
                let m = tile_from_output.0;
                let [fx, fy] = [m[2] * y as f64, m[3] * y as f64];
                for (i, (tx, ty)) in row.xs.iter_mut().zip(&mut row.ys).enumerate() {
                    let at = (x + i) as f64;
                    (*tx, *ty) = (m[0] * at + fx + m[4], m[1] * at + fy + m[5]);
                }
            }
            Self::Lattice(lattice) => lattice.fill(x, y, row),
        }
    }
}

/// See [`LatticeHeader`].
pub struct Lattice {
    header: LatticeHeader,
    nodes: Vec<[f64; 2]>,
}

impl Lattice {
    /// `invalid-input` where the input does not hold the nodes that the header says.
    pub fn new(header: &LatticeHeader, inputs: &[&[u8]]) -> Result<Self> {
        let bytes = inputs.get(header.input).copied().unwrap_or_default();
        let count = header.columns.checked_mul(header.rows).and_then(|n| n.checked_mul(16));
        let is_sound = header.columns >= 2 && header.rows >= 2 && header.step_px > 0.0;
        if count != Some(bytes.len()) || !is_sound {
            let LatticeHeader { columns, rows, step_px, .. } = header;
            return Err(KernelError::invalid_input(format!(
                "A lattice of {columns} x {rows} nodes, {step_px} px apart, does not fit its {} bytes.",
                bytes.len()
            )));
        }
        let number = |at: &[u8]| f64::from_le_bytes(std::array::from_fn(|i| at[i]));
        let nodes = bytes.chunks_exact(16).map(|pair| [number(pair), number(&pair[8..])]).collect();
        Ok(Self { header: header.clone(), nodes })
    }

    /// First and one past the last column and row of the output whose centres lie within the lattice.
    pub fn extent(&self, size_px: [usize; 2]) -> [[usize; 2]; 2] {
        let LatticeHeader { first_px, step_px, columns, rows, .. } = self.header;
        let range = |first: f64, nodes: usize, most: usize| {
            let end = first + (nodes - 1) as f64 * step_px;
            let whole = |v: f64| (v - 0.5).ceil().clamp(0.0, most as f64) as usize;
            [whole(first), whole(end)]
        };
        [range(first_px[0], columns, size_px[0]), range(first_px[1], rows, size_px[1])]
    }

    fn fill(&self, x: usize, y: usize, row: &mut Row) {
        let LatticeHeader { first_px, step_px, columns, rows, .. } = self.header;
        let (j, v) = cell((y as f64 + 0.5 - first_px[1]) / step_px, rows);
        let (upper, lower) = (&self.nodes[j * columns..][..columns], &self.nodes[(j + 1) * columns..][..columns]);
        for (i, (tx, ty)) in row.xs.iter_mut().zip(&mut row.ys).enumerate() {
            let (k, u) = cell(((x + i) as f64 + 0.5 - first_px[0]) / step_px, columns);
            let mix = |axis: usize| {
                let above = upper[k][axis] + (upper[k + 1][axis] - upper[k][axis]) * u;
                let below = lower[k][axis] + (lower[k + 1][axis] - lower[k][axis]) * u;
                above + (below - above) * v
            };
            (*tx, *ty) = (mix(0), mix(1));
        }
    }
}

/// The cell of a place among so many nodes, and where in it the place lies.
fn cell(at: f64, nodes: usize) -> (usize, f64) {
    let first = (at.max(0.0) as usize).min(nodes - 2);
    (first, at - first as f64)
}
