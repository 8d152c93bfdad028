//! Gradients against differences, flows against what is known of them, registration of made-up brains with known truth.

use super::Field;
use super::contrast::Contrast;
use super::energy::Problem;
use super::flow::Flow;
use super::grid::Grid;
use super::header::{RegisterLddmm, State, VolumeHeader};
use super::maps::{LddmmMaps, lddmm_maps};
use super::metric::{Compared, Metric};
use super::scene::{MIDDLE, Random, Scene, Shot, dice, inverted, missed, shot};
use super::smooth::Smooth;
use super::task::{bytes_of, register_lddmm};
use super::volume::Volume;
use super::warp::Warp;
use crate::threads::Crew;
use kernels::cancel::{Cancel, never};
use kernels::error::Tag;
use std::sync::OnceLock;
use std::sync::atomic::AtomicI32;

const IDENTITY: [f64; 12] = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0];

fn crew() -> Crew<'static> {
    Crew { threads: 2, cancel: never() }
}

fn plain(level: f64) -> f64 {
    level
}

fn torus() -> Grid {
    Grid { origin_um: [-5.0, 0.0, 3.0], extent_um: [160.0, 200.0, 180.0], size: [16, 20, 18] }
}

/// Velocities of a few waves, µm.
fn waves(grid: &Grid, steps: usize, by: f64, seed: u64) -> Vec<Field> {
    let random = &mut Random(seed);
    let tau = std::f64::consts::TAU;
    let mut one = |k: usize| {
        let phase: [f64; 4] = std::array::from_fn(|_| tau * random.next());
        move |at: [f64; 3]| {
            by * (tau * at[k] + phase[0]).sin() * (tau * (at[(k + 1) % 3] + at[(k + 2) % 3]) + phase[1]).cos()
        }
    };
    (0..steps)
        .map(|_| {
            let parts = [one(0), one(1), one(2)];
            let axes = if grid.is_flat() { 2 } else { 3 };
            let at = |i: usize| std::array::from_fn(|k| grid.index(i)[k] as f64 / grid.size[k] as f64);
            let part = |i: usize, k: usize| if k < axes { parts[k](at(i)) as f32 } else { 0.0 };
            (0..grid.count()).map(|i| std::array::from_fn(|k| part(i, k))).collect()
        })
        .collect()
}

#[test]
fn an_even_flow_moves_all_alike_and_flows_there_and_back_meet() {
    let grid = torus();
    let even = vec![vec![[5.0f32, -10.0, 20.0]; grid.count()]; 4];
    let moved = Flow::new(&grid, &even).back([3.0, 4.0, 17.5]);
    assert!((moved[0] - 2.5).abs() < 1e-5 && (moved[1] - 5.0).abs() < 1e-5 && (moved[2] - 15.5).abs() < 1e-5);
    let bent = waves(&grid, 5, 12.0, 1);
    let flow = Flow::new(&grid, &bent);
    let random = &mut Random(3);
    for _ in 0..500 {
        let at: [f32; 3] = std::array::from_fn(|k| (random.next() * grid.size[k] as f64) as f32);
        let (there, back) = (flow.forth(flow.back(at)), flow.back(flow.forth(at)));
        assert!((0..3).all(|k| (there[k] - at[k]).abs() < 1e-3 && (back[k] - at[k]).abs() < 1e-3));
    }
    let paths = flow.paths(crew()).unwrap();
    let node = grid.index(777).map(|v| v as f32);
    assert_eq!((paths[5][777], paths[0][777]), (node, flow.back(node)));
}

#[test]
fn determinants_are_those_of_known_maps_and_see_folds() {
    let grid = torus();
    let ends = |of: &dyn Fn([f64; 3]) -> [f64; 3]| -> Field {
        (0..grid.count()).map(|i| of(grid.index(i).map(|v| v as f64)).map(|v| v as f32)).collect()
    };
    let still: Vec<Field> = vec![vec![[0.0; 3]; grid.count()]];
    let flow = Flow::new(&grid, &still);
    let least = |of: &dyn Fn([f64; 3]) -> [f64; 3]| flow.least_determinant(&ends(of), crew()).unwrap();
    assert!((least(&|x| x) - 1.0).abs() < 1e-5);
    // x + b sin(2 pi x / 16) shrinks most where the cosine is -1: between the nodes beside x = 8.
    let wave = |b: f64| move |x: [f64; 3]| [x[0] + b * (std::f64::consts::TAU * x[0] / 16.0).sin(), x[1], x[2]];
    let expected = 1.0 - 2.0 * (std::f64::consts::TAU / 32.0).sin() * (std::f64::consts::TAU / 32.0).cos();
    assert!((least(&wave(1.0)) - expected).abs() < 1e-4);
    assert!(least(&wave(3.0)) < 0.0);
}

