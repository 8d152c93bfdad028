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
    let mut sums = [[0.0f64; TERMS + 1]; TERMS];
    for y in (0..height).step_by(STRIDE) {
        let v = at(y, height);
        for x in (0..width).step_by(STRIDE) {
            let i = y * width + x;
            let (u, m) = (at(x, width), f64::from(mask[i]));
            let terms = [1.0, u, v, u * u, u * v, v * v];
            for (row, p) in sums.iter_mut().zip(terms) {
                row.iter_mut().zip(terms).for_each(|(s, q)| *s += m * p * q);
                row[TERMS] += m * p * f64::from(level[i]);
            }
        }
    }
    solved(sums)
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
