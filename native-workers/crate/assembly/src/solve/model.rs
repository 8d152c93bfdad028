//! What may move: the parameters of a tile under each model, and how a point of it moves with them.
//!
//! Coordinates of a point are taken about the tile's centre and divided by half its longer side, so that every
//! parameter is in pixels: how far the centre, or a point at the edge, moves.

use super::problem::Tile;

/// A point about the tile's centre, in half-sides.
fn about_centre(tile: &Tile, point: [f64; 2]) -> [f64; 2] {
    [(point[0] - tile.centre[0]) / tile.half_side, (point[1] - tile.centre[1]) / tile.half_side]
}

/// A kind of placement with `P` parameters a tile.
pub trait Model<const P: usize> {
    /// The parameters of an affine placement (AffineModel2D order); drops what the model cannot express.
    fn from_affine(tile: &Tile, placed: &[f64; 6]) -> [f64; P];
    /// The placement that parameters stand for.
    fn to_affine(tile: &Tile, parameters: &[f64; P]) -> [f64; 6];
    /// How the x and the y of a placed point change with each parameter.
    fn jacobian(tile: &Tile, parameters: &[f64; P], point: [f64; 2]) -> [[f64; P]; 2];
    /// Strength of the prior on each parameter: `position` on the centre, `linear` on scale and shear.
    fn prior_weights(position: f64, linear: f64) -> [f64; P];

    /// Where the model puts a point of the tile.
    fn place(tile: &Tile, parameters: &[f64; P], point: [f64; 2]) -> [f64; 2] {
        apply(&Self::to_affine(tile, parameters), point)
    }
}

/// `m` of a point, AffineModel2D order.
pub fn apply(m: &[f64; 6], point: [f64; 2]) -> [f64; 2] {
    [m[0] * point[0] + m[2] * point[1] + m[4], m[1] * point[0] + m[3] * point[1] + m[5]]
}

/// The affine map with the linear part `l` (m00, m10, m01, m11) that takes the tile's centre to `centre`.
fn affine_about(tile: &Tile, l: [f64; 4], centre: [f64; 2]) -> [f64; 6] {
    let [cx, cy] = tile.centre;
    [l[0], l[1], l[2], l[3], centre[0] - l[0] * cx - l[2] * cy, centre[1] - l[1] * cx - l[3] * cy]
}

/// The centre moves; the linear part stays the stage's. Parameters: x, y of the centre.
pub struct Translation;

impl Model<2> for Translation {
    fn from_affine(tile: &Tile, placed: &[f64; 6]) -> [f64; 2] {
        apply(placed, tile.centre)
    }

    fn to_affine(tile: &Tile, parameters: &[f64; 2]) -> [f64; 6] {
        affine_about(tile, tile.stage_linear, *parameters)
    }

    fn jacobian(_: &Tile, _: &[f64; 2], _: [f64; 2]) -> [[f64; 2]; 2] {
        [[1.0, 0.0], [0.0, 1.0]]
    }

    fn prior_weights(position: f64, _: f64) -> [f64; 2] {
        [position; 2]
    }
}

/// The centre moves and the tile turns; the stage's linear part is turned with it. Parameters: x, y, angle in half-sides.
pub struct Rigid;

/// A rotation says less against it than a scale or a shear: stages turn cameras by degrees, and scale them by per mille.
const ROTATION_PRIOR: f64 = 0.05;

impl Model<3> for Rigid {
    fn from_affine(tile: &Tile, placed: &[f64; 6]) -> [f64; 3] {
        let [x, y] = apply(placed, tile.centre);
        let s = tile.stage_linear;
        // The angle of the rotation nearest to placed * stage^-1: Procrustes over the two columns.
        let cross = s[0] * placed[1] - s[1] * placed[0] + s[2] * placed[3] - s[3] * placed[2];
        let along = s[0] * placed[0] + s[1] * placed[1] + s[2] * placed[2] + s[3] * placed[3];
        [x, y, cross.atan2(along) * tile.half_side]
    }

