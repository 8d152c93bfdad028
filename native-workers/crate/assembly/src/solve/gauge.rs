//! What all tiles of a section may do together without any match seeing it.

use super::dense::Cell;
use super::model::{Model, Similarity};
use super::polynomial::Polynomial;
use super::problem::Tile;
use super::stage::{self, Common, mean};

/// Spread of the tiles' angles that is expected before any is known, radians, and how many tiles that counts for.
const ANGLE_SIGMA: f64 = 1e-3;
const ANGLE_VOTES: f64 = 2.0;
/// Stage places are never better than this, px.
const PLACE_SIGMA_PX: f64 = 0.1;

/// Turns each component as a whole to where its two witnesses agree best: the stage's places, as noisy as they proved to
/// be, and the stage's angles, as different from tile to tile as they proved to be. A camera that sits firmly on its
/// stage tells the rotation far better than places that are off by pixels; a loose one tells nothing.
///
/// Residuals do not change. Components with a tile that is held stay as they are.
pub fn settle_rotation(tiles: &[Tile], expected: &[[f64; 2]], component: &[i32], cells: &mut [Cell<3, 1>]) {
    let count = component.iter().copied().max().map_or(0, |last| last + 1);
    let mut members_of = vec![Vec::new(); usize::try_from(count).unwrap_or_default()];
    for (tile, number) in component.iter().enumerate() {
        if let Ok(number) = usize::try_from(*number) {
            members_of[number].push(tile);
        }
    }
    for members in members_of {
        if members.len() > 1 && !members.iter().any(|&t| tiles[t].is_held()) {
            turn(tiles, expected, &members, cells);
        }
    }
}

fn turn(tiles: &[Tile], expected: &[[f64; 2]], members: &[usize], cells: &mut [Cell<3, 1>]) {
    let middle = mean(members.iter().map(|&t| [cells[t][0][0], cells[t][1][0]]));
    let stage_middle = mean(members.iter().map(|&t| expected[t]));
    let about = |p: [f64; 2], m: [f64; 2]| [p[0] - m[0], p[1] - m[1]];
    let arms: Vec<([f64; 2], [f64; 2])> = members
        .iter()
        .map(|&t| (about([cells[t][0][0], cells[t][1][0]], middle), about(expected[t], stage_middle)))
        .collect();
    let (by_places, places_weight) = witness_of_places(&arms);
    let angles: Vec<f64> = members.iter().map(|&t| cells[t][2][0] / tiles[t].half_side).collect();
    let (by_angles, angles_weight) = witness_of_angles(&angles);
    let by = (places_weight * by_places + angles_weight * by_angles) / (places_weight + angles_weight);
    let (sin, cos) = by.sin_cos();
    for (&t, (arm, _)) in members.iter().zip(&arms) {
        let half_side = tiles[t].half_side;
        let [_, _, [angle]] = cells[t];
        let to = [middle[0] + cos * arm[0] - sin * arm[1], middle[1] + sin * arm[0] + cos * arm[1]];
        cells[t] = [[to[0]], [to[1]], [angle + by * half_side]];
    }
}

/// The turn that takes the solved places nearest to the stage's, radians, and its inverse variance.
fn witness_of_places(arms: &[([f64; 2], [f64; 2])]) -> (f64, f64) {
    let sum = |f: &dyn Fn([f64; 2], [f64; 2]) -> f64| arms.iter().map(|&(a, b)| f(a, b)).sum::<f64>();
    let by = sum(&|a, b| a[0] * b[1] - a[1] * b[0]).atan2(sum(&|a, b| a[0] * b[0] + a[1] * b[1]));
    let (sin, cos) = by.sin_cos();
    let missed = sum(&|a, b| (cos * a[0] - sin * a[1] - b[0]).powi(2) + (sin * a[0] + cos * a[1] - b[1]).powi(2));
    let variance = (missed / (2 * arms.len()) as f64).max(PLACE_SIGMA_PX.powi(2));
    (by, sum(&|a, _| a[0] * a[0] + a[1] * a[1]) / variance)
}

/// The turn that takes the mean of the tiles' angles to the stage's, radians, and its inverse variance.
fn witness_of_angles(angles: &[f64]) -> (f64, f64) {
    let count = angles.len() as f64;
    let mean = angles.iter().sum::<f64>() / count;
    let spread: f64 = angles.iter().map(|a| (a - mean).powi(2)).sum();
    let variance = (spread + ANGLE_VOTES * ANGLE_SIGMA.powi(2)) / (count - 1.0 + ANGLE_VOTES);
    (-mean, count / variance)
}

/// Models whose tiles may grow or shear all together, which leaves every match as it is; shrinking even gains on noise.
pub trait Gauge<const B: usize, const R: usize>: Model<B, R> {
    const COMMON: Common;
    /// The parameters under a linear map of the stack (rows first) that takes the centre to `centre`.
    fn mapped(cell: &Cell<B, R>, linear: &[f64; 4], centre: [f64; 2]) -> Cell<B, R>;
}

impl Gauge<4, 1> for Similarity {
    const COMMON: Common = Common::Similarity;

    fn mapped(&[_, _, [re], [im]]: &Cell<4, 1>, &[a, _, b, _]: &[f64; 4], [x, y]: [f64; 2]) -> Cell<4, 1> {
        [[x], [y], [a * re - b * im], [b * re + a * im]]
    }
}

impl<const B: usize> Gauge<B, 2> for Polynomial<B> {
    const COMMON: Common = Common::Affine;

    fn mapped(cell: &Cell<B, 2>, l: &[f64; 4], centre: [f64; 2]) -> Cell<B, 2> {
        let mut mapped = cell.map(|[x, y]| [l[0] * x + l[1] * y, l[2] * x + l[3] * y]);
        mapped[0] = centre;
        mapped
    }
}

/// Takes the common linear map between the solved and the expected centres out of the solution, unless a tile is held:
/// then that one settles what is common.
pub fn hold_common_map<const B: usize, const R: usize, M: Gauge<B, R>>(
    tiles: &[Tile],
    expected: &[[f64; 2]],
    cells: &mut [Cell<B, R>],
) {
    if tiles.iter().any(Tile::is_held) {
        return;
    }
    let solved: Vec<[f64; 2]> = cells.iter().map(M::centre).collect();
    let Some((map, _)) = stage::common_map(M::COMMON, &solved, expected, &vec![0; tiles.len()]) else { return };
    for cell in cells.iter_mut() {
        *cell = M::mapped(cell, map.linear(), map.apply(M::centre(cell)));
    }
}
