use super::*;
use crate::cancel::never;
use crate::warp::{SAME, SamplePoints, WarpPoints, sample_points, warp_points};
use serde_json::{Value, json};

fn from<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// A repeatable number between 0 and 1.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

const TURN: [f64; 12] = [0.93, -0.31, 0.12, 140.0, 0.28, 1.05, -0.07, -90.0, -0.09, 0.11, 0.97, 35.0];

/// Over 9 x 8 x 7 nodes, 47 nm apart. `turned`: its axes are not those of the space.
fn field(holds: &str, interpolation: &str, turned: bool) -> (Value, Vec<u8>) {
    let mut random = Random(7);
    let nodes = 9 * 8 * 7;
    let vectors = (0..3 * nodes).flat_map(|i| {
        let node = i % nodes;
        let place = [node % 9, node / 9 % 8, node / 72][i / nodes] as f64 * 47.0;
        let value = if holds == "position" { place + 20.0 * random.next() } else { 60.0 * random.next() - 30.0 };
        (value as f32).to_le_bytes()
    });
    let side = 1.0 / 47.0;
    let index = if turned {
        [side, 0.1 * side, 0.0, -0.6137, -0.2 * side, side, 0.1 * side, 0.4271, 0.0, 0.05 * side, side, -0.5]
    } else {
        [side, 0.0, 0.0, -0.5, 0.0, side, 0.0, -0.5, 0.0, 0.0, side, -0.5]
    };
    let header = json!({"type": "field", "grid": [9, 8, 7], "min": [0, 0, 0], "size": [9, 8, 7], "wide": false,
        "indexFromPoint": index, "nmFromVector": [1, 0.1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], "holds": holds,
        "interpolation": interpolation, "inverse": false});
    (header, vectors.collect())
}

const LEVEL: [usize; 3] = [41, 37, 29];
const INDEX: [f64; 12] = [0.1, 0.0, 0.0, -0.5, 0.0, 0.1, 0.0, -0.5, 0.0, 0.0, 0.1, -0.5];

/// Both ways: the new kernel on chunks, and points that are led first and read then.
fn both(dtype: &str, interpolation: &str, steps: &[Value], fields: &[&[u8]], voxels: &[u8]) -> [Vec<u8>; 2] {
    let grid = json!({"size": [83, 17, 11], "first": [-20.0, 3.0, 5.0], "step": [5.1, 19.0, 23.0]});
    let width = voxels.len() / LEVEL.iter().product::<usize>();
    let (left, right) = halves(voxels, width);
    let header = json!({"grid": grid, "steps": steps, "dtype": dtype, "level": LEVEL, "min": [0, 0, 0],
        "size": LEVEL, "indexFromPoint": INDEX, "interpolation": interpolation,
        "chunks": [{"min": [0, 0, 0], "size": [20, 37, 29]}, {"min": [20, 0, 0], "size": [21, 37, 29]}]});
    let inputs: Vec<&[u8]> = fields.iter().copied().chain([&left[..], &right[..]]).collect();
    let (seen, mut quick) = warp_box(&from(header), &inputs, never()).unwrap();
    assert_eq!(seen.left, 0);
    let led: WarpPoints = from(json!({"grid": grid, "steps": steps, "toleranceNm": 1e-9}));
    let (_, points) = warp_points(&led, fields, never()).unwrap();
    let sample: SamplePoints = from(json!({"dtype": dtype, "grid": LEVEL, "min": [0, 0, 0], "size": LEVEL,
        "indexFromPoint": INDEX, "interpolation": interpolation}));
    let (sampled, mut exact) = sample_points(&sample, &[&points[0], voxels], never()).unwrap();
    assert_eq!(serde_json::to_value(sampled).unwrap()["inside"], json!(seen.inside));
    assert!(seen.inside > 4000 && seen.inside < 83 * 17 * 11, "{} inside", seen.inside);
    [quick.remove(0).to_vec(), exact.remove(0).to_vec()]
}

/// Voxels of x below 20, and those from there on.
fn halves(voxels: &[u8], width: usize) -> (Vec<u8>, Vec<u8>) {
    let rows = voxels.chunks(LEVEL[0] * width);
    let (left, right): (Vec<_>, Vec<_>) = rows.map(|row| row.split_at(20 * width)).unzip();
    (left.concat(), right.concat())
}

