//! A made-up brain of 24 regions, 12 a side, that can be asked for at any place; and warped, turned copies of it.

use super::header::{Model, Orientations, RegisterAffine, Volume};
use super::map::Map;
use super::{Mat3, Vec3};
use kernels::voxel::VoxelType;

pub const LABELS: usize = 24;

/// Label (0 outside) and level at a place of the brain's own space, -1 to 1 along each axis.
pub fn brain([x, y, z]: Vec3) -> (u8, f64) {
    let lump = ((x - 0.62) / 0.3).powi(2) + ((y - 0.12) / 0.34).powi(2) + (z / 0.42).powi(2) < 1.0;
    let bulb = ((x + 0.7) / 0.25).powi(2) + ((y - 0.05) / 0.2).powi(2) + (z / 0.24).powi(2) < 1.0;
    let main = (x / 0.72).powi(2) + (y / if y > 0.0 { 0.42 } else { 0.55 }).powi(2) + (z / 0.62).powi(2) < 1.0;
    if !(lump || bulb || main) {
        return (0, 0.0);
    }
    let side = z.abs();
    let far = |r: usize| {
        let seed = seed(r);
        (x - seed[0]).powi(2) + (y - seed[1]).powi(2) + (side - seed[2]).powi(2)
    };
    let region = (0..LABELS / 2).min_by(|a, b| far(*a).total_cmp(&far(*b))).unwrap_or(0);
    let texture = (9.0 * x + 1.0).sin() * (11.0 * y).sin() * (8.0 * side + 0.5).cos();
    let level = 60.0 + 150.0 * ((region + 1) as f64 * 0.618_034).fract() + 12.0 * texture;
    ((region + 1 + if z < 0.0 { LABELS / 2 } else { 0 }) as u8, level)
}

/// Spread evenly by the additive sequence of the plastic number.
fn seed(region: usize) -> Vec3 {
    let part = |a: f64| (0.5 + a * (region + 1) as f64).fract();
    [part(0.819_172_5) * 1.5 - 0.75, part(0.671_043_6) * 0.9 - 0.48, part(0.549_700_5) * 0.55]
}

/// A brain as voxels. Its own space spans `side` µm; `place` says which place of it a µm of the volume shows.
pub struct Shot<'a> {
    pub size: [usize; 3],
    pub spacing: Vec3,
    pub place: &'a dyn Fn(Vec3) -> Vec3,
    pub tone: &'a dyn Fn(f64) -> f64,
}

/// Levels with noise (f32) and labels.
pub fn shot(of: &Shot<'_>) -> (Vec<f32>, Vec<u8>) {
    let [w, h, d] = of.size;
    let mut random = 7u64;
    (0..w * h * d)
        .map(|i| {
            let index = [i % w, i / w % h, i / (w * h)];
            let (label, level) = brain((of.place)(std::array::from_fn(|k| index[k] as f64 * of.spacing[k])));
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let noise = ((random >> 40) as f64 / (1u64 << 24) as f64 - 0.5) * 14.0;
            (((of.tone)(level) + noise) as f32, label)
        })
        .unzip()
}

pub fn bytes(levels: &[f32]) -> Vec<u8> {
    levels.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// Inverted and bent, background bright: no line maps one onto the other.
pub fn inverted(level: f64) -> f64 {
    let t = 1.0 - level / 220.0;
    220.0 * (0.25 * t + 0.75 * t * t * t)
}

/// µm of a cube of `side` µm to the brain's space.
pub fn centred(side: f64) -> impl Fn(Vec3) -> Vec3 {
    move |x| x.map(|v| 2.0 * v / side - 1.0)
}

/// The smooth part of a warp, in the brain's space.
pub fn bent([x, y, z]: Vec3, by: f64) -> Vec3 {
    let wave = |a: f64, b: f64| by * (3.1 * a + 0.7).sin() * (2.7 * b - 0.4).cos();
    [x + wave(y, z), y + wave(z, x), z + wave(x, y)]
}

/// `linear` about the middle of the brain's space, then moved.
pub fn about(linear: &Mat3, shift: Vec3, x: Vec3) -> Vec3 {
    Map { linear: *linear, shift }.apply(x)
}

pub fn volume(size: [usize; 3], spacing_um: Vec3) -> Volume {
    Volume { size, spacing_um, dtype: VoxelType::Float32, mask: false }
}

pub fn asked(fixed: Volume, moving: Volume, model: Model, orientations: Orientations) -> RegisterAffine {
    RegisterAffine { fixed, moving, model, orientations, bins: 32, start: None, resolution_um: None }
}

/// Mean Dice of all labels, the moving ones looked up (nearest voxel) where `map` says.
pub fn dice(fixed: (&[u8], &Volume), moving: (&[u8], &Volume), map: &Map) -> f64 {
    let mut counts = vec![[0usize; 3]; LABELS + 1];
    let [w, h, _] = fixed.1.size;
    for (i, label) in fixed.0.iter().enumerate() {
        let index = [i % w, i / w % h, i / (w * h)];
        let at = map.apply(std::array::from_fn(|k| index[k] as f64 * fixed.1.spacing_um[k]));
        let place: [f64; 3] = std::array::from_fn(|k| (at[k] / moving.1.spacing_um[k]).round());
        let size = moving.1.size;
        let inside = (0..3).all(|k| place[k] >= 0.0 && place[k] < size[k] as f64);
        let [x, y, z] = place.map(|v| v as usize);
        let there = if inside { moving.0[(z * size[1] + y) * size[0] + x] } else { 0 };
        counts[usize::from(*label)][0] += 1;
        counts[usize::from(there)][1] += 1;
        counts[usize::from(*label)][2] += usize::from(*label == there);
    }
    counts[1..].iter().map(|[a, b, both]| 2.0 * *both as f64 / (a + b).max(1) as f64).sum::<f64>() / LABELS as f64
}
