//! Where the stage's places are, seen from the tiles that somebody put where they belong.

use super::model::apply;
use super::problem::{Matches, Tile};
use super::stage;

/// So many links have to say the same.
const FEWEST_LINKS: usize = 2;

/// The stage's centre of each tile. Where the links of held tiles agree that all that hangs together with them lies
/// farther away than the stage errs (`widest_px`), it is all moved there: an island goes with the tile that was moved,
/// though the stage has it elsewhere.
pub fn stage_centres(tiles: &[Tile], matches: &Matches, widest_px: f64) -> Vec<[f64; 2]> {
    let mut centres: Vec<[f64; 2]> = tiles.iter().map(Tile::stage_centre).collect();
    if !tiles.iter().any(Tile::is_held) {
        return centres;
    }
    let component = stage::components(tiles.len(), matches.pairs.iter().copied());
    let count = component.iter().copied().max().map_or(0, |last| last + 1);
    let mut moves = vec![Vec::new(); usize::try_from(count).unwrap_or_default()];
    for (pair, &(i, j)) in matches.pairs.iter().enumerate() {
        let (held_i, held_j) = (tiles[i as usize].is_held(), tiles[j as usize].is_held());
        if let Ok(of) = usize::try_from(component[i as usize])
            && held_i != held_j
        {
            moves[of].push(gap(tiles, matches, pair, if held_i { 1.0 } else { -1.0 }));
        }
    }
    let shifts: Vec<[f64; 2]> = moves.iter().map(|moves| agreed(moves, widest_px)).collect();
    for ((centre, tile), of) in centres.iter_mut().zip(tiles).zip(&component) {
        if let Ok(of) = usize::try_from(*of)
            && !tile.is_held()
        {
            *centre = [centre[0] + shifts[of][0], centre[1] + shifts[of][1]];
        }
    }
    centres
}

/// What would take the second tile of a pair to the first by the stage, or the other way round, px.
fn gap(tiles: &[Tile], matches: &Matches, pair: usize, sign: f64) -> [f64; 2] {
    let (i, j) = matches.pairs[pair];
    let (first, second) = (&tiles[i as usize].stage, &tiles[j as usize].stage);
    let points = &matches.points[matches.of_pair(pair)];
    let gaps = points.iter().map(|p| (apply(first, p.a), apply(second, p.b)));
    let gaps: Vec<[f64; 2]> = gaps.map(|(a, b)| [sign * (a[0] - b[0]), sign * (a[1] - b[1])]).collect();
    middle(&gaps)
}

/// The middle move, where it is far and at least half of the links say about the same; else none.
fn agreed(moves: &[[f64; 2]], widest_px: f64) -> [f64; 2] {
    if moves.len() < FEWEST_LINKS {
        return [0.0; 2];
    }
    let by = middle(moves);
    let near = moves.iter().filter(|m| (m[0] - by[0]).hypot(m[1] - by[1]) <= widest_px).count();
    if by[0].hypot(by[1]) > widest_px && near * 2 >= moves.len() { by } else { [0.0; 2] }
}

/// The middle of the values along each axis; of none, 0.
fn middle(values: &[[f64; 2]]) -> [f64; 2] {
    [0, 1].map(|axis| {
        let mut along: Vec<f64> = values.iter().map(|v| v[axis]).collect();
        let half = along.len() / 2;
        if along.is_empty() { 0.0 } else { *along.select_nth_unstable_by(half, f64::total_cmp).1 }
    })
}