/// Fixed and moving brains of 24³ voxels, blurred by their size.
fn pair(n: usize, tone: &dyn Fn(f64) -> f64) -> (Scene, Shot, Shot) {
    let scene = Scene::new(25);
    let fixed = shot(&scene, [n; 3], &|x| x, &plain);
    let moving = shot(&scene, [n; 3], &|x| scene.warped(x), tone);
    (scene, fixed, moving)
}

/// Sections of n x n voxels, one moved and bent in its plane.
fn sections(n: usize, tone: &dyn Fn(f64) -> f64) -> (Scene, Shot, Shot) {
    let scene = Scene::new(25).in_plane();
    let middle = |[x, y, _]: [f64; 3]| [x, y, MIDDLE];
    let fixed = shot(&scene, [n, n, 1], &middle, &plain);
    let moving = shot(&scene, [n, n, 1], &|x| scene.warped(middle(x)), tone);
    (scene, fixed, moving)
}

fn bytes(levels: &[f32]) -> Vec<u8> {
    levels.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn header_of(of: &Shot) -> VolumeHeader {
    VolumeHeader { size: of.size, spacing_um: of.spacing, origin_um: [0.0; 3], mask: false }
}

fn volume(of: &Shot) -> Volume {
    Volume::read("fixed", &header_of(of), &bytes(&of.levels), None).unwrap()
}

const METRICS: [(Metric, Contrast); 4] = [
    (Metric::Ssd, Contrast::None),
    (Metric::Ssd, Contrast::Cubic),
    (Metric::Cc, Contrast::None),
    (Metric::Mi, Contrast::None),
];

fn compared<'a>(
    size: [usize; 3],
    fixed: &'a [f32],
    weight: &'a [f32],
    (metric, contrast): (Metric, Contrast),
    ranges: [[f32; 2]; 2],
) -> Compared<'a> {
    Compared { size, fixed, weight, metric, contrast, ranges, boxes: OnceLock::new() }
}

#[test]
fn metrics_change_with_levels_as_their_derivatives_say() {
    let (_, fixed, moving) = pair(16, &inverted);
    let random = &mut Random(9);
    let weight: Vec<f32> =
        (0..fixed.levels.len()).map(|_| if random.next() < 0.2 { 0.0 } else { random.next() as f32 }).collect();
    let direction: Vec<f32> = fixed.levels.iter().map(|l| random.normal() as f32 + l / 100.0).collect();
    for (metric, contrast) in METRICS {
        let ranges = [volume(&fixed).range, [-40.0, 320.0]];
        let compared = compared(fixed.size, &fixed.levels, &weight, (metric, contrast), ranges);
        let at = |by: f32| {
            let levels: Vec<f32> = moving.levels.iter().zip(&direction).map(|(l, d)| l + by * d).collect();
            compared.value(&levels, crew()).unwrap()
        };
        let by_level = at(0.0).by_level;
        let told: f64 = by_level.iter().zip(&direction).map(|(g, d)| f64::from(g * d)).sum();
        let found = (at(0.25).value - at(-0.25).value) / 0.5;
        assert!((told / found - 1.0).abs() < 1e-3, "{metric:?} {contrast:?}: {told} {found}");
    }
}

#[test]
fn energies_change_with_velocities_as_their_gradients_say() {
    let (scene, fixed, moving) = pair(24, &inverted);
    let fixed = volume(&fixed);
    let grid = Grid::around(fixed.origin_um, fixed.extent_um(), 16.0, [8.0; 3]);
    gradients_hold(&scene, &fixed, &volume(&moving), grid);
}

