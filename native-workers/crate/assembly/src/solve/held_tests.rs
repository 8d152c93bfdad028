//! Tiles that somebody put where they belong, bent tiles, sections above each other, and the solution as such.

use super::header::{Kind, Solve};
use super::levels::{Frame, Levels};
use super::matrix::{BlockMatrix, Pattern};
use super::model::{Model, apply};
use super::place::place;
use super::polynomial::Polynomial;
use super::problem::{Match, Matches, Point, Tile};
use super::scene::{CALM, Faults, PITCH, Random, SIDE, corners, into_tile, scene};
use super::vectors::{dot, solve};
use super::{place::Placed, solve_stack};
use kernels::cancel::{Cancel, never};
use std::sync::atomic::AtomicI32;

const ALL: [Kind; 5] = [Kind::Translation, Kind::Rigid, Kind::Similarity, Kind::Affine, Kind::Polynomial];

fn placed(tiles: &[Tile], matches: &Matches, model: Kind) -> Placed {
    place(&Solve::of(model, tiles.len(), matches.points.len()), tiles, matches, never()).unwrap()
}

fn farthest(a: &[f64; 6], b: &[f64; 6]) -> f64 {
    let apart = corners(a).into_iter().zip(corners(b)).map(|(p, q)| (p[0] - q[0]).hypot(p[1] - q[1]));
    apart.fold(0.0, f64::max)
}

#[test]
fn fixed_tiles_stay_exactly_and_the_others_come_to_them() {
    for kind in ALL {
        let mut scene = scene(6, 6, 31, &Faults { points: 8, match_sigma: 0.05, ..CALM }, |_, _| true);
        // Two opposite corners stay where they truly are, all of it 700 px from where the stage thinks.
        for t in &mut scene.truth {
            t[4] += 700.0;
        }
        for t in [0, 35] {
            scene.tiles[t] = Tile { hold: f64::INFINITY, ..Tile::new(scene.truth[t], [SIDE; 2]) };
        }
        let placed = placed(&scene.tiles, &scene.gathered(), kind);
        for t in [0, 35] {
            assert!(farthest(&placed.affines[t], &scene.truth[t]) < 1e-9, "{kind:?} moved a fixed tile");
        }
        let off = (0..36).map(|t| farthest(&placed.affines[t], &scene.truth[t])).fold(0.0, f64::max);
        println!("{kind:?}: {off:.2} px from where the fixed tiles say");
        assert!(off < 8.0, "{kind:?}: {off} px");
    }
}

#[test]
fn a_tile_without_links_stays_where_it_was_put() {
    for kind in ALL {
        let mut scene = scene(5, 5, 3, &CALM, |a, b| a != 12 && b != 12);
        let put = [1.0, 0.0, 0.0, 1.0, 1234.5, -77.0];
        scene.tiles[12] = Tile { hold: 1e6, ..Tile::new(put, [SIDE; 2]) };
        assert!(farthest(&placed(&scene.tiles, &scene.gathered(), kind).affines[12], &put) < 1e-6);
    }
}

/// Blank tiles left two islands, and the stage has the second in a wrong place. Somebody moves one tile of it.
#[test]
fn an_island_goes_with_the_tile_that_was_moved() {
    for by in [30.0, 3000.0] {
        goes_with_the_moved_tile(by);
    }
}

fn goes_with_the_moved_tile(by: f64) {
    let mut scene = scene(9, 4, 17, &Faults { stage_sigma: 0.5, ..CALM }, |a, b| a % 9 != 4 && b % 9 != 4);
    for t in (0..36).filter(|t| t % 9 > 4) {
        scene.truth[t][4] += by;
    }
    let moved = Tile { hold: 1e6, ..Tile::new(scene.truth[16], [SIDE; 2]) };
    scene.tiles[16] = moved;
    let placed = placed(&scene.tiles, &scene.gathered(), Kind::Translation);
    let off = (0..36).filter(|t| t % 9 > 4).map(|t| farthest(&placed.affines[t], &scene.truth[t])).fold(0.0, f64::max);
    assert!(off < 2.0, "{off} px");
}

