//! Thin-plate splines: an affine map, and bumps around nodes.

use super::{Affine, Point, apply, points_of};
use crate::error::{KernelError, Result};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SplineHeader {
    kernel: Kernel,
    affine: Affine,
    /// To where nodes are measured.
    frame: Affine,
    nodes: usize,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kernel {
    R,
    R2logr,
}

/// Nodes that are summed side by side: two registers of doubles, or four.
const LANES: usize = 8;
type Lanes = [f64; LANES];

/// x, y, z of nodes and of their weights; those that fill up the last have no weight.
struct Nodes {
    at: [Lanes; 3],
    weight: [Lanes; 3],
}

pub(super) struct Spline {
    kernel: Kernel,
    affine: Affine,
    pub(super) frame: Affine,
    pub(super) nodes: Vec<Point>,
    lanes: Vec<Nodes>,
}

impl Spline {
    pub(super) fn new(header: &SplineHeader, nodes: &[u8], weights: &[u8]) -> Result<Self> {
        let (nodes, weights) = (points_of(nodes)?, points_of(weights)?);
        if nodes.len() != header.nodes || weights.len() != header.nodes {
            return Err(KernelError::invalid_input("A spline has not as many nodes and weights as it says."));
        }
        let side_by_side = |points: &[Point]| -> [Lanes; 3] {
            std::array::from_fn(|k| std::array::from_fn(|lane| points.get(lane).map_or(0.0, |point| point[k])))
        };
        let lanes = nodes
            .chunks(LANES)
            .zip(weights.chunks(LANES))
            .map(|(nodes, weights)| Nodes { at: side_by_side(nodes), weight: side_by_side(weights) })
            .collect();
        Ok(Self { kernel: header.kernel, affine: header.affine, frame: header.frame, nodes, lanes })
    }

    pub(super) fn at(&self, p: Point) -> Point {
        let at = apply(&self.frame, p);
        let mut out = apply(&self.affine, p);
        match self.kernel {
            Kernel::R => self.add(at, &mut out, f64::sqrt),
            Kernel::R2logr => {
                self.add(at, &mut out, |squared| if squared > 0.0 { 0.5 * squared * squared.ln() } else { 0.0 })
            }
        }
        out
    }

    #[inline(always)]
    fn add(&self, at: Point, out: &mut Point, u: impl Fn(f64) -> f64) {
        let mut sums = [[0.0; LANES]; 3];
        for nodes in &self.lanes {
            let value: Lanes = std::array::from_fn(|lane| {
                let [x, y, z]: Point = std::array::from_fn(|k| at[k] - nodes.at[k][lane]);
                u(x * x + y * y + z * z)
            });
            for (sums, weights) in sums.iter_mut().zip(&nodes.weight) {
                for ((sum, weight), value) in sums.iter_mut().zip(weights).zip(&value) {
                    *sum += weight * value;
                }
            }
        }
        for (out, sums) in out.iter_mut().zip(&sums) {
            *out += sums.iter().sum::<f64>();
        }
    }
}
