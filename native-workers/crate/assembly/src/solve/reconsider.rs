//! A way out of the local minima of robust placement: a tile held by wrong links is offered the places that each of its
//! other links asks for, and takes one where the whole of its links and the prior are better off.

use super::block::Blocks;
use super::model::Model;
use super::problem::{Match, Tile};

/// Passes over all tiles.
const SWEEPS: usize = 3;
/// A place must be better by this share to be taken.
const BETTER: f64 = 0.99;

/// Moves tiles to better places; says whether any moved. `scale` is the Geman-McClure scale, px, and `position` the
/// prior's weight on a centre. Costs a few looks at every match.
pub fn reconsider<const P: usize, M: Model<P>>(
    tiles: &[Tile],
    prior: &Blocks<P>,
    matches: &[Match],
    scale: f64,
    position: f64,
    parameters: &mut Blocks<P>,
) -> bool {
    let of_tile = matches_of_tiles(tiles.len(), matches);
    let mut moved = false;
    for _ in 0..SWEEPS {
        let mut moved_now = false;
        for (tile, links) in of_tile.iter().enumerate() {
            let view = View { tiles, prior, matches, links, tile, scale, position };
            moved_now |= view.take_best_place::<M>(parameters);
        }
        moved |= moved_now;
        if !moved_now {
            break;
        }
    }
    moved
}

fn matches_of_tiles(tiles: usize, matches: &[Match]) -> Vec<Vec<usize>> {
    let mut of_tile = vec![Vec::new(); tiles];
    for (at, m) in matches.iter().enumerate() {
        of_tile[m.tile_a].push(at);
        of_tile[m.tile_b].push(at);
    }
    of_tile
}

/// One tile among its links, all other tiles held where they are.
struct View<'a, const P: usize> {
    tiles: &'a [Tile],
    prior: &'a Blocks<P>,
    matches: &'a [Match],
    links: &'a [usize],
    tile: usize,
    scale: f64,
    position: f64,
}

impl<const P: usize> View<'_, P> {
    fn take_best_place<M: Model<P>>(&self, parameters: &mut Blocks<P>) -> bool {
        let gaps: Vec<[f64; 2]> = self.links.iter().map(|&at| self.gap::<M>(parameters, at)).collect();
        let now = self.cost(parameters, &gaps, [0.0; 2]);
        let best = gaps.iter().map(|g| ([-g[0], -g[1]], self.cost(parameters, &gaps, [-g[0], -g[1]])));
        let Some((shift, cost)) = best.min_by(|a, b| a.1.total_cmp(&b.1)) else { return false };
        if cost >= BETTER * now {
            return false;
        }
        parameters[self.tile][0] += shift[0];
        parameters[self.tile][1] += shift[1];
        true
    }

    /// From the other tile's place of a match to this tile's, px.
    fn gap<M: Model<P>>(&self, parameters: &Blocks<P>, at: usize) -> [f64; 2] {
        let m = &self.matches[at];
        let a = M::place(&self.tiles[m.tile_a], &parameters[m.tile_a], m.a);
        let b = M::place(&self.tiles[m.tile_b], &parameters[m.tile_b], m.b);
        let sign = if m.tile_a == self.tile { 1.0 } else { -1.0 };
        [sign * (a[0] - b[0]), sign * (a[1] - b[1])]
    }

    /// Geman-McClure cost of the links and the prior's cost of the centre, px^2, with the tile moved by `shift`.
    fn cost(&self, parameters: &Blocks<P>, gaps: &[[f64; 2]], shift: [f64; 2]) -> f64 {
        let links = self.links.iter().zip(gaps).map(|(&at, gap)| {
            let r2 = ((gap[0] + shift[0]).powi(2) + (gap[1] + shift[1]).powi(2)) / self.scale.powi(2);
            self.matches[at].weight * self.scale.powi(2) * r2 / (1.0 + r2)
        });
        let (here, stage) = (&parameters[self.tile], &self.prior[self.tile]);
        let off = [here[0] + shift[0] - stage[0], here[1] + shift[1] - stage[1]];
        links.sum::<f64>() + self.position * (off[0].powi(2) + off[1].powi(2))
    }
}
