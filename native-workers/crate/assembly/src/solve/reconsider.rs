//! A way out of the local minima of robust placement: a tile held by wrong links is offered the places that each of its
//! other links asks for, and takes one where the whole of its links and the prior are better off.

use super::dense::Cell;
use super::matrix::Members;
use super::model::Model;
use super::problem::{Matches, Point, Tile};

/// Passes over all tiles.
const SWEEPS: usize = 3;
/// A place must be better by this share to be taken.
const BETTER: f64 = 0.99;

/// Moves tiles to better places; says whether any moved. `scale` is the Geman-McClure scale, px, and `position` the
/// prior's weight on a centre. Costs a few looks at every match.
pub fn reconsider<const B: usize, const R: usize, M: Model<B, R>>(
    tiles: &[Tile],
    prior: &[Cell<B, R>],
    matches: &Matches,
    scale: f64,
    position: f64,
    cells: &mut [Cell<B, R>],
) -> bool {
    let ends: Vec<u32> = matches.pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
    let ends_of_tiles = Members::of(&ends, tiles.len());
    let mut moved = false;
    for _ in 0..SWEEPS {
        let mut moved_now = false;
        for tile in (0..tiles.len()).filter(|&t| !tiles[t].is_fixed()) {
            let view = View { tiles, prior, matches, ends: ends_of_tiles.of_group(tile), tile, scale, position };
            moved_now |= view.take_best_place::<M>(cells);
        }
        moved |= moved_now;
        if !moved_now {
            break;
        }
    }
    moved
}

/// One tile among its links, all other tiles held where they are. `ends` are twice the number of a pair, and one more
/// where the tile is its second.
struct View<'a, const B: usize, const R: usize> {
    tiles: &'a [Tile],
    prior: &'a [Cell<B, R>],
    matches: &'a Matches,
    ends: &'a [u32],
    tile: usize,
    scale: f64,
    position: f64,
}

/// From the other tile's place of a match to this tile's, px, and the match's weight.
struct Gap {
    by: [f64; 2],
    weight: f64,
}

impl<const B: usize, const R: usize> View<'_, B, R> {
    fn take_best_place<M: Model<B, R>>(&self, cells: &mut [Cell<B, R>]) -> bool {
        let gaps: Vec<Vec<Gap>> = self.ends.iter().map(|&end| self.gaps_of::<M>(cells, end as usize)).collect();
        if gaps.iter().flatten().all(|gap| gap.by[0].hypot(gap.by[1]) <= self.scale) {
            return false;
        }
        let here = M::centre(&cells[self.tile]);
        let now = self.cost::<M>(here, &gaps, [0.0; 2]);
        let asked = gaps.iter().filter_map(|of_link| middle(of_link)).map(|[x, y]| [-x, -y]);
        let best = asked.map(|shift| (shift, self.cost::<M>(here, &gaps, shift)));
        let Some((shift, cost)) = best.min_by(|a, b| a.1.total_cmp(&b.1)) else { return false };
        if cost >= BETTER * now {
            return false;
        }
        M::set_centre(&mut cells[self.tile], [here[0] + shift[0], here[1] + shift[1]]);
        true
    }

    fn gaps_of<M: Model<B, R>>(&self, cells: &[Cell<B, R>], end: usize) -> Vec<Gap> {
        let (pair, sign) = (end / 2, if end.is_multiple_of(2) { 1.0 } else { -1.0 });
        let (i, j) = (self.matches.pairs[pair].0 as usize, self.matches.pairs[pair].1 as usize);
        let (first, second) = (M::ready(&self.tiles[i], &cells[i]), M::ready(&self.tiles[j], &cells[j]));
        let points = &self.matches.points[self.matches.of_pair(pair)];
        let gap = |point: &Point| {
            let (a, b) = (M::place(&first, point.a), M::place(&second, point.b));
            Gap { by: [sign * (a[0] - b[0]), sign * (a[1] - b[1])], weight: point.weight }
        };
        points.iter().map(gap).collect()
    }

    /// Geman-McClure cost of the links and the prior's cost of the centre, px^2, with the tile moved by `shift`.
    fn cost<M: Model<B, R>>(&self, here: [f64; 2], gaps: &[Vec<Gap>], shift: [f64; 2]) -> f64 {
        let square = self.scale.powi(2);
        let of_link = |gap: &Gap| {
            let r2 = ((gap.by[0] + shift[0]).powi(2) + (gap.by[1] + shift[1]).powi(2)) / square;
            gap.weight * square * r2 / (1.0 + r2)
        };
        let stage = M::centre(&self.prior[self.tile]);
        let off = [here[0] + shift[0] - stage[0], here[1] + shift[1] - stage[1]];
        let prior = self.position * self.tiles[self.tile].hold * (off[0].powi(2) + off[1].powi(2));
        gaps.iter().flatten().map(of_link).sum::<f64>() + prior
    }
}

/// The middle of a link's gaps along each axis; `None` of a link without points.
fn middle(gaps: &[Gap]) -> Option<[f64; 2]> {
    let along = |axis: usize| {
        let mut values: Vec<f64> = gaps.iter().map(|gap| gap.by[axis]).collect();
        let half = values.len() / 2;
        if values.is_empty() { None } else { Some(*values.select_nth_unstable_by(half, f64::total_cmp).1) }
    };
    Some([along(0)?, along(1)?])
}
