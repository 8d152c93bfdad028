use super::*;
use crate::intensity::grid::value_at;
use kernels::cancel::never;

const SIDE: usize = 32;

/// Cells of tiles of other tissue under a field: blobs of a few cells and noise, SD about a tenth; `dark` is added.
fn tiles(count: usize, field: impl Fn(f64, f64) -> f64, dark: impl Fn(f64, f64) -> f64) -> Vec<f32> {
    let mut state = 12345u64;
    let mut random = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as f64 / f64::from(1u32 << 31) - 0.5
    };
    let mut out = Vec::new();
    for _ in 0..count {
        let level = 110.0 + 60.0 * random();
        let coarse: Vec<f64> = (0..100).map(|_| random()).collect();
        for i in 0..SIDE * SIDE {
            let (x, y) = ((i % SIDE) as f64 / SIDE as f64, (i / SIDE) as f64 / SIDE as f64);
            let blob = coarse[(y * 10.0) as usize * 10 + (x * 10.0) as usize];
            let tissue = 1.0 + 0.3 * blob + 0.1 * random();
            let (u, v) = (2.0 * x - 1.0 + 1.0 / SIDE as f64, 2.0 * y - 1.0 + 1.0 / SIDE as f64);
            out.push((level * tissue * field(u, v) + dark(u, v)) as f32);
        }
    }
    out
}

fn found(levels: &[f32], dark: bool) -> (FieldFound, Vec<f32>, Vec<f32>) {
    let tiles = levels.len() / (SIDE * SIDE);
    let header = FlatField { tiles, columns: SIDE, rows: SIDE, degree: 6, dark, nodes: [17, 17] };
    let (about, out) = flat_field(&header, &[&le_bytes(levels), &le_bytes(levels)], never()).unwrap();
    let grid = |k: usize| floats(&out[k], 289, "grid").unwrap();
    (about, grid(0), grid(1))
}

/// SD over mean of what a correction leaves of a field.
fn left(gain: &[f32], field: impl Fn(f64, f64) -> f64) -> f64 {
    let nodes = Nodes { columns: 17, rows: 17, size_px: [1.0, 1.0] };
    let values: Vec<f64> = (0..2500)
        .map(|i| {
            let (x, y) = ((i % 50) as f64 / 49.0, (i / 50) as f64 / 49.0);
            field(2.0 * x - 1.0, 2.0 * y - 1.0) * f64::from(value_at(gain, &nodes.hats(x, y)))
        })
        .collect();
    let mean = values.iter().sum::<f64>() / 2500.0;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 2500.0).sqrt() / mean
}

/// A lens darker by 35 % in its corners, off centre, brighter to one side.
fn vignette(u: f64, v: f64) -> f64 {
    let angle = 1.0 + 0.29 * ((u - 0.1).powi(2) + (v + 0.05).powi(2));
    (1.0 + 0.05 * u) / (angle * angle)
}

#[test]
fn a_vignette_is_found_to_a_hundredth_through_tissue_and_dirt() {
    let mut levels = tiles(100, vignette, |_, _| 0.0);
    // Dirt, resin and a hole in some tiles; one that shows nothing.
    for tile in [3, 30, 41, 77] {
        (0..300).for_each(|i| levels[tile * SIDE * SIDE + i] *= 2.5);
    }
    levels[50 * SIDE * SIDE..51 * SIDE * SIDE].fill(f32::NAN);
    levels[51 * SIDE * SIDE..52 * SIDE * SIDE].fill(2.0);
    let (about, gain, _) = found(&levels, false);
    assert!(left(&vec![1.0; 289], vignette) > 0.08);
    assert!(left(&gain, vignette) < 0.01, "{} is left, {about:?}", left(&gain, vignette));
    assert!(about.tiles == 98 && about.uncertainty < 0.01 && !about.dark);
}

#[test]
fn an_even_camera_is_left_alone() {
    let (about, gain, _) = found(&tiles(60, |_, _| 1.0, |_, _| 0.0), false);
    assert!(about.non_uniformity < 0.006 && left(&gain, |_, _| 1.0) < 0.006, "{about:?}");
}

#[test]
fn a_dark_level_that_varies_over_the_camera_is_told_from_the_field() {
    let dark = |u: f64, v: f64| 12.0 * u - 6.0 * v * v;
    let levels = tiles(300, vignette, dark);
    let (about, gain, offset) = found(&levels, true);
    let (_, plain, _) = found(&levels, false);
    assert!(about.dark && left(&gain, vignette) < 0.6 * left(&plain, vignette), "{about:?}");
    let nodes = Nodes { columns: 17, rows: 17, size_px: [1.0, 1.0] };
    // Corrected black: -offset is D / S; its slope along u is what was put in.
    let black =
        |x: f64| f64::from(value_at(&offset, &nodes.hats(x, 0.5))) / f64::from(value_at(&gain, &nodes.hats(x, 0.5)));
    assert!((black(0.1) - black(0.9) - 12.0 * 1.6).abs() < 8.0, "{}", black(0.1) - black(0.9));
}

#[test]
fn nothing_to_go_by_is_refused() {
    let header = FlatField { tiles: 1, columns: 4, rows: 4, degree: 6, dark: false, nodes: [3, 3] };
    let nothing = le_bytes(&[f32::NAN; 16]);
    assert!(flat_field(&header, &[&nothing, &nothing], never()).is_err());
    assert!(flat_field(&header, &[&nothing, &[0; 12]], never()).is_err());
}
