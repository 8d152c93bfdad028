//! Means and lines that a few values far away do not pull (Huber). What is NaN is left out.

use super::dense::median;

/// Values farther away than so many SDs count less.
const HUBER: f64 = 1.5;
/// Rounds of a line through levels.
const LINE_ROUNDS: usize = 8;

/// The middle value.
pub fn middle(values: impl Iterator<Item = f64>) -> f64 {
    median(&mut values.filter(|v| v.is_finite()).collect::<Vec<_>>())
}

/// Huber's mean about the median.
pub fn robust_mean(values: &[f64]) -> f64 {
    let mut centre = middle(values.iter().copied());
    let spread = 1.4826 * middle(values.iter().map(|v| (v - centre).abs()));
    for _ in 0..5 {
        let limit = HUBER * spread.max(1e-9);
        let (mut sum, mut weights) = (0.0, 0.0);
        for v in values.iter().filter(|v| v.is_finite()) {
            let weight = limit / (v - centre).abs().max(limit);
            sum += weight * v;
            weights += weight;
        }
        centre = sum / weights;
    }
    centre
}

/// Huber's line through [x, y], as its value at 0 and its slope, from a first guess; and how far each y is from it, cut
/// at where it counts less.
pub fn robust_line(points: &[[f64; 2]], first: [f64; 2]) -> ([f64; 2], Vec<f64>) {
    let [mut at_zero, mut slope] = first;
    let mut left = Vec::new();
    for _ in 0..LINE_ROUNDS {
        left = points.iter().map(|[x, y]| y - at_zero - slope * x).collect();
        let limit = HUBER * 1.4826 * middle(left.iter().map(|v: &f64| v.abs())).max(1e-9);
        let (mut sums, mut cross) = ([0.0; 3], [0.0; 2]);
        for ([x, y], v) in points.iter().zip(&mut left).filter(|(_, v)| v.is_finite()) {
            let weight = limit / v.abs().max(limit);
            sums = [sums[0] + weight, sums[1] + weight * x, sums[2] + weight * x * x];
            cross = [cross[0] + weight * y, cross[1] + weight * x * y];
            *v *= weight;
        }
        let determinant = sums[0] * sums[2] - sums[1] * sums[1];
        if determinant.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater) {
            return ([f64::NAN; 2], vec![f64::NAN; points.len()]);
        }
        slope = (sums[0] * cross[1] - sums[1] * cross[0]) / determinant;
        at_zero = (cross[0] - slope * sums[1]) / sums[0];
    }
    ([at_zero, slope], left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outliers_and_gaps_pull_neither_mean_nor_line() {
        let noise = |i: usize| ((i * 37) % 11) as f64 / 10.0 - 0.5;
        let far = |i: usize| match i % 10 {
            3 => 500.0,
            7 => f64::NAN,
            _ => 0.0,
        };
        let values: Vec<f64> = (0..100).map(|i| 20.0 + noise(i) + far(i)).collect();
        assert!((robust_mean(&values) - 20.0).abs() < 0.2 && (middle(values.iter().copied()) - 20.0).abs() < 0.2);
        let points: Vec<[f64; 2]> = (0..100).map(|i| [i as f64, 5.0 + 2.0 * i as f64 + noise(i) + far(i)]).collect();
        let ([at_zero, slope], left) = robust_line(&points, [0.0, 2.2]);
        assert!((at_zero - 5.0).abs() < 0.3 && (slope - 2.0).abs() < 0.005, "{at_zero} + {slope} x");
        assert!(left[7].is_nan() && left[3] < 5.0);
        assert!(robust_line(&points[..1], [0.0, 2.0]).0[1].is_nan());
    }
}
