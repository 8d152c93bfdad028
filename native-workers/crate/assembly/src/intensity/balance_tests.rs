use super::*;
use crate::intensity::grid::{floats, value_at};
use crate::intensity::places::PLACE;
use kernels::cancel::never;
use serde_json::{Value, json};

fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as f64 / f64::from(1u32 << 31) - 0.5
    }
}

fn solve(header: Value, places: &[[f64; PLACE]]) -> (Balanced, Vec<f32>, Vec<f32>) {
    let bytes: Vec<u8> = places.iter().flatten().flat_map(|v| v.to_le_bytes()).collect();
    let header: Balance = serde_json::from_value(header).unwrap();
    let (about, out) = balance_light(&header, &bytes, never()).unwrap();
    let count = header.bodies * header.columns * header.rows;
    (about, floats(&out[0], count, "gain").unwrap(), floats(&out[1], count, "offset").unwrap())
}

/// What a tile makes of a level: gains of 0.8 to 1.2, offsets of -15 to 15.
fn camera(tile: usize) -> (f64, f64) {
    (0.8 + 0.1 * ((tile * 7) % 5) as f64, 5.0 * ((tile * 3) % 7) as f64 - 15.0)
}

/// Places in the overlaps of a square of tiles; `spoilt` of a hundred of them show something else.
fn overlaps(across: usize, spoilt: usize, level: impl Fn(usize, f64, [f64; 2]) -> f64) -> Vec<[f64; PLACE]> {
    let mut random = random(7);
    let mut places = Vec::new();
    for a in 0..across * across {
        for (b, is_right) in [(a + 1, true), (a + across, false)] {
            if (is_right && (a + 1) % across == 0) || b >= across * across {
                continue;
            }
            for k in 0..16 {
                let along = (k as f64 + 0.5) / 16.0;
                let (at_a, at_b) =
                    if is_right { ([0.95, along], [0.05, along]) } else { ([along, 0.95], [along, 0.05]) };
                let tissue = 125.0 + 40.0 * random();
                let other = if (k * 31 + a * 17) % 100 < spoilt { 60.0 } else { 0.0 };
                let contrast = |tile: usize, at| level(tile, tissue + 20.0, at) - level(tile, tissue, at);
                places.push([
                    a as f64,
                    b as f64,
                    at_a[0],
                    at_a[1],
                    at_b[0],
                    at_b[1],
                    level(a, tissue, at_a) + 0.6 * random(),
                    level(b, tissue + other, at_b) + 0.6 * random(),
                    contrast(a, at_a) * (1.0 + 0.05 * random()),
                    contrast(b, at_b) * (1.0 + 0.05 * random()),
                    1.0,
                ]);
            }
        }
    }
    places
}

#[test]
fn gains_and_offsets_of_a_section_are_found_but_for_what_is_common() {
    let level = |tile: usize, v: f64, _| camera(tile).0 * v + camera(tile).1;
    let places = overlaps(8, 6, level);
    let header = json!({"bodies": 64, "columns": 1, "rows": 1, "model": "gain-offset"});
    let (about, gains, offsets) = solve(header, &places);
    assert!(about.step_before > 10.0 && about.sets == 1 && about.held == 0);
    let corrected = |v: f64| -> Vec<f64> {
        (0..64).map(|t| f64::from(gains[t]) * level(t, v, [0.0; 2]) + f64::from(offsets[t])).collect()
    };
    for v in [100.0, 125.0, 150.0] {
        let all = corrected(v);
        let mean = all.iter().sum::<f64>() / 64.0;
        let worst = all.iter().map(|c| (c - mean).abs()).fold(0.0, f64::max);
        assert!(worst < 1.0, "tiles differ by {worst} at {v}");
    }
    let mean_log: f32 = gains.iter().map(|g| g.ln()).sum::<f32>() / 64.0;
    assert!(mean_log.abs() < 1e-4);
}

