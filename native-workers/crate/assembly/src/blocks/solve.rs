//! The task `solve-blocks`: all blocks of a set at once, by robust least squares over their links, with the stage as
//! prior: three unknowns a block. Links that disagree are dropped (graduated non-convexity with Geman and McClure's
//! weights); parts that no link joins stay where the recalibrated stage puts them.

use super::Vec3;
use super::sparse::Axis1;
use super::stage::{follow, recalibrated};
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use serde::{Deserialize, Serialize};

/// No match is trusted to be better than this, voxels: blocks distort.
const FLOOR_SIGMA: f64 = 0.1;
/// The least spread of residuals that good links may have.
const LEAST_SCALE: f64 = 0.35;
/// Links that miss by more than so many scales are dropped.
const DROP_AT: f64 = 4.0;
/// Header of `solve-blocks`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SolveBlocks {
    blocks: usize,
    links: usize,
    stage_sigma_vox: f64,
}

/// Result of `solve-blocks`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Solved {
    rounds: usize,
    /// Robust spread of the kept residuals, voxels.
    sigma_vox: f64,
    components: i32,
    /// The stage's own error, as an affine map, was taken out of the prior.
    recalibrated: bool,
}

#[derive(Clone, Copy)]
struct Link {
    wanted: Vec3,
    /// Inverse variance, with a floor.
    weight: Vec3,
}

struct Problem {
    stage: Vec<Vec3>,
    ends: Vec<(usize, usize)>,
    links: Vec<Link>,
    prior_weight: f64,
}

/// See the task table for the layout of inputs and outputs.
pub fn solve_blocks(header: &SolveBlocks, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Solved, Vec<Vec<u8>>)> {
    let problem = Problem::read(header, inputs)?;
    let mut prior = problem.stage.clone();
    let mut fit = problem.robust(&prior, cancel)?;
    let mut component = problem.components(&fit.kept);
    let better = recalibrated(&problem.stage, &fit.places, &component);
    let was = better.is_some();
    if let Some(better) = better {
        prior = better;
        fit = problem.robust(&prior, cancel)?;
        component = problem.components(&fit.kept);
    }
    follow(&problem.stage, &prior, &mut fit.places, &component);
    let residuals: Vec<Vec3> = (0..problem.links.len()).map(|i| problem.residual(&fit.places, i)).collect();
    let floats = |values: &[Vec3]| values.iter().flatten().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let components = component.iter().copied().max().map_or(0, |most| most + 1);
    Ok((
        Solved { rounds: fit.rounds, sigma_vox: fit.scale, components, recalibrated: was },
        vec![
            floats(&fit.places),
            floats(&residuals),
            fit.kept.iter().map(|&k| u8::from(k)).collect(),
            component.iter().flat_map(|c| c.to_le_bytes()).collect(),
        ],
    ))
}

struct Fit {
    places: Vec<Vec3>,
    kept: Vec<bool>,
    scale: f64,
    rounds: usize,
}

impl Problem {
    fn read(header: &SolveBlocks, inputs: &[&[u8]]) -> Result<Self> {
        let bad = |what: &str| KernelError::invalid_input(format!("A solve of blocks: {what}."));
        let [stage, rows] = inputs else { return Err(bad("two inputs")) };
        let doubles =
            |bytes: &[u8]| -> Vec<f64> { bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect() };
        let (places, rows) = (doubles(stage), doubles(rows));
        if stage.len() != header.blocks * 24 || rows.len() != header.links * 8 || header.blocks == 0 {
            return Err(bad("inputs are not as long as the header says"));
        }
        let sigma = header.stage_sigma_vox;
        if sigma.is_nan() || sigma <= 0.0 || !places.iter().chain(&rows).all(|v| v.is_finite()) {
            return Err(bad("numbers that are not finite"));
        }
        let (mut ends, mut links) = (Vec::new(), Vec::new());
        for row in rows.as_chunks::<8>().0 {
            let (a, b) = (row[0] as usize, row[1] as usize);
            if a >= header.blocks || b >= header.blocks || a == b {
                return Err(bad("a link that ends nowhere"));
            }
            ends.push((a, b));
            let weight = |s: f64| 1.0 / (s * s + FLOOR_SIGMA * FLOOR_SIGMA);
            links.push(Link {
                wanted: [row[2], row[3], row[4]],
                weight: [weight(row[5]), weight(row[6]), weight(row[7])],
            });
        }
        let stage = places.as_chunks::<3>().0.to_vec();
        Ok(Self { stage, ends, links, prior_weight: 1.0 / (sigma * sigma) })
    }

