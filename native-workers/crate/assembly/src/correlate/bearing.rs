//! Whether texture bears a correlation, or a few grains that lie on each other by chance. A grain of dust on another one
//! correlates as well as tissue does, and far beyond what the number of pixels makes likely.

use super::ncc::product;
use super::patch::{Patch, Rect};

/// Side of the blocks that are compared, pixels: as far as the local mean spreads a grain.
const BLOCK: i64 = 16;
/// Part of the blocks that suffices where there are few.
const ENOUGH_PART: f64 = 0.5;
/// How many must bear it where a block counts for at most so many times the middle one: faint texture around something
/// bright.
const LEAST_EVEN_BLOCKS: f64 = 25.0;
const MOST_OF_MIDDLE: f64 = 3.0;
/// Blocks that correlate so well themselves are alike; so many of them, and this part of all, are no chance: of blocks
/// that do not belong together one in twenty is.
const ALIKE: f64 = 0.6;
const LEAST_ALIKE: usize = 5;
const ALIKE_PART: f64 = 0.5;
/// Smaller ones, at the border of the overlap, say too little by themselves.
const LEAST_BLOCK_PX: usize = (BLOCK * BLOCK) as usize / 2;

/// Whether at least `least` blocks of the overlap bear the correlation of `a` at p with `b` at p + `shift`, or half of
/// them do each by itself, as those of a narrow overlap of tissue. O(n) in its pixels.
pub fn is_borne(a: &Patch, b: &Patch, shift: [i64; 2], least: f64) -> bool {
    let over = a.overlap(b, shift);
    let starts = |from: i64, to: i64| (from..to).step_by(BLOCK as usize);
    let block = |x0: i64, y0: i64| Rect { x0, y0, x1: (x0 + BLOCK).min(over.x1), y1: (y0 + BLOCK).min(over.y1) };
    let blocks = starts(over.y0, over.y1).flat_map(|y| starts(over.x0, over.x1).map(move |x| block(x, y)));
    let blocks: Vec<_> = blocks.map(|part| (part, product(a, b, part, shift))).filter(|(_, c)| *c != 0.0).collect();
    let parts: Vec<f64> = blocks.iter().map(|(_, c)| *c).collect();
    if parts.is_empty() {
        return false;
    }
    let mut sizes: Vec<f64> = parts.iter().map(|c| c.abs()).collect();
    let middle = sizes.len() / 2;
    let most = MOST_OF_MIDDLE * *sizes.select_nth_unstable_by(middle, f64::total_cmp).1;
    bearing(parts.iter().copied()) >= least.min(ENOUGH_PART * parts.len() as f64)
        || bearing(parts.iter().map(|c| c.clamp(-most, most))) >= LEAST_EVEN_BLOCKS
        || are_alike(a, b, shift, &blocks)
}

/// Whether enough blocks, each with its sum of products, correlate well by themselves.
fn are_alike(a: &Patch, b: &Patch, shift: [i64; 2], blocks: &[(Rect, f64)]) -> bool {
    let power = |of: &Patch, part: Rect| product(of, of, part, [0, 0]);
    let whole = || blocks.iter().filter(|(part, _)| part.area() >= LEAST_BLOCK_PX);
    let alike =
        whole().filter(|(part, c)| *c >= ALIKE * (power(a, *part) * power(b, part.moved(shift))).sqrt()).count();
    alike >= LEAST_ALIKE && alike as f64 >= ALIKE_PART * whole().count() as f64
}

/// How many blocks bear a sum of `parts`, as if each bore the same: `(sum c)^2 / sum c^2`, which is also the square of the
/// sum in standard errors, the spread of the parts being their own. 0 for a sum below 0.
fn bearing(parts: impl Iterator<Item = f64>) -> f64 {
    let (sum, squares) = parts.fold((0.0, 0.0), |(sum, squares), c| (sum + c, squares + c * c));
    if sum > 0.0 { sum * sum / squares } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: i64 = 128;

    fn noise(seed: i64, x: i64, y: i64) -> f32 {
        let mut z = (seed * SIDE * SIDE + y * SIDE + x) as u64;
        for _ in 0..2 {
            z = (z ^ (z >> 31)).wrapping_add(0x9E37_79B9_7F4A_7C15).wrapping_mul(0x94D0_49BB_1331_11EB);
        }
        (z >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    fn patch(level: impl Fn(i64, i64) -> f32) -> Patch {
        let n = SIDE * SIDE;
        let level = (0..n).map(|i| level(i % SIDE, i / SIDE)).collect();
        let mask = vec![1.0; n as usize];
        Patch { x: 0, y: 0, width: SIDE as usize, height: SIDE as usize, level, soft: Vec::new(), mask, masked: false }
    }

    fn grain([at_x, at_y]: [i64; 2], x: i64, y: i64) -> f32 {
        if (x - at_x).pow(2) + (y - at_y).pow(2) < 25 { -30.0 } else { 0.0 }
    }

    #[test]
    fn texture_bears_a_correlation_and_grains_do_not() {
        let grainy = |seed: i64| patch(move |x, y| noise(seed, x, y) + grain([40, 40], x, y) + grain([90, 90], x, y));
        assert!(!is_borne(&grainy(1), &grainy(2), [0, 0], 10.0));
        assert!(is_borne(&patch(|x, y| noise(1, x, y)), &patch(|x, y| noise(1, x, y)), [0, 0], 10.0));
        assert!(is_borne(&grainy(1), &grainy(1), [0, 0], 10.0), "faint texture around grains");
        assert!(!is_borne(&grainy(1), &grainy(1), [3, 50], 10.0));
        assert!(!is_borne(&patch(|_, _| 0.0), &grainy(1), [0, 0], 10.0));
    }

    #[test]
    fn many_spots_on_empty_ground_bear_a_correlation() {
        let place = |i: i64| [8 + 37 * i % 112, 8 + 61 * i % 112];
        let spots = |seed: i64| {
            patch(move |x, y| 0.3 * noise(seed, x, y) + (0..16).map(|i| grain(place(i), x, y)).sum::<f32>())
        };
        assert!(is_borne(&spots(1), &spots(2), [0, 0], 10.0));
    }
}
