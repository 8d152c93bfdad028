//! What may move: the parameters of a tile under each model, and how a point of it moves with them.
//!
//! Coordinates of a point are taken about the tile's centre and divided by half its longer side, so that every
//! parameter is in pixels: how far the centre, or a point at the edge, moves.

use super::dense::{Cell, Dense};
use super::levels::Frame;
use super::problem::Tile;

/// A kind of placement. `R = 2`: x and y have parameters of their own, `B` each, and the same equations. `R = 1`: both
/// share `B` parameters.
pub trait Model<const B: usize, const R: usize> {
    /// What placing many points of one tile needs.
    type Ready: Copy;

    /// The parameters of an affine placement (AffineModel2D order); drops what the model cannot express.
    fn from_affine(tile: &Tile, placed: &[f64; 6]) -> Cell<B, R>;
    /// The affine placement that parameters stand for, or that is nearest to them over the tile.
    fn to_affine(tile: &Tile, cell: &Cell<B, R>) -> [f64; 6];
    fn ready(tile: &Tile, cell: &Cell<B, R>) -> Self::Ready;
    /// Where the model puts a point of the tile.
    fn place(ready: &Self::Ready, point: [f64; 2]) -> [f64; 2];
    /// How the x and the y of a placed point change with each parameter; of `R = 2` the first row alone, for both.
    fn design(ready: &Self::Ready, point: [f64; 2]) -> [[f64; B]; 2];
    /// Strength of the prior on each parameter: `position` on the centre, `linear` on scale and shear.
    fn prior_weights(position: f64, linear: f64) -> [f64; B];
    fn centre(cell: &Cell<B, R>) -> [f64; 2];
    fn set_centre(cell: &mut Cell<B, R>, to: [f64; 2]);
    fn frame(tile: &Tile, cell: &Cell<B, R>) -> Frame;
    /// How a member's parameters follow from those of a group that moves as the model moves a tile.
    fn spread() -> impl Fn(&Frame, &Frame) -> Dense<B>;