    fn residual(&self, places: &[Vec3], link: usize) -> Vec3 {
        let (a, b) = self.ends[link];
        std::array::from_fn(|k| places[b][k] - places[a][k] - self.links[link].wanted[k])
    }

    /// How far a link misses, voxels; axes that it hardly saw count little.
    fn miss(&self, places: &[Vec3], link: usize) -> f64 {
        let (residual, weight) = (self.residual(places, link), self.links[link].weight);
        let sharpest = weight.iter().copied().fold(0.0, f64::max);
        (0..3).map(|k| residual[k] * residual[k] * (weight[k] / sharpest)).sum::<f64>().sqrt()
    }

    fn least_squares(&self, prior: &[Vec3], trust: &[f64], cancel: Cancel<'_>) -> Result<Vec<Vec3>> {
        let mut places = prior.to_vec();
        for k in 0..3 {
            let wanted: Vec<f64> = self.links.iter().map(|l| l.wanted[k]).collect();
            let weights: Vec<f64> = self.links.iter().zip(trust).map(|(l, t)| l.weight[k] * t).collect();
            let prior: Vec<f64> = prior.iter().map(|p| p[k]).collect();
            let axis = Axis1 {
                links: &self.ends,
                wanted: &wanted,
                weights: &weights,
                prior: &prior,
                prior_weight: self.prior_weight,
            };
            for (place, value) in places.iter_mut().zip(axis.solve(cancel)?) {
                place[k] = value;
            }
        }
        Ok(places)
    }

    /// All links count at first; what counts narrows round by round to those that agree.
    fn robust(&self, prior: &[Vec3], cancel: Cancel<'_>) -> Result<Fit> {
        let mut places = self.least_squares(prior, &vec![1.0; self.links.len()], cancel)?;
        let mut reach = self.misses(&places).into_iter().fold(0.0, f64::max);
        let mut rounds = 1;
        let mut scale = LEAST_SCALE;
        loop {
            let misses = self.misses(&places);
            scale = spread(&misses).clamp(LEAST_SCALE, scale.max(LEAST_SCALE).max(spread(&misses)));
            reach = (reach / 1.6).max(2.0 * scale);
            let trust: Vec<f64> = misses.iter().map(|m| (reach * reach / (reach * reach + m * m)).powi(2)).collect();
            let next = self.least_squares(prior, &trust, cancel)?;
            let moved = next.iter().zip(&places).flat_map(|(p, q)| (0..3).map(|k| (p[k] - q[k]).abs()));
            let most = moved.fold(0.0, f64::max);
            places = next;
            rounds += 1;
            if (reach <= 2.0 * scale && most < 1e-3) || rounds > 60 {
                break;
            }
        }
        let limit = DROP_AT * scale;
        let kept: Vec<bool> = self.misses(&places).iter().map(|&m| m <= limit).collect();
        let trust: Vec<f64> = kept.iter().map(|&k| f64::from(u8::from(k))).collect();
        let places = self.least_squares(prior, &trust, cancel)?;
        let good: Vec<f64> = self.misses(&places).into_iter().zip(&kept).filter(|(_, k)| **k).map(|(m, _)| m).collect();
        Ok(Fit { places, kept, scale: spread(&good), rounds })
    }

    fn misses(&self, places: &[Vec3]) -> Vec<f64> {
        (0..self.links.len()).map(|i| self.miss(places, i)).collect()
    }

    /// Numbers of parts that kept links join, in the order of their first blocks; -1 for blocks without a link.
    fn components(&self, kept: &[bool]) -> Vec<i32> {
        let mut root: Vec<usize> = (0..self.stage.len()).collect();
        fn find(root: &mut [usize], mut i: usize) -> usize {
            while root[i] != i {
                root[i] = root[root[i]];
                i = root[i];
            }
            i
        }
        let mut linked = vec![false; self.stage.len()];
        for (&(a, b), _) in self.ends.iter().zip(kept).filter(|(_, k)| **k) {
            let (p, q) = (find(&mut root, a), find(&mut root, b));
            root[p.max(q)] = p.min(q);
            (linked[a], linked[b]) = (true, true);
        }
        let mut number = vec![-1; self.stage.len()];
        let mut next = 0;
        (0..self.stage.len())
            .map(|i| {
                if !linked[i] {
                    return -1;
                }
                let top = find(&mut root, i);
                if number[top] < 0 {
                    number[top] = next;
                    next += 1;
                }
                number[top]
            })
            .collect()
    }
}

/// 1.4826 times the median: the SD of residuals most of which are good.
fn spread(misses: &[f64]) -> f64 {
    let mut sorted = misses.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).map_or(0.0, |m| 1.4826 * m / 1.5)
}

#[cfg(test)]
#[path = "solve_tests.rs"]
mod tests;
