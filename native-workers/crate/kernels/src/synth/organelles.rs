//! Vesicles and mitochondria: spheres and ellipsoids at hashed places in tissue space, cut at one depth.

use super::hash::Hash;
use super::noise::Window;

/// Distance between lattice places of vesicles, pixels; each place holds one in some neurites.
const VESICLE_SPACING: f64 = 14.0;
const VESICLE_RADIUS: f32 = 4.6;
const MITOCHONDRION_SPACING: f64 = 120.0;

/// Farthest that any mitochondrion reaches from its middle, pixels.
pub const MOST_REACH: f32 = 115.0;

/// A vesicle's cut: a disc with a dark rim.
#[derive(Debug, Clone, Copy)]
pub struct Vesicle {
    pub x: f32,
    pub y: f32,
    radius: f32,
    /// 0 to 1: a place is used in neurites whose density is above it.
    pub rank: f32,
}

/// A mitochondrion: an ellipsoid, long along (ux, uy, uz).
#[derive(Debug, Clone, Copy)]
pub struct Mitochondrion {
    pub x: f32,
    pub y: f32,
    /// Of its middle over the section, pixels.
    pub height: f32,
    along: [f32; 3],
    long: f32,
    thin: f32,
}

fn lattice(window: Window, spacing: f64, margin: f64) -> impl Iterator<Item = (i64, i64)> {
    let w = window.grown(margin);
    let range = |from: f64, length: f64| (from / spacing).floor() as i64..=((from + length) / spacing).floor() as i64;
    let columns = range(w.x, w.width);
    range(w.y, w.height).flat_map(move |iy| columns.clone().map(move |ix| (ix, iy)))
}

/// Vesicles that depth `z` cuts in a window, local pixels.
pub fn vesicles(hash: Hash, z: f64, window: Window) -> Vec<Vesicle> {
    let middle = (z / VESICLE_SPACING).floor() as i64;
    let mut found = Vec::new();
    for (ix, iy) in lattice(window, VESICLE_SPACING, VESICLE_SPACING) {
        for iz in middle - 1..=middle + 1 {
            let h = hash.and(ix).and(iy).and(iz);
            let along = |i: i64, axis: i64| (i as f64 + f64::from(h.and(axis).unit())) * VESICLE_SPACING;
            let height = (along(iz, 2) - z) as f32;
            let square = VESICLE_RADIUS * VESICLE_RADIUS - height * height;
            if square > 4.0 {
                let (x, y) = ((along(ix, 0) - window.x) as f32, (along(iy, 1) - window.y) as f32);
                found.push(Vesicle { x, y, radius: square.sqrt(), rank: h.and(3).unit() });
            }
        }
    }
    found
}

impl Vesicle {
    /// How dark the place is: 1 on the rim, less inside, 0 outside.
    pub fn dark(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.x, y - self.y);
        let square = dx * dx + dy * dy;
        let reach = self.radius + 1.5;
        if square > reach * reach {
            return 0.0;
        }
        let off = (square.sqrt() - self.radius + 0.8).abs() / 2.3;
        let rim = (1.0 - off * off).max(0.0);
        rim.max(if square < self.radius * self.radius { 0.22 } else { 0.0 })
    }

    /// Farthest that it reaches from its middle.
    pub fn reach(&self) -> f32 {
        self.radius + 1.5
    }
}

/// Mitochondria that may touch a window at depth `z`, local pixels.
pub fn mitochondria(hash: Hash, z: f64, window: Window) -> Vec<Mitochondrion> {
    let middle = (z / MITOCHONDRION_SPACING).floor() as i64;
    let mut found = Vec::new();
    for (ix, iy) in lattice(window, MITOCHONDRION_SPACING, f64::from(MOST_REACH)) {
        for iz in middle - 1..=middle + 1 {
            let h = hash.and(ix).and(iy).and(iz);
            let along = |i: i64, axis: i64| (i as f64 + f64::from(h.and(axis).unit())) * MITOCHONDRION_SPACING;
            let direction = [h.and(3).signed(), h.and(4).signed(), h.and(5).signed()];
            let norm = direction.iter().map(|d| d * d).sum::<f32>().sqrt().max(0.1);
            found.push(Mitochondrion {
                x: (along(ix, 0) - window.x) as f32,
                y: (along(iy, 1) - window.y) as f32,
                height: (along(iz, 2) - z) as f32,
                along: direction.map(|d| d / norm),
                long: MOST_REACH - 60.0 * h.and(6).unit(),
                thin: 19.0 + 13.0 * h.and(7).unit(),
            });
        }
    }
    found
}

impl Mitochondrion {
    /// Farthest that it reaches from its middle.
    pub fn reach(&self) -> f32 {
        self.long
    }

    /// Depth under its surface of a place (1 in the middle, 0 at the surface, negative outside), and the distance along
    /// its length, pixels, by which the cristae are laid.
    pub fn inside(&self, x: f32, y: f32) -> (f32, f32) {
        let (dx, dy, dz) = (x - self.x, y - self.y, -self.height);
        let length = dx * self.along[0] + dy * self.along[1] + dz * self.along[2];
        let square = dx * dx + dy * dy + dz * dz;
        let across = (square - length * length).max(0.0);
        (1.0 - length * length / (self.long * self.long) - across / (self.thin * self.thin), length)
    }
}