#[test]
fn energies_of_sections_change_as_their_gradients_say_and_within_the_plane() {
    let (scene, fixed, mut moving) = sections(96, &inverted);
    // Few voxels: noise between them would bend the slopes that differences are taken of.
    (0..8).for_each(|_| moving.levels = blurred(&moving.levels, 96));
    let fixed = volume(&fixed);
    let grid = Grid::around_section(fixed.origin_um, fixed.extent_um(), 16.0, [4.0; 3]);
    assert_eq!((grid.size, grid.extent_um[2]), ([40, 40, 1], 96.0));
    gradients_hold(&scene, &fixed, &volume(&moving), grid);
}

fn blurred(levels: &[f32], n: usize) -> Vec<f32> {
    let at = |x: usize, y: usize| levels[y.min(n - 1) * n + x.min(n - 1)];
    let around =
        |x: usize, y: usize| at(x + 1, y) + at(x.saturating_sub(1), y) + at(x, y + 1) + at(x, y.saturating_sub(1));
    (0..n * n).map(|i| (4.0 * at(i % n, i / n) + around(i % n, i / n)) / 8.0).collect()
}

fn gradients_hold(scene: &Scene, fixed: &Volume, moving: &Volume, grid: Grid) {
    let smooth = Smooth::new(grid, 16.0);
    let warp = Warp::new(fixed, moving, &grid, &scene.moving_from_fixed());
    let weight = vec![1.0; fixed.count()];
    for (metric, contrast) in METRICS {
        let ranges = [fixed.range, [-40.0, 320.0]];
        let compared = compared(fixed.size, &fixed.level, &weight, (metric, contrast), ranges);
        let problem =
            Problem { warp: &warp, compared, smooth: &smooth, smooth_um: 16.0, regularity: 0.01, crew: crew() };
        let at = |velocities: &[Field]| {
            let spectrum = smooth.spectra(velocities, false, crew()).unwrap();
            problem.at(spectrum, velocities.to_vec(), 0.0).unwrap().unwrap()
        };
        let start = waves(&grid, 3, 3.0, 5);
        let gradient = at(&start).gradient;
        // Uphill, as far as a µm.
        let uphill = smooth.fields(&gradient, crew()).unwrap();
        assert!(!grid.is_flat() || uphill.iter().flatten().all(|v| v[2] == 0.0));
        let most = uphill.iter().flatten().flatten().fold(0.0f32, |a, v| a.max(v.abs()));
        let step = |by: f32| -> Vec<Field> {
            let add = |(v, d): (&Field, &Field)| -> Field {
                v.iter().zip(d).map(|(v, d)| std::array::from_fn(|k| v[k] + by / most * d[k])).collect()
            };
            start.iter().zip(&uphill).map(add).collect()
        };
        let told = gradient.dot(&gradient) / grid.count() as f64 / f64::from(most);
        let by = 0.005;
        let found = (problem.energy(&at(&step(by))) - problem.energy(&at(&step(-by)))) / f64::from(2.0 * by);
        assert!((told / found - 1.0).abs() < 1e-3, "{metric:?} {contrast:?}: {told} {found}");
    }
}

/// What to ask for, of one level.
fn asked(fixed: &Shot, moving: &Shot, map: [f64; 12], metric: Metric) -> RegisterLddmm {
    RegisterLddmm {
        fixed: header_of(fixed),
        moving: header_of(moving),
        moving_from_fixed: map,
        metric,
        contrast: Contrast::Cubic,
        missing: false,
        smooth_um: 5.0,
        regularity: 0.002,
        steps: 4,
        iterations: 25,
        tolerance: 0.0,
        threads: 2,
        grid_um: None,
        state: None,
    }
}

/// Velocities after one call, and what it told.
fn run(header: &RegisterLddmm, inputs: &[&[u8]]) -> (super::header::Answer, Vec<u8>) {
    let (answer, mut out) = register_lddmm(header, inputs, never()).unwrap();
    (answer, out.swap_remove(0))
}

