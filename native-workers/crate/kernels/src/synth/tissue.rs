//! Grey levels of the sample tissue: neurites with membranes, vesicles, mitochondria and grain, as in a section of
//! neuropil stained with heavy metals (dark membranes on pale cytoplasm). Broad-band down to about three pixels.

use super::cells::{self, Place, Site};
use super::hash::Hash;
use super::noise::{Noise, Window};
use super::organelles::{self, Mitochondrion, Vesicle};

/// Depth of a section, pixels: 40 nm sections at 4 nm a pixel.
pub const SECTION_PX: f64 = 10.0;
/// Side of the blocks for which candidates are gathered, tile pixels.
pub const BLOCK: usize = 16;
/// How far the warp moves a place at most, pixels.
const WARP_PX: [f32; 2] = [19.0, 6.0];
const WARP_SCALE: [f64; 2] = [61.0, 23.0];
/// Cytoplasm: scale in pixels and strength in grey levels of each band.
const GRAIN: [(f64, f32); 4] = [(2.9, 21.0), (5.3, 15.0), (11.0, 9.0), (37.0, 7.0)];
/// Half the thickness of a membrane, pixels.
const MEMBRANE_PX: f32 = 2.4;
/// Grey level of the embedding resin, where there is no tissue.
pub const RESIN: f32 = 186.0;

/// One depth of tissue, ready to be asked within a window.
pub struct Tissue {
    warp: [[Noise; 2]; 2],
    grain: Vec<Noise>,
    sites: Vec<Site>,
    vesicles: Vec<Vesicle>,
    /// Each with the neurite that its middle lies in: it is drawn in no other.
    mitochondria: Vec<(u64, Mitochondrion)>,
    look: Hash,
}

/// What may be met in a block of pixels.
pub struct Nearby {
    sites: Vec<Site>,
    vesicles: Vec<Vesicle>,
    mitochondria: Vec<(u64, Mitochondrion)>,
}