#[test]
fn a_gain_that_varies_over_tiles_is_found_with_more_nodes() {
    let shade = |tile: usize, [x, y]: [f64; 2]| 1.0 + 0.2 * (x - 0.5) * ((tile % 3) as f64 - 1.0) + 0.1 * (y - 0.5);
    let places = overlaps(5, 0, |tile, v, at| v * shade(tile, at));
    let grid = json!({"bodies": 25, "columns": 8, "rows": 8, "model": "gain-offset", "smoothness": 0.1});
    let (about, gains, offsets) = solve(grid, &places);
    assert!(about.step_after < 0.05 * about.step_before && about.held == 0, "{about:?}");
    let nodes = Nodes { columns: 8, rows: 8, size_px: [1.0, 1.0] };
    for v in [110.0, 125.0, 140.0] {
        let at = |tile: usize, place: [f64; 2]| {
            let hats = nodes.hats(place[0], place[1]);
            let [gain, offset] = [&gains, &offsets].map(|grid| f64::from(value_at(&grid[64 * tile..][..64], &hats)));
            gain * v * shade(tile, place) + offset
        };
        let step = at(12, [0.95, 0.5]) - at(13, [0.05, 0.5]);
        assert!(step.abs() < 1.5, "a step of {step} at {v}");
    }
    // One gain a tile cannot do it, but stays sound.
    let one = solve(json!({"bodies": 25, "columns": 1, "rows": 1, "model": "gain-offset"}), &places);
    assert!(one.0.held == 0 && one.1.iter().all(|g| (0.6..1.6).contains(g)), "{:?}", one.1);
}

#[test]
fn islands_keep_their_own_level_and_lonely_tiles_are_left_as_they_are() {
    let places: Vec<[f64; PLACE]> = [(0.0, 1.0, 100.0, 80.0), (2.0, 3.0, 200.0, 220.0)]
        .iter()
        .flat_map(|&(a, b, p, q)| {
            (0..20).map(move |k| {
                let v = k as f64 - 9.5;
                [a, b, 0.5, 0.5, 0.5, 0.5, p + v, q + v, 20.0, 20.0, 1.0]
            })
        })
        .collect();
    let (about, gains, offsets) = solve(json!({"bodies": 5, "columns": 1, "rows": 1, "model": "offset"}), &places);
    assert!(about.sets == 3 && about.step_after < 0.2 * about.step_before, "{about:?}");
    assert!(gains.iter().all(|&g| g == 1.0) && offsets[4] == 0.0);
    assert!((offsets[0] + offsets[1]).abs() < 0.1 && (offsets[0] + 10.0).abs() < 1.0);
}

#[test]
fn gains_alone_turn_about_black() {
    let places = overlaps(3, 0, |tile, v, _| camera(tile).0 * v);
    let (about, gains, offsets) = solve(json!({"bodies": 9, "columns": 1, "rows": 1, "model": "gain"}), &places);
    assert!(offsets.iter().all(|&o| o == 0.0) && about.step_after < 0.5, "{about:?}");
    let products: Vec<f64> = (0..9).map(|t| f64::from(gains[t]) * camera(t).0).collect();
    assert!(products.iter().all(|p| (p / products[0] - 1.0).abs() < 0.01), "{products:?}");
}

#[test]
fn places_that_are_none_are_refused() {
    let header: Balance =
        serde_json::from_value(json!({"bodies": 2, "columns": 1, "rows": 1, "model": "gain"})).unwrap();
    let bytes = |row: [f64; PLACE]| row.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let mut row = [0.0, 1.0, 0.5, 0.5, 0.5, 0.5, 9.0, 9.0, 1.0, 1.0, 1.0];
    assert!(balance_light(&header, &bytes(row), never()).is_ok());
    row[1] = 2.0;
    assert!(balance_light(&header, &bytes(row), never()).is_err());
    row[1] = f64::NAN;
    assert!(balance_light(&header, &bytes(row), never()).is_err());
    assert!(balance_light(&header, &[0; 9], never()).is_err());
}