/// Displacements of the fixed volume's voxels, µm.
fn displacements(state: State, velocities: &[u8], fixed: &Shot) -> Vec<[f32; 3]> {
    let header = LddmmMaps { state, target: header_of(fixed), threads: 2 };
    let (_, out) = lddmm_maps(&header, &[velocities], never()).unwrap();
    let number = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    out[0].as_chunks::<12>().0.iter().map(|b| std::array::from_fn(|k| number(&b[4 * k..]))).collect()
}

/// Dice before and after, the mean distance from the truth (voxels) before and after, the least determinant.
fn registered(metric: Metric, tone: &dyn Fn(f64) -> f64, n: usize) -> ([f64; 2], [f64; 2], f64) {
    let (scene, fixed, moving) = pair(n, tone);
    let map = scene.moving_from_fixed();
    let none = vec![[0.0; 3]; fixed.labels.len()];
    let levels = [bytes(&fixed.levels), bytes(&moving.levels)];
    let (answer, velocities) = run(&asked(&fixed, &moving, map, metric), &[&levels[0], &levels[1]]);
    let by = displacements(answer.state, &velocities, &fixed);
    let overlap = [&none, &by].map(|by| dice(&fixed, &moving, &map, by, &|_| false));
    let far = [&none, &by].map(|by| missed(&scene, &fixed, &map, by) / fixed.spacing[0]);
    (overlap, far, answer.least_determinant)
}

#[test]
fn bent_brains_are_registered_whatever_the_metric_and_contrast() {
    for (metric, tone) in [
        (Metric::Ssd, &plain as &dyn Fn(f64) -> f64),
        (Metric::Ssd, &inverted),
        (Metric::Cc, &plain),
        (Metric::Mi, &inverted),
    ] {
        let (overlap, far, determinant) = registered(metric, tone, 48);
        assert!(overlap[0] < 0.84 && overlap[1] > 0.915, "{metric:?} {overlap:?}");
        assert!(far[0] > 1.0 && far[1] < 0.45 && determinant > 0.05, "{metric:?} {far:?} {determinant}");
    }
}

#[test]
fn threads_change_nothing_and_a_state_is_gone_on_from() {
    let (scene, fixed, moving) = pair(24, &plain);
    let levels = [bytes(&fixed.levels), bytes(&moving.levels)];
    let mut header = asked(&fixed, &moving, scene.moving_from_fixed(), Metric::Cc);
    (header.iterations, header.smooth_um) = (4, 12.0);
    let (first, velocities) = run(&header, &[&levels[0], &levels[1]]);
    header.threads = 3;
    assert_eq!(run(&header, &[&levels[0], &levels[1]]).1, velocities);
    (header.state, header.iterations) = (Some(first.state), 0);
    assert_eq!(run(&header, &[&levels[0], &levels[1], &velocities]).1, velocities);
    assert!(first.energies.windows(2).all(|e| e[1] < e[0]));
    // Other nodes of the same torus: about the same map.
    header.grid_um = Some(6.0);
    let (third, moved) = run(&header, &[&levels[0], &levels[1], &velocities]);
    assert!(third.state.grid.size != first.state.grid.size);
    let (before, after) = (displacements(first.state, &velocities, &fixed), displacements(third.state, &moved, &fixed));
    let differ = |(a, b): (&[f32; 3], &[f32; 3])| (0..3).map(|k| (a[k] - b[k]).abs()).fold(0.0, f32::max);
    let most = before.iter().zip(&after).map(differ).fold(0.0, f32::max);
    assert!(most < 0.5, "{most} µm where voxels are 4");
}

#[test]
fn maps_undo_each_other_and_do_not_fold() {
    let grid = torus();
    let velocities = waves(&grid, 5, 12.0, 4);
    let state = State { grid, steps: 5 };
    let target =
        VolumeHeader { size: [40, 44, 30], spacing_um: [3.0, 3.0, 5.0], origin_um: [5.0, 20.0, 10.0], mask: false };
    let (told, out) =
        lddmm_maps(&LddmmMaps { state, target, threads: 2 }, &[&bytes_of(velocities.concat())], never()).unwrap();
    let told = serde_json::to_value(&told).unwrap();
    assert_eq!(out[0].len(), 40 * 44 * 30 * 12);
    assert_eq!(told["folded"], 0.0);
    assert!(told["logJacobian"][0].as_f64().unwrap() < -0.2 && told["mostDisplacementUm"].as_f64().unwrap() > 5.0);
    assert!(told["inverseErrorUm"][0].as_f64().unwrap() < 0.1, "{told}");
}

