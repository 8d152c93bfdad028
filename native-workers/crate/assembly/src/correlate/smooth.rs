//! Separable filters over a picture with zeros around it, in linear time.

use kernels::wide::with_wide_vectors;

/// A filter that is applied along rows, then along columns. Weights sum to 1.
#[derive(Debug, Clone, Copy)]
pub enum Filter {
    /// 1 4 6 4 1, over 16: nearly a Gaussian of sigma 1 px.
    Binomial,
    /// A box of `2 r + 1` pixels, applied twice: nearly a Gaussian of sigma `0.82 r`.
    Box(usize),
}

impl Filter {
    /// Filters rows of `width`, all three of one length; `scratch` is left with anything.
    pub fn apply(self, from: &[f32], to: &mut [f32], scratch: &mut [f32], width: usize) {
        match self {
            Self::Binomial => {
                binomial_rows(from, scratch, width);
                binomial_columns(scratch, to, width);
            }
            Self::Box(radius) => {
                box_rows(from, scratch, width, radius);
                box_columns(scratch, to, width, radius);
                box_rows(to, scratch, width, radius);
                box_columns(scratch, to, width, radius);
            }
        }
    }

    /// The share of its weight that falls inside a row of `length` pixels, at each of them.
    pub fn inside(self, length: usize) -> Vec<f32> {
        let (mut ones, mut other) = (vec![1.0; length], vec![0.0; length]);
        match self {
            Self::Binomial => binomial_rows(&ones, &mut other, length),
            Self::Box(radius) => {
                box_rows(&ones, &mut other, length, radius);
                ones.clone_from(&other);
                box_rows(&ones, &mut other, length, radius);
            }
        }
        other
    }
}

with_wide_vectors! {
    fn binomial_rows(from: &[f32], to: &mut [f32], width: usize) {
        let mut padded = vec![0.0f32; width + 4];
        for (row, out) in from.chunks_exact(width).zip(to.chunks_exact_mut(width)) {
            padded[2..width + 2].copy_from_slice(row);
            for (v, p) in out.iter_mut().zip(padded.windows(5)) {
                *v = (p[0] + p[4] + 4.0 * (p[1] + p[3]) + 6.0 * p[2]) * (1.0 / 16.0);
            }
        }
    }
}

with_wide_vectors! {
    fn binomial_columns(from: &[f32], to: &mut [f32], width: usize) {
        let height = from.len() / width;
        let zeros = vec![0.0f32; width];
        let row = |y: isize| {
            if y < 0 || y >= height as isize { &zeros[..] } else { &from[y as usize * width..(y as usize + 1) * width] }
        };
        for (y, out) in to.chunks_exact_mut(width).enumerate() {
            let y = y as isize;
            let (a, b, c, d, e) = (row(y - 2), row(y - 1), row(y), row(y + 1), row(y + 2));
            for x in 0..width {
                out[x] = (a[x] + e[x] + 4.0 * (b[x] + d[x]) + 6.0 * c[x]) * (1.0 / 16.0);
            }
        }
    }
}

/// Rows whose running sums are kept side by side: each addition waits for the one before in its own row only.
const ROWS: usize = 8;

fn box_rows(from: &[f32], to: &mut [f32], width: usize, radius: usize) {
    for (some, out) in from.chunks(ROWS * width).zip(to.chunks_mut(ROWS * width)) {
        if some.len() == ROWS * width {
            box_of_rows::<ROWS>(some, out, width, radius);
        } else {
            let each = some.chunks_exact(width).zip(out.chunks_exact_mut(width));
            each.for_each(|(row, out)| box_of_rows::<1>(row, out, width, radius));
        }
    }
}

fn box_of_rows<const N: usize>(from: &[f32], to: &mut [f32], width: usize, radius: usize) {
    let share = 1.0 / (2 * radius + 1) as f64;
    let rows: [&[f32]; N] = std::array::from_fn(|i| &from[i * width..(i + 1) * width]);
    let mut sums: [f64; N] = std::array::from_fn(|i| rows[i].iter().take(radius).map(|&v| f64::from(v)).sum());
    for x in 0..width {
        let (entering, leaving) = (x + radius, x.checked_sub(radius + 1));
        for i in 0..N {
            let plus = if entering < width { f64::from(rows[i][entering]) } else { 0.0 };
            sums[i] += plus - leaving.map_or(0.0, |at| f64::from(rows[i][at]));
            to[i * width + x] = (sums[i] * share) as f32;
        }
    }
}

