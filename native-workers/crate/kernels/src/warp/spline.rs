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

pub(super) struct Spline {
    kernel: Kernel,
    affine: Affine,
    pub(super) frame: Affine,
    pub(super) nodes: Vec<Point>,
    weights: Vec<Point>,
}

impl Spline {
    pub(super) fn new(header: &SplineHeader, nodes: &[u8], weights: &[u8]) -> Result<Self> {
        let (nodes, weights) = (points_of(nodes)?, points_of(weights)?);
        if nodes.len() != header.nodes || weights.len() != header.nodes {
            return Err(KernelError::invalid_input("A spline has not as many nodes and weights as it says."));
        }
        Ok(Self { kernel: header.kernel, affine: header.affine, frame: header.frame, nodes, weights })
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
        for (node, weight) in self.nodes.iter().zip(&self.weights) {
            let [x, y, z] = [at[0] - node[0], at[1] - node[1], at[2] - node[2]];
            let value = u(x * x + y * y + z * z);
            for k in 0..3 {
                out[k] += weight[k] * value;
            }
        }
    }
}
