use super::{RegionSurface, region_surface};
use kernels::cancel::never;
use std::collections::HashMap;

type Mesh = (Vec<[f64; 3]>, Vec<[usize; 3]>);

fn surface(size: [usize; 3], value: impl Fn([usize; 3]) -> u16, rounds: u32) -> Mesh {
    let mut bytes = Vec::new();
    for z in 0..size[2] {
        for y in 0..size[1] {
            for x in 0..size[0] {
                bytes.extend(value([x, y, z]).to_le_bytes());
            }
        }
    }
    let header =
        RegionSurface { size, spacing_nm: [10.0, 10.0, 20.0], origin_nm: [100.0, 0.0, 0.0], from: 3, end: 5, rounds };
    let (facts, outputs) = region_surface(&header, &[&bytes], never()).unwrap();
    let words: Vec<[u8; 4]> = outputs[0].chunks_exact(4).map(|word| word.try_into().unwrap()).collect();
    let vertices = u32::from_le_bytes(words[0]) as usize;
    assert_eq!(vertices, facts.vertices);
    let numbers: Vec<f64> = words[1..=3 * vertices].iter().map(|&word| f64::from(f32::from_le_bytes(word))).collect();
    let corners: Vec<usize> = words[1 + 3 * vertices..].iter().map(|&word| u32::from_le_bytes(word) as usize).collect();
    let triples = |three: &[usize]| -> [usize; 3] { three.try_into().unwrap() };
    let triangles: Vec<_> = corners.chunks_exact(3).map(triples).collect();
    assert_eq!(triangles.len(), facts.triangles);
    (numbers.chunks_exact(3).map(|xyz| xyz.try_into().unwrap()).collect(), triangles)
}

/// Every edge is walked as often one way as the other.
fn is_closed((_, triangles): &Mesh) -> bool {
    let mut walks: HashMap<(usize, usize), i32> = HashMap::new();
    for &[a, b, c] in triangles {
        for (from, to) in [(a, b), (b, c), (c, a)] {
            *walks.entry((from.min(to), from.max(to))).or_default() += if from < to { 1 } else { -1 };
        }
    }
    walks.values().all(|&sum| sum == 0)
}

/// Signed: positive where triangles turn left around what points out.
fn volume((places, triangles): &Mesh) -> f64 {
    let of = |&[a, b, c]: &[usize; 3]| {
        let ([ax, ay, az], [bx, by, bz], [cx, cy, cz]) = (places[a], places[b], places[c]);
        (ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)) / 6.0
    };
    triangles.iter().map(of).sum()
}

fn far(voxel: [usize; 3], middle: f64) -> f64 {
    voxel.iter().map(|&n| (n as f64 + 0.5 - middle).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn a_ball_is_closed_round_and_as_large_as_its_voxels() {
    let value = |voxel| if far(voxel, 16.0) < 12.0 { if voxel[0] < 16 { 3 } else { 4 } } else { 9 };
    let mesh = surface([32; 3], value, 8);
    assert!(is_closed(&mesh));
    let (places, triangles) = &mesh;
    // Of a ball: vertices - edges + triangles = 2, and each triangle has three halves of edges.
    assert_eq!(places.len() + triangles.len() - triangles.len() * 3 / 2, 2);
    let voxels = (0..32usize.pow(3)).filter(|i| far([i % 32, i / 32 % 32, i / 1024], 16.0) < 12.0).count();
    let ratio = volume(&mesh) / (voxels as f64 * 2000.0);
    assert!((ratio - 1.0).abs() < 0.01, "{ratio}");
    let radius = |[x, y, z]: [f64; 3]| {
        let p = [(x - 100.0) / 10.0 - 16.0, y / 10.0 - 16.0, z / 20.0 - 16.0];
        p.iter().map(|v| v * v).sum::<f64>().sqrt()
    };
    let off = |rounds| {
        let (places, _) = surface([32; 3], value, rounds);
        places.iter().map(|&p| (radius(p) - 12.0).abs()).sum::<f64>() / places.len() as f64
    };
    assert!(off(8) < 0.5 * off(0), "{} of {}", off(8), off(0));
    assert!(places.iter().all(|&p| (radius(p) - 12.0).abs() < 1.0));
}

#[test]
fn what_touches_itself_or_the_box_is_closed_and_nothing_is_nothing() {
    let chequered = surface([5; 3], |[x, y, z]| if (x + y + z) % 2 == 0 { 4 } else { 0 }, 3);
    assert!(is_closed(&chequered) && volume(&chequered) > 0.0);
    let full = surface([3, 2, 4], |_| 3, 0);
    assert!(is_closed(&full));
    assert!((volume(&full) - 24.0 * 2000.0).abs() < 1e-6);
    let (places, triangles) = surface([4; 3], |_| 2, 4);
    assert!(places.is_empty() && triangles.is_empty());
}

#[test]
fn wrong_boxes_are_refused() {
    let header = |size| RegionSurface { size, spacing_nm: [1.0; 3], origin_nm: [0.0; 3], from: 1, end: 2, rounds: 1 };
    assert!(region_surface(&header([2; 3]), &[&[0; 15]], never()).is_err());
    assert!(region_surface(&header([usize::MAX, 2, 2]), &[&[]], never()).is_err());
}
