//! What a solve is told besides tiles and matches, and what it says of itself.

use serde::{Deserialize, Serialize};

/// Header of `solve-stack`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Solve {
    pub(super) model: Kind,
    /// Of the polynomial model: 2 or 3.
    #[serde(default = "order")]
    pub(super) order: usize,
    pub(super) tiles: usize,
    pub(super) matches: usize,
    #[serde(default = "stage_sigma")]
    pub(super) stage_sigma_px: f64,
    #[serde(default = "linear_prior")]
    pub(super) linear_prior: f64,
    /// How much more firmly than usual everything is held to the prior.
    #[serde(default = "lambda")]
    pub(super) lambda: f64,
    #[serde(default = "robust")]
    pub(super) robust: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Translation,
    Rigid,
    Similarity,
    Affine,
    Polynomial,
}

pub const fn order() -> usize {
    2
}

const fn stage_sigma() -> f64 {
    10.0
}

pub const fn linear_prior() -> f64 {
    0.01
}

const fn lambda() -> f64 {
    1.0
}

const fn robust() -> bool {
    true
}

/// What the solve says of itself.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Solved {
    pub iterations: usize,
    pub relative_residual: f64,
    pub sigma_px: f64,
    pub components: i32,
}
