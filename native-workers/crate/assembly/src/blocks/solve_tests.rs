use super::*;
use kernels::cancel::never;

struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

struct Scene {
    truth: Vec<Vec3>,
    stage: Vec<f64>,
    rows: Vec<f64>,
}

const SIDE: f64 = 200.0;

fn scene(columns: usize, rows: usize, wrong: f64, seed: u64) -> Scene {
    let mut random = Random(seed);
    let mut made = Scene { truth: Vec::new(), stage: Vec::new(), rows: Vec::new() };
    for r in 0..rows {
        for c in 0..columns {
            let nominal = [c as f64 * SIDE, r as f64 * SIDE, 0.0];
            made.stage.extend(nominal);
            made.truth.push(nominal.map(|v| v + 6.0 * random.normal()));
        }
    }
    for r in 0..rows {
        for c in 0..columns {
            let a = r * columns + c;
            for (b, there) in [(a + 1, c + 1 < columns), (a + columns, r + 1 < rows)] {
                if !there {
                    continue;
                }
                let off = if random.unit() < wrong { 30.0 } else { 0.0 };
                made.rows.extend([a as f64, b as f64]);
                let (p, q) = (made.truth[a], made.truth[b]);
                made.rows.extend((0..3).map(|k| q[k] - p[k] + 0.2 * random.normal() + off * (random.unit() - 0.5)));
                made.rows.extend([0.2; 3]);
            }
        }
    }
    made
}

fn solved(stage: &[f64], rows: &[f64]) -> (Solved, Vec<Vec3>, Vec<u8>, Vec<i32>) {
    let header = SolveBlocks { blocks: stage.len() / 3, links: rows.len() / 8, stage_sigma_vox: 8.0 };
    let bytes = |v: &[f64]| v.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let (report, out) = solve_blocks(&header, &[&bytes(stage), &bytes(rows)], never()).unwrap();
    let places: Vec<f64> = out[0].as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect();
    let component = out[3].as_chunks::<4>().0.iter().map(|b| i32::from_le_bytes(*b)).collect();
    (report, places.as_chunks::<3>().0.to_vec(), out[2].clone(), component)
}

/// RMS distance from the truth, their common shift aside.
fn error(places: &[Vec3], truth: &[Vec3]) -> f64 {
    let n = places.len() as f64;
    let mean: Vec3 = std::array::from_fn(|k| (0..places.len()).map(|i| places[i][k] - truth[i][k]).sum::<f64>() / n);
    let square = |i: usize| (0..3).map(|k| (places[i][k] - truth[i][k] - mean[k]).powi(2)).sum::<f64>();
    ((0..places.len()).map(square).sum::<f64>() / n).sqrt()
}

#[test]
fn a_grid_is_placed_better_than_its_links() {
    let scene = scene(12, 10, 0.0, 3);
    let (report, places, kept, component) = solved(&scene.stage, &scene.rows);
    assert!(error(&places, &scene.truth) < 0.45, "{}", error(&places, &scene.truth));
    assert!(kept.iter().all(|&k| k == 1) && component.iter().all(|&c| c == 0) && report.components == 1);
}

#[test]
fn wrong_links_are_dropped_and_named() {
    let good = scene(10, 8, 0.0, 11);
    let mut scene = Scene { rows: good.rows.clone(), ..good };
    // One in six. Of the two links of a corner one may be wrong, and nothing says which: then both may go.
    let wrong: Vec<usize> = (0..scene.rows.len() / 8).filter(|i| i % 6 == 4).collect();
    for &i in &wrong {
        scene.rows[i * 8 + 2] += 14.0;
        scene.rows[i * 8 + 4] -= 9.0;
    }
    let (_, places, kept, component) = solved(&scene.stage, &scene.rows);
    let dropped: Vec<usize> = (0..kept.len()).filter(|&i| kept[i] == 0).collect();
    assert!(wrong.iter().all(|i| dropped.contains(i)) && dropped.len() <= wrong.len() + 1, "{dropped:?}");
    let linked = |of: &[Vec3]| (0..of.len()).filter(|&i| component[i] >= 0).map(|i| of[i]).collect::<Vec<_>>();
    let missed = error(&linked(&places), &linked(&scene.truth));
    assert!(missed < 0.5, "{missed}");
}

