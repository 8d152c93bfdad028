//! Robust regularised least squares over all tiles at once, for any model.
//!
//! Minimises `sum_m w_m rho(|T_a a - T_b b| / s) + sum_i |theta_i - theta_i0|^2_Lambda` by iteratively reweighted
//! Gauss-Newton with the Geman-McClure weight, its scale `s` lowered from wide to the residuals' own spread
//! (graduated non-convexity, Black and Rangarajan 1996), then drops what lies beyond `4 s` and solves once more.

use super::block::{BlockMatrix, Blocks, Dense, Solution};
use super::model::Model;
use super::problem::{Match, Tile};
use super::reconsider::reconsider;
use kernels::cancel::Cancel;
use kernels::error::Result;
use std::collections::BTreeMap;

/// Residuals below a pixel are never suspected.
const FLOOR_PX: f64 = 1.0;
const DROP_AT: f64 = 4.0;
const ROUNDS: usize = 24;
const SETTLED_PX: f64 = 1e-5;
const SETTLING: usize = 5;

/// How strongly the prior holds, and whether wrong matches are expected.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Weight of a pixel's move of a centre, relative to a match of weight 1 missed by a pixel.
    pub position: f64,
    /// Likewise for a point at the tile's edge moved by scale or shear.
    pub linear: f64,
    pub robust: bool,
    /// Largest distance from the stage that is expected between two tiles, px: matches beyond start with little weight.
    pub stage_sigma_px: f64,
}

/// Placements and what became of each match.
pub struct Fit<const P: usize> {
    pub parameters: Blocks<P>,
    pub kept: Vec<bool>,
    pub sigma_px: f64,
    pub rounds: usize,
    pub linear: Solution,
}

/// The distance between the two places of every match, px.
pub fn residuals<const P: usize, M: Model<P>>(tiles: &[Tile], parameters: &Blocks<P>, matches: &[Match]) -> Vec<f64> {
    matches
        .iter()
        .map(|m| {
            let [x, y] = gap::<P, M>(tiles, parameters, m);
            x.hypot(y)
        })
        .collect()
}

fn gap<const P: usize, M: Model<P>>(tiles: &[Tile], parameters: &Blocks<P>, m: &Match) -> [f64; 2] {
    let a = M::place(&tiles[m.tile_a], &parameters[m.tile_a], m.a);
    let b = M::place(&tiles[m.tile_b], &parameters[m.tile_b], m.b);
    [a[0] - b[0], a[1] - b[1]]
}

/// Solves from `prior`, which also regularises.
pub fn solve<const P: usize, M: Model<P>>(
    tiles: &[Tile],
    prior: &Blocks<P>,
    matches: &[Match],
    settings: Settings,
    cancel: Cancel<'_>,
) -> Result<Fit<P>> {
    let system = System::<P>::new(tiles.len(), matches, M::prior_weights(settings.position, settings.linear));
    let problem = Problem { tiles, prior, matches, system };
    let mut parameters = prior.clone();
    let mut kept = vec![true; matches.len()];
    let mut rounds = 0;
    if settings.robust && !matches.is_empty() {
        let wide = 3.0 * settings.stage_sigma_px * std::f64::consts::SQRT_2;
        let mut scale = problem.narrow::<M>(&mut parameters, wide, &mut rounds, cancel)?;
        if reconsider::<P, M>(tiles, prior, matches, scale, settings.position, &mut parameters) {
            scale = problem.narrow::<M>(&mut parameters, scale, &mut rounds, cancel)?;
        }
        let residuals_px = residuals::<P, M>(tiles, &parameters, matches);
        kept = residuals_px.iter().map(|&r| r <= DROP_AT * scale).collect();
    }
    let linear = problem.settle::<M>(&mut parameters, &kept, &mut rounds, cancel)?;
    let residuals_px = residuals::<P, M>(tiles, &parameters, matches);
    let kept_px: Vec<f64> = residuals_px.iter().zip(&kept).filter(|(_, k)| **k).map(|(r, _)| *r).collect();
    Ok(Fit { parameters, sigma_px: spread_of(&kept_px), kept, rounds, linear })
}

/// What does not change while the parameters do.
struct Problem<'a, const P: usize> {
    tiles: &'a [Tile],
    prior: &'a Blocks<P>,
    matches: &'a [Match],
    system: System<P>,
}

impl<const P: usize> Problem<'_, P> {
    /// Reweighted rounds with the scale lowered from `scale` to the residuals' spread; gives the last scale, px.
    fn narrow<M: Model<P>>(
        &self,
        parameters: &mut Blocks<P>,
        mut scale: f64,
        rounds: &mut usize,
        cancel: Cancel<'_>,
    ) -> Result<f64> {
        for _ in 0..ROUNDS {
            let residuals_px = residuals::<P, M>(self.tiles, parameters, self.matches);
            let weights: Vec<f64> =
                self.matches.iter().zip(&residuals_px).map(|(m, r)| m.weight * geman_mcclure(r / scale)).collect();
            let moved = self.system.step::<M>(self.tiles, self.prior, self.matches, &weights, parameters, cancel)?.0;
            *rounds += 1;
            let spread = spread_of(&residuals::<P, M>(self.tiles, parameters, self.matches)).max(FLOOR_PX);
            if scale <= spread * 1.01 && moved < 1e-3 {
                break;
            }
            scale = (scale * 0.6).max(spread);
        }
        Ok(scale)
    }

    /// Plain weighted solves with what is kept, until nothing moves.
    fn settle<M: Model<P>>(
        &self,
        parameters: &mut Blocks<P>,
        kept: &[bool],
        rounds: &mut usize,
        cancel: Cancel<'_>,
    ) -> Result<Solution> {
        let weights: Vec<f64> = self.matches.iter().zip(kept).map(|(m, &k)| if k { m.weight } else { 0.0 }).collect();
        let mut first = Solution::default();
        for round in 0..SETTLING {
            let (moved, solution) =
                self.system.step::<M>(self.tiles, self.prior, self.matches, &weights, parameters, cancel)?;
            *rounds += 1;
            if round == 0 {
                first = solution;
            }
            if moved < SETTLED_PX {
                break;
            }
        }
        Ok(first)
    }
}

