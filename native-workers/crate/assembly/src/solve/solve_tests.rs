//! Placements against truth: goals P13, P15, P16, P18, P19.

use super::header::{Kind, Solve};
use super::model::apply;
use super::place::{Placed, place};
use super::problem::Match;
use super::scene::{CALM, Faults, Random, SIDE, Scene, into_tile, scene};
use super::solve_stack;
use super::stage::{Common, common_map};
use kernels::cancel::never;

fn solve(scene: &Scene, model: Kind) -> Placed {
    solve_as(scene, Solve::of(model, scene.tiles.len(), scene.matches.len()))
}

fn solve_as(scene: &Scene, header: Solve) -> Placed {
    let matches = scene.gathered();
    let placed = place(&header, &scene.tiles, &matches, never()).unwrap();
    let (residuals_px, kept) = (matches.as_given(&placed.residuals_px), matches.as_given(&placed.kept));
    Placed { residuals_px, kept, ..placed }
}

/// Distances from truth at tile centres, the mean shift taken out, for the chosen tiles.
fn errors(scene: &Scene, placed: &Placed, chosen: &[usize]) -> Vec<f64> {
    let off = |&t: &usize| {
        let (is, truth) = (apply(&placed.affines[t], [SIDE / 2.0; 2]), apply(&scene.truth[t], [SIDE / 2.0; 2]));
        [is[0] - truth[0], is[1] - truth[1]]
    };
    let offs: Vec<[f64; 2]> = chosen.iter().map(off).collect();
    let n = offs.len() as f64;
    let mean = [offs.iter().map(|o| o[0]).sum::<f64>() / n, offs.iter().map(|o| o[1]).sum::<f64>() / n];
    offs.iter().map(|o| (o[0] - mean[0]).hypot(o[1] - mean[1])).collect()
}

fn rms(errors: &[f64]) -> f64 {
    (errors.iter().map(|e| e * e).sum::<f64>() / errors.len() as f64).sqrt()
}

fn most(errors: &[f64]) -> f64 {
    errors.iter().fold(0.0, |m, e| f64::max(m, *e))
}

fn all(scene: &Scene) -> Vec<usize> {
    (0..scene.tiles.len()).collect()
}

#[test]
fn p15_twenty_by_twenty_is_as_good_as_theory() {
    let runs: Vec<Vec<f64>> = (0..8)
        .map(|seed| {
            let scene = scene(20, 20, seed, &CALM, |_, _| true);
            errors(&scene, &solve(&scene, Kind::Translation), &all(&scene))
        })
        .collect();
    let mean_rms = runs.iter().map(|e| rms(e)).sum::<f64>() / 8.0;
    let mean_most = runs.iter().map(|e| most(e)).sum::<f64>() / 8.0;
    println!("P15: RMS {mean_rms:.3} px, max {mean_most:.3} px");
    assert!(mean_rms <= 0.40 && mean_most <= 1.1, "RMS {mean_rms:.3} px, max {mean_most:.3} px");
}

/// Tiles joined to the first by right links; nothing tells where the others belong.
fn knowable(scene: &Scene) -> Vec<usize> {
    let right =
        scene.matches.iter().zip(&scene.wrong).filter(|(_, w)| !**w).map(|(m, _)| (m.tile_a as u32, m.tile_b as u32));
    let component = super::stage::components(scene.tiles.len(), right);
    all(scene).into_iter().filter(|&t| component[t] == 0).collect()
}

#[test]
fn p16_wrong_links_are_found_and_do_not_hurt() {
    for (share, limit) in [(0.05, 0.5), (0.15, 0.8)] {
        let (mut found, mut wrong, mut dropped) = (0.0, 0.0, 0.0);
        for seed in 0..8 {
            let scene = scene(20, 20, 100 + seed, &Faults { wrong_share: share, ..CALM }, |_, _| true);
            let placed = solve(&scene, Kind::Translation);
            let errors = errors(&scene, &placed, &knowable(&scene));
            println!("P16 {share}: RMS {:.3} px, max {:.3} px", rms(&errors), most(&errors));
            assert!(
                rms(&errors) <= limit && most(&errors) <= 3.0,
                "RMS {:.3}, max {:.3} px",
                rms(&errors),
                most(&errors)
            );
            let count = |f: &dyn Fn(bool, bool) -> bool| {
                scene.wrong.iter().zip(&placed.kept).filter(|(w, k)| f(**w, **k)).count() as f64
            };
            found += count(&|w, k| w && !k);
            wrong += count(&|w, _| w);
            dropped += count(&|_, k| !k);
        }
        println!("P16 {share}: recall {:.3}, precision {:.3}", found / wrong, found / dropped);
        assert!(found / wrong >= 0.95 && found / dropped >= 0.95);
    }
}

