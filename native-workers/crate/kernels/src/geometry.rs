//! Affine maps of the plane, in the order of mpicbg's AffineModel2D: `[m00, m10, m01, m11, m02, m12]`, so that
//! `x' = m00 x + m01 y + m02` and `y' = m10 x + m11 y + m12`.

use crate::error::{KernelError, Result};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A point or a vector, pixels.
pub type Point = [f64; 2];

/// An affine map.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Affine(pub [f64; 6]);

impl Affine {
    /// Leaves everything where it is.
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// The image of a point.
    pub fn apply(&self, [x, y]: Point) -> Point {
        let m = &self.0;
        [m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]]
    }

    /// The map that does `inner` first.
    #[must_use]
    pub fn after(&self, inner: &Self) -> Self {
        let (o, i) = (&self.0, &inner.0);
        let [tx, ty] = self.apply([i[4], i[5]]);
        Self([
            o[0] * i[0] + o[2] * i[1],
            o[1] * i[0] + o[3] * i[1],
            o[0] * i[2] + o[2] * i[3],
            o[1] * i[2] + o[3] * i[3],
            tx,
            ty,
        ])
    }

    /// The inverse; `invalid-input` where the map is singular (|det| below 1e-12) or not finite.
    pub fn inverse(&self) -> Result<Self> {
        let m = &self.0;
        let det = m[0] * m[3] - m[1] * m[2];
        if !m.iter().all(|v| v.is_finite()) || det.abs() < 1e-12 {
            return Err(KernelError::invalid_input(format!("The map {m:?} cannot be inverted.")));
        }
        let (a, b, c, d) = (m[3] / det, -m[1] / det, -m[2] / det, m[0] / det);
        Ok(Self([a, b, c, d, -(a * m[4] + c * m[5]), -(b * m[4] + d * m[5])]))
    }

    /// The same linear part, moved so that `from` goes to `to`.
    #[must_use]
    pub fn through(&self, from: Point, to: Point) -> Self {
        let [x, y] = self.apply(from);
        let m = self.0;
        Self([m[0], m[1], m[2], m[3], m[4] + to[0] - x, m[5] + to[1] - y])
    }

    /// Bounds `[x0, y0, x1, y1]` of the image of a rectangle `[x0, y0, x1, y1]`.
    pub fn bounds(&self, [x0, y0, x1, y1]: [f64; 4]) -> [f64; 4] {
        let corners = [[x0, y0], [x1, y0], [x0, y1], [x1, y1]].map(|c| self.apply(c));
        corners.iter().fold([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY], |b, c| {
            [b[0].min(c[0]), b[1].min(c[1]), b[2].max(c[0]), b[3].max(c[1])]
        })
    }
}

/// An image file that stands for a tile: `scale` level-0 pixels a stored pixel.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TileImage {
    pub path: PathBuf,
    pub scale: f64,
    /// Level-0 size of the tile.
    pub size_px: [f64; 2],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverses_and_products_agree() {
        let (m, n) = (Affine([1.1, 0.2, -0.3, 0.9, 5.0, -7.0]), Affine([0.7, -0.1, 0.4, 1.3, 2.0, 3.0]));
        let p = [3.5, -8.25];
        let [x, y] = m.inverse().unwrap().apply(m.apply(p));
        assert!((x - p[0]).abs() < 1e-12 && (y - p[1]).abs() < 1e-12);
        let (a, b) = (m.after(&n).apply(p), m.apply(n.apply(p)));
        assert!((a[0] - b[0]).abs() < 1e-12 && (a[1] - b[1]).abs() < 1e-12);
        let [x, y] = m.through(p, [1.0, 2.0]).apply(p);
        assert!((x - 1.0).abs() < 1e-12 && (y - 2.0).abs() < 1e-12);
        assert!(Affine([1.0, 2.0, 2.0, 4.0, 0.0, 0.0]).inverse().is_err());
    }
}