fn geman_mcclure(r: f64) -> f64 {
    let d = 1.0 + r * r;
    1.0 / (d * d)
}

/// 1.4826 times the median: the spread of one axis' worth of normal residuals, robustly; 0 for none.
fn spread_of(residuals_px: &[f64]) -> f64 {
    let mut sorted = residuals_px.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).map_or(0.0, |median| 1.4826 * median)
}

/// The places of the normal equations, built once: which pair of tiles each match belongs to.
struct System<const P: usize> {
    pairs: Vec<(usize, usize)>,
    pair_of_match: Vec<usize>,
    prior_weights: [f64; P],
    tiles: usize,
}

impl<const P: usize> System<P> {
    fn new(tiles: usize, matches: &[Match], prior_weights: [f64; P]) -> Self {
        let mut place: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for m in matches {
            place.entry(ordered(m)).or_insert(0);
        }
        for (at, slot) in place.values_mut().enumerate() {
            *slot = at;
        }
        let pair_of_match = matches.iter().map(|m| place[&ordered(m)]).collect();
        Self { pairs: place.into_keys().collect(), pair_of_match, prior_weights, tiles }
    }

    /// One Gauss-Newton step; gives the largest move of a parameter, px.
    fn step<M: Model<P>>(
        &self,
        tiles: &[Tile],
        prior: &Blocks<P>,
        matches: &[Match],
        weights: &[f64],
        parameters: &mut Blocks<P>,
        cancel: Cancel<'_>,
    ) -> Result<(f64, Solution)> {
        let mut matrix = BlockMatrix::zero(self.tiles, self.pairs.clone());
        let mut b: Blocks<P> = vec![[0.0; P]; self.tiles];
        self.hold_to_prior(&mut matrix, &mut b, prior, parameters);
        for ((m, &weight), &pair) in matches.iter().zip(weights).zip(&self.pair_of_match) {
            if weight > 0.0 {
                self.add_match::<M>(&mut matrix, &mut b, tiles, parameters, m, weight, pair);
            }
        }
        let (delta, solution) = matrix.solve(&b, cancel)?;
        for (p, d) in parameters.iter_mut().zip(&delta) {
            for i in 0..P {
                p[i] += d[i];
            }
        }
        Ok((delta.iter().flatten().fold(0.0, |most, d| most.max(d.abs())), solution))
    }

    fn hold_to_prior(&self, matrix: &mut BlockMatrix<P>, b: &mut Blocks<P>, prior: &Blocks<P>, parameters: &Blocks<P>) {
        for tile in 0..self.tiles {
            for i in 0..P {
                matrix.diagonal[tile][i][i] += self.prior_weights[i];
                b[tile][i] += self.prior_weights[i] * (prior[tile][i] - parameters[tile][i]);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one equation")]
    fn add_match<M: Model<P>>(
        &self,
        matrix: &mut BlockMatrix<P>,
        b: &mut Blocks<P>,
        tiles: &[Tile],
        parameters: &Blocks<P>,
        m: &Match,
        weight: f64,
        pair: usize,
    ) {
        let gap = gap::<P, M>(tiles, parameters, m);
        let of_a = M::jacobian(&tiles[m.tile_a], &parameters[m.tile_a], m.a);
        let of_b = M::jacobian(&tiles[m.tile_b], &parameters[m.tile_b], m.b);
        add_product(&mut matrix.diagonal[m.tile_a], &of_a, &of_a, weight);
        add_product(&mut matrix.diagonal[m.tile_b], &of_b, &of_b, weight);
        let (first, second) = if m.tile_a < m.tile_b { (&of_a, &of_b) } else { (&of_b, &of_a) };
        add_product(&mut matrix.off_diagonal[pair], first, second, -weight);
        for i in 0..P {
            b[m.tile_a][i] -= weight * (of_a[0][i] * gap[0] + of_a[1][i] * gap[1]);
            b[m.tile_b][i] += weight * (of_b[0][i] * gap[0] + of_b[1][i] * gap[1]);
        }
    }
}

fn ordered(m: &Match) -> (usize, usize) {
    (m.tile_a.min(m.tile_b), m.tile_a.max(m.tile_b))
}

/// `block += weight * left^T right` over the two axes.
fn add_product<const P: usize>(block: &mut Dense<P>, left: &[[f64; P]; 2], right: &[[f64; P]; 2], weight: f64) {
    for i in 0..P {
        for j in 0..P {
            block[i][j] += weight * (left[0][i] * right[0][j] + left[1][i] * right[1][j]);
        }
    }
}