/// Distance at the corners, the common affine map taken out of the affine model (matches cannot see it).
fn corner_errors(scene: &Scene, placed: &Placed) -> Vec<f64> {
    let at = |m: &[Vec<[f64; 2]>]| m.iter().flatten().copied().collect::<Vec<_>>();
    let corners = |m: &[f64; 6]| [[0.0, 0.0], [SIDE, 0.0], [0.0, SIDE], [SIDE, SIDE]].map(|c| apply(m, c)).to_vec();
    let is = at(&placed.affines.iter().map(corners).collect::<Vec<_>>());
    let truth = at(&scene.truth.iter().map(corners).collect::<Vec<_>>());
    let (map, _) = common_map(Common::Affine, &is, &truth, &vec![0; is.len()]).unwrap();
    is.iter()
        .zip(&truth)
        .map(|(a, b)| {
            let p = map.apply(*a);
            (p[0] - b[0]).hypot(p[1] - b[1])
        })
        .collect()
}

#[test]
fn p18_rotation_and_scale_are_recovered() {
    let rigid = scene(10, 10, 7, &Faults { turn_degrees: 3.0, points: 5, match_sigma: 0.1, ..CALM }, |_, _| true);
    let errors = corner_errors(&rigid, &solve(&rigid, Kind::Rigid));
    println!("P18 rigid: corner RMS {:.3} px, max {:.3} px", rms(&errors), most(&errors));
    assert!(most(&errors) <= 0.5);
    for seed in 8..11 {
        // As exact as matching is on textured tiles.
        let faults = Faults { turn_degrees: 3.0, scale: 0.01, points: 20, match_sigma: 0.05, ..CALM };
        let grown = scene(10, 10, seed, &faults, |_, _| true);
        let similar = corner_errors(&grown, &solve(&grown, Kind::Similarity));
        println!("P18 similarity: corner RMS {:.3}, max {:.3} px", rms(&similar), most(&similar));
        assert!(most(&similar) <= 0.5);
        let placed = solve(&grown, Kind::Affine);
        let (errors, seams) = (corner_errors(&grown, &placed), seam_errors(&grown, &placed));
        println!(
            "P18 affine: corner RMS {:.3}, max {:.3} px; seam max {:.3} px",
            rms(&errors),
            most(&errors),
            most(&seams)
        );
        // Free shear of each tile lets the grid bend as a whole, which hardly moves a match: the Cramer-Rao bound of the
        // worst corner is then 0.94 px (median of such scenes), and 0.17 px without it. The matches show no shear.
        assert!(most(&errors) <= 0.5 && most(&seams) <= 0.5);
    }
}

/// Shears a tile by `by` about its centre: its points move, and so does its true placement.
fn shear(scene: &mut Scene, tile: usize, by: f64) {
    let [a, b, c, d, x, y] = scene.truth[tile];
    let half = SIDE / 2.0;
    scene.truth[tile] = [a, b, c - by * a, d - by * b, x + by * half * a, y + by * half * b];
    for m in &mut scene.matches {
        if m.tile_a == tile {
            m.point.a[0] += by * (m.point.a[1] - half);
        } else if m.tile_b == tile {
            m.point.b[0] += by * (m.point.b[1] - half);
        }
    }
}

#[test]
fn shear_that_matches_show_is_followed_in_all_tiles_and_in_a_single_one() {
    let calm = Faults { turn_degrees: 1.0, points: 20, match_sigma: 0.05, ..CALM };
    let (mut every, mut one) = (scene(10, 10, 31, &calm, |_, _| true), scene(10, 10, 32, &calm, |_, _| true));
    let mut random = Random(33);
    for tile in 0..100 {
        shear(&mut every, tile, 0.003 * random.normal());
    }
    shear(&mut one, 44, 0.01);
    for (what, scene, limit) in [("every", &every, 0.3), ("one", &one, 0.25)] {
        let placed = solve(scene, Kind::Affine);
        let (errors, seams) = (corner_errors(scene, &placed), seam_errors(scene, &placed));
        println!("shear of {what}: corner RMS {:.3} px, seam max {:.3} px", rms(&errors), most(&seams));
        assert!(rms(&errors) <= 0.5 && most(&seams) <= limit && placed.kept.iter().all(|k| *k));
    }
}

/// How far neighbours disagree along the whole of their overlap, corners included, on points without noise.
fn seam_errors(scene: &Scene, placed: &Placed) -> Vec<f64> {
    let disagreement = |m: &Match| {
        let world = apply(&scene.truth[m.tile_a], m.point.a);
        let b = into_tile(&scene.truth[m.tile_b], world);
        let (a, b) = (apply(&placed.affines[m.tile_a], m.point.a), apply(&placed.affines[m.tile_b], b));
        (a[0] - b[0]).hypot(a[1] - b[1])
    };
    scene.matches.iter().map(disagreement).collect()
}

