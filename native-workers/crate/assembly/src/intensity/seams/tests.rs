use super::*;
use crate::test_files::{Folder, png_bytes};
use kernels::cancel::never;
use serde_json::{Value, json};

/// Tissue: slow and fast waves, the same wherever it is photographed.
fn tissue(x: f64, y: f64) -> f64 {
    let (slow, fast) = ((x / 97.0).sin() * (y / 131.0).cos(), (x / 3.1).sin() * (y / 2.7 + x / 11.0).cos());
    130.0 + 22.0 * slow + 25.0 * fast
}

const SIDE: usize = 128;
const STEP: usize = 112;

/// Tiles of a grid as a header wants them; `level` says what a pixel of tissue becomes in a tile.
fn section(folder: &Folder, across: usize, missing: Option<usize>, level: impl Fn(usize, f64) -> f64) -> Value {
    let tiles = (0..across * across).filter(|t| Some(*t) != missing).map(|tile| {
        let (left, top) = (tile % across * STEP, tile / across * STEP);
        let pixels: Vec<u8> = (0..SIDE * SIDE)
            .map(|i| {
                level(tile, tissue((left + i % SIDE) as f64, (top + i / SIDE) as f64)).round().clamp(1.0, 255.0) as u8
            })
            .collect();
        let path = folder.path(&format!("{tile}.png"));
        let png = png_bytes(SIDE, SIDE, png::ColorType::Grayscale, png::BitDepth::Eight, &pixels);
        std::fs::write(&path, png).unwrap();
        json!({"image": {"path": path, "scale": 1, "sizePx": [SIDE, SIDE]}, "stackFromTile": [1, 0, 0, 1, left, top]})
    });
    Value::Array(tiles.collect())
}

fn run(tiles: &Value, more: Value) -> (Value, Vec<Vec<f32>>) {
    let mut header = json!({"tiles": tiles, "stepPx": 2, "reachPx": 4000, "columns": 9, "rows": 9});
    header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (about, out) = even_seams(&serde_json::from_value(header).unwrap(), &[&[]], never()).unwrap();
    let floats = |bytes: &Vec<u8>| bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    (serde_json::to_value(about).unwrap(), out.iter().map(floats).collect())
}

fn offset_of(tile: usize) -> f64 {
    [0.0, 14.0, -11.0, 6.0, -17.0, 9.0, 3.0, -8.0][(tile * 5 + tile / 4) % 8]
}

#[test]
fn seams_of_tiles_of_other_brightness_go() {
    let folder = Folder::new("even-seams");
    let (about, out) = run(&section(&folder, 4, None, |tile, v| v + offset_of(tile)), json!({}));
    let (before, after) = (about["stepBefore"].as_f64().unwrap(), about["stepAfter"].as_f64().unwrap());
    assert!(before > 8.0 && after < 0.05 * before, "{before} to {after}");
    assert_eq!(about["seams"], 24);
    let mean = out[0].iter().sum::<f32>() / out[0].len() as f32;
    assert!(mean.abs() < 0.5, "the section became brighter by {mean}");
}

#[test]
fn a_section_in_bands_is_the_section_in_memory() {
    let folder = Folder::new("even-seams-bands");
    let tiles = section(&folder, 6, Some(14), |tile, v| v * (1.0 + offset_of(tile) / 100.0));
    let (whole, expected) = run(&tiles, json!({"stepPx": 1}));
    let (banded, offsets) = run(&tiles, json!({"stepPx": 1, "cellsInMemory": 10_000}));
    assert_eq!((&whole["coarse"], &banded["coarse"]), (&json!(1), &json!(8)));
    let size: f32 = expected[0].iter().map(|v| v * v).sum();
    let wrong: f32 = expected[0].iter().zip(&offsets[0]).map(|(a, b)| (a - b).powi(2)).sum();
    assert!((wrong / size).sqrt() < 0.01, "{}", (wrong / size).sqrt());
    assert!(banded["stepAfter"].as_f64().unwrap() < 0.05 * banded["stepBefore"].as_f64().unwrap());
}

#[test]
fn grids_say_what_the_correction_is_cell_by_cell() {
    let folder = Folder::new("even-seams-grids");
    let tiles = section(&folder, 3, None, |tile, v| v + offset_of(tile));
    let (_, out) = run(&tiles, json!({"stepPx": 1, "field": true}));
    let (width, nodes) = (2 * STEP + SIDE, Nodes { columns: 9, rows: 9, size_px: [SIDE as f64, SIDE as f64] });
    let mut worst = 0.0f32;
    for tile in 0..9 {
        for (x, y) in [(30, 40), (64, 64), (100, 25), (20, 110)] {
            let at = (tile / 3 * STEP + y) * width + tile % 3 * STEP + x;
            let grid = &out[0][tile * 81..][..81];
            let value = super::super::grid::value_at(grid, &nodes.hats(x as f64 + 0.5, y as f64 + 0.5));
            worst = worst.max((value - out[1][at]).abs());
        }
    }
    assert!(worst < 0.5, "grids are off by {worst} grey levels");
}

#[test]
fn where_no_tile_is_nothing_is_corrected_and_the_rest_is_solved_to_the_end() {
    let folder = Folder::new("even-seams-hole");
    let tiles = section(&folder, 3, Some(4), |tile, v| v + offset_of(tile));
    let (about, out) = run(&tiles, json!({"stepPx": 1, "field": true}));
    assert!(about["relativeResidual"].as_f64().unwrap() < 1e-5, "{about}");
    let width = 2 * STEP + SIDE;
    let hole = SIDE..2 * STEP;
    let is_in_hole = |at: usize| hole.contains(&(at % width)) && hole.contains(&(at / width));
    assert!((0..width * width).all(|at| (out[1][at] == 0.0) == is_in_hole(at)));
}

#[test]
fn corrections_that_tiles_have_already_are_counted_in() {
    let folder = Folder::new("even-seams-corrected");
    let mut tiles = section(&folder, 3, None, |tile, v| 0.8 * v + offset_of(tile));
    let mut given = Vec::new();
    for (tile, about) in tiles.as_array_mut().unwrap().iter_mut().enumerate() {
        about["grid"] = json!([1, 2]);
        let offset = (-offset_of(tile) / 0.8) as f32;
        given.extend([1.25f32, 1.25, offset, offset].iter().flat_map(|v| v.to_le_bytes()));
    }
    let header = json!({"tiles": tiles, "stepPx": 2, "reachPx": 4000, "columns": 3, "rows": 3});
    let header = serde_json::from_value(header).unwrap();
    let (about, out) = even_seams(&header, &[&given], never()).unwrap();
    assert!(about.step_before < 0.3, "{}", about.step_before);
    assert!(out[0].as_chunks::<4>().0.iter().all(|b| f32::from_le_bytes(*b).abs() < 1.0));
    assert!(even_seams(&header, &[&given[4..]], never()).is_err());
}