#[test]
fn a_lost_slab_costs_no_dice_elsewhere() {
    let (scene, mut fixed, moving) = pair(48, &plain);
    let map = scene.moving_from_fixed();
    let slab = |i: usize| (20..27).contains(&(i / (48 * 48)));
    let found = |fixed: &Shot, missing: bool| {
        let header = RegisterLddmm { missing, ..asked(fixed, &moving, map, Metric::Ssd) };
        let levels = [bytes(&fixed.levels), bytes(&moving.levels)];
        let header = RegisterLddmm { iterations: 8, ..header };
        let mut ran = run(&header, &[&levels[0], &levels[1]]);
        for _ in 0..2 {
            let again = RegisterLddmm { state: Some(ran.0.state), ..header.clone() };
            ran = run(&again, &[&levels[0], &levels[1], &ran.1]);
        }
        let by = displacements(ran.0.state, &ran.1, fixed);
        (dice(fixed, &moving, &map, &by, &slab), ran.0.weight)
    };
    let (whole, weight) = found(&fixed, false);
    assert_eq!(weight, 1.0);
    fixed.levels.iter_mut().enumerate().filter(|(i, _)| slab(*i)).for_each(|(_, l)| *l = 12.0);
    let (without, _) = found(&fixed, false);
    let (with, weight) = found(&fixed, true);
    assert!(with > whole - 0.01 && with > without && weight < 0.97, "{whole} {without} {with} {weight}");
}

#[test]
fn thick_slices_bend_as_well_as_even_voxels() {
    let scene = Scene::new(25);
    let even = [48; 3];
    let shots = |size| [shot(&scene, size, &|x| x, &plain), shot(&scene, size, &|x| scene.warped(x), &plain)];
    let (map, of_even) = (scene.moving_from_fixed(), shots(even));
    // The deformation is judged at the even voxels, whatever it was made from.
    let missed_by = |[fixed, moving]: &[Shot; 2]| {
        let levels = [bytes(&fixed.levels), bytes(&moving.levels)];
        let (answer, velocities) = run(&asked(fixed, moving, map, Metric::Ssd), &[&levels[0], &levels[1]]);
        let by = displacements(answer.state, &velocities, &of_even[0]);
        (dice(&of_even[0], &of_even[1], &map, &by, &|_| false), missed(&scene, &of_even[0], &map, &by))
    };
    let (best, thick) = (missed_by(&of_even), missed_by(&shots([48, 48, 24])));
    // Within a quarter of a thick slice, of 4 units.
    assert!(thick.0 > best.0 - 0.01 && thick.1 < 1.0, "{best:?} {thick:?}");
}

#[test]
fn calls_that_cannot_be_done_say_why() {
    let (_, fixed, moving) = pair(16, &plain);
    let levels = [bytes(&fixed.levels), bytes(&moving.levels)];
    let header = asked(&fixed, &moving, IDENTITY, Metric::Ssd);
    let tag = |header: &RegisterLddmm, inputs: &[&[u8]]| register_lddmm(header, inputs, never()).unwrap_err().tag;
    assert_eq!(tag(&header, &[&levels[0]]), Tag::InvalidInput);
    assert_eq!(tag(&header, &[&levels[0], &levels[1][4..]]), Tag::InvalidInput);
    assert_eq!(tag(&header, &[&levels[0], &vec![0; levels[1].len()]]), Tag::BadSource);
    assert_eq!(tag(&RegisterLddmm { smooth_um: 0.0, ..header.clone() }, &[&levels[0], &levels[1]]), Tag::InvalidInput);
    assert_eq!(tag(&RegisterLddmm { steps: 0, ..header.clone() }, &[&levels[0], &levels[1]]), Tag::InvalidInput);
    let mut far = IDENTITY;
    far[3] = 1e4;
    assert_eq!(
        tag(&RegisterLddmm { moving_from_fixed: far, ..header.clone() }, &[&levels[0], &levels[1]]),
        Tag::BadSource
    );
    let state = State { grid: Grid { size: [usize::MAX; 3], ..torus() }, steps: 4 };
    assert_eq!(
        tag(&RegisterLddmm { state: Some(state), ..header.clone() }, &[&levels[0], &levels[1], &[]]),
        Tag::InvalidInput
    );
    let (flag, beat) = (AtomicI32::new(1), AtomicI32::new(0));
    let cancelled = register_lddmm(&header, &[&levels[0], &levels[1]], Cancel::new(&flag, &beat));
    assert_eq!(cancelled.unwrap_err().tag, Tag::Cancelled);
}