/// Linear step from 0 at `low` to 1 at `high`, made smooth.
fn smooth_step(low: f32, high: f32, v: f32) -> f32 {
    let t = ((v - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

impl Tissue {
    /// Cuts tissue `seed` at a section, over a window of tissue space.
    pub fn cut(seed: i64, section: i64, window: Window) -> Self {
        let z = section as f64 * SECTION_PX;
        let noise = |salt: u64, scale: f64| Noise::cut(Hash::new(seed, salt), scale, z, window);
        let margin = f64::from(WARP_PX[0] + WARP_PX[1]) + 1.0;
        // Warped places are asked about beyond the window: find what lies there, in the window's coordinates. The middle
        // of a mitochondrion may lie farther out still, and its neurite is to be known too.
        let wide = window.grown(margin);
        let moved = |x: f32, y: f32| (x - margin as f32, y - margin as f32);
        let far = f64::from(organelles::MOST_REACH);
        let mut sites = cells::sites(Hash::new(seed, 10), z, wide.grown(far));
        sites.iter_mut().for_each(|s| (s.x, s.y) = moved(s.x - far as f32, s.y - far as f32));
        let mut vesicles = organelles::vesicles(Hash::new(seed, 11), z, wide);
        vesicles.iter_mut().for_each(|v| (v.x, v.y) = moved(v.x, v.y));
        let mut mitochondria = organelles::mitochondria(Hash::new(seed, 12), z, wide);
        mitochondria.iter_mut().for_each(|m| (m.x, m.y) = moved(m.x, m.y));
        let mitochondria = mitochondria.into_iter().map(|m| (cells::host(&sites, m.x, m.y, m.height), m)).collect();
        Self {
            warp: [0, 1]
                .map(|octave: usize| [0, 1].map(|axis| noise(20 + 2 * octave as u64 + axis, WARP_SCALE[octave]))),
            grain: GRAIN.iter().enumerate().map(|(i, &(scale, _))| noise(30 + i as u64, scale)).collect(),
            sites,
            vesicles,
            mitochondria,
            look: Hash::new(seed, 13),
        }
    }

    /// Where the warp takes a place of the window.
    pub fn warped(&self, x: f32, y: f32) -> (f32, f32) {
        let by = |axis: usize| WARP_PX[0] * self.warp[0][axis].at(x, y) + WARP_PX[1] * self.warp[1][axis].at(x, y);
        (x + by(0), y + by(1))
    }

    /// What may be met where warped places lie in a box (x0, y0, x1, y1).
    pub fn nearby(&self, bounds: [f32; 4]) -> Nearby {
        let [x0, y0, x1, y1] = bounds;
        let touches =
            |x: f32, y: f32, reach: f32| x + reach >= x0 && x - reach <= x1 && y + reach >= y0 && y - reach <= y1;
        Nearby {
            sites: cells::near(&self.sites, bounds),
            vesicles: self.vesicles.iter().filter(|v| touches(v.x, v.y, v.reach())).copied().collect(),
            mitochondria: self.mitochondria.iter().filter(|(_, m)| touches(m.x, m.y, m.reach())).copied().collect(),
        }
    }

    /// Grey level, 0 to 255, of a place of the window (`x`, `y`) that the warp takes to (`u`, `v`).
    pub fn level(&self, nearby: &Nearby, x: f32, y: f32, u: f32, v: f32) -> f32 {
        let place = cells::place(&nearby.sites, u, v);
        let look = self.look.and(place.id as i64);
        let bands = self.grain.iter().zip(GRAIN);
        let grain: f32 = bands.map(|(noise, (_, strength))| strength * noise.at(x, y)).sum();
        let pale = 172.0 + 20.0 * look.signed() + grain;
        let content = self.content(nearby, &place, look, u, v);
        let membrane = 1.0 - smooth_step(0.6, 1.6, place.wall / MEMBRANE_PX);
        // A narrow pale cleft between the two leaves, where the cut is square to them.
        let cleft = 0.25 * (1.0 - smooth_step(0.0, 0.9, place.wall));
        let dark = (membrane - cleft).max(content);
        (pale - dark * (pale - 62.0 - 0.5 * grain)).clamp(4.0, 250.0)
    }

    /// How dark the organelles make a place, 0 to 1.
    fn content(&self, nearby: &Nearby, place: &Place, look: Hash, u: f32, v: f32) -> f32 {
        let mut dark = 0.0f32;
        if place.wall > MEMBRANE_PX + 2.0 {
            for (_, m) in nearby.mitochondria.iter().filter(|(host, _)| *host == place.id) {
                let (depth, length) = m.inside(u, v);
                dark = dark.max(mitochondrion(depth, length, place.wall));
            }
        }
        // A third of the neurites hold vesicles: the axons.
        let density = (look.and(1).unit() - 0.5).max(0.0) * 2.4;
        if density > 0.0 && dark == 0.0 {
            let room = smooth_step(MEMBRANE_PX + 1.0, MEMBRANE_PX + 6.0, place.wall);
            for vesicle in nearby.vesicles.iter().filter(|v| v.rank < density) {
                dark = dark.max(0.8 * room * vesicle.dark(u, v));
            }
        }
        dark
    }
}

/// Outer membrane, a grey matrix, and cristae as dark bars across the length.
fn mitochondrion(depth: f32, length: f32, wall: f32) -> f32 {
    if depth <= 0.0 {
        return 0.0;
    }
    let edge = 1.0 - smooth_step(0.10, 0.24, depth);
    let wave = length / 9.0;
    let bar = (wave - wave.floor() - 0.5).abs() * 2.0;
    let cristae = smooth_step(0.45, 0.8, bar) * smooth_step(0.1, 0.3, depth);
    let body = 0.40 + 0.34 * cristae + 0.4 * edge;
    body.min(0.85) * smooth_step(0.0, 0.06, depth) * smooth_step(MEMBRANE_PX + 2.0, MEMBRANE_PX + 5.0, wall)
}
