//! Slow shading: the least-squares paraboloid of a patch. A local mean cannot take it away near the edges.

/// Terms: 1, x, y, x x, x y, y y.
const TERMS: usize = 6;
/// Every so-many-th pixel along x and y is fitted.
const STRIDE: usize = 3;
/// A pivot smaller than this part of its diagonal is none.
const LEAST_PIVOT: f64 = 1e-9;

/// Takes the paraboloid of the levels away; masked pixels stay 0. Leaves them as they are where too little is there.
pub fn unshade(level: &mut [f32], mask: &[f32], width: usize, height: usize) {
    let Some(c) = fitted(level, mask, width, height) else { return };
    for (y, (row, mask)) in level.chunks_exact_mut(width).zip(mask.chunks_exact(width)).enumerate() {
        let v = at(y, height);
        let [c0, c1, c2] = [c[0] + v * (c[2] + v * c[5]), c[1] + v * c[4], c[3]].map(|c| c as f32);
        for (x, (p, m)) in row.iter_mut().zip(mask).enumerate() {
            let u = at(x, width) as f32;
            *p -= m * (c0 + u * (c1 + u * c2));
        }
    }
}

/// A place along an axis, -1 to 1.
fn at(i: usize, length: usize) -> f64 {
    (2 * i + 1) as f64 / length as f64 - 1.0
}

fn fitted(level: &[f32], mask: &[f32], width: usize, height: usize) -> Option<[f64; TERMS]> {
    let across: Vec<[f32; 5]> = (0..width)
        .step_by(STRIDE)
        .map(|x| {
            let u = at(x, width) as f32;
            [1.0, u, u * u, u * u * u, u * u * u * u]
        })
        .collect();
    // Powers of x and y of each term.
    let powers = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)];
    let mut sums = [[0.0f64; TERMS + 1]; TERMS];
    for y in (0..height).step_by(STRIDE) {
        let row = y * width..(y + 1) * width;
        let (moments, levels) = along(&across, &level[row.clone()], &mask[row]);
        let v = at(y, height);
        let rising = [1.0, v, v * v, v * v * v, v * v * v * v];
        for (sum, (i, j)) in sums.iter_mut().zip(powers) {
            for (s, (k, l)) in sum.iter_mut().zip(powers) {
                *s += moments[i + k] * rising[j + l];
            }
            sum[TERMS] += levels[i] * rising[j];
        }
    }
    solved(sums)
}

/// Sums along a row of the powers of x (0 to 4) over what counts, and of the levels times them (0 to 2).
fn along(across: &[[f32; 5]], level: &[f32], mask: &[f32]) -> ([f64; 5], [f64; 3]) {
    let (mut moments, mut levels) = ([0.0f32; 5], [0.0f32; 3]);
    for ((u, p), m) in across.iter().zip(level.iter().step_by(STRIDE)).zip(mask.iter().step_by(STRIDE)) {
        moments.iter_mut().zip(u).for_each(|(s, u)| *s += m * u);
        levels.iter_mut().zip(u).for_each(|(s, u)| *s += m * p * u);
    }
    (moments.map(f64::from), levels.map(f64::from))
}

/// Gaussian elimination of a symmetric positive system.
fn solved(mut rows: [[f64; TERMS + 1]; TERMS]) -> Option<[f64; TERMS]> {
    for i in 0..TERMS {
        let diagonal = rows[i][i];
        if diagonal <= LEAST_PIVOT * rows[0][0].max(f64::MIN_POSITIVE) {
            return None;
        }
        let pivot = rows[i];
        for (_, row) in rows.iter_mut().enumerate().filter(|(j, _)| *j != i) {
            let factor = row[i] / diagonal;
            row.iter_mut().zip(pivot).for_each(|(a, p)| *a -= factor * p);
        }
    }
    Some(std::array::from_fn(|i| rows[i][TERMS] / rows[i][i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paraboloid_is_taken_away_whole_masked_or_not() {
        let (width, height) = (50, 40);
        let surface = |i: usize| {
            let (x, y) = ((i % width) as f32, (i / width) as f32);
            5.0 + 0.3 * x - 0.2 * y + 0.01 * x * x - 0.02 * x * y + 0.005 * y * y
        };
        for masked in [false, true] {
            let mask: Vec<f32> = (0..2000).map(|i| if masked && i % width < 20 { 0.0 } else { 1.0 }).collect();
            let mut level: Vec<f32> = (0..2000).map(|i| surface(i) * mask[i]).collect();
            unshade(&mut level, &mask, width, height);
            assert!(level.iter().all(|v| v.abs() < 1e-3));
        }
    }

    #[test]
    fn thin_patches_are_left_alone() {
        let mut level = [1.0, 2.0, 3.0, 4.0];
        unshade(&mut level, &[1.0; 4], 2, 2);
        assert_eq!(level, [1.0, 2.0, 3.0, 4.0]);
    }
}
