//! The common rotation of a section, which no match can see.

use super::problem::Tile;
use super::stage::mean;

/// Spread of the tiles' angles that is expected before any is known, radians, and how many tiles that counts for.
const ANGLE_SIGMA: f64 = 1e-3;
const ANGLE_VOTES: f64 = 2.0;
/// Stage places are never better than this, px.
const PLACE_SIGMA_PX: f64 = 0.1;

/// Turns each component as a whole to where its two witnesses agree best: the stage's places, as noisy as they proved to
/// be, and the stage's angles, as different from tile to tile as they proved to be. A camera that sits firmly on its
/// stage tells the rotation far better than places that are off by pixels; a loose one tells nothing.
///
/// `parameters` are x, y of the centre and the angle in half-sides, as of the rigid model; residuals do not change.
pub fn settle_rotation(tiles: &[Tile], expected: &[[f64; 2]], component: &[i32], parameters: &mut [[f64; 3]]) {
    let count = component.iter().copied().max().map_or(0, |last| last + 1);
    for number in 0..count {
        let members: Vec<usize> = (0..tiles.len()).filter(|&t| component[t] == number).collect();
        if members.len() > 1 {
            turn(tiles, expected, &members, parameters);
        }
    }
}

fn turn(tiles: &[Tile], expected: &[[f64; 2]], members: &[usize], parameters: &mut [[f64; 3]]) {
    let middle = mean(members.iter().map(|&t| [parameters[t][0], parameters[t][1]]));
    let stage_middle = mean(members.iter().map(|&t| expected[t]));
    let about = |p: [f64; 2], m: [f64; 2]| [p[0] - m[0], p[1] - m[1]];
    let arms: Vec<([f64; 2], [f64; 2])> = members
        .iter()
        .map(|&t| (about([parameters[t][0], parameters[t][1]], middle), about(expected[t], stage_middle)))
        .collect();
    let (by_places, places_weight) = witness_of_places(&arms);
    let angles: Vec<f64> = members.iter().map(|&t| parameters[t][2] / tiles[t].half_side).collect();
    let (by_angles, angles_weight) = witness_of_angles(&angles);
    let by = (places_weight * by_places + angles_weight * by_angles) / (places_weight + angles_weight);
    let (sin, cos) = by.sin_cos();
    for (&t, (arm, _)) in members.iter().zip(&arms) {
        let half_side = tiles[t].half_side;
        let [_, _, angle] = parameters[t];
        parameters[t] =
            [middle[0] + cos * arm[0] - sin * arm[1], middle[1] + sin * arm[0] + cos * arm[1], angle + by * half_side];
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
