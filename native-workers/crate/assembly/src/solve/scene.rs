//! Made-up sections with known truth, for the tests of the solve.

use super::model::apply;
use super::problem::{Match, Matches, Point, Tile};

/// SplitMix64: enough randomness for tests, the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    pub fn within(&mut self, most: f64) -> f64 {
        (2.0 * self.unit() - 1.0) * most
    }
}

pub const SIDE: f64 = 512.0;
pub const PITCH: f64 = 460.0;

/// Where a tile's corners go.
pub fn corners(m: &[f64; 6]) -> [[f64; 2]; 4] {
    [[0.0, 0.0], [SIDE, 0.0], [0.0, SIDE], [SIDE, SIDE]].map(|c| apply(m, c))
}

impl Scene {
    pub fn gathered(&self) -> Matches {
        Matches::gather(self.matches.len(), |at| self.matches[at])
    }
}

pub struct Scene {
    pub truth: Vec<[f64; 6]>,
    pub tiles: Vec<Tile>,
    pub matches: Vec<Match>,
    pub wrong: Vec<bool>,
}

/// How a scene departs from its truth.
pub struct Faults {
    pub stage_sigma: f64,
    pub stage_scale: f64,
    pub match_sigma: f64,
    pub wrong_share: f64,
    pub turn_degrees: f64,
    pub scale: f64,
    pub points: usize,
}

pub const CALM: Faults = Faults {
    stage_sigma: 10.0,
    stage_scale: 1.0,
    match_sigma: 0.3,
    wrong_share: 0.0,
    turn_degrees: 0.0,
    scale: 0.0,
    points: 1,
};

pub fn scene(columns: usize, rows: usize, seed: u64, faults: &Faults, linked: impl Fn(usize, usize) -> bool) -> Scene {
    let mut random = Random(seed);
    let count = columns * rows;
    let truth: Vec<[f64; 6]> =
        (0..count).map(|i| true_placement(i % columns, i / columns, faults, &mut random)).collect();
    let tiles = truth.iter().map(|t| staged(t, faults, &mut random)).collect();
    let mut scene = Scene { truth, tiles, matches: vec![], wrong: vec![] };
    for i in 0..count {
        let right = (i % columns + 1 < columns).then_some(i + 1);
        let below = (i + columns < count).then_some(i + columns);
        for j in [right, below].into_iter().flatten().filter(|&j| linked(i, j)) {
            add_link(&mut scene, i, j, faults, &mut random);
        }
    }
    scene
}

pub fn true_placement(column: usize, row: usize, faults: &Faults, random: &mut Random) -> [f64; 6] {
    let (sin, cos) = random.within(faults.turn_degrees).to_radians().sin_cos();
    let scale = 1.0 + random.within(faults.scale);
    let l = [scale * cos, scale * sin, -scale * sin, scale * cos];
    let centre =
        [column as f64 * PITCH + SIDE / 2.0 + random.within(3.0), row as f64 * PITCH + SIDE / 2.0 + random.within(3.0)];
    let half = SIDE / 2.0;
    [l[0], l[1], l[2], l[3], centre[0] - (l[0] + l[2]) * half, centre[1] - (l[1] + l[3]) * half]
}

/// The stage knows no rotation or scale of a tile, only its place, with noise and a scale of its own.
pub fn staged(truth: &[f64; 6], faults: &Faults, random: &mut Random) -> Tile {
    let centre = apply(truth, [SIDE / 2.0; 2]);
    let x = centre[0] * faults.stage_scale + faults.stage_sigma * random.normal() - SIDE / 2.0;
    let y = centre[1] * faults.stage_scale + faults.stage_sigma * random.normal() - SIDE / 2.0;
    Tile::new([1.0, 0.0, 0.0, 1.0, x, y], [SIDE; 2])
}

pub fn add_link(scene: &mut Scene, i: usize, j: usize, faults: &Faults, random: &mut Random) {
    let wrong = random.unit() < faults.wrong_share;
    let off = if wrong { [random.within(40.0), random.within(40.0)] } else { [0.0; 2] };
    let (ci, cj) = (apply(&scene.truth[i], [SIDE / 2.0; 2]), apply(&scene.truth[j], [SIDE / 2.0; 2]));
    let middle = [(ci[0] + cj[0]) / 2.0, (ci[1] + cj[1]) / 2.0];
    let along = if j == i + 1 { [0.0, 1.0] } else { [1.0, 0.0] };
    for k in 0..faults.points {
        let at = if faults.points == 1 { 0.0 } else { (k as f64 / (faults.points - 1) as f64 - 0.5) * 0.8 * SIDE };
        // Patches lie left and right of the overlap's middle in turn.
        let across = if faults.points == 1 { 0.0 } else { 15.0 * (1.0 - 2.0 * (k % 2) as f64) };
        let world = [middle[0] + along[0] * at + along[1] * across, middle[1] + along[1] * at + along[0] * across];
        let a = into_tile(&scene.truth[i], world);
        let b = into_tile(&scene.truth[j], world);
        let noisy = [
            b[0] + faults.match_sigma * random.normal() + off[0],
            b[1] + faults.match_sigma * random.normal() + off[1],
        ];
        // Wrong peaks that pass for links correlate less than true ones.
        let ncc: f64 = if wrong { 0.3 + 0.3 * random.unit() } else { 0.6 + 0.35 * random.unit() };
        scene.matches.push(Match { tile_a: i, tile_b: j, point: Point { a, b: noisy, weight: ncc * ncc } });
        scene.wrong.push(wrong);
    }
}

pub fn into_tile(m: &[f64; 6], world: [f64; 2]) -> [f64; 2] {
    let (x, y, det) = (world[0] - m[4], world[1] - m[5], m[0] * m[3] - m[1] * m[2]);
    [(m[3] * x - m[2] * y) / det, (m[0] * y - m[1] * x) / det]
}
