//! A seeded texture of three dimensions for tests: soft blobs that can be asked for at any place, so that shifts of any
//! part of a voxel have a truth.

use super::Vec3;
use super::grid::Grid;

struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Voxels of a box whose voxel 0 lies at `corner` of the texture, with noise of its own.
pub fn texture(corner: Vec3, size: [usize; 3], noise_seed: u64, noise: f64) -> Grid {
    let mut level = vec![100.0f32; size.iter().product()];
    let (low, high): (Vec3, Vec3) =
        (corner.map(|c| c - 9.0), std::array::from_fn(|k| corner[k] + size[k] as f64 + 9.0));
    let cell = 9.0;
    let cells: [std::ops::RangeInclusive<i64>; 3] =
        std::array::from_fn(|k| (low[k] / cell).floor() as i64..=(high[k] / cell).floor() as i64);
    for cz in cells[2].clone() {
        for cy in cells[1].clone() {
            for cx in cells[0].clone() {
                let place = (cx as u64).wrapping_mul(73_856_093)
                    ^ (cy as u64).wrapping_mul(19_349_663)
                    ^ (cz as u64).wrapping_mul(83_492_791);
                let mut random = Random(place);
                for _ in 0..2 {
                    let at: Vec3 = [cx, cy, cz].map(|c| (c as f64 + random.next()) * cell);
                    let (sigma, height) = (1.2 + 1.2 * random.next(), 40.0 + 160.0 * random.next());
                    blob(&mut level, size, std::array::from_fn(|k| at[k] - corner[k]), sigma, height);
                }
            }
        }
    }
    let mut random = Random(noise_seed);
    for v in &mut level {
        let sum: f64 = (0..6).map(|_| random.next() - 0.5).sum();
        *v += (sum * noise * 1.414) as f32;
    }
    Grid { size, level }
}

fn blob(level: &mut [f32], size: [usize; 3], at: Vec3, sigma: f64, height: f64) {
    let range = |k: usize| {
        let from = (at[k] - 4.0 * sigma).ceil().max(0.0) as usize;
        from..((at[k] + 4.0 * sigma).floor() + 1.0).clamp(0.0, size[k] as f64) as usize
    };
    let bell = |d: f64| (-d * d / (2.0 * sigma * sigma)).exp();
    for z in range(2) {
        for y in range(1) {
            let yz = height * bell(z as f64 - at[2]) * bell(y as f64 - at[1]);
            for x in range(0) {
                level[(z * size[1] + y) * size[0] + x] += (yz * bell(x as f64 - at[0])) as f32;
            }
        }
    }
}
