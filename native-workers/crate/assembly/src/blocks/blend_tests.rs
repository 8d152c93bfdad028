use super::*;
use kernels::cancel::never;
use serde_json::{Value, json};

fn blended(header: &Value, inputs: &[&[u8]]) -> Vec<u8> {
    let header = serde_json::from_value(header.clone()).unwrap();
    blend_blocks(&header, inputs, never()).unwrap().1.remove(0).to_vec()
}

fn line(at: f64, size: usize, ramp: f64) -> Value {
    json!({"size": [size, 1, 1], "at": [at, 0, 0], "min": [0, 0, 0], "block": [size, 1, 1], "ramp": [ramp, 0, 0]})
}

fn header(blend: &str, size: usize, blocks: Vec<Value>) -> Value {
    json!({"dtype": "uint8", "size": [size, 1, 1], "blend": blend, "interpolation": "linear", "blocks": blocks})
}

#[test]
fn a_block_alone_is_itself_and_half_a_voxel_between_two_voxels() {
    let bytes = [10, 20, 40, 80, 7];
    for blend in ["feather", "sine", "none"] {
        assert_eq!(blended(&header(blend, 7, vec![line(1.0, 5, 4.0)]), &[&bytes]), [0, 10, 20, 40, 80, 7, 0]);
    }
    assert_eq!(blended(&header("feather", 6, vec![line(0.5, 5, 0.0)]), &[&bytes]), [10, 15, 30, 60, 44, 0]);
}

#[test]
fn ramps_over_an_overlap_add_up() {
    let (a, b) = ([100u8; 8], [200u8; 8]);
    let at = |blend| blended(&header(blend, 12, vec![line(0.0, 8, 4.0), line(4.0, 8, 4.0)]), &[&a, &b]);
    assert_eq!(at("feather")[4..8], [113, 138, 163, 188]);
    let sine = at("sine");
    assert!(sine[..4] == [100; 4] && sine[8..] == [200; 4] && sine[4] < 106 && sine[7] > 194);
    assert_eq!(at("none"), [100, 100, 100, 100, 100, 100, 200, 200, 200, 200, 200, 200]);
}

#[test]
fn planes_and_rows_land_where_they_belong_in_16_bit() {
    let voxels: Vec<u8> = (0..24u16).flat_map(|v| (v * 1000).to_le_bytes()).collect();
    let part = json!({"size": [2, 3, 4], "at": [1, 1, 1], "min": [0, 0, 0], "block": [2, 3, 4], "ramp": [1, 1, 1]});
    let whole =
        json!({"dtype": "uint16", "size": [4, 5, 6], "blend": "feather", "interpolation": "linear", "blocks": [part]});
    let out = blended(&whole, &[&voxels]);
    let at = |x: usize, y: usize, z: usize| {
        u16::from_le_bytes([out[2 * ((z * 5 + y) * 4 + x)], out[2 * ((z * 5 + y) * 4 + x) + 1]])
    };
    for z in 0..6 {
        for y in 0..5 {
            for x in 0..4 {
                let inside = (1..3).contains(&x) && (1..4).contains(&y) && (1..5).contains(&z);
                let want = if inside { (((z - 1) * 3 + y - 1) * 2 + x - 1) as u16 * 1000 } else { 0 };
                assert_eq!(at(x, y, z), want, "{x} {y} {z}");
            }
        }
    }
}

#[test]
fn wrong_calls_are_refused() {
    let fails = |header: Value, inputs: &[&[u8]]| {
        blend_blocks(&serde_json::from_value(header).unwrap(), inputs, never()).is_err()
    };
    assert!(fails(header("feather", 5, vec![line(0.0, 5, 1.0)]), &[&[0; 4]]));
    assert!(fails(header("feather", 5, vec![line(0.0, 5, 1.0)]), &[]));
    let mut beyond = line(0.0, 5, 1.0);
    beyond["min"] = json!([1, 0, 0]);
    assert!(fails(header("feather", 5, vec![beyond]), &[&[0; 5]]));
}
