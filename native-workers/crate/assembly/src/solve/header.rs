//! What a solve is told besides tiles and matches, and what it says of itself.

use kernels::error::{KernelError, Result};
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

const fn order() -> usize {
    2
}

const fn stage_sigma() -> f64 {
    10.0
}

/// The usual hold on turn, scale and shear, relative to a match of weight 1.
pub(super) const LINEAR_PRIOR: f64 = 0.01;

const fn linear_prior() -> f64 {
    LINEAR_PRIOR
}

const fn lambda() -> f64 {
    1.0
}

const fn robust() -> bool {
    true
}

impl Solve {
    /// A solve as usual.
    #[cfg(test)]
    pub const fn of(model: Kind, tiles: usize, matches: usize) -> Self {
        Self {
            model,
            order: order(),
            tiles,
            matches,
            stage_sigma_px: stage_sigma(),
            linear_prior: linear_prior(),
            lambda: lambda(),
            robust: robust(),
        }
    }

    /// Refuses strengths that no solve can have.
    pub fn check(&self) -> Result<()> {
        let usable = |v: f64| v.is_finite() && v > 0.0;
        if usable(self.stage_sigma_px)
            && usable(self.lambda)
            && self.linear_prior.is_finite()
            && self.linear_prior >= 0.0
        {
            return Ok(());
        }
        Err(KernelError::invalid_input(format!(
            "A solve cannot be held by a stage error of {} px, a linear prior of {} and a lambda of {}.",
            self.stage_sigma_px, self.linear_prior, self.lambda
        )))
    }
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
