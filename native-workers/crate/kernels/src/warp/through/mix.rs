//! Voxels of a box at places between their centres, a row of places at a time.

use super::LANES;
use super::cells::{Cells, Held, Lanes, find_cells, find_nearest};
use super::source::Source;
use crate::element::Element;
use crate::with_wide_vectors;

/// Voxels that can be mixed: answers how many places lie in the level, and how many of these beyond the box.
pub(super) trait Mixed: Element {
    fn mix(source: &Source, index: &Lanes, cells: &mut Cells, out: &mut [u8]) -> (usize, usize);
}

/// Two voxels side by side, read at once.
pub(super) trait Pairs: Element {
    type Pair: Copy + Default;
    /// # Safety
    /// Both lie in the bytes.
    unsafe fn pair(bytes: &[u8], voxel: usize) -> Self::Pair;
    fn low(pair: Self::Pair) -> f32;
    fn high(pair: Self::Pair) -> f32;
    /// Half up; what is stored of a type of two's complement is the low bytes.
    fn rounded(value: f32) -> Self;
}

/// # Safety
/// A value lies there, aligned or not.
#[inline(always)]
unsafe fn read_at<T>(bytes: &[u8], at: usize) -> T {
    debug_assert!(at + size_of::<T>() <= bytes.len());
    // SAFETY: as the caller's.
    unsafe { bytes.as_ptr().add(at).cast::<T>().read_unaligned() }
}

/// Panics unless at every place that was found there are voxels, and so many beyond it: one check for all reads.
#[inline(always)]
fn check_reach<T: Element>(source: &Source, cells: &Cells, beyond: usize) {
    let last = cells.at.iter().fold(0, |last, &at| last.max(at)) as usize;
    assert!((last + beyond + 1) * T::BYTES <= source.voxels.len(), "a place beyond the box");
}

macro_rules! narrow {
    ($($type:ty, $pair:ty);*) => {$(
        impl Pairs for $type {
            type Pair = u32;

            #[inline(always)]
            unsafe fn pair(bytes: &[u8], voxel: usize) -> u32 {
                // SAFETY: as the caller's.
                u32::from(<$pair>::from_le(unsafe { read_at(bytes, voxel * size_of::<$type>()) }))
            }

            #[inline(always)]
            fn low(pair: u32) -> f32 {
                f32::from(pair as $type)
            }

            #[inline(always)]
            fn high(pair: u32) -> f32 {
                f32::from((pair >> <$type>::BITS) as $type)
            }

            #[inline(always)]
            fn rounded(value: f32) -> Self {
                // As `WHOLE`, for single precision; values of 16 bits and the half are exact.
                let whole = (value + 0.5).floor();
                (whole + 12_582_912.0).to_bits() as $type
            }
        }
    )*};
}
narrow!(u8, u16; i8, u16; u16, u32; i16, u32);

impl Pairs for f32 {
    type Pair = u64;

    #[inline(always)]
    unsafe fn pair(bytes: &[u8], voxel: usize) -> u64 {
        // SAFETY: as the caller's.
        u64::from_le(unsafe { read_at(bytes, voxel * 4) })
    }

    #[inline(always)]
    fn low(pair: u64) -> f32 {
        f32::from_bits(pair as u32)
    }

    #[inline(always)]
    fn high(pair: u64) -> f32 {
        f32::from_bits((pair >> 32) as u32)
    }

    #[inline(always)]
    fn rounded(value: f32) -> Self {
        value
    }
}

with_wide_vectors! {
    fn lerp_row<T: Pairs>(source: &Source, cells: &Cells, out: &mut [u8]) {
        let mut pairs = [[T::Pair::default(); LANES]; 4];
        let Held { row, plane, .. } = source.held;
        let deltas = [0, row, plane, plane + row];
        check_reach::<T>(source, cells, plane + row + 1);
        for l in 0..LANES {
            let at = cells.at[l] as usize;
            for (pairs, delta) in pairs.iter_mut().zip(deltas) {
                // SAFETY: nothing lies further than what was checked.
                pairs[l] = unsafe { T::pair(&source.voxels, at + delta) };
            }
        }
        let mut values = [0.0f32; LANES];
        let [near_low, near_high, far_low, far_high] = &pairs;
        for l in 0..LANES {
            let [x, y, z] = [cells.share[0][l], cells.share[1][l], cells.share[2][l]];
            let along_x = |pair: T::Pair| T::low(pair) + x * (T::high(pair) - T::low(pair));
            let (a, b) = (along_x(near_low[l]), along_x(near_high[l]));
            let (c, d) = (along_x(far_low[l]), along_x(far_high[l]));
            let (near, far) = (a + y * (b - a), c + y * (d - c));
            values[l] = near + z * (far - near);
        }
        let mut mixed = values.map(T::rounded);
        if !cells.all {
            for (mixed, &inside) in mixed.iter_mut().zip(&cells.inside) {
                *mixed = if inside != 0 { *mixed } else { T::default() };
            }
        }
        for (out, value) in out.chunks_exact_mut(T::BYTES).zip(&mixed) {
            value.put_le(out);
        }
    }
}

