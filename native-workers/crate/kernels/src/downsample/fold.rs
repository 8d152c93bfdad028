//! Means and extremes: what can be taken voxel by voxel into a sum.

use crate::element::Element;
use crate::wide::with_wide_vectors;
use std::marker::PhantomData;

/// Fine columns whose sums are held at a time: they stay in the first cache.
const COLUMNS: usize = 1024;

/// How the voxels of a block are taken together.
pub(super) trait Fold {
    type Voxel: Element;
    type Sum: Copy;
    const START: Self::Sum;
    fn add(sum: Self::Sum, voxel: Self::Voxel) -> Self::Sum;
    /// Two sums of other voxels.
    fn join(a: Self::Sum, b: Self::Sum) -> Self::Sum;
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
    let whole = rows[0].len() / (BY * bytes);
    let (whole, rest) = out.split_at_mut(whole * bytes);
    let mut columns = [F::START; COLUMNS];
    for (index, out) in whole.chunks_mut(COLUMNS / BY * bytes).enumerate() {
        let columns = &mut columns[..out.len() / bytes * BY];
        let at = index * (COLUMNS / BY * BY) * bytes;
        fold_columns::<F>(columns, rows, at);
        let count = BY * rows.len();
        // Known counts become shifts.
        match count {
            2 => join_columns::<F, BY>(columns, 2, out),
            4 => join_columns::<F, BY>(columns, 4, out),
            8 => join_columns::<F, BY>(columns, 8, out),
            _ => join_columns::<F, BY>(columns, count, out),
        }
    }
    // The last one, where it is cut.
    let (at, mut sum, mut count) = (whole.len() * BY, F::START, 0);
    for voxel in rows.iter().flat_map(|row| row[at..].chunks_exact(bytes)) {
        sum = F::add(sum, F::Voxel::from_le(voxel));
        count += 1;
    }
    if !rest.is_empty() {
        F::end(sum, count).put_le(rest);
    }
}

/// Down the columns first: they lie side by side, which vectors like.
#[inline(always)]
fn fold_columns<F: Fold>(columns: &mut [F::Sum], rows: &[&[u8]], at: usize) {
    let bytes = F::Voxel::BYTES;
    let length = columns.len() * bytes;
    let part = |row: &'_ usize| rows[*row][at..at + length].chunks_exact(bytes).map(F::Voxel::from_le);
    match rows.len() {
        4 => {
            let four = part(&0).zip(part(&1)).zip(part(&2).zip(part(&3)));
            for (column, ((a, b), (c, d))) in columns.iter_mut().zip(four) {
                *column = F::add(F::add(F::add(F::add(F::START, a), b), c), d);
            }
        }
        2 => {
            for (column, (a, b)) in columns.iter_mut().zip(part(&0).zip(part(&1))) {
                *column = F::add(F::add(F::START, a), b);
            }
        }
        _ => {
            columns.fill(F::START);
            for row in 0..rows.len() {
                columns.iter_mut().zip(part(&row)).for_each(|(column, voxel)| *column = F::add(*column, voxel));
            }
        }
    }
}

#[inline(always)]
fn join_columns<F: Fold, const BY: usize>(columns: &[F::Sum], count: usize, out: &mut [u8]) {
    for (voxel, block) in out.chunks_exact_mut(F::Voxel::BYTES).zip(columns.as_chunks::<BY>().0) {
        let sum = block[1..].iter().fold(block[0], |sum, &other| F::join(sum, other));
        F::end(sum, count).put_le(voxel);
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
            fn join(a: $sum, b: $sum) -> $sum {
                a + b
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
            fn join(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
                (a.0 + b.0, a.1 + b.1)
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
            fn join(a: $type, b: $type) -> $type {
                Self::add(a, b)
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
