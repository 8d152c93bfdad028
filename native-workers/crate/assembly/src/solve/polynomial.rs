//! Tiles that bend: x and y are each a polynomial of the tile's pixels. Of order 1 it is the affine model.

use super::dense::{Cell, Dense, inverse, times};
use super::levels::Frame;
use super::model::{Model, apply};
use super::problem::Tile;

/// Polynomials with `B` terms for x and as many for y: 3 of order 1, 6 of order 2, 10 of order 3. Terms in the order of
/// Render's PolynomialTransform2D: 1, x, y, x², xy, y², x³, x²y, xy², y³, of the tile's pixels about its centre in
/// half-sides.
pub struct Polynomial<const B: usize>;

/// Polynomials of so many terms an axis are affine.
const AFFINE_TERMS: usize = 3;
/// What bends is held more firmly than what shears, by this for each order above the first.
const BEND_PRIOR: f64 = 3.0;

#[derive(Debug, Clone, Copy)]
pub struct Bent<const B: usize> {
    cell: Cell<B, 2>,
    middle: [f64; 2],
    half_side: f64,
}

/// Exponents of x and y of each term.
fn exponents<const B: usize>() -> [(i32, i32); B] {
    let mut terms = (0..).flat_map(|order| (0..=order).map(move |y| (order - y, y)));
    std::array::from_fn(|_| terms.next().unwrap_or_default())
}

/// The value of each term at a point.
fn terms<const B: usize>([x, y]: [f64; 2]) -> [f64; B] {
    let mut values = [1.0; B];
    let (mut first, mut length) = (0, 1);
    while first + length < B {
        for k in 0..length {
            values[first + length + k] = x * values[first + k];
        }
        values[first + 2 * length] = y * values[first + length - 1];
        first += length;
        length += 1;
    }
    values
}

/// The terms at as many nodes as there are (a triangle of a lattice, in units of `length`), and what `values` gives there.
fn nodes_of<const B: usize>(values: impl Fn([f64; 2]) -> [f64; B], length: f64) -> (Dense<B>, Dense<B>) {
    let nodes = exponents::<B>().map(|(x, y)| [f64::from(x) * 0.5, f64::from(y) * 0.5]);
    (nodes.map(terms), nodes.map(|[x, y]| values([x * length, y * length])))
}

impl<const B: usize> Model<B, 2> for Polynomial<B> {
    type Ready = Bent<B>;

    fn from_affine(tile: &Tile, placed: &[f64; 6]) -> Cell<B, 2> {
        let mut cell = [[0.0; 2]; B];
        cell[0] = apply(placed, tile.centre);
        cell[1] = [placed[0] * tile.half_side, placed[1] * tile.half_side];
        cell[2] = [placed[2] * tile.half_side, placed[3] * tile.half_side];
        cell
    }

    /// Least squares over a square of the tile's longer side, whose moments make it short.
    fn to_affine(tile: &Tile, cell: &Cell<B, 2>) -> [f64; 6] {
        let mut near = [cell[0], cell[1], cell[2]];
        // Means of even powers over -1..1: of x² 1/3, of x⁴ 1/5. x² is 1/3 on average, x³ is 3/5 x, x²y is 1/3 y.
        for (k, (x, y)) in exponents::<B>().into_iter().enumerate().skip(3) {
            let like =
                |power: i32| if power % 2 == 0 { 1.0 / f64::from(power + 1) } else { 3.0 / f64::from(power + 2) };
            let into = match (x % 2, y % 2) {
                (0, 0) => 0,
                (1, 0) => 1,
                (0, 1) => 2,
                _ => continue,
            };
            for axis in 0..2 {
                near[into][axis] += like(x) * like(y) * cell[k][axis];
            }
        }
        let h = tile.half_side;
        let l = [near[1][0] / h, near[1][1] / h, near[2][0] / h, near[2][1] / h];
        let [cx, cy] = tile.centre;
        [l[0], l[1], l[2], l[3], near[0][0] - l[0] * cx - l[2] * cy, near[0][1] - l[1] * cx - l[3] * cy]
    }

    fn ready(tile: &Tile, cell: &Cell<B, 2>) -> Bent<B> {
        Bent { cell: *cell, middle: tile.centre, half_side: tile.half_side }
    }

    fn place(ready: &Bent<B>, point: [f64; 2]) -> [f64; 2] {
        let [values, _] = Self::design(ready, point);
        let mut placed = [0.0; 2];
        for (value, [x, y]) in values.iter().zip(&ready.cell) {
            placed[0] += value * x;
            placed[1] += value * y;
        }
        placed
    }

    fn design(ready: &Bent<B>, point: [f64; 2]) -> [[f64; B]; 2] {
        let [x, y] = ready.middle;
        let values = terms([(point[0] - x) / ready.half_side, (point[1] - y) / ready.half_side]);
        [values, values]
    }

    fn prior_weights(position: f64, linear: f64) -> [f64; B] {
        exponents::<B>().map(|(x, y)| if x + y == 0 { position } else { linear * BEND_PRIOR.powi(x + y - 1) })
    }

    fn centre(cell: &Cell<B, 2>) -> [f64; 2] {
        cell[0]
    }

