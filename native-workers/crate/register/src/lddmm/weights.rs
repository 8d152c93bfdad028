//! Which voxels show tissue that both volumes have: expectations of a mixture (Tward et al. 2020).

use super::contrast::cubic_of;
use super::correlation::boxed;
use super::metric::{Compared, sums};
use super::{piece, pieces};
use crate::threads::Crew;
use kernels::error::Result;
use std::ops::Range;
use std::sync::OnceLock;

/// How common each kind of voxel is at first: matched tissue, anything else, tissue that is lost in the fixed volume.
const PRIORS: [f64; 3] = [0.79, 0.2, 0.01];
const ROUNDS: usize = 4;

/// For each voxel how far it counts, 0 to 1: the weight that it has, times how likely it is matched tissue. What is
/// matched differs by noise from what is seen (in the fitted contrast); what is lost is as dark as the fixed volume's
/// ground; anything else may have any level.
pub fn tissue(compared: &Compared<'_>, seen: &[f32], crew: Crew<'_>) -> Result<Vec<f32>> {
    let mut weight = compared.weight.to_vec();
    let count = boxed(weight.clone(), compared.size, crew)?;
    for _ in 0..ROUNDS {
        let now = Compared { weight: &weight, boxes: OnceLock::new(), ..*compared };
        let cubic = cubic_of(&now, seen, crew)?;
        let piece = piece(compared.size);
        let rest = |i: usize| f64::from(compared.fixed[i]) - cubic.at(seen[i]).0;
        let squares = sums(crew.each(pieces(compared.size), |at: Range<usize>| {
            let square = |i: usize| [f64::from(weight[i]), f64::from(weight[i]) * rest(i).powi(2)];
            sums(at.map(square).collect())
        })?);
        let [low, high] = compared.ranges[0].map(f64::from);
        let sigma = (squares[1] / squares[0].max(1e-30)).sqrt().max(1e-3 * (high - low));
        let bell = |by: f64| (-0.5 * (by / sigma).powi(2)).exp() / (sigma * std::f64::consts::TAU.sqrt());
        let likely = |i: usize| {
            let matched = PRIORS[0] * bell(rest(i));
            let lost = PRIORS[2] * bell(f64::from(compared.fixed[i]) - low);
            matched / (matched + PRIORS[1] / (high - low) + lost)
        };
        let mut next = vec![0.0; weight.len()];
        crew.each(next.chunks_mut(piece).enumerate().collect(), |(n, out): (usize, &mut [f32])| {
            for (k, to) in out.iter_mut().enumerate() {
                let i = n * piece + k;
                *to = compared.weight[i] * likely(i) as f32;
            }
        })?;
        weight = evened(next, &count, compared.size, crew)?;
    }
    Ok(weight)
}

/// Tissue is lost in pieces, not voxel by voxel: a voxel counts by its own likelihood, and by that of those around it.
/// `count`: how many voxels count around each.
fn evened(weight: Vec<f32>, count: &[f32], size: [usize; 3], crew: Crew<'_>) -> Result<Vec<f32>> {
    let around = boxed(weight.clone(), size, crew)?;
    let mean = |i: usize| if count[i] > 0.0 { weight[i] * (around[i] / count[i]).min(1.0) } else { 0.0 };
    Ok((0..around.len()).map(mean).collect())
}