/// A lens that bends every tile alike, by up to 4 px at the corners.
#[test]
fn polynomials_take_up_what_affine_maps_cannot() {
    let bend = |[x, y]: [f64; 2]| {
        let [u, v] = [x / (SIDE / 2.0) - 1.0, y / (SIDE / 2.0) - 1.0];
        [x + 2.0 * u * u + 1.5 * u * v, y - 2.0 * v * v + u * u]
    };
    let mut scene = scene(6, 6, 5, &Faults { points: 20, match_sigma: 0.0, ..CALM }, |_, _| true);
    let straight = |to: [f64; 2]| {
        let mut from = to;
        for _ in 0..50 {
            let [x, y] = bend(from);
            from = [from[0] + to[0] - x, from[1] + to[1] - y];
        }
        from
    };
    for m in &mut scene.matches {
        m.point = Point { a: straight(m.point.a), b: straight(m.point.b), ..m.point };
    }
    let matches = scene.gathered();
    let rms = |placed: &Placed| {
        (placed.residuals_px.iter().map(|r| r * r).sum::<f64>() / placed.residuals_px.len() as f64).sqrt()
    };
    let (affine, bent) =
        (placed(&scene.tiles, &matches, Kind::Affine), placed(&scene.tiles, &matches, Kind::Polynomial));
    println!("bent tiles: affine {:.3} px, polynomial {:.3} px", rms(&affine), rms(&bent));
    assert!(rms(&bent) < 0.2 * rms(&affine) && rms(&bent) < 0.1);
    assert_eq!(bent.coefficients.len(), 36 * 12);
    let (x, y) = bent.coefficients[..12].split_at(6);
    let [px, py] = [100.0, 300.0];
    let terms = [1.0, px, py, px * px, px * py, py * py];
    let of = |c: &[f64]| c.iter().zip(&terms).map(|(c, t)| c * t).sum::<f64>();
    let near = apply(&bent.affines[0], [px, py]);
    assert!((of(x) - near[0]).hypot(of(y) - near[1]) < 5.0, "coefficients count from the tile's corner");
}

/// Sections above each other, joined by links of less weight the farther they lie apart: 1 / (dz + 1).
#[test]
fn sections_are_placed_together() {
    let mut random = Random(23);
    let truth: Vec<[f64; 6]> =
        (0..27).map(|t| [1.0, 0.0, 0.0, 1.0, f64::from(t % 3) * PITCH, f64::from(t / 3 % 3) * PITCH]).collect();
    let tiles: Vec<Tile> = truth
        .iter()
        .map(|t| {
            let place = [1.0, 0.0, 0.0, 1.0, t[4] + 10.0 * random.normal(), t[5] + 10.0 * random.normal()];
            Tile::new(place, [SIDE; 2])
        })
        .collect();
    let mut given = Vec::new();
    for a in 0..27 {
        for b in a + 1..27 {
            let apart = [truth[b][4] - truth[a][4], truth[b][5] - truth[a][5]];
            if apart[0].abs() + apart[1].abs() > PITCH + 1.0 || b / 9 - a / 9 > 2 {
                continue;
            }
            let world = [truth[a][4] + (apart[0] + SIDE) / 2.0, truth[a][5] + (apart[1] + SIDE) / 2.0];
            let q = into_tile(&truth[b], world);
            let noisy = [q[0] + 0.3 * random.normal(), q[1] + 0.3 * random.normal()];
            let point = Point { a: into_tile(&truth[a], world), b: noisy, weight: 1.0 / (b / 9 - a / 9 + 1) as f64 };
            given.push(Match { tile_a: a, tile_b: b, point });
        }
    }
    let placed = placed(&tiles, &Matches::gather(given.len(), |at| given[at]), Kind::Translation);
    let shift = |t: usize| [placed.affines[t][4] - truth[t][4], placed.affines[t][5] - truth[t][5]];
    let mean = [0, 1].map(|axis| (0..27).map(|t| shift(t)[axis]).sum::<f64>() / 27.0);
    let off = (0..27).map(|t| (shift(t)[0] - mean[0]).hypot(shift(t)[1] - mean[1])).fold(0.0, f64::max);
    assert!(off < 0.6, "{off} px");
    assert!(placed.component.iter().all(|&c| c == 0));
}

