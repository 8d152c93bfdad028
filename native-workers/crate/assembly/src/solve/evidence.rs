//! How much more freedom the matches call for: what a model with more of it explains beyond chance. Where that is
//! nothing, the tiles are held to what the model with less freedom found, since freedom that is not needed bends a
//! section as a whole by far more than the matches err. Variance components by the method of moments (Searle, Casella &
//! McCulloch 1992): the F ratio of the two fits gives the spread of the tiles' extra parameters, and that their prior.

use super::problem::{Matches, Tile};

/// Matches are never taken for better than this, px.
const LEAST_SIGMA_PX: f64 = 1e-3;
/// A tile is held at least by this share.
const LEAST_SHARE: f64 = 1e-3;
/// A tile whose own F ratio is above this differs, whatever the others do: chance is below a thousandth for each.
const STANDS_OUT: f64 = 8.0;

/// Two fits of the same matches.
pub struct Fits<'a> {
    pub tiles: &'a [Tile],
    pub matches: &'a Matches,
    /// Of each point, whether it counts, and how far each fit misses it, px.
    pub kept: &'a [bool],
    pub stiff_px: &'a [f64],
    pub free_px: &'a [f64],
    /// Parameters of a tile in each.
    pub stiff_freedom: usize,
    pub free_freedom: usize,
}

/// What the fits say of the prior on the linear parts of tiles.
pub struct Firmness {
    /// Weight of the prior, relative to a match of weight 1: that of the extra parameters' spread, less where they are
    /// needed, because the stiff fit is bent by what it could not follow and so is no unbiased centre for them.
    pub linear: f64,
    /// How much less each tile is held than that, at most 1.
    pub share: Vec<f64>,
}

impl Firmness {
    /// Where nothing is known.
    fn none(tiles: usize) -> Self {
        Self { linear: 0.0, share: vec![1.0; tiles] }
    }

    /// The tiles, those that stand out held less.
    pub fn loosened(&self, tiles: &[Tile]) -> Vec<Tile> {
        let loosen = |(tile, share): (&Tile, &f64)| match tile.is_held() {
            true => tile.clone(),
            false => Tile { hold: tile.hold * share, ..tile.clone() },
        };
        tiles.iter().zip(&self.share).map(loosen).collect()
    }
}

/// Sums over the points of each tile.
#[derive(Clone, Copy, Default)]
struct Sums {
    /// Points, their weighted squared misses in the free fit, and how much larger those are in the stiff one.
    count: f64,
    missed: f64,
    gained: f64,
    /// What the points say of a linear parameter: weights times squared places, in half-sides.
    lever: f64,
}

/// No firmness where there are too few matches to tell chance from need.
pub fn firmness(fits: &Fits<'_>) -> Firmness {
    let sums = sums_of_tiles(fits);
    let linked = sums.iter().filter(|s| s.count > 0.0).count() as f64;
    let total = |of: &dyn Fn(&Sums) -> f64| sums.iter().map(of).sum::<f64>();
    // Every point counts in two tiles and along two axes.
    let spare = total(&|s| s.count) - linked * fits.free_freedom as f64;
    let weight = total(&|s| s.lever) / total(&|s| s.count).max(1.0);
    if spare <= 0.0 || weight <= 0.0 {
        return Firmness::none(fits.tiles.len());
    }
    let variance = (0.5 * total(&|s| s.missed) / spare).max(weight * LEAST_SIGMA_PX * LEAST_SIGMA_PX);
    let extra = (fits.free_freedom - fits.stiff_freedom) as f64;
    // The gain over what chance gives: never less than what chance may give.
    let beyond = |gained: f64, parameters: f64| gained / (parameters * variance) - 1.0;
    let all = beyond(0.5 * total(&|s| s.gained), extra * linked).max(2.0 * (2.0 / (extra * linked)).sqrt());
    let share = |s: &Sums| match beyond(0.5 * s.gained, extra) {
        own if own > STANDS_OUT => (all / own).clamp(LEAST_SHARE, 1.0),
        _ => 1.0,
    };
    Firmness { linear: total(&|s| s.lever) / linked / (all * (1.0 + all)), share: sums.iter().map(share).collect() }
}

fn sums_of_tiles(fits: &Fits<'_>) -> Vec<Sums> {
    let mut sums = vec![Sums::default(); fits.tiles.len()];
    for (pair, &(i, j)) in fits.matches.pairs.iter().enumerate() {
        for at in fits.matches.of_pair(pair).filter(|&at| fits.kept[at]) {
            let point = &fits.matches.points[at];
            let (free, stiff) = (fits.free_px[at].powi(2), fits.stiff_px[at].powi(2));
            for (tile, place) in [(i, point.a), (j, point.b)] {
                let (tile, sums) = (&fits.tiles[tile as usize], &mut sums[tile as usize]);
                let lever = |axis: usize| ((place[axis] - tile.centre[axis]) / tile.half_side).powi(2);
                sums.count += 1.0;
                sums.missed += point.weight * free;
                sums.gained += point.weight * (stiff - free);
                sums.lever += point.weight * 0.5 * (lever(0) + lever(1));
            }
        }
    }
    sums
}
