//! Points side by side, and the cells of a grid that they lie in.

use super::{Affine, LANES, Point};
use crate::warp::apply;
use crate::with_wide_vectors;

/// Points, each by what it lies beyond a common base: so much of it is left in single precision.
pub(super) struct Lanes {
    pub(super) base: Point,
    pub(super) by: [[f32; LANES]; 3],
}

/// A box of a grid that is at hand, with one more column, row and plane, which are read and do not count.
pub(super) struct Held {
    /// Of the whole grid.
    grid: [f64; 3],
    min: [f64; 3],
    /// Largest place in the box that has a neighbour above it there, or needs none, as the last of the grid.
    most: [f64; 3],
    /// From one row and one plane to the next.
    pub(super) row: usize,
    pub(super) plane: usize,
}

/// The low corners of the cells of points, and how far from there they lie.
pub(super) struct Cells {
    pub(super) at: [u32; LANES],
    pub(super) share: [[f32; LANES]; 3],
    /// 1: in the grid.
    pub(super) inside: [u32; LANES],
    /// 1: in the box.
    pub(super) given: [u32; LANES],
    /// All are both.
    pub(super) all: bool,
}

/// Added to a whole number below 2^22 it leaves that number in the low bits: a conversion that vectors have.
const WHOLE: f32 = 12_582_912.0;

impl Lanes {
    pub(super) const fn new() -> Self {
        Self { base: [0.0; 3], by: [[0.0; LANES]; 3] }
    }

    pub(super) fn add_base(&mut self, by: &Point) {
        self.base = std::array::from_fn(|k| self.base[k] + by[k]);
    }

    pub(super) fn point(&self, l: usize) -> Point {
        std::array::from_fn(|k| self.base[k] + f64::from(self.by[k][l]))
    }
}

impl Held {
    pub(super) fn new(grid: [usize; 3], min: [usize; 3], size: [usize; 3]) -> Self {
        Self {
            grid: grid.map(|n| n as f64),
            min: min.map(|n| n as f64),
            most: std::array::from_fn(|k| size[k] as f64 - if min[k] + size[k] == grid[k] { 1.0 } else { 2.0 }),
            row: size[0] + 1,
            plane: (size[0] + 1) * (size[1] + 1),
        }
    }

    /// Whether a place is so near the end of the grid that single precision doesn't tell on which side it lies.
    pub(super) fn is_at_end(&self, k: usize, place: f64) -> bool {
        (place + 0.5).abs().min((place + 0.5 - self.grid[k]).abs()) < 1e-3
    }

    /// From one place to the next along each axis.
    fn steps(&self) -> [u32; 3] {
        [1, self.row as u32, self.plane as u32]
    }

    /// The cell along one axis of a place in the grid, and how far from there it lies; `None` where it is not at hand.
    pub(super) fn cell(&self, k: usize, place: f64) -> Option<(usize, f32)> {
        if !(place >= -0.5 && place < self.grid[k] - 0.5) {
            return None;
        }
        let place = place.clamp(0.0, self.grid[k] - 1.0);
        let own = place.floor() - self.min[k];
        (own >= 0.0 && own <= self.most[k]).then_some((own as usize, (place - place.floor()) as f32))
    }
}

impl Cells {
    pub(super) const fn new() -> Self {
        Self { at: [0; LANES], share: [[0.0; LANES]; 3], inside: [0; LANES], given: [0; LANES], all: false }
    }

    /// How many of the first `n` are in the grid, and how many of those not in the box.
    pub(super) fn counted(&self, n: usize) -> (usize, usize) {
        if self.all {
            return (n, 0);
        }
        let inside = self.inside[..n].iter().sum::<u32>();
        let left = self.inside[..n].iter().zip(&self.given).map(|(inside, given)| inside & !given).sum::<u32>();
        (inside as usize, left as usize)
    }
}

/// A point along one axis as whole voxels of the box, and what is beyond that.
struct Split {
    /// In voxels of the box.
    own: f64,
    /// In voxels of the grid.
    base: f64,
    rest: f32,
}

fn split(held: &Held, lanes: &Lanes, k: usize) -> Split {
    let base = lanes.base[k].floor();
    Split { own: base - held.min[k], base, rest: (lanes.base[k] - base) as f32 }
}