#[test]
fn all_types_chains_and_ways_to_mix_are_those_of_led_points() {
    let affine = json!({"type": "affine", "matrix": TURN});
    let mut random = Random(3);
    let voxels: Vec<u8> = (0..LEVEL.iter().product::<usize>() * 8).map(|_| (256.0 * random.next()) as u8).collect();
    let (plain, plain_bytes) = field("displacement", "linear", false);
    let (turned, turned_bytes) = field("displacement", "nearest", true);
    let (placed, placed_bytes) = field("position", "linear", true);
    let chains: [(Vec<Value>, Vec<&[u8]>); 5] = [
        (vec![affine.clone()], vec![]),
        (vec![plain.clone(), affine.clone()], vec![&plain_bytes]),
        (vec![affine.clone(), plain.clone()], vec![&plain_bytes]),
        (vec![turned, affine, plain], vec![&turned_bytes, &plain_bytes]),
        (vec![placed], vec![&placed_bytes]),
    ];
    for (steps, fields) in &chains {
        for (dtype, width) in [("uint8", 1), ("int8", 1), ("uint16", 2), ("int16", 2), ("int32", 4), ("uint64", 8)] {
            let voxels = &voxels[..LEVEL.iter().product::<usize>() * width];
            let [quick, exact] = both(dtype, "nearest", steps, fields, voxels);
            let other = quick.chunks(width).zip(exact.chunks(width)).filter(|(a, b)| a != b).count();
            // Between two voxels a step of single precision decides; what is picked is one of both, to its last bit.
            assert!(other <= if fields.is_empty() { 0 } else { 2 }, "{dtype} {other}");
            let [quick, exact] = both(dtype, "linear", steps, fields, voxels);
            if width <= 2 {
                let value = |bytes: &[u8]| -> i64 {
                    match dtype {
                        "uint8" => i64::from(bytes[0]),
                        "int8" => i64::from(bytes[0] as i8),
                        "uint16" => i64::from(u16::from_le_bytes([bytes[0], bytes[1]])),
                        _ => i64::from(i16::from_le_bytes([bytes[0], bytes[1]])),
                    }
                };
                let pairs = quick.chunks(width).zip(exact.chunks(width)).map(|(a, b)| (value(a) - value(b)).abs());
                let (worst, other) = pairs.fold((0, 0), |(worst, n), d| (worst.max(d), n + usize::from(d > 0)));
                // Steps between neighbours are as large as the type: 65,000 times the 1e-6 that single precision is off by.
                assert!(worst <= if width == 1 { 1 } else { 3 }, "{dtype} {worst}");
                assert!(other < if width == 1 { 20 } else { 4000 }, "{dtype} {other} of {}", 83 * 17 * 11);
            }
        }
    }
}

#[test]
fn numbers_with_a_point_are_mixed_of_those_that_count_alone() {
    let mut random = Random(5);
    let mut voxels: Vec<f32> = (0..LEVEL.iter().product()).map(|_| random.next() as f32).collect();
    voxels[700] = f32::NAN;
    let bytes: Vec<u8> = voxels.iter().flat_map(|v| v.to_le_bytes()).collect();
    let shift = json!({"type": "affine", "matrix": [1, 0, 0, 20, 0, 1, 0, 2, 0, 0, 1, 0]});
    let [quick, exact] = both("float32", "linear", &[shift], &[], &bytes);
    let value = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    for (quick, exact) in quick.chunks(4).map(value).zip(exact.chunks(4).map(value)) {
        assert!((quick - exact).abs() < 1e-5 || (quick.is_nan() && exact.is_nan()), "{quick} {exact}");
    }
}

