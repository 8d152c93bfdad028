//! Sections with known truth: tissue that changes slowly along z, cut, turned, bent and photographed.

use super::links::read_numbers;
use crate::run;
use kernels::cancel::never;
use kernels::geometry::{Affine, Point};
use serde_json::{Value, json};

fn hash(x: i64, y: i64, z: i64, seed: i64) -> f64 {
    let mut h = (x.wrapping_mul(0x9E37_79B1)
        ^ y.wrapping_mul(0x85EB_CA77)
        ^ z.wrapping_mul(0xC2B2_AE3D)
        ^ seed.wrapping_mul(0x27D4_EB2F)) as u64;
    h = (h ^ (h >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    h = (h ^ (h >> 32)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((h >> 40) as f64) / f64::from(1u32 << 23) - 1.0
}

/// Smooth noise between whole numbers, -1 to 1.
pub fn noise(p: [f64; 3], seed: i64) -> f64 {
    let low = p.map(|v| v.floor());
    let part = [0, 1, 2].map(|k| {
        let t = p[k] - low[k];
        t * t * (3.0 - 2.0 * t)
    });
    let mut sum = 0.0;
    for corner in 0..8 {
        let bit = [corner & 1, corner >> 1 & 1, corner >> 2];
        let weight: f64 = (0..3).map(|k| if bit[k] == 1 { part[k] } else { 1.0 - part[k] }).product();
        sum += weight * hash(low[0] as i64 + bit[0], low[1] as i64 + bit[1], low[2] as i64 + bit[2], seed);
    }
    sum
}

/// Grey level of tissue: membranes about cells of some 30 px, and finer things.
pub fn tissue([x, y]: Point, z: f64) -> f64 {
    let cells = noise([x / 22.0, y / 22.0, z / 40.0], 1) + 0.5 * noise([x / 11.0, y / 11.0, z / 20.0], 2);
    let fine = noise([x / 5.0, y / 5.0, z / 2.5], 3);
    140.0 - 70.0 * (-(cells / 0.16).powi(2)).exp() + 22.0 * cells + 12.0 * fine
}

/// A section as it was cut: where its pixels were in the tissue.
#[derive(Clone)]
pub struct Section {
    pub z: f64,
    pub side: usize,
    pub degrees: f64,
    pub shift: Point,
    /// Largest displacement, px, and seed of the bends.
    pub bend: f64,
    pub seed: i64,
    pub mirrored: bool,
}

impl Section {
    pub fn new(z: f64, side: usize) -> Self {
        Self { z, side, degrees: 0.0, shift: [0.0, 0.0], bend: 0.0, seed: z as i64, mirrored: false }
    }

    /// The truth: tissue place of a pixel's place.
    pub fn tissue_from(&self, p: Point) -> Point {
        let middle = self.side as f64 / 2.0;
        let [mut x, y] = [p[0] - middle, p[1] - middle];
        if self.mirrored {
            x = -x;
        }
        let wave = |k: i64, a: f64, b: f64| {
            let phase = 3.2 * hash(k, 5, 9, self.seed);
            ((a * (1.0 + 0.3 * hash(k, 1, 2, self.seed))) * x + b * y + phase).sin()
        };
        let bend = [
            wave(1, 0.022, 0.011) + 0.6 * wave(2, -0.017, 0.027),
            wave(3, 0.013, -0.021) + 0.6 * wave(4, 0.026, 0.016),
        ]
        .map(|v| self.bend * v / 1.6 / std::f64::consts::SQRT_2);
        let (sin, cos) = self.degrees.to_radians().sin_cos();
        let (x, y) = (x + bend[0], y + bend[1]);
        [cos * x - sin * y + self.shift[0] + 500.0, sin * x + cos * y + self.shift[1] + 500.0]
    }

    pub fn picture(&self, level: impl Fn(Point, f64) -> f64) -> Vec<u8> {
        (0..self.side * self.side)
            .map(|i| {
                let (x, y) = (i % self.side, i / self.side);
                let v = level(self.tissue_from([x as f64 + 0.5, y as f64 + 0.5]), self.z);
                let grain = 6.0 * hash(x as i64, y as i64, self.z as i64, 77);
                (v + grain).round().clamp(1.0, 255.0) as u8
            })
            .collect()
    }
}

pub fn frame(side: usize) -> Value {
    json!({ "sizePx": [side, side], "originPx": [0, 0], "stepPx": 1 })
}

pub fn call(task: &str, header: &Value, inputs: &[&[u8]]) -> (Value, Vec<Vec<u8>>) {
    let out = run(task, &header.to_string(), inputs, never()).unwrap();
    (serde_json::from_str(&out.header).unwrap(), out.outputs.iter().map(|o| o.to_vec()).collect())
}

pub fn rough(a: &[u8], b: &[u8], sides: [usize; 2], contrast: &str) -> Value {
    let features = |p: &[u8], side| {
        call("section-features", &json!({ "frame": frame(side), "contrast": contrast }), &[p]).1.remove(0)
    };
    let (fa, fb) = (features(a, sides[0]), features(b, sides[1]));
    call(
        "match-sections-rough",
        &json!({ "a": frame(sides[0]), "b": frame(sides[1]), "contrast": contrast }),
        &[a, b, &fa, &fb],
    )
    .0
}

pub fn affine_of(value: &Value) -> Option<Affine> {
    serde_json::from_value(value.clone()).ok()
}

/// Everything, as a journey would do it. Gives the aligned place of points of each section.
pub struct Aligned {
    pub meshes: Vec<super::mesh::Mesh>,
    pub nodes: Vec<Vec<Point>>,
    pub linked: usize,
    pub least_significant: f64,
    pub pairs: usize,
}

pub fn align(sections: &[Section], pictures: &[Vec<u8>], reach: f64, keep_trend: bool) -> Aligned {
    let n = sections.len();
    let features: Vec<Vec<u8>> = (0..n)
        .map(|i| call("section-features", &json!({ "frame": frame(sections[i].side) }), &[&pictures[i]]).1.remove(0))
        .collect();
    let (mut rows, mut linked, mut pairs) = (Vec::new(), 0, 0);
    let mut least_significant = 1.0f64;
    for i in 0..n {
        for j in i + 1..n {
            if sections[j].z - sections[i].z > reach && j > i + 1 {
                continue;
            }
            pairs += 1;
            let (a, b) = (frame(sections[i].side), frame(sections[j].side));
            let header = json!({ "a": a, "b": b });
            let (found, _) =
                call("match-sections-rough", &header, &[&pictures[i], &pictures[j], &features[i], &features[j]]);
            if found["bFromA"].is_null() {
                continue;
            }
            let header =
                json!({ "a": a, "b": b, "bFromA": found["bFromA"], "spacingPx": 24, "blockPx": 48, "searchPx": 24 });
            let (fine, out) = call("match-sections-fine", &header, &[&pictures[i], &pictures[j]]);
            let points = read_numbers(&out[0]).unwrap();
            least_significant = least_significant.min(fine["significant"].as_f64().unwrap());
            linked += usize::from(points.len() >= 50);
            let far = 1.0 / (sections[j].z - sections[i].z);
            for p in points.chunks_exact(5) {
                rows.extend([i as f64, j as f64, p[0], p[1], p[2], p[3], p[4] * p[4] * far]);
            }
        }
    }
    let bytes = |v: &[f64]| -> Vec<u8> { v.iter().flat_map(|v| v.to_le_bytes()).collect() };
    let bounds: Vec<f64> = sections.iter().flat_map(|s| [0.0, 0.0, s.side as f64, s.side as f64]).collect();
    let z: Vec<f64> = sections.iter().map(|s| s.z).collect();
    let (_, placed) = call(
        "place-sections",
        &json!({ "model": "rigid", "sections": n, "keepTrend": keep_trend }),
        &[&bytes(&bounds), &bytes(&rows), &bytes(&z)],
    );
    let mut start = Vec::new();
    for (spacing, before) in [(64.0, None), (24.0, Some(64.0))] {
        let header = json!({ "sections": n, "spacingPx": spacing, "cutoffPx": 60, "startSpacingPx": before, "keepTrend": keep_trend && before.is_some() });
        let (_, out) =
            call("relax-sections", &header, &[&bytes(&bounds), &placed[0], &bytes(&rows), &start, &bytes(&z)]);
        start.clone_from(&out[0]);
    }
    let meshes: Vec<_> =
        sections.iter().map(|s| super::mesh::Mesh::over(&[0.0, 0.0, s.side as f64, s.side as f64], 24.0)).collect();
    let all: Vec<Point> = read_numbers(&start).unwrap().chunks_exact(2).map(|p| [p[0], p[1]]).collect();
    let mut from = 0;
    let nodes = meshes
        .iter()
        .map(|m| {
            from += m.nodes();
            all[from - m.nodes()..from].to_vec()
        })
        .collect();
    Aligned { meshes, nodes, linked, pairs, least_significant }
}
