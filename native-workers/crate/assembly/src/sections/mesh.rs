//! A map of a section given by where the nodes of a regular mesh come to. Between nodes it is the mean of bilinear
//! interpolation and of the nodes' own slopes, which is exact for all quadratic maps, and is the very map that Render's
//! AffineWarpFieldTransform makes of one affine map a node.

use kernels::geometry::{Affine, Point};

/// Nodes that a point's place is a mixture of: a square of 4 x 4, corners unused.
pub const SUPPORT: usize = 16;
const NEWTON_STEPS: usize = 12;
const NEWTON_ENOUGH: f64 = 1e-4;

/// Nodes every `spacing` pixels over a section, with at least one beyond each side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mesh {
    /// Section-space place of the first node.
    pub origin: Point,
    pub spacing: f64,
    pub columns: usize,
    pub rows: usize,
}

/// A point within a mesh: the first node of its 4 x 4, and where in the middle cell it lies, 0 to 1.
#[derive(Debug, Clone, Copy)]
pub struct Spot {
    pub first: u32,
    pub part: [f32; 2],
}

impl Mesh {
    /// Over bounds `[x0, y0, x1, y1]`.
    pub fn over(bounds: &[f64], spacing: f64) -> Self {
        let cells = [0, 1].map(|k| ((bounds[k + 2] - bounds[k]) / spacing).ceil().max(1.0) as usize);
        let middle = [0, 1].map(|k| 0.5 * (bounds[k] + bounds[k + 2]));
        let origin = [0, 1].map(|k| middle[k] - 0.5 * (cells[k] + 2) as f64 * spacing);
        Self { origin, spacing, columns: cells[0] + 3, rows: cells[1] + 3 }
    }

    pub fn nodes(&self) -> usize {
        self.columns * self.rows
    }

    /// Section-space place of a node.
    pub fn place(&self, node: usize) -> Point {
        let at = [node % self.columns, node / self.columns];
        [0, 1].map(|k| self.origin[k] + at[k] as f64 * self.spacing)
    }

    /// Where a point lies; points outside count as if on the nearest cell, extrapolated.
    pub fn spot(&self, p: Point) -> Spot {
        let ends = [self.columns - 3, self.rows - 3];
        let at = [0, 1].map(|k| (p[k] - self.origin[k]) / self.spacing);
        let cell = [0, 1].map(|k| (at[k].floor().max(1.0) as usize).min(ends[k]));
        let part = [0, 1].map(|k| (at[k] - cell[k] as f64) as f32);
        Spot { first: ((cell[1] - 1) * self.columns + cell[0] - 1) as u32, part }
    }

    /// Index of the k-th of a spot's 4 x 4 nodes.
    pub fn node(&self, spot: &Spot, k: usize) -> usize {
        spot.first as usize + k / 4 * self.columns + k % 4
    }

    /// The image of a point, from where the nodes come to.
    pub fn apply(&self, nodes: &[Point], p: Point) -> Point {
        let spot = self.spot(p);
        let weights = weights(spot.part);
        let mut out = [0.0; 2];
        for (k, w) in weights.iter().enumerate().filter(|(_, w)| **w != 0.0) {
            let node = nodes[self.node(&spot, k)];
            out = [out[0] + w * node[0], out[1] + w * node[1]];
        }
        out
    }

    /// The point whose image is `to`, sought from `start`; `None` where it is not found: outside, or folded.
    pub fn inverse(&self, nodes: &[Point], to: Point, start: Point) -> Option<Point> {
        let mut p = start;
        let off = 0.05 * self.spacing;
        for _ in 0..NEWTON_STEPS {
            let at = self.apply(nodes, p);
            let miss = [to[0] - at[0], to[1] - at[1]];
            let (right, below) = (self.apply(nodes, [p[0] + off, p[1]]), self.apply(nodes, [p[0], p[1] + off]));
            let jacobian = Affine([
                (right[0] - at[0]) / off,
                (right[1] - at[1]) / off,
                (below[0] - at[0]) / off,
                (below[1] - at[1]) / off,
                0.0,
                0.0,
            ]);
            let m = jacobian.0;
            if m[0] * m[3] - m[1] * m[2] <= 0.0 {
                return None;
            }
            let step = jacobian.inverse().ok()?.apply(miss);
            p = [p[0] + step[0], p[1] + step[1]];
            if step[0].hypot(step[1]) < NEWTON_ENOUGH {
                return Some(p);
            }
        }
        None
    }
}

/// Weights of a spot's 4 x 4 nodes, row by row. With corner values `v` and central slopes `j`, the image is the bilinear
/// mixture of `v + j (p - corner) / 2`.
pub fn weights([s, t]: [f32; 2]) -> [f64; SUPPORT] {
    let (s, t) = (f64::from(s), f64::from(t));
    let mut out = [0.0; SUPPORT];
    for (row, wy) in [(1usize, 1.0 - t), (2, t)] {
        for (column, wx) in [(1usize, 1.0 - s), (2, s)] {
            let (w, at) = (wx * wy, row * 4 + column);
            let (dx, dy) = (s - (column - 1) as f64, t - (row - 1) as f64);
            out[at] += w;
            out[at + 1] += 0.25 * w * dx;
            out[at - 1] -= 0.25 * w * dx;
            out[at + 4] += 0.25 * w * dy;
            out[at - 4] -= 0.25 * w * dy;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bent(p: Point) -> Point {
        [
            1.1 * p[0] - 0.2 * p[1] + 4.0 + 1e-3 * p[0] * p[0] - 5e-4 * p[0] * p[1],
            0.1 * p[0] + p[1] + 8e-4 * p[1] * p[1],
        ]
    }

    #[test]
    fn quadratic_maps_are_exact_and_invert() {
        let mesh = Mesh::over(&[10.0, -5.0, 210.0, 118.0], 32.0);
        let nodes: Vec<Point> = (0..mesh.nodes()).map(|n| bent(mesh.place(n))).collect();
        for i in 0..200 {
            let p = [10.0 + f64::from(i * 37 % 200), -5.0 + f64::from(i * 53 % 123)];
            let (q, truth) = (mesh.apply(&nodes, p), bent(p));
            assert!((q[0] - truth[0]).hypot(q[1] - truth[1]) < 1e-4, "{p:?} {q:?} {truth:?}");
            let back = mesh.inverse(&nodes, q, [p[0] + 9.0, p[1] - 9.0]).unwrap();
            assert!((back[0] - p[0]).hypot(back[1] - p[1]) < 1e-3);
        }
    }

    #[test]
    fn a_fold_has_no_inverse() {
        let mesh = Mesh::over(&[0.0, 0.0, 100.0, 100.0], 20.0);
        let folded: Vec<Point> = (0..mesh.nodes()).map(|n| mesh.place(n)).map(|[x, y]| [(x - 50.0).abs(), y]).collect();
        assert!(mesh.inverse(&folded, [-5.0, 50.0], [40.0, 50.0]).is_none());
    }
}
