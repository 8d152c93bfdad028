//! From coefficients to samples: the accurate integer transform of the IJG's library ("islow", jidctint.c), after
//! Loeffler, Ligtenberg and Moschytz (1989). Its rounding is part of what readers of a chunk agree on.

use super::blocks::Block;
use crate::wide::with_wide_vectors;
use std::num::Wrapping;

/// Bits behind the point: of the factors, and of what is between the two passes.
const FACTOR_BITS: usize = 13;
const BETWEEN_BITS: usize = 2;

/// Overflow, of damaged blocks only, wraps.
type Whole = Wrapping<i32>;
type Square = [[Whole; 8]; 8];

/// Writes 8 x 8 samples to `to`, `stride` apart.
pub fn transform(block: &Block, quants: &[u16; 64], to: &mut [u8], stride: usize) {
    if block[1..].iter().fold(0, |all, coefficient| all | coefficient) == 0 {
        let mean = Wrapping(i32::from(block[0].wrapping_mul(quants[0] as i16)));
        to.chunks_mut(stride).for_each(|row| row[..8].fill(sample(descale(mean, 3))));
        return;
    }
    let mut samples = [0; 64];
    transform_any(block, quants, &mut samples);
    to.chunks_mut(stride).zip(samples.chunks_exact(8)).for_each(|(to, row)| to[..8].copy_from_slice(row));
}

with_wide_vectors! {
    fn transform_any(block: &Block, quants: &[u16; 64], to: &mut [u8; 64]) {
        let mut square = [[Wrapping(0); 8]; 8];
        for (value, (&coefficient, &quant)) in square.as_flattened_mut().iter_mut().zip(block.iter().zip(quants)) {
            // 16 bits, as where the library has vectors.
            *value = Wrapping(i32::from(coefficient.wrapping_mul(quant as i16)));
        }
        pass(&mut square, FACTOR_BITS - BETWEEN_BITS);
        square = turned(&square);
        pass(&mut square, FACTOR_BITS + BETWEEN_BITS + 3);
        square = turned(&square);
        for (to, &value) in to.iter_mut().zip(square.as_flattened()) {
            *to = sample(value);
        }
    }
}

#[inline(always)]
fn sample(value: Whole) -> u8 {
    (value + Wrapping(128)).0.clamp(0, 255) as u8
}

#[inline(always)]
fn descale(value: Whole, bits: usize) -> Whole {
    (value + Wrapping(1 << (bits - 1))) >> bits
}

#[inline(always)]
fn turned(square: &Square) -> Square {
    std::array::from_fn(|x| std::array::from_fn(|y| square[y][x]))
}

/// The transform of each column, `FACTOR_BITS` and the square root of 8 too large, less `bits`.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "columns are the lanes of vectors")]
fn pass(square: &mut Square, bits: usize) {
    for x in 0..8 {
        let v: [Whole; 8] = std::array::from_fn(|y| square[y][x]);
        let z = (v[2] + v[6]) * Wrapping(4433);
        let (low, high) = (z - v[6] * Wrapping(15137), z + v[2] * Wrapping(6270));
        let (sum, difference) = ((v[0] + v[4]) << FACTOR_BITS, (v[0] - v[4]) << FACTOR_BITS);
        let even = [sum + high, difference + low, difference - low, sum - high];

        let (z3, z4) = (v[7] + v[3], v[5] + v[1]);
        let z5 = (z3 + z4) * Wrapping(9633);
        let (z1, z2) = ((v[7] + v[1]) * Wrapping(-7373), (v[5] + v[3]) * Wrapping(-20995));
        let (z3, z4) = (z3 * Wrapping(-16069) + z5, z4 * Wrapping(-3196) + z5);
        let odd = [
            v[1] * Wrapping(12299) + z1 + z4,
            v[3] * Wrapping(25172) + z2 + z3,
            v[5] * Wrapping(16819) + z2 + z4,
            v[7] * Wrapping(2446) + z1 + z3,
        ];
        for y in 0..4 {
            square[y][x] = descale(even[y] + odd[y], bits);
            square[7 - y][x] = descale(even[y] - odd[y], bits);
        }
    }
}