#[test]
fn islands_stay_where_the_recalibrated_stage_has_them() {
    // The stage steps 3 % too far; columns 0 to 2 and 4 to 6 hold together, nothing joins them.
    let mut scene = scene(7, 4, 0.0, 5);
    scene.stage.iter_mut().for_each(|v| *v *= 1.03);
    let cut = |i: usize| i % 7 == 3;
    let rows: Vec<f64> = scene
        .rows
        .as_chunks::<8>()
        .0
        .iter()
        .filter(|r| !cut(r[0] as usize) && !cut(r[1] as usize))
        .flatten()
        .copied()
        .collect();
    let (report, places, _, component) = solved(&scene.stage, &rows);
    assert!(report.components == 2 && report.recalibrated && component[3] == -1, "{report:?} {component:?}");
    let mean = |part: i32| -> f64 {
        let own: Vec<usize> = (0..28).filter(|&i| component[i] == part).collect();
        own.iter().map(|&i| places[i][0] - scene.truth[i][0]).sum::<f64>() / own.len() as f64
    };
    assert!((mean(0) - mean(1)).abs() < 9.0, "{} {}", mean(0), mean(1));
    assert!((places[3][0] - places[2][0]).abs() > 150.0);
}

#[test]
fn p19_two_parts_keep_the_distance_that_the_stage_gives_them_along_every_axis() {
    for seed in 20..24 {
        let mut scene = scene(7, 4, 0.0, seed);
        let right = |i: usize| i % 7 > 3;
        // The second part lies deeper and farther down; nothing joins the parts.
        for i in (0..28).filter(|&i| right(i)) {
            scene.stage[3 * i + 1] += 90.0;
            scene.stage[3 * i + 2] += 150.0;
        }
        let joins_nothing = |r: &&[f64; 8]| (r[0] as usize % 7 == 3) || (r[1] as usize % 7 == 3);
        let rows: Vec<f64> =
            scene.rows.as_chunks::<8>().0.iter().filter(|r| !joins_nothing(r)).flatten().copied().collect();
        let (report, places, _, component) = solved(&scene.stage, &rows);
        assert!(report.components == 2 && (0..28).all(|i| i % 7 == 3 || component[i] == i32::from(right(i))));
        let stage = scene.stage.as_chunks::<3>().0;
        let middle = |of: &[Vec3], k: usize, part: bool| -> f64 {
            (0..28).filter(|&i| i % 7 != 3 && right(i) == part).map(|i| of[i][k] / 12.0).sum()
        };
        for k in 0..3 {
            let gap = |of: &[Vec3]| middle(of, k, true) - middle(of, k, false);
            assert!((gap(&places) - gap(stage)).abs() <= 2.0, "axis {k}: {} for {}", gap(&places), gap(stage));
        }
        let apart = |i: usize, j: usize| (0..3).map(|k| (places[i][k] - places[j][k]).abs()).fold(0.0, f64::max);
        assert!((0..28).all(|i| (0..i).all(|j| apart(i, j) > 0.75 * SIDE)), "blocks are stacked");
    }
}

#[test]
fn an_axis_that_a_link_hardly_saw_is_left_to_the_others_and_the_stage() {
    let stage = [0.0, 0.0, 0.0, 200.0, 0.0, 0.0];
    let rows = [0.0, 1.0, 203.0, 1.5, 40.0, 0.1, 0.1, 1e4];
    let (_, places, kept, _) = solved(&stage, &rows);
    assert!((places[1][0] - places[0][0] - 203.0).abs() < 0.02 && kept[0] == 1);
    assert!((places[1][2] - places[0][2]).abs() < 0.1);
}

#[test]
fn without_links_blocks_stay_at_the_stage_and_nonsense_is_refused() {
    let (report, places, _, component) = solved(&[5.0, 6.0, 7.0, 50.0, 6.0, 7.0], &[]);
    assert!(places == [[5.0, 6.0, 7.0], [50.0, 6.0, 7.0]] && component == [-1, -1] && report.components == 0);
    let header = SolveBlocks { blocks: 1, links: 0, stage_sigma_vox: 8.0 };
    assert!(solve_blocks(&header, &[&[0; 16], &[]], never()).is_err());
    let nan = f64::NAN.to_le_bytes().repeat(3);
    assert!(solve_blocks(&header, &[&nan, &[]], never()).is_err());
}