#[test]
fn p13_tiles_without_links_stay_with_the_stage() {
    let mut random = Random(3);
    let blank: Vec<bool> = (0..400).map(|_| random.unit() < 0.2).collect();
    let faults = Faults { stage_sigma: 2.0, ..CALM };
    let scene = scene(20, 20, 11, &faults, |a, b| !blank[a] && !blank[b]);
    let placed = solve(&scene, Kind::Translation);
    for t in (0..400).filter(|&t| blank[t]) {
        let (is, stage) = (apply(&placed.affines[t], [SIDE / 2.0; 2]), scene.tiles[t].stage_centre());
        assert_eq!(placed.component[t], -1);
        assert!((is[0] - stage[0]).hypot(is[1] - stage[1]) <= 3.0);
    }
}

#[test]
fn p19_islands_keep_the_stages_distance() {
    let scene = scene(21, 10, 5, &Faults { stage_sigma: 2.0, ..CALM }, |a, b| a % 21 != 10 && b % 21 != 10);
    let placed = solve(&scene, Kind::Translation);
    let centroid = |of: &dyn Fn(usize) -> [f64; 2], left: bool| {
        let side: Vec<usize> =
            all(&scene).into_iter().filter(|t| if left { t % 21 < 10 } else { t % 21 > 10 }).collect();
        side.iter()
            .map(|&t| of(t))
            .fold([0.0; 2], |s, p| [s[0] + p[0] / side.len() as f64, s[1] + p[1] / side.len() as f64])
    };
    let gap = |of: &dyn Fn(usize) -> [f64; 2]| {
        let (l, r) = (centroid(of, true), centroid(of, false));
        [r[0] - l[0], r[1] - l[1]]
    };
    let is = gap(&|t| apply(&placed.affines[t], [SIDE / 2.0; 2]));
    let stage = gap(&|t| scene.tiles[t].stage_centre());
    assert!((is[0] - stage[0]).hypot(is[1] - stage[1]) <= 2.0);
    let numbered = placed.component.iter().copied().max().unwrap();
    assert_eq!(numbered, 1, "two components, numbered 0 and 1");
}

#[test]
fn a_stage_with_the_wrong_step_is_recalibrated() {
    let scene = scene(16, 16, 9, &Faults { stage_sigma: 2.0, stage_scale: 1.03, ..CALM }, |_, _| true);
    let errors = errors(&scene, &solve(&scene, Kind::Translation), &all(&scene));
    println!("stage 3 % too wide: RMS {:.3} px, max {:.3} px", rms(&errors), most(&errors));
    assert!(rms(&errors) <= 0.45 && most(&errors) <= 1.3);
}

#[test]
fn hostile_inputs_are_refused() {
    let header: Solve = serde_json::from_str(r#"{"model":"affine","tiles":1,"matches":1}"#).unwrap();
    let floats = |v: &[f64]| v.iter().flat_map(|f| f.to_le_bytes()).collect::<Vec<u8>>();
    let (prior, size) = (floats(&[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]), floats(&[10.0, 10.0]));
    let out_of_range = floats(&[0.0, 7.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
    assert!(solve_stack(&header, &[&prior, &size, &out_of_range], never()).is_err());
    assert!(solve_stack(&header, &[&prior, &size, &out_of_range[..60]], never()).is_err());
    let not_finite = floats(&[f64::NAN, 0.0, 0.0, 1.0, 0.0, 0.0]);
    assert!(solve_stack(&header, &[&not_finite, &size, &out_of_range], never()).is_err());
}

#[test]
fn tiles_without_any_match_are_left_where_the_stage_put_them() {
    let scene = scene(3, 3, 1, &CALM, |_, _| false);
    let placed = solve(&scene, Kind::Affine);
    for (tile, m) in scene.tiles.iter().zip(&placed.affines) {
        assert!(tile.stage.iter().zip(m).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}

/// The stage is off by pixels, the camera sits firmly: the section must not turn with the stage's noise.
#[test]
fn a_firm_camera_tells_the_rotation_of_a_small_section() {
    for kind in [Kind::Rigid, Kind::Affine] {
        let firm = Faults { stage_sigma: 4.0, match_sigma: 0.05, points: 8, ..CALM };
        let scene = scene(4, 4, 21, &firm, |_, _| true);
        let placed = solve(&scene, kind);
        let corners = |m: &[f64; 6]| [[0.0, 0.0], [SIDE, 0.0], [0.0, SIDE], [SIDE, SIDE]].map(|c| apply(m, c));
        let offs: Vec<[f64; 2]> = placed
            .affines
            .iter()
            .zip(&scene.truth)
            .flat_map(|(is, truth)| corners(is).into_iter().zip(corners(truth)))
            .map(|(is, truth)| [is[0] - truth[0], is[1] - truth[1]])
            .collect();
        let n = offs.len() as f64;
        let mean = offs.iter().fold([0.0; 2], |s, o| [s[0] + o[0] / n, s[1] + o[1] / n]);
        let errors: Vec<f64> = offs.iter().map(|o| (o[0] - mean[0]).hypot(o[1] - mean[1])).collect();
        println!("{kind:?} 4x4, firm camera: corner RMS {:.3} px, max {:.3} px", rms(&errors), most(&errors));
        assert!(rms(&errors) <= 0.4 && most(&errors) <= 1.1);
    }
}