    fn to_affine(tile: &Tile, parameters: &[f64; 3]) -> [f64; 6] {
        let (sin, cos) = (parameters[2] / tile.half_side).sin_cos();
        let s = tile.stage_linear;
        let turned =
            [cos * s[0] - sin * s[1], sin * s[0] + cos * s[1], cos * s[2] - sin * s[3], sin * s[2] + cos * s[3]];
        affine_about(tile, turned, [parameters[0], parameters[1]])
    }

    fn jacobian(tile: &Tile, parameters: &[f64; 3], point: [f64; 2]) -> [[f64; 3]; 2] {
        let placed = Self::place(tile, parameters, point);
        let arm = [(placed[0] - parameters[0]) / tile.half_side, (placed[1] - parameters[1]) / tile.half_side];
        [[1.0, 0.0, -arm[1]], [0.0, 1.0, arm[0]]]
    }

    fn prior_weights(position: f64, linear: f64) -> [f64; 3] {
        [position, position, linear * ROTATION_PRIOR]
    }
}

/// Everything moves. Parameters: x, y of the centre, then m00, m10, m01, m11 in half-sides.
pub struct Affine;

impl Model<6> for Affine {
    fn from_affine(tile: &Tile, placed: &[f64; 6]) -> [f64; 6] {
        let [x, y] = apply(placed, tile.centre);
        let s = tile.half_side;
        [x, y, placed[0] * s, placed[1] * s, placed[2] * s, placed[3] * s]
    }

    fn to_affine(tile: &Tile, p: &[f64; 6]) -> [f64; 6] {
        let s = tile.half_side;
        affine_about(tile, [p[2] / s, p[3] / s, p[4] / s, p[5] / s], [p[0], p[1]])
    }

    fn jacobian(tile: &Tile, _: &[f64; 6], point: [f64; 2]) -> [[f64; 6]; 2] {
        let [x, y] = about_centre(tile, point);
        [[1.0, 0.0, x, 0.0, y, 0.0], [0.0, 1.0, 0.0, x, 0.0, y]]
    }

    fn prior_weights(position: f64, linear: f64) -> [f64; 6] {
        [position, position, linear, linear, linear, linear]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile() -> Tile {
        Tile::new([0.98, 0.03, -0.02, 1.01, 100.0, 50.0], [512.0, 400.0])
    }

    fn agrees_with_differences<const P: usize, M: Model<P>>(parameters: [f64; P]) {
        let (tile, point, h) = (tile(), [37.0, 391.0], 1e-4);
        let jacobian = M::jacobian(&tile, &parameters, point);
        for i in 0..P {
            let (mut less, mut more) = (parameters, parameters);
            less[i] -= h;
            more[i] += h;
            let (less, more) = (M::place(&tile, &less, point), M::place(&tile, &more, point));
            for axis in 0..2 {
                assert!((jacobian[axis][i] - (more[axis] - less[axis]) / (2.0 * h)).abs() < 1e-7);
            }
        }
    }

    #[test]
    fn jacobians_agree_with_finite_differences() {
        agrees_with_differences::<2, Translation>([300.0, 200.0]);
        agrees_with_differences::<3, Rigid>([300.0, 200.0, 11.0]);
        agrees_with_differences::<6, Affine>([300.0, 200.0, 250.0, 6.0, -7.0, 260.0]);
    }

    #[test]
    fn placements_survive_the_way_through_parameters() {
        let tile = tile();
        let turned = Rigid::to_affine(&tile, &[310.0, 190.0, 9.0]);
        let again = Rigid::from_affine(&tile, &turned);
        assert!((again[0] - 310.0).abs() < 1e-9 && (again[2] - 9.0).abs() < 1e-9);
        let placed = [0.9, 0.1, -0.2, 1.1, 5.0, 6.0];
        let back = Affine::to_affine(&tile, &Affine::from_affine(&tile, &placed));
        assert!(placed.iter().zip(back).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}