#[test]
fn bent_sections_are_registered_in_their_plane_whatever_the_metric() {
    for (metric, tone) in [
        (Metric::Ssd, &plain as &dyn Fn(f64) -> f64),
        (Metric::Ssd, &inverted),
        (Metric::Cc, &inverted),
        (Metric::Mi, &inverted),
    ] {
        let (scene, fixed, moving) = sections(96, tone);
        // Leads out of the plane, where there is nothing to see.
        let mut map = scene.moving_from_fixed();
        (map[10], map[11]) = (1.3, 700.0);
        let levels = [bytes(&fixed.levels), bytes(&moving.levels)];
        let (mut header, mut state) = (asked(&fixed, &moving, map, metric), vec![]);
        // Smoother first: a plane alone tells less than a volume.
        for iterations in [20, 20, 20] {
            let inputs: Vec<&[u8]> =
                [&levels[0][..], &levels[1], &state].into_iter().filter(|b| !b.is_empty()).collect();
            header.iterations = iterations;
            let (answer, velocities) = run(&header, &inputs);
            header.threads = 3;
            assert!(run(&header, &inputs).1 == velocities && answer.state.grid.size[2] == 1);
            (header.state, header.threads, state) = (Some(answer.state), 2, velocities);
        }
        let maps = LddmmMaps { state: header.state.unwrap(), target: header_of(&fixed), threads: 2 };
        let (told, out) = lddmm_maps(&maps, &[&state], never()).unwrap();
        let told = serde_json::to_value(&told).unwrap();
        assert_eq!((&told["folded"], out[1].len()), (&0.0.into(), 96 * 96 * 12));
        assert!(told["inverseErrorUm"][0].as_f64().unwrap() < 0.1, "{told}");
        let by = displacements(maps.state, &state, &fixed);
        assert!(by.iter().all(|v| v[2] == 0.0));
        (map[10], map[11]) = (1.0, 0.0);
        let none = vec![[0.0; 3]; by.len()];
        let far = [&none, &by].map(|by| missed(&scene, &fixed, &map, by));
        assert!(far[0] > 1.0 && far[1] < 0.7, "{metric:?} {far:?}");
    }
}

#[test]
fn sections_and_volumes_are_not_bent_onto_each_other() {
    let ((_, section, _), (_, body, _)) = (sections(16, &plain), pair(16, &plain));
    let levels = [bytes(&section.levels), bytes(&body.levels)];
    let tag = |header: &RegisterLddmm, inputs: &[&[u8]]| register_lddmm(header, inputs, never()).unwrap_err().tag;
    assert_eq!(tag(&asked(&section, &body, IDENTITY, Metric::Ssd), &[&levels[0], &levels[1]]), Tag::BadSource);
    assert_eq!(tag(&asked(&body, &section, IDENTITY, Metric::Ssd), &[&levels[1], &levels[0]]), Tag::BadSource);
    let header = RegisterLddmm { iterations: 0, ..asked(&section, &section, IDENTITY, Metric::Ssd) };
    let (answer, velocities) = run(&header, &[&levels[0], &levels[0]]);
    let of_body = RegisterLddmm { state: Some(answer.state), ..asked(&body, &body, IDENTITY, Metric::Ssd) };
    assert_eq!(tag(&of_body, &[&levels[1], &levels[1], &velocities]), Tag::InvalidInput);
    let mut leaving = velocities;
    leaving[8..12].copy_from_slice(&1f32.to_le_bytes());
    let again = RegisterLddmm { state: Some(answer.state), ..header };
    assert_eq!(tag(&again, &[&levels[0], &levels[0], &leaving]), Tag::InvalidInput);
}