macro_rules! mixed_by_pairs {
    ($($type:ty),*) => {$(
        impl Mixed for $type {
            fn mix(source: &Source, index: &Lanes, cells: &mut Cells, out: &mut [u8]) -> (usize, usize) {
                find_cells(&source.held, index, cells);
                lerp_row::<$type>(source, cells, out);
                cells.counted(out.len() / Self::BYTES)
            }
        }
    )*};
}
mixed_by_pairs!(u8, i8, u16, i16);

impl Mixed for f32 {
    fn mix(source: &Source, index: &Lanes, cells: &mut Cells, out: &mut [u8]) -> (usize, usize) {
        find_cells(&source.held, index, cells);
        lerp_row::<f32>(source, cells, out);
        for (l, out) in out.chunks_exact_mut(4).enumerate() {
            // A neighbour that does not count may be NaN.
            if Self::from_le(out).is_nan() {
                (carefully::<Self>(source, cells, l) as f32).put_le(out);
            }
        }
        cells.counted(out.len() / 4)
    }
}

macro_rules! mixed_carefully {
    ($($type:ty, $round:expr);*) => {$(
        impl Mixed for $type {
            fn mix(source: &Source, index: &Lanes, cells: &mut Cells, out: &mut [u8]) -> (usize, usize) {
                find_cells(&source.held, index, cells);
                for (l, out) in out.chunks_exact_mut(Self::BYTES).enumerate() {
                    if cells.inside[l] != 0 {
                        let round: fn(f64) -> $type = $round;
                        round(carefully::<Self>(source, cells, l)).put_le(out);
                    }
                }
                cells.counted(out.len() / Self::BYTES)
            }
        }
    )*};
}
mixed_carefully!(
    u32, |v| (v + 0.5).floor() as u32;
    i32, |v| (v + 0.5).floor() as i32;
    u64, |v| (v + 0.5).floor() as u64;
    i64, |v| (v + 0.5).floor() as i64;
    f64, |v| v
);

/// In double, and only of voxels that count.
fn carefully<T: Element>(source: &Source, cells: &Cells, l: usize) -> f64 {
    let mut sum = 0.0;
    for corner in 0..8usize {
        let (mut weight, mut at) = (1.0, cells.at[l] as usize);
        for (k, step) in [1, source.held.row, source.held.plane].into_iter().enumerate() {
            let share = f64::from(cells.share[k][l]);
            let is_high = corner >> k & 1 == 1;
            weight *= if is_high { share } else { 1.0 - share };
            at += if is_high { step } else { 0 };
        }
        if weight > 0.0 {
            sum += weight * T::from_le(&source.voxels[at * T::BYTES..(at + 1) * T::BYTES]).to_f64();
        }
    }
    sum
}

with_wide_vectors! {
    /// The voxel that each place lies in.
    pub(super) fn nearest<T: Element>(source: &Source, index: &Lanes, cells: &mut Cells, out: &mut [u8]) -> (usize, usize) {
        find_nearest(&source.held, index, cells);
        check_reach::<T>(source, cells, 0);
        for (l, out) in out.chunks_exact_mut(T::BYTES).enumerate() {
            let at = cells.at[l] as usize * T::BYTES;
            // SAFETY: nothing lies further than what was checked.
            let found = T::from_le(unsafe { source.voxels.get_unchecked(at..at + T::BYTES) });
            if cells.inside[l] != 0 { found } else { T::default() }.put_le(out);
        }
        cells.counted(out.len() / T::BYTES)
    }
}
