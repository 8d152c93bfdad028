//! Dice and seconds of a deformation of the made-up brain of 96³ voxels, level by level:
//! `cargo bench -p register --bench brain -- [ssd|cc|mi] [plain|inverted|sparse] [regularity] [smoothness, µm] [voxels a side]`

#[path = "../src/lddmm/scene.rs"]
#[allow(dead_code)]
mod scene;

use kernels::cancel::never;
use scene::{Scene, Shot, dice, inverted, missed, shot};
use serde_json::{Value, json};
use std::time::Instant;

fn run(task: &str, header: &Value, inputs: &[&[u8]]) -> (Value, Vec<Vec<u8>>) {
    let out =
        register::run(task, &header.to_string(), inputs, never()).expect("a task of this crate").expect("a result");
    (serde_json::from_str(&out.header).expect("JSON"), out.outputs.iter().map(|o| o.to_vec()).collect())
}

/// Means of `by`³ voxels each.
fn thinned(of: &Shot, by: usize) -> (Value, Vec<u8>) {
    let ([w, h, _], size) = (of.size, of.size.map(|n| n / by));
    let mean = |i: usize| {
        let first = [i % size[0] * by, i / size[0] % size[1] * by, i / (size[0] * size[1]) * by];
        let offset = |j: usize| ((first[2] + j / (by * by)) * h + first[1] + j / by % by) * w + first[0] + j % by;
        (0..by.pow(3)).map(|j| of.levels[offset(j)]).sum::<f32>() / by.pow(3) as f32
    };
    let levels = (0..size.iter().product()).flat_map(|i| mean(i).to_le_bytes()).collect();
    let spacing = of.spacing.map(|s| s * by as f64);
    let origin = of.spacing.map(|s| s * (by - 1) as f64 / 2.0);
    (json!({ "size": size, "spacingUm": spacing, "originUm": origin }), levels)
}

/// A mask of the labelled body: the voxel in the middle of `by`³ each.
fn body(of: &Shot, by: usize) -> Vec<u8> {
    let ([w, h, _], size) = (of.size, of.size.map(|n| n / by));
    let middle = |i: usize| {
        let at = [i % size[0], i / size[0] % size[1], i / (size[0] * size[1])].map(|v| v * by + by / 2);
        u8::from(of.labels[(at[2] * h + at[1]) * w + at[0]] > 0)
    };
    (0..size.iter().product()).map(middle).collect()
}

const IDENTITY: [f64; 12] = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0];

/// Displacements of the true warp: what no registration can better, as the nearest labels are looked up.
fn truth(scene: &Scene, fixed: &Shot) -> Vec<[f32; 3]> {
    let [w, h, _] = fixed.size;
    let by = |i: usize| {
        let index = [i % w, i / w % h, i / (w * h)];
        let at: [f64; 3] = std::array::from_fn(|k| index[k] as f64 * fixed.spacing[k]);
        let there = scene.truth(at);
        std::array::from_fn(|k| (there[k] - at[k]) as f32)
    };
    (0..fixed.labels.len()).map(by).collect()
}

/// Leaves bright only spots on a lattice in the body: about 19 of 20 voxels become dark.
fn darken(of: &mut Shot, brain: &dyn Fn([f64; 3]) -> [f64; 3]) {
    let [w, h, _] = of.size;
    for i in 0..of.levels.len() {
        let index = [i % w, i / w % h, i / (w * h)];
        let at = brain(std::array::from_fn(|k| index[k] as f64 * of.spacing[k]));
        let apart = at.map(|v| v - 9.0 * (v / 9.0).round());
        let is_bright = of.labels[i] > 0 && apart.iter().map(|v| v * v).sum::<f64>() < 3.4 * 3.4;
        of.levels[i] = if is_bright { 200.0 } else { 10.0 };
    }
    let bright = of.levels.iter().filter(|l| **l > 100.0).count();
    println!("{:.1} % of voxels are bright", 100.0 * bright as f64 / of.levels.len() as f64);
}

fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let text = |i: usize, or: &str| given.get(i).map_or(or.to_owned(), Clone::clone);
    let number = |i: usize, or: f64| given.get(i).map_or(or, |v| v.parse().expect("a number"));
    let (metric, regularity, smooth, n) = (text(0, "cc"), number(2, 0.002), number(3, 5.0), number(4, 96.0) as usize);
    let tone = if text(1, "plain") == "inverted" { inverted } else { |level: f64| level };
    let scene = Scene::new(25);
    let (mut fixed, mut moving) =
        (shot(&scene, [n; 3], &|x| x, &|l| l), shot(&scene, [n; 3], &|x| scene.warped(x), &tone));
    let is_sparse = text(1, "plain") == "sparse";
    if is_sparse {
        darken(&mut fixed, &|x| x);
        darken(&mut moving, &|x| scene.warped(x));
    }
    let map = scene.moving_from_fixed();
    let none = vec![[0.0; 3]; fixed.labels.len()];
    println!("affine: Dice {:.4}", dice(&fixed, &moving, &map, &none, &|_| false));
    println!("truth: Dice {:.4}", dice(&fixed, &moving, &IDENTITY, &truth(&scene, &fixed), &|_| false));
    let (mut state, mut velocities) = (Value::Null, vec![]);
    let start = Instant::now();
    for (by, iterations) in [(4, 40), (2, 40), (1, 30)] {
        let ((mut f, fixed_levels), (mut m, moving_levels)) = (thinned(&fixed, by), thinned(&moving, by));
        (f["mask"], m["mask"]) = (is_sparse.into(), is_sparse.into());
        let masks = [body(&fixed, by), body(&moving, by)];
        let mut header = json!({ "fixed": f, "moving": m, "movingFromFixed": map, "metric": metric, "contrast": "cubic",
            "missing": false, "smoothUm": smooth, "regularity": regularity, "steps": 4, "iterations": iterations,
            "tolerance": 1e-5, "threads": 2 });
        let mut inputs: Vec<&[u8]> = vec![&fixed_levels, &moving_levels];
        if is_sparse {
            inputs.extend(masks.iter().map(Vec::as_slice));
        }
        let before = std::mem::take(&mut velocities);
        if !state.is_null() {
            header["state"] = state.clone();
            inputs.push(&before);
        }
        let (answer, mut out) = run("register-lddmm", &header, &inputs);
        (state, velocities) = (answer["state"].clone(), out.swap_remove(0));
        let energies = answer["energies"].as_array().expect("energies");
        let target = json!({ "size": fixed.size, "spacingUm": fixed.spacing });
        let seconds = start.elapsed().as_secs_f64();
        let (told, maps) =
            run("lddmm-maps", &json!({ "state": state, "target": target, "threads": 2 }), &[&velocities]);
        let number = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        let by_voxel: Vec<[f32; 3]> =
            maps[0].as_chunks::<12>().0.iter().map(|b| std::array::from_fn(|k| number(&b[4 * k..]))).collect();
        println!(
            "1/{by}: Dice {:.4}, {:.3} units off, {seconds:.1} s, {} steps, energy {} to {}, bending {}, least determinant {}, folds {}, {told}",
            dice(&fixed, &moving, &map, &by_voxel, &|_| false),
            missed(&scene, &fixed, &map, &by_voxel),
            energies.len() - 1,
            energies[0],
            energies[energies.len() - 1],
            answer["bending"],
            answer["leastDeterminant"],
            answer["folds"],
        );
    }
}