/// Springs between neighbours of a grid and a weak hold on each: the harder, the larger the grid.
fn springs(side: usize) -> (BlockMatrix<3>, Vec<Frame>) {
    let mut random = Random(side as u64);
    let mut pairs = Vec::new();
    for t in 0..side * side {
        if t % side + 1 < side {
            pairs.push((t as u32, t as u32 + 1));
        }
        if t + side < side * side {
            pairs.push((t as u32, (t + side) as u32));
        }
    }
    let (pattern, places) = Pattern::of_pairs(side * side, &pairs);
    let mut matrix = BlockMatrix::zero(pattern);
    for diagonal in &mut matrix.diagonal {
        for (i, row) in diagonal.iter_mut().enumerate() {
            row[i] = 1e-4;
        }
    }
    for (&(a, b), &at) in pairs.iter().zip(&places) {
        let (p, q) = if b == a + 1 { ([0.9, 0.0], [-0.9, 0.0]) } else { ([0.0, 0.9], [0.0, -0.9]) };
        let mut across = [[0.0; 3]; 3];
        for _ in 0..6 {
            let by = [0.1 * random.normal(), 0.1 * random.normal()];
            let [of_a, of_b] = [p, q].map(|[x, y]| [1.0, x + by[0], y + by[1]]);
            for i in 0..3 {
                for j in 0..3 {
                    matrix.diagonal[a as usize][i][j] += of_a[i] * of_a[j];
                    matrix.diagonal[b as usize][i][j] += of_b[i] * of_b[j];
                    across[i][j] -= of_a[i] * of_b[j];
                }
            }
        }
        matrix.set_pair(at, &across);
    }
    let frame =
        |t: usize| Frame { at: [(t % side) as f64 * 1.8, (t / side) as f64 * 1.8], linear: [1.0, 0.0, 0.0, 1.0] };
    (matrix, (0..side * side).map(frame).collect())
}

#[test]
fn large_systems_take_few_more_iterations_than_small_ones() {
    let mut taken = Vec::new();
    for side in [12, 100] {
        let (matrix, frames) = springs(side);
        let mut random = Random(1);
        let truth: Vec<[[f64; 2]; 3]> =
            (0..side * side).map(|_| std::array::from_fn(|_| [random.normal(), random.normal()])).collect();
        let mut b = truth.clone();
        matrix.times(&truth, &mut b, never()).unwrap();
        let levels = Levels::new(matrix, frames, &Polynomial::<3>::spread(), never()).unwrap();
        let (x, iterations) = solve(&levels, &b, 1e-12, never()).unwrap();
        let mut rest = b.clone();
        levels.finest().times(&x, &mut rest, never()).unwrap();
        super::vectors::add_scaled(&mut rest, &b, -1.0);
        println!("{side} x {side}: {iterations} iterations");
        assert!(dot(&rest, &rest).sqrt() <= 1e-11 * dot(&b, &b).sqrt());
        taken.push(iterations);
    }
    assert!(taken[1] <= 3 * taken[0] && taken[1] <= 400);
}

#[test]
fn holds_are_read_and_nonsense_is_refused() {
    let floats = |v: &[f64]| v.iter().flat_map(|f| f.to_le_bytes()).collect::<Vec<u8>>();
    let priors = floats(&[1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 80.0, 0.0]);
    let (sizes, rows) = (floats(&[100.0; 4]), floats(&[0.0, 1.0, 90.0, 50.0, 5.0, 50.0, 1.0, 0.0]));
    let run = |holds: &[f64], header: Solve| {
        solve_stack(&header, &[&priors, &sizes, &rows, &floats(holds)], never()).map(|(_, outputs)| outputs)
    };
    let solved = run(&[f64::INFINITY, 1.0], Solve::of(Kind::Translation, 2, 1)).unwrap();
    let x = |tile: usize| f64::from_le_bytes(solved[0][tile * 48 + 32..tile * 48 + 40].try_into().unwrap());
    assert!(x(0) == 0.0 && (x(1) - 85.0).abs() < 0.1);
    for holds in [&[1.0, f64::NAN][..], &[1.0, -2.0], &[1.0, 0.0], &[1.0]] {
        assert!(run(holds, Solve::of(Kind::Translation, 2, 1)).is_err());
    }
    assert!(run(&[1.0; 2], Solve { lambda: f64::NAN, ..Solve::of(Kind::Affine, 2, 1) }).is_err());
    assert!(run(&[1.0; 2], Solve { order: 4, ..Solve::of(Kind::Polynomial, 2, 1) }).is_err());
}

#[test]
fn a_solve_that_is_cancelled_stops() {
    let scene = scene(10, 10, 1, &CALM, |_, _| true);
    let (stop, beat) = (AtomicI32::new(1), AtomicI32::new(0));
    let header = Solve::of(Kind::Affine, 100, scene.matches.len());
    assert!(place(&header, &scene.tiles, &scene.gathered(), Cancel::new(&stop, &beat)).is_err());
}