with_wide_vectors! {
    fn box_columns(from: &[f32], to: &mut [f32], width: usize, radius: usize) {
        let share = 1.0 / (2 * radius + 1) as f64;
        let row = |y: usize| &from[y * width..(y + 1) * width];
        let height = from.len() / width;
        let mut sums = vec![0.0f64; width];
        for y in 0..radius.min(height) {
            sums.iter_mut().zip(row(y)).for_each(|(s, &v)| *s += f64::from(v));
        }
        for (y, out) in to.chunks_exact_mut(width).enumerate() {
            if y + radius < height {
                sums.iter_mut().zip(row(y + radius)).for_each(|(s, &v)| *s += f64::from(v));
            }
            if y > radius {
                sums.iter_mut().zip(row(y - radius - 1)).for_each(|(s, &v)| *s -= f64::from(v));
            }
            out.iter_mut().zip(&sums).for_each(|(o, s)| *o = (s * share) as f32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, height: usize) -> Vec<f32> {
        (0..width * height).map(|i| ((i * 7919) % 251) as f32 - 125.0).collect()
    }

    fn filtered(filter: Filter, level: &[f32], width: usize) -> Vec<f32> {
        let (mut out, mut scratch) = (vec![0.0; level.len()], vec![0.0; level.len()]);
        filter.apply(level, &mut out, &mut scratch, width);
        out
    }

    fn directly(level: &[f32], width: usize, weights: &[f64]) -> Vec<f64> {
        let (height, reach) = (level.len() / width, weights.len() as isize / 2);
        let at = |x: isize, y: isize| {
            let inside = x >= 0 && y >= 0 && x < width as isize && y < height as isize;
            if inside { f64::from(level[y as usize * width + x as usize]) } else { 0.0 }
        };
        let sum = |x: isize, y: isize| {
            let pairs = (-reach..=reach).flat_map(|j| (-reach..=reach).map(move |i| (i, j)));
            let weight = |k: isize| weights[(k + reach) as usize];
            pairs.map(|(i, j)| weight(i) * weight(j) * at(x + i, y + j)).sum()
        };
        (0..level.len()).map(|i| sum((i % width) as isize, (i / width) as isize)).collect()
    }

    fn largest_error(filter: Filter, weights: &[f64], width: usize, height: usize) -> f64 {
        let level = picture(width, height);
        let want = directly(&level, width, weights);
        let got = filtered(filter, &level, width);
        got.iter().zip(want).map(|(&g, w)| (f64::from(g) - w).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn filters_agree_with_their_definition() {
        let binomial = [1.0, 4.0, 6.0, 4.0, 1.0].map(|w| w / 16.0);
        assert!(largest_error(Filter::Binomial, &binomial, 23, 9) < 1e-4);
        assert!(largest_error(Filter::Binomial, &binomial, 3, 2) < 1e-4);
    }

    #[test]
    fn boxes_agree_with_theirs_where_nothing_is_cut_off_between_the_passes() {
        // Away from the edges two boxes are one triangle.
        let radius = 3usize;
        let side = 2 * radius + 1;
        let triangle: Vec<f64> =
            (0..2 * side - 1).map(|i| (side - i.abs_diff(side - 1)) as f64 / (side * side) as f64).collect();
        let (width, height) = (40, 30);
        let level = picture(width, height);
        let want = directly(&level, width, &triangle);
        let got = filtered(Filter::Box(radius), &level, width);
        for y in 8..height - 8 {
            for x in 8..width - 8 {
                let i = y * width + x;
                assert!((f64::from(got[i]) - want[i]).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn the_share_inside_is_what_the_filter_makes_of_ones() {
        for filter in [Filter::Binomial, Filter::Box(4)] {
            let (inside_x, inside_y) = (filter.inside(20), filter.inside(13));
            let ones = filtered(filter, &[1.0; 260], 20);
            for (i, v) in ones.iter().enumerate() {
                assert!((v - inside_x[i % 20] * inside_y[i / 20]).abs() < 1e-5);
            }
        }
    }
}
