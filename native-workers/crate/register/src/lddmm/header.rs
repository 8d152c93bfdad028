//! What is asked of a deformation, and what it answers.

use super::contrast::Contrast;
use super::grid::Grid;
use super::metric::Metric;
use super::warp::Affine;
use serde::{Deserialize, Serialize};

/// One volume in the inputs: levels are f32.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VolumeHeader {
    pub size: [usize; 3],
    pub spacing_um: [f64; 3],
    /// The centre of voxel 0.
    #[serde(default)]
    pub origin_um: [f64; 3],
    /// A further input says which voxels count (u8, 0 = not).
    #[serde(default)]
    pub mask: bool,
}

/// Velocities as they were left.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    pub grid: Grid,
    pub steps: usize,
}

/// The header of `register-lddmm`, see the task table.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterLddmm {
    pub fixed: VolumeHeader,
    pub moving: VolumeHeader,
    pub moving_from_fixed: Affine,
    pub metric: Metric,
    pub contrast: Contrast,
    pub missing: bool,
    pub smooth_um: f64,
    pub regularity: f64,
    pub steps: usize,
    pub iterations: usize,
    pub tolerance: f64,
    pub threads: usize,
    #[serde(default)]
    pub grid_um: Option<f64>,
    #[serde(default)]
    pub state: Option<State>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// Of the velocities that are given back.
    pub state: State,
    /// Before the first step and after each.
    pub energies: Vec<f64>,
    pub data: Vec<f64>,
    pub bending: f64,
    pub least_determinant: f64,
    /// Trials that were taken back because they would have folded.
    pub folds: usize,
    pub converged: bool,
    /// Mean weight of the voxels that both volumes have.
    pub weight: f64,
}