#[test]
fn what_was_not_given_is_told() {
    let grid = json!({"size": [30, 2, 2], "first": [5, 5, 5], "step": [10, 10, 10]});
    let header = |min: [usize; 3], size: [usize; 3]| {
        from(json!({"grid": grid, "steps": [], "dtype": "uint8", "level": LEVEL, "min": min, "size": size,
            "indexFromPoint": INDEX, "interpolation": "linear", "chunks": [{"min": [0, 0, 0], "size": [1, 1, 1]}]}))
    };
    let seen = |header: WarpBox| warp_box(&header, &[&[9]], never()).map(|(seen, out)| (seen.left, out[0].to_vec()));
    let (left, out) = seen(header([0, 0, 0], [31, 3, 3])).unwrap();
    assert_eq!((left, out[0], out[1]), (0, 9, 0));
    assert_eq!(seen(header([0, 0, 0], [30, 3, 3])).unwrap().0, 4);
    assert_eq!(seen(header([2, 0, 0], [31, 3, 3])).unwrap().0, 8);
    assert!(seen(header([0, 0, 0], [42, 3, 3])).is_err());
    assert!(seen(header([0, 0, 0], [0, 3, 3])).is_err());
    assert!(warp_box(&header([0, 0, 0], [31, 3, 3]), &[], never()).is_err());
    assert!(warp_box(&header([0, 0, 0], [31, 3, 3]), &[&[1, 2]], never()).is_err());
    let far = json!({"size": [30, 2, 2], "first": [1e9, 5, 5], "step": [1, 1, 1]});
    let mut beyond = header([0, 0, 0], [31, 3, 3]);
    beyond.grid = from(far);
    assert_eq!(seen(beyond).unwrap(), (0, vec![0; 120]));
}

#[test]
fn identity_gives_the_voxels_themselves() {
    let mut random = Random(3);
    let voxels: Vec<u8> = (0..LEVEL.iter().product::<usize>()).map(|_| (256.0 * random.next()) as u8).collect();
    let grid = json!({"size": LEVEL, "first": [5, 5, 5], "step": [10, 10, 10]});
    for interpolation in ["nearest", "linear"] {
        let header = from(json!({"grid": grid, "steps": [{"type": "affine", "matrix": SAME}], "dtype": "uint8",
            "level": LEVEL, "min": [0, 0, 0], "size": LEVEL, "indexFromPoint": INDEX, "interpolation": interpolation,
            "chunks": [{"min": [0, 0, 0], "size": LEVEL}]}));
        let (seen, out) = warp_box(&header, &[&voxels], never()).unwrap();
        assert_eq!((seen.inside, seen.left), (voxels.len(), 0));
        assert!(*out[0] == voxels[..]);
    }
}

#[test]
fn voxels_whose_centres_lie_on_the_end_of_a_field_are_led_as_points_are() {
    // Ends at 60 and 90 nm along each axis, which are centres of voxels.
    let vectors: Vec<u8> = (0..81).flat_map(|i| (20.0 + i as f32).to_le_bytes()).collect();
    let index = [0.1, 0.0, 0.0, -6.5, 0.0, 0.1, 0.0, -6.5, 0.0, 0.0, 0.1, -6.5];
    let field = json!({"type": "field", "grid": [3, 3, 3], "min": [0, 0, 0], "size": [3, 3, 3], "wide": false,
        "indexFromPoint": index, "nmFromVector": SAME, "holds": "displacement", "interpolation": "linear", "inverse": false});
    let grid = json!({"size": [24, 24, 24], "first": [0, 0, 0], "step": [10, 10, 10]});
    let mut random = Random(3);
    let voxels: Vec<u8> = (0..LEVEL.iter().product::<usize>()).map(|_| (256.0 * random.next()) as u8).collect();
    let header = from(json!({"grid": grid, "steps": [field], "dtype": "uint8", "level": LEVEL, "min": [0, 0, 0],
        "size": LEVEL, "indexFromPoint": INDEX, "interpolation": "linear", "chunks": [{"min": [0, 0, 0], "size": LEVEL}]}));
    let (seen, quick) = warp_box(&header, &[&vectors, &voxels], never()).unwrap();
    assert_eq!(seen.left, 0);
    let (_, points) =
        warp_points(&from(json!({"grid": grid, "steps": [field], "toleranceNm": 1.0})), &[&vectors], never()).unwrap();
    let sample: SamplePoints = from(json!({"dtype": "uint8", "grid": LEVEL, "min": [0, 0, 0], "size": LEVEL,
        "indexFromPoint": INDEX, "interpolation": "linear"}));
    let (_, exact) = sample_points(&sample, &[&points[0], &voxels], never()).unwrap();
    let worst = quick[0].iter().zip(exact[0].iter()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst <= Some(1), "{worst:?}");
}