    /// What an affine placement does not say: the coefficients over the tile's own pixels, counted from its corner, all
    /// of x, then all of y. None of the models that are affine.
    fn coefficients(_: &Tile, _: &Cell<B, R>) -> Vec<f64> {
        Vec::new()
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

/// The member's place about the group's, in the group's lengths, and the member's lengths in the group's.
fn seen_from(group: &Frame, member: &Frame) -> ([f64; 2], [f64; 4]) {
    let reach = group.linear[0];
    let arm = [(member.at[0] - group.at[0]) / reach, (member.at[1] - group.at[1]) / reach];
    (arm, member.linear.map(|l| l / reach))
}

/// The rotation and scale nearest to the linear part of `placed` after undoing the stage's, as (re, im).
fn turn_from_stage(tile: &Tile, placed: &[f64; 6]) -> [f64; 2] {
    let s = tile.stage_linear;
    let cross = s[0] * placed[1] - s[1] * placed[0] + s[2] * placed[3] - s[3] * placed[2];
    let along = s[0] * placed[0] + s[1] * placed[1] + s[2] * placed[2] + s[3] * placed[3];
    let whole: f64 = s.iter().map(|v| v * v).sum();
    [along / whole, cross / whole]
}

/// The stage's linear part turned and scaled by the complex number (re, im).
fn turned_stage(tile: &Tile, [re, im]: [f64; 2]) -> [f64; 4] {
    let s = tile.stage_linear;
    [re * s[0] - im * s[1], im * s[0] + re * s[1], re * s[2] - im * s[3], im * s[2] + re * s[3]]
}

/// The centre moves and the tile turns; the stage's linear part is turned with it. Parameters: x, y, angle in half-sides.
pub struct Rigid;

/// A rotation says less against it than a scale or a shear: stages turn cameras by degrees, and scale them by per mille.
const ROTATION_PRIOR: f64 = 0.05;

/// A placement, its centre and half-side.
#[derive(Debug, Clone, Copy)]
pub struct Turned {
    affine: [f64; 6],
    centre: [f64; 2],
    half_side: f64,
}

impl Model<3, 1> for Rigid {
    type Ready = Turned;

    fn from_affine(tile: &Tile, placed: &[f64; 6]) -> Cell<3, 1> {
        let [x, y] = apply(placed, tile.centre);
        let [re, im] = turn_from_stage(tile, placed);
        [[x], [y], [im.atan2(re) * tile.half_side]]
    }

    fn to_affine(tile: &Tile, [[x], [y], [angle]]: &Cell<3, 1>) -> [f64; 6] {
        let (sin, cos) = (angle / tile.half_side).sin_cos();
        affine_about(tile, turned_stage(tile, [cos, sin]), [*x, *y])
    }

    fn ready(tile: &Tile, cell: &Cell<3, 1>) -> Turned {
        Turned { affine: Self::to_affine(tile, cell), centre: Self::centre(cell), half_side: tile.half_side }
    }

    fn place(ready: &Turned, point: [f64; 2]) -> [f64; 2] {
        apply(&ready.affine, point)
    }

    fn design(ready: &Turned, point: [f64; 2]) -> [[f64; 3]; 2] {
        let placed = Self::place(ready, point);
        let arm = [(placed[0] - ready.centre[0]) / ready.half_side, (placed[1] - ready.centre[1]) / ready.half_side];
        [[1.0, 0.0, -arm[1]], [0.0, 1.0, arm[0]]]
    }

    fn prior_weights(position: f64, linear: f64) -> [f64; 3] {
        [position, position, linear * ROTATION_PRIOR]
    }

    fn centre([[x], [y], _]: &Cell<3, 1>) -> [f64; 2] {
        [*x, *y]
    }

    fn set_centre(cell: &mut Cell<3, 1>, [x, y]: [f64; 2]) {
        (cell[0][0], cell[1][0]) = (x, y);
    }

    fn frame(tile: &Tile, cell: &Cell<3, 1>) -> Frame {
        Frame { at: Self::centre(cell), linear: [tile.half_side, 0.0, 0.0, tile.half_side] }
    }

    fn spread() -> impl Fn(&Frame, &Frame) -> Dense<3> {
        |group, member| {
            let (arm, lengths) = seen_from(group, member);
            [[1.0, 0.0, -arm[1]], [0.0, 1.0, arm[0]], [0.0, 0.0, lengths[0]]]
        }
    }
}

/// The centre moves, the tile turns and grows, the stage's linear part with it. Parameters: x, y, then the real and the
/// imaginary part of turn and scale, in half-sides.
pub struct Similarity;

impl Model<4, 1> for Similarity {
    type Ready = SimilarReady;

    fn from_affine(tile: &Tile, placed: &[f64; 6]) -> Cell<4, 1> {
        let [x, y] = apply(placed, tile.centre);
        let [re, im] = turn_from_stage(tile, placed);
        [[x], [y], [re * tile.half_side], [im * tile.half_side]]
    }

    fn to_affine(tile: &Tile, [[x], [y], [re], [im]]: &Cell<4, 1>) -> [f64; 6] {
        affine_about(tile, turned_stage(tile, [re / tile.half_side, im / tile.half_side]), [*x, *y])
    }

    fn ready(tile: &Tile, cell: &Cell<4, 1>) -> SimilarReady {
        SimilarReady {
            affine: Self::to_affine(tile, cell),
            stage_linear: tile.stage_linear,
            middle: tile.centre,
            half_side: tile.half_side,
        }
    }

    fn place(ready: &SimilarReady, point: [f64; 2]) -> [f64; 2] {
        apply(&ready.affine, point)
    }

    fn design(ready: &SimilarReady, point: [f64; 2]) -> [[f64; 4]; 2] {
        let (s, h) = (ready.stage_linear, ready.half_side);
        let [x, y] = [(point[0] - ready.middle[0]) / h, (point[1] - ready.middle[1]) / h];
        let staged = [s[0] * x + s[2] * y, s[1] * x + s[3] * y];
        [[1.0, 0.0, staged[0], -staged[1]], [0.0, 1.0, staged[1], staged[0]]]
    }

    fn prior_weights(position: f64, linear: f64) -> [f64; 4] {
        [position, position, linear, linear]
    }

    fn centre([[x], [y], ..]: &Cell<4, 1>) -> [f64; 2] {
        [*x, *y]
    }

    fn set_centre(cell: &mut Cell<4, 1>, [x, y]: [f64; 2]) {
        (cell[0][0], cell[1][0]) = (x, y);
    }

    fn frame(_: &Tile, cell: &Cell<4, 1>) -> Frame {
        let [_, _, [re], [im]] = *cell;
        Frame { at: Self::centre(cell), linear: [re, im, -im, re] }
    }

    fn spread() -> impl Fn(&Frame, &Frame) -> Dense<4> {
        |group, member| {
            let (arm, [re, im, ..]) = seen_from(group, member);
            [[1.0, 0.0, arm[0], -arm[1]], [0.0, 1.0, arm[1], arm[0]], [0.0, 0.0, re, -im], [0.0, 0.0, im, re]]
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct SimilarReady {
    affine: [f64; 6],
    stage_linear: [f64; 4],
    middle: [f64; 2],
    half_side: f64,
}

/// The centre moves; the linear part stays the stage's. Parameters: x and y of the centre.
pub struct Translation;

impl Model<1, 2> for Translation {
    type Ready = [f64; 6];

    fn from_affine(tile: &Tile, placed: &[f64; 6]) -> Cell<1, 2> {
        [apply(placed, tile.centre)]
    }

    fn to_affine(tile: &Tile, [centre]: &Cell<1, 2>) -> [f64; 6] {
        affine_about(tile, tile.stage_linear, *centre)
    }

    fn ready(tile: &Tile, cell: &Cell<1, 2>) -> [f64; 6] {
        Self::to_affine(tile, cell)
    }

    fn place(ready: &[f64; 6], point: [f64; 2]) -> [f64; 2] {
        apply(ready, point)
    }

    fn design(_: &[f64; 6], _: [f64; 2]) -> [[f64; 1]; 2] {
        [[1.0]; 2]
    }

    fn prior_weights(position: f64, _: f64) -> [f64; 1] {
        [position]
    }

    fn centre([centre]: &Cell<1, 2>) -> [f64; 2] {
        *centre
    }

    fn set_centre(cell: &mut Cell<1, 2>, to: [f64; 2]) {
        *cell = [to];
    }

    fn frame(tile: &Tile, cell: &Cell<1, 2>) -> Frame {
        Frame { at: Self::centre(cell), linear: [tile.half_side, 0.0, 0.0, tile.half_side] }
    }

    fn spread() -> impl Fn(&Frame, &Frame) -> Dense<1> {
        |_, _| [[1.0]]
    }
}
