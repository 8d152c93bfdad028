//! The most frequent value of a block. Most blocks of labels hold one value only: that is looked for first, in vectors.

use super::MOST;
use crate::element::Element;
use crate::wide::with_wide_vectors;
use std::ops::{BitOr, BitXor};

/// Coarse voxels that are looked at together.
const LANES: usize = 8;

/// A voxel as bits: what counts as equal.
pub(super) trait Bits: Element + BitXor<Output = Self> + BitOr<Output = Self> {}
impl Bits for u8 {}
impl Bits for u16 {}
impl Bits for u32 {}
impl Bits for u64 {}

with_wide_vectors! {
    /// One coarse row from its fine rows; `factor` fine voxels (1 to 4) make a coarse one, fewer at the end.
    pub(super) fn mode_row<T: Bits>(rows: &[&[u8]], factor: usize, out: &mut [u8]) {
        match (factor, rows) {
            (2, [a, b, c, d]) => mode_by_two::<T, 4, 8>([a, b, c, d], out),
            (2, [a, b]) => mode_by_two::<T, 2, 4>([a, b], out),
            _ => mode_of_any::<T>(rows, factor, 0, out),
        }
    }
}

/// `BLOCK` = 2 `ROWS` voxels make a coarse one.
#[inline(always)]
fn mode_by_two<T: Bits, const ROWS: usize, const BLOCK: usize>(rows: [&[u8]; ROWS], out: &mut [u8]) {
    let fine = 2 * LANES * T::BYTES;
    let whole = rows[0].len() / fine;
    let (lanes, rest) = out.split_at_mut(whole * LANES * T::BYTES);
    for (index, out) in lanes.chunks_exact_mut(LANES * T::BYTES).enumerate() {
        let rows = rows.map(|row| &row[index * fine..(index + 1) * fine]);
        let voxel = |row: usize, x: usize| T::from_le(&rows[row][x * T::BYTES..(x + 1) * T::BYTES]);
        let mut unlike = [T::default(); LANES];
        for (lane, unlike) in unlike.iter_mut().enumerate() {
            let first = voxel(0, 2 * lane);
            for row in 0..ROWS {
                *unlike = *unlike | (voxel(row, 2 * lane) ^ first) | (voxel(row, 2 * lane + 1) ^ first);
            }
        }
        for (lane, out) in out.chunks_exact_mut(T::BYTES).enumerate() {
            voxel(0, 2 * lane).put_le(out);
        }
        if unlike.iter().fold(T::default(), |all, &one| all | one) == T::default() {
            continue;
        }
        for (lane, out) in out.chunks_exact_mut(T::BYTES).enumerate() {
            if unlike[lane] != T::default() {
                let block: [T; BLOCK] = std::array::from_fn(|i| voxel(i / 2, 2 * lane + i % 2));
                mode_of(&block).put_le(out);
            }
        }
    }
    mode_of_any::<T>(&rows, 2, whole * LANES, rest);
}

/// `skip`: coarse voxels of the row that come before `out`.
#[inline(always)]
fn mode_of_any<T: Bits>(rows: &[&[u8]], factor: usize, skip: usize, out: &mut [u8]) {
    for (index, out) in out.chunks_exact_mut(T::BYTES).enumerate() {
        let at = (skip + index) * factor * T::BYTES;
        let mut block = [T::default(); MOST * MOST * MOST];
        let mut count = 0;
        for row in rows {
            for voxel in row[at..row.len().min(at + factor * T::BYTES)].chunks_exact(T::BYTES) {
                block[count] = T::from_le(voxel);
                count += 1;
            }
        }
        mode_of(&block[..count]).put_le(out);
    }
}

/// The most frequent of these, the first of them on a tie.
#[inline(always)]
fn mode_of<T: Bits>(block: &[T]) -> T {
    let (mut mode, mut most) = (block[0], 0);
    for (i, &value) in block.iter().enumerate() {
        // What was there before is counted from its first place: later ones count less.
        let count = block[i..].iter().filter(|&&other| other == value).count();
        if count > most {
            (mode, most) = (value, count);
        }
        // What comes first later on has at most the other half, or the places that are left.
        if 2 * most >= block.len() || most >= block.len() - i - 1 {
            break;
        }
    }
    mode
}
