//! Grids over a tile, as corrections of its grey levels are kept: nodes lie evenly, edges included, bilinear between.

use kernels::error::{KernelError, Result};

/// The nodes around a place, with their weights: at, at + 1, at + columns, at + columns + 1 where those are there.
pub type Hats = [(usize, f32); 4];

/// Where nodes lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nodes {
    pub columns: usize,
    pub rows: usize,
    /// Size of the tile, level-0 pixels.
    pub size_px: [f64; 2],
}

impl Nodes {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.columns * self.rows
    }

    /// Bilinear weights at a place of the tile, level-0 pixels; beyond the edge, those of the edge.
    pub fn hats(&self, x: f64, y: f64) -> Hats {
        let (column, right, fx) = along(x / self.size_px[0], self.columns);
        let (row, below, fy) = along(y / self.size_px[1], self.rows);
        let (at, under) = (row * self.columns + column, (row + below) * self.columns + column);
        [
            (at, (1.0 - fx) * (1.0 - fy)),
            (at + right, fx * (1.0 - fy)),
            (under, (1.0 - fx) * fy),
            (under + right, fx * fy),
        ]
    }
}

/// The node before a place (0 to 1), whether there is one after it, and how far towards that it lies.
fn along(place: f64, count: usize) -> (usize, usize, f32) {
    if count < 2 {
        return (0, 0, 0.0);
    }
    let at = (place * (count - 1) as f64).clamp(0.0, (count - 1) as f64);
    let node = (at as usize).min(count - 2);
    (node, 1, (at - node as f64) as f32)
}

/// The value of a grid between its nodes.
pub fn value_at(values: &[f32], hats: &Hats) -> f32 {
    hats.iter().map(|&(node, weight)| weight * values[node]).sum()
}

/// Little-endian floats of an input.
pub fn floats(bytes: &[u8], count: usize, what: &str) -> Result<Vec<f32>> {
    if bytes.len() != count * 4 {
        return Err(KernelError::invalid_input(format!("{what}: {} bytes are not {count} floats.", bytes.len())));
    }
    Ok(bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect())
}

/// Floats as little-endian bytes.
pub fn le_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_exact_and_edges_included() {
        let nodes = Nodes { columns: 5, rows: 3, size_px: [200.0, 100.0] };
        let plane = |x: f64, y: f64| (3.0 + 0.1 * x - 0.2 * y) as f32;
        let values: Vec<f32> =
            (0..nodes.count()).map(|i| plane((i % 5) as f64 * 50.0, (i / 5) as f64 * 50.0)).collect();
        for (x, y) in [(0.0, 0.0), (200.0, 100.0), (13.0, 77.0), (199.9, 0.1)] {
            assert!((value_at(&values, &nodes.hats(x, y)) - plane(x, y)).abs() < 1e-4);
        }
        assert_eq!(value_at(&values, &nodes.hats(-9.0, 400.0)), values[10]);
        let one = Nodes { columns: 1, rows: 1, ..nodes };
        assert!((value_at(&[7.0], &one.hats(31.0, 3.0)) - 7.0).abs() < 1e-6);
    }
}