with_wide_vectors! {
    /// The cells that points lie in, between the centres of voxels.
    pub(super) fn find_cells(held: &Held, lanes: &Lanes, out: &mut Cells) {
        let splits = [0, 1, 2].map(|k| split(held, lanes, k));
        let mut sound = [1; LANES];
        out.at = [0; LANES];
        for (k, step) in held.steps().into_iter().enumerate() {
            let Split { own, base, rest } = splits[k];
            let low_end = -base.min(own) as f32;
            let high_end = (held.most[k] + 1.0 - own).min(held.grid[k] - 1.0 - base) as f32;
            let from = (own as i32 as u32).wrapping_sub(WHOLE.to_bits());
            for (l, by) in lanes.by[k].iter().enumerate() {
                let place = by + rest;
                sound[l] &= u32::from(place >= low_end) & u32::from(place < high_end);
                let low = place.floor();
                out.share[k][l] = place - low;
                out.at[l] = out.at[l].wrapping_add((low + WHOLE).to_bits().wrapping_add(from).wrapping_mul(step));
            }
        }
        out.all = is_all(&sound);
        if !out.all {
            find_with_care(held, lanes, &splits, out);
        }
    }
}

/// Whether every one of them is 1.
#[inline(always)]
fn is_all(flags: &[u32; LANES]) -> bool {
    flags.iter().fold(1, |all, flag| all & flag) == 1
}

#[inline(always)]
fn find_with_care(held: &Held, lanes: &Lanes, splits: &[Split; 3], out: &mut Cells) {
    (out.at, out.inside, out.given) = ([0; LANES], [1; LANES], [1; LANES]);
    for (k, step) in held.steps().into_iter().enumerate() {
        let Split { own, base, rest } = &splits[k];
        let from = (*own as i32 as u32).wrapping_sub(WHOLE.to_bits());
        let (low_end, high_end) = ((-0.5 - base) as f32, (held.grid[k] - 0.5 - base) as f32);
        let (first, last) = (-base as f32, (held.grid[k] - 1.0 - base) as f32);
        let (least, most) = (-own as f32, (held.most[k] - own) as f32);
        for (l, by) in lanes.by[k].iter().enumerate() {
            let place = by + rest;
            out.inside[l] &= u32::from(place >= low_end) & u32::from(place < high_end);
            let place = place.max(first).min(last);
            let low = place.floor();
            out.given[l] &= u32::from(low >= least) & u32::from(low <= most);
            out.share[k][l] = place - low;
            out.at[l] = out.at[l].wrapping_add((low + WHOLE).to_bits().wrapping_add(from).wrapping_mul(step));
        }
    }
    for l in 0..LANES {
        out.at[l] *= out.inside[l] & out.given[l];
    }
}

with_wide_vectors! {
    /// The voxels that points lie in.
    pub(super) fn find_nearest(held: &Held, lanes: &Lanes, out: &mut Cells) {
        (out.at, out.inside, out.given) = ([0; LANES], [1; LANES], [1; LANES]);
        for (k, step) in held.steps().into_iter().enumerate() {
            let Split { own, base, rest } = split(held, lanes, k);
            let from = (own as i32 as u32).wrapping_sub(WHOLE.to_bits());
            let (low_end, high_end) = ((-0.5 - base) as f32, (held.grid[k] - 0.5 - base) as f32);
            let (first, last) = (-base as f32, (held.grid[k] - 1.0 - base) as f32);
            // The last voxel of a box has no neighbour above it, and needs none here.
            let size = held.most[k] + if held.min[k] + held.most[k] + 1.0 == held.grid[k] { 0.0 } else { 1.0 };
            let (least, most) = (-own as f32, (size - own) as f32);
            for (l, by) in lanes.by[k].iter().enumerate() {
                let place = by + rest;
                out.inside[l] &= u32::from(place >= low_end) & u32::from(place < high_end);
                let own = (place + 0.5).floor().max(first).min(last);
                out.given[l] &= u32::from(own >= least) & u32::from(own <= most);
                out.at[l] = out.at[l].wrapping_add((own + WHOLE).to_bits().wrapping_add(from).wrapping_mul(step));
            }
        }
        let mut sound = [0; LANES];
        for (l, sound) in sound.iter_mut().enumerate() {
            *sound = out.inside[l] & out.given[l];
            out.at[l] *= *sound;
        }
        out.all = is_all(&sound);
    }
}

with_wide_vectors! {
    /// Where a map leads a row of points from `start` on, a step of x apart.
    pub(super) fn lead_line(map: &Affine, start: Point, out: &mut Lanes) {
        out.base = apply(map, start);
        for (k, by) in out.by.iter_mut().enumerate() {
            let step = map[k * 4] as f32;
            for (l, by) in by.iter_mut().enumerate() {
                *by = l as f32 * step;
            }
        }
    }
}

with_wide_vectors! {
    /// Where a map leads points.
    pub(super) fn lead_lanes(map: &Affine, from: &Lanes, out: &mut Lanes) {
        out.base = apply(map, from.base);
        let [x, y, z] = &from.by;
        for (row, by) in out.by.iter_mut().enumerate() {
            let [a, b, c] = [0, 1, 2].map(|column| map[row * 4 + column] as f32);
            for (l, by) in by.iter_mut().enumerate() {
                *by = a * x[l] + b * y[l] + c * z[l];
            }
        }
    }
}