    fn set_centre(cell: &mut Cell<B, 2>, to: [f64; 2]) {
        cell[0] = to;
    }

    fn frame(_: &Tile, cell: &Cell<B, 2>) -> Frame {
        Frame { at: cell[0], linear: [cell[1][0], cell[1][1], cell[2][0], cell[2][1]] }
    }

    /// A polynomial of the group's lengths is one of the member's: it is sampled at nodes of the member, and fitted.
    fn spread() -> impl Fn(&Frame, &Frame) -> Dense<B> {
        let (nodes, _) = nodes_of(|_| [0.0; B], 1.0);
        let fit = inverse(&nodes);
        move |group, member| {
            let reach = group.linear[0];
            let arm = [(member.at[0] - group.at[0]) / reach, (member.at[1] - group.at[1]) / reach];
            let l = member.linear.map(|l| l / reach);
            let (_, values) =
                nodes_of(|[x, y]| terms([arm[0] + l[0] * x + l[2] * y, arm[1] + l[1] * x + l[3] * y]), 1.0);
            times(&fit, &values)
        }
    }

    fn coefficients(tile: &Tile, cell: &Cell<B, 2>) -> Vec<f64> {
        if B <= AFFINE_TERMS {
            return Vec::new();
        }
        let h = tile.half_side;
        let about = |[x, y]: [f64; 2]| terms([(x - tile.centre[0]) / h, (y - tile.centre[1]) / h]);
        let (nodes, values) = nodes_of(about, h);
        let coefficients = times(&inverse(&nodes), &times(&values, cell));
        let powers = exponents::<B>().map(|(x, y)| h.powi(x + y));
        (0..2).flat_map(|axis| coefficients.iter().zip(powers).map(move |(c, power)| c[axis] / power)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile() -> Tile {
        Tile::new([0.98, 0.03, -0.02, 1.01, 100.0, 50.0], [512.0, 400.0])
    }

    fn cell() -> Cell<10, 2> {
        std::array::from_fn(|k| [300.0 / (1.0 + k as f64), 200.0 - 30.0 * k as f64])
    }

    #[test]
    fn terms_are_in_the_order_of_the_data_string() {
        assert_eq!(terms::<10>([2.0, 3.0]), [1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 8.0, 12.0, 18.0, 27.0]);
        assert_eq!(exponents::<6>(), [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]);
    }

    #[test]
    fn coefficients_over_pixels_place_points_alike() {
        let both = Polynomial::<10>::coefficients(&tile(), &cell());
        let (x, y) = both.split_at(10);
        let point = [37.0, 391.0];
        let placed = Polynomial::<10>::place(&Polynomial::<10>::ready(&tile(), &cell()), point);
        let values = terms::<10>(point);
        let sum = |c: &[f64]| c.iter().zip(&values).map(|(c, v)| c * v).sum::<f64>();
        assert!((sum(x) - placed[0]).abs() < 1e-8 && (sum(y) - placed[1]).abs() < 1e-8);
    }

    #[test]
    fn the_nearest_affine_map_misses_the_least() {
        // Against small changes of each of its numbers, over a lattice of the square.
        let square = Tile::new([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], [400.0, 400.0]);
        let ready = Polynomial::<10>::ready(&square, &cell());
        let missed = |m: &[f64; 6]| -> f64 {
            let at = |k: usize| (k as f64 + 0.5) * 2.0;
            let points = (0..200 * 200).map(|k| [at(k % 200), at(k / 200)]);
            let off = |p: [f64; 2]| (apply(m, p), Polynomial::<10>::place(&ready, p));
            points.map(off).map(|(a, b)| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)).sum()
        };
        let nearest = Polynomial::<10>::to_affine(&square, &cell());
        let least = missed(&nearest);
        for (k, by) in [1e-2, 1e-2, 1e-2, 1e-2, 1.0, 1.0].into_iter().enumerate() {
            for sign in [-1.0, 1.0] {
                let mut other = nearest;
                other[k] += sign * by;
                assert!(missed(&other) > least);
            }
        }
    }

    #[test]
    fn what_a_group_does_its_members_do() {
        let group = Frame { at: [100.0, 200.0], linear: [700.0, 0.0, 0.0, 700.0] };
        let member = Frame { at: [400.0, -50.0], linear: [250.0, 6.0, -7.0, 260.0] };
        let of_group: Cell<6, 2> = std::array::from_fn(|k| [k as f64 - 2.0, 3.0 * k as f64]);
        let of_member = times(&Polynomial::<6>::spread()(&group, &member), &of_group);
        let unit = [0.3, -0.7];
        let world = [member.at[0] + 250.0 * unit[0] - 7.0 * unit[1], member.at[1] + 6.0 * unit[0] + 260.0 * unit[1]];
        let from_group = terms::<6>([(world[0] - group.at[0]) / 700.0, (world[1] - group.at[1]) / 700.0]);
        let from_member = terms::<6>(unit);
        for axis in 0..2 {
            let sum = |v: &[f64; 6], c: &Cell<6, 2>| v.iter().zip(c).map(|(v, c)| v * c[axis]).sum::<f64>();
            assert!((sum(&from_group, &of_group) - sum(&from_member, &of_member)).abs() < 1e-9);
        }
    }
}
