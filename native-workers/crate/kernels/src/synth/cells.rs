//! Neurites: the cells of a 3-D power diagram of jittered sites, cut at one depth. Membranes are its walls.

use super::hash::Hash;
use super::noise::Window;

/// Distance between lattice places of sites, pixels.
pub const SPACING: f64 = 64.0;
/// Largest weight of a site, square pixels: heavy ones make wide profiles (dendrites), light ones thin (axons).
const MOST_WEIGHT: f32 = 4200.0;
/// How far a site may lie from its lattice place, of the spacing.
const JITTER: f64 = 0.9;

/// Sites farther than this from a place do not matter there, pixels.
const REACH: f64 = 2.5 * SPACING;

/// A neurite.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    /// Local pixels of the window.
    pub x: f32,
    pub y: f32,
    /// Square of its height over the section, less its weight.
    lift: f32,
    z: f32,
    pub id: u64,
}

/// What a place lies in.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The neurite's number.
    pub id: u64,
    /// Distance to the nearest membrane's middle, pixels (in 3-D: slanting membranes look wide, as they do).
    pub wall: f32,
}

impl Site {
    fn power(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.x, y - self.y);
        dx * dx + dy * dy + self.lift
    }
}

/// All sites that can matter in a window at depth `z`.
pub fn sites(hash: Hash, z: f64, window: Window) -> Vec<Site> {
    let reach = window.grown(REACH);
    let range = |from: f64, length: f64| (from / SPACING).floor() as i64..=((from + length) / SPACING).floor() as i64;
    let mut found = Vec::new();
    for iz in range(z - REACH, 2.0 * REACH) {
        for iy in range(reach.y, reach.height) {
            for ix in range(reach.x, reach.width) {
                found.push(site(hash.and(ix).and(iy).and(iz), [ix, iy, iz], z, window));
            }
        }
    }
    found
}

fn site(hash: Hash, lattice: [i64; 3], z: f64, window: Window) -> Site {
    let along = |axis: usize| {
        let jitter = f64::from(hash.and(axis as i64).unit());
        (lattice[axis] as f64 + 0.5 + JITTER * (jitter - 0.5)) * SPACING
    };
    let height = (along(2) - z) as f32;
    let weight = hash.and(3).unit();
    Site {
        x: (along(0) - window.x) as f32,
        y: (along(1) - window.y) as f32,
        lift: height * height - MOST_WEIGHT * weight * weight,
        z: height,
        id: hash.bits(),
    }
}

/// Those of `sites` that are nearest or second nearest somewhere in a box (local pixels: x0, y0, x1, y1).
pub fn near(sites: &[Site], bounds: [f32; 4]) -> Vec<Site> {
    let [x0, y0, x1, y1] = bounds;
    let least = |s: &Site| s.power(s.x.clamp(x0, x1), s.y.clamp(y0, y1));
    let most = |s: &Site| {
        let far = |at: f32, low: f32, high: f32| if at - low > high - at { low } else { high };
        s.power(far(s.x, x0, x1), far(s.y, y0, y1))
    };
    let (mut best, mut second) = (f32::MAX, f32::MAX);
    for s in sites {
        let power = most(s);
        if power < best {
            (best, second) = (power, best);
        } else {
            second = second.min(power);
        }
    }
    sites.iter().filter(|s| least(s) <= second).copied().collect()
}

/// The neurite at a place, from candidates that [`near`] gave.
pub fn place(candidates: &[Site], x: f32, y: f32) -> Place {
    let (mut first, mut second) = (0, 0);
    let (mut best, mut next) = (f32::MAX, f32::MAX);
    for (i, s) in candidates.iter().enumerate() {
        let power = s.power(x, y);
        if power < best {
            (next, second) = (best, first);
            (best, first) = (power, i);
        } else if power < next {
            (next, second) = (power, i);
        }
    }
    let (a, b) = (&candidates[first], &candidates[second]);
    let (dx, dy, dz) = (a.x - b.x, a.y - b.y, a.z - b.z);
    let apart = (dx * dx + dy * dy + dz * dz).sqrt().max(1.0);
    Place { id: a.id, wall: (next - best) / (2.0 * apart) }
}

/// The neurite that a point `height` pixels over the section lies in.
pub fn host(sites: &[Site], x: f32, y: f32, height: f32) -> u64 {
    let power = |s: &Site| {
        let weightless = s.power(x, y) - s.lift;
        let weight = s.z * s.z - s.lift;
        weightless + (s.z - height) * (s.z - height) - weight
    };
    sites.iter().min_by(|a, b| power(a).total_cmp(&power(b))).map_or(0, |s| s.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { x: 500.0, y: -300.0, width: 260.0, height: 200.0 };

    #[test]
    fn candidates_of_a_block_give_what_all_sites_give() {
        let all = sites(Hash::new(3, 1), 120.0, WINDOW);
        let block = near(&all, [64.0, 48.0, 80.0, 64.0]);
        assert!(block.len() < all.len() / 6, "{} of {}", block.len(), all.len());
        for i in 0..16 {
            let (x, y) = (64.0 + i as f32, 64.0 - i as f32);
            let (a, b) = (place(&all, x, y), place(&block, x, y));
            assert_eq!((a.id, a.wall), (b.id, b.wall));
        }
    }

    #[test]
    fn neurites_go_on_from_section_to_section() {
        let ids = |z: f64| {
            let all = sites(Hash::new(3, 1), z, WINDOW);
            let grid = (0..400).map(|i| (5.0 + (i % 20) as f32 * 12.0, 5.0 + (i / 20) as f32 * 9.0));
            grid.map(|(x, y)| place(&all, x, y).id).collect::<Vec<_>>()
        };
        let same = |a: &[u64], b: &[u64]| a.iter().zip(b).filter(|(x, y)| x == y).count();
        let (here, next, far) = (ids(200.0), ids(210.0), ids(1200.0));
        let (near, distant) = (same(&here, &next), same(&here, &far));
        assert!(near > 220 && distant == 0, "{near} {distant}");
    }
}
