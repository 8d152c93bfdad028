//! Grey levels in, grey levels out: the correction of a tile, then its range.

use super::row::Row;
use kernels::error::{KernelError, Result};
use kernels::image::Dtype;
use serde::Deserialize;

/// Two grids of numbers over a tile, nodes evenly spaced, edges included (one column: constant along x).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CorrectionHeader {
    /// Number of the input: f32 gains, then f32 offsets, x fastest.
    pub input: usize,
    pub columns: usize,
    pub rows: usize,
}

/// Corrected level = gain(x, y) * level + offset(x, y).
pub struct Correction {
    columns: usize,
    rows: usize,
    /// Gain and offset of each node.
    nodes: Vec<[f32; 2]>,
    size_px: [f64; 2],
}

impl Correction {
    /// `size_px`: level-0 size of the tile. `invalid-input` where the input does not hold the nodes that the header says,
    /// or one that is not finite.
    pub fn new(header: &CorrectionHeader, inputs: &[&[u8]], size_px: [f64; 2]) -> Result<Self> {
        let CorrectionHeader { input, columns, rows } = *header;
        let bytes = inputs.get(input).copied().unwrap_or_default();
        let number = |at: &[u8]| f32::from_le_bytes(std::array::from_fn(|i| at[i]));
        let (gains, offsets) = bytes.split_at(bytes.len() / 2);
        let pairs = gains.chunks_exact(4).zip(offsets.chunks_exact(4));
        let nodes: Vec<_> = pairs.map(|(gain, offset)| [number(gain), number(offset)]).collect();
        let is_whole = columns > 0 && columns.checked_mul(rows).and_then(|n| n.checked_mul(8)) == Some(bytes.len());
        if is_whole && nodes.iter().flatten().all(|v| v.is_finite()) {
            return Ok(Self { columns, rows, nodes, size_px });
        }
        Err(KernelError::invalid_input(format!(
            "An intensity correction of {columns} x {rows} nodes does not fit its {} bytes, or is not finite.",
            bytes.len()
        )))
    }

    /// Corrects the levels of a row.
    pub fn apply(&self, row: &mut Row) {
        for (((&tx, &ty), &edge), level) in row.xs.iter().zip(&row.ys).zip(&row.edges).zip(&mut row.levels) {
            if edge > 0.0 {
                let [gain, offset] = self.at(tx / self.size_px[0], ty / self.size_px[1]);
                *level = *level * gain + offset;
            }
        }
    }

    /// At a place of the tile, 0 to 1 along each side.
    fn at(&self, x: f64, y: f64) -> [f32; 2] {
        let (i, right, u) = between(x, self.columns);
        let (j, below, v) = between(y, self.rows);
        let node = |column: usize, row: usize, k: usize| self.nodes[row * self.columns + column][k];
        std::array::from_fn(|k| {
            let upper = node(i, j, k) + (node(i + right, j, k) - node(i, j, k)) * u;
            let lower = node(i, j + below, k) + (node(i + right, j + below, k) - node(i, j + below, k)) * u;
            upper + (lower - upper) * v
        })
    }
}

/// The node before a place, how far the next one is, and where between them the place lies.
fn between(at: f64, nodes: usize) -> (usize, usize, f32) {
    if nodes < 2 {
        return (0, 0, 0.0);
    }
    let at = (at * (nodes - 1) as f64).clamp(0.0, (nodes - 1) as f64);
    let first = (at as usize).min(nodes - 2);
    (first, 1, (at - first as f64) as f32)
}

/// `v * gain + offset`.
#[derive(Clone, Copy)]
pub struct Tone {
    gain: f32,
    offset: f32,
}

impl Tone {
    /// Leads a range of grey levels to the full range of a type; None = levels as they are.
    pub fn of(intensity: Option<[f32; 2]>, dtype: Dtype) -> Option<Self> {
        let [black, white] = intensity.filter(|[black, white]| white > black)?;
        let gain = dtype.max() / (white - black);
        Some(Self { gain, offset: -black * gain })
    }

    /// Maps the levels of a row.
    pub fn apply(self, row: &mut Row) {
        row.levels.iter_mut().for_each(|v| *v = *v * self.gain + self.offset);
    }
}
