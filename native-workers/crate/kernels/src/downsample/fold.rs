//! Means and extremes: what can be taken voxel by voxel into a sum.

use crate::element::Element;
use crate::wide::with_wide_vectors;
use std::marker::PhantomData;

/// Coarse voxels that are made side by side, so that the compiler uses vectors.
const LANES: usize = 32;

/// How the voxels of a block are taken together.
pub(super) trait Fold {
    type Voxel: Element;
    type Sum: Copy;
    const START: Self::Sum;
    fn add(sum: Self::Sum, voxel: Self::Voxel) -> Self::Sum;
    /// `count`: how many were added.
    fn end(sum: Self::Sum, count: usize) -> Self::Voxel;
}

with_wide_vectors! {
    /// One coarse row from its fine rows; `factor` fine voxels (1 to 4) make a coarse one, fewer at the end.
    pub(super) fn fold_row<F: Fold>(rows: &[&[u8]], factor: usize, out: &mut [u8]) {
        match factor {
            1 => fold_by::<F, 1>(rows, out),
            2 => fold_by::<F, 2>(rows, out),
            3 => fold_by::<F, 3>(rows, out),
            _ => fold_by::<F, 4>(rows, out),
        }
    }
}

#[inline(always)]
fn fold_by<F: Fold, const BY: usize>(rows: &[&[u8]], out: &mut [u8]) {
    let bytes = F::Voxel::BYTES;
    let whole = rows[0].len() / (BY * bytes * LANES);
    let (lanes, rest) = out.split_at_mut(whole * LANES * bytes);
    for (index, out) in lanes.chunks_exact_mut(LANES * bytes).enumerate() {
        let at = index * LANES * BY * bytes;
        let sums = match rows {
            [a, b, c, d] => fold_lanes::<F, BY, 4>([a, b, c, d], at),
            [a, b] => fold_lanes::<F, BY, 2>([a, b], at),
            _ => {
                let mut sums = [F::START; LANES];
                rows.iter().for_each(|row| add_lanes::<F, BY>(&mut sums, &row[at..at + LANES * BY * bytes]));
                sums
            }
        };
        put_lanes::<F>(&sums, BY * rows.len(), out);
    }
    for (index, out) in rest.chunks_exact_mut(bytes).enumerate() {
        let at = (whole * LANES + index) * BY * bytes;
        let (mut sum, mut count) = (F::START, 0);
        for row in rows {
            for voxel in row[at..row.len().min(at + BY * bytes)].chunks_exact(bytes) {
                sum = F::add(sum, F::Voxel::from_le(voxel));
                count += 1;
            }
        }
        F::end(sum, count).put_le(out);
    }
}

/// With the number of rows known, sums stay in registers.
#[inline(always)]
fn fold_lanes<F: Fold, const BY: usize, const ROWS: usize>(rows: [&[u8]; ROWS], at: usize) -> [F::Sum; LANES] {
    let bytes = F::Voxel::BYTES;
    let rows = rows.map(|row| &row[at..at + LANES * BY * bytes]);
    let mut sums = [F::START; LANES];
    for (lane, sum) in sums.iter_mut().enumerate() {
        for row in rows {
            for i in 0..BY {
                let at = (lane * BY + i) * bytes;
                *sum = F::add(*sum, F::Voxel::from_le(&row[at..at + bytes]));
            }
        }
    }
    sums
}

#[inline(always)]
fn add_lanes<F: Fold, const BY: usize>(sums: &mut [F::Sum; LANES], row: &[u8]) {
    let bytes = F::Voxel::BYTES;
    for (lane, sum) in sums.iter_mut().enumerate() {
        for i in 0..BY {
            let at = (lane * BY + i) * bytes;
            *sum = F::add(*sum, F::Voxel::from_le(&row[at..at + bytes]));
        }
    }
}

#[inline(always)]
fn put_lanes<F: Fold>(sums: &[F::Sum; LANES], count: usize, out: &mut [u8]) {
    // Known counts become shifts.
    match count {
        2 => end_lanes::<F>(sums, 2, out),
        4 => end_lanes::<F>(sums, 4, out),
        8 => end_lanes::<F>(sums, 8, out),
        _ => end_lanes::<F>(sums, count, out),
    }
}

#[inline(always)]
fn end_lanes<F: Fold>(sums: &[F::Sum; LANES], count: usize, out: &mut [u8]) {
    for (voxel, sum) in out.chunks_exact_mut(F::Voxel::BYTES).zip(sums) {
        F::end(*sum, count).put_le(voxel);
    }
}

pub(super) struct Mean<T>(PhantomData<T>);
pub(super) struct Min<T>(PhantomData<T>);
pub(super) struct Max<T>(PhantomData<T>);

/// Sums hold 64 voxels exactly. Signed voxels are counted from their least value: then half up is the same rule.
macro_rules! mean_of_integers {
    ($($type:ty, $unsigned:ty, $sum:ty);*) => {$(
        impl Fold for Mean<$type> {
            type Voxel = $type;
            type Sum = $sum;
            const START: $sum = 0;

            #[inline(always)]
            fn add(sum: $sum, voxel: $type) -> $sum {
                sum + <$sum>::from((voxel ^ <$type>::MIN) as $unsigned)
            }

            #[inline(always)]
            fn end(sum: $sum, count: usize) -> $type {
                let count = count as $sum;
                ((sum + count / 2) / count) as $type ^ <$type>::MIN
            }
        }
    )*};
}
mean_of_integers!(u8, u8, u16; i8, u8, u16; u16, u16, u32; i16, u16, u32; u32, u32, u64; i32, u32, u64; u64, u64, u128; i64, u64, u128);

macro_rules! mean_of_floats {
    ($($type:ty),*) => {$(
        impl Fold for Mean<$type> {
            type Voxel = $type;
            /// Sum, and how many are no NaN.
            type Sum = (f64, f64);
            const START: (f64, f64) = (0.0, 0.0);

            #[inline(always)]
            fn add((sum, count): (f64, f64), voxel: $type) -> (f64, f64) {
                if voxel.is_nan() { (sum, count) } else { (sum + f64::from(voxel), count + 1.0) }
            }

            #[inline(always)]
            fn end((sum, count): (f64, f64), _: usize) -> $type {
                // 0 / 0 where all are NaN.
                (sum / count) as $type
            }
        }
    )*};
}
mean_of_floats!(f32, f64);

macro_rules! extreme {
    ($name:ident, $before:tt, $start:ident; $($type:ty),*) => {$(
        impl Fold for $name<$type> {
            type Voxel = $type;
            type Sum = $type;
            const START: $type = <$type>::$start;

            #[inline(always)]
            #[allow(clippy::eq_op)]
            fn add(best: $type, voxel: $type) -> $type {
                // The second: NaN is the start of floats, and never comes to be the best again.
                if voxel $before best || best != best { voxel } else { best }
            }

            #[inline(always)]
            fn end(best: $type, _: usize) -> $type {
                best
            }
        }
    )*};
}
extreme!(Min, <, MAX; u8, i8, u16, i16, u32, i32, u64, i64);
extreme!(Max, >, MIN; u8, i8, u16, i16, u32, i32, u64, i64);
extreme!(Min, <, NAN; f32, f64);
extreme!(Max, >, NAN; f32, f64);
