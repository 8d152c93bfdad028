//! Turns and shifts of the plane, and the affine maps that fit points best.

use kernels::geometry::{Affine, Point};

/// A rotation and a shift: `x' = c x - s y + tx`, `y' = s x + c y + ty`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    pub cos: f64,
    pub sin: f64,
    pub shift: Point,
}

impl Turn {
    pub fn to_affine(self) -> Affine {
        Affine([self.cos, self.sin, -self.sin, self.cos, self.shift[0], self.shift[1]])
    }

    pub fn angle(&self) -> f64 {
        self.sin.atan2(self.cos)
    }

    /// How far the image of the first point lies from the second.
    pub fn miss(&self, [from, to]: &[Point; 2]) -> f64 {
        let [x, y] = self.to_affine().apply(*from);
        (x - to[0]).hypot(y - to[1])
    }
}

/// The turn that leads the first points nearest to the second, in squares weighed by `weight` (Umeyama 1991, no scale).
pub fn fit_turn<'a>(points: impl Iterator<Item = &'a [Point; 2]> + Clone, weight: impl Fn(&[Point; 2]) -> f64) -> Turn {
    let mut sums = [0.0; 5];
    for p in points.clone() {
        let w = weight(p);
        sums.iter_mut().zip([w, w * p[0][0], w * p[0][1], w * p[1][0], w * p[1][1]]).for_each(|(s, v)| *s += v);
    }
    let n = sums[0].max(f64::MIN_POSITIVE);
    let (from, to) = ([sums[1] / n, sums[2] / n], [sums[3] / n, sums[4] / n]);
    let (mut along, mut across) = (0.0, 0.0);
    for p in points {
        let w = weight(p);
        let (a, b) = ([p[0][0] - from[0], p[0][1] - from[1]], [p[1][0] - to[0], p[1][1] - to[1]]);
        along += w * (a[0] * b[0] + a[1] * b[1]);
        across += w * (a[0] * b[1] - a[1] * b[0]);
    }
    let length = along.hypot(across);
    let (cos, sin) = if length > 0.0 { (along / length, across / length) } else { (1.0, 0.0) };
    Turn { cos, sin, shift: [to[0] - cos * from[0] + sin * from[1], to[1] - sin * from[0] - cos * from[1]] }
}

/// The affine map that leads the first points nearest to the second, held to `prior` by `hold` points' weight on its
/// linear part (at `reach` pixels from their centre) and none on its shift.
pub fn fit_affine<'a>(
    points: impl Iterator<Item = (&'a [Point; 2], f64)>,
    prior: &Affine,
    hold: f64,
    reach: f64,
) -> Option<Affine> {
    let (mut n, mut from, mut to) = (0.0, [0.0; 2], [0.0; 2]);
    let (mut xx, mut xr) = ([0.0; 3], [[0.0; 2]; 2]);
    let mut all = Vec::new();
    for (p, w) in points {
        n += w;
        let miss = {
            let [x, y] = prior.apply(p[0]);
            [p[1][0] - x, p[1][1] - y]
        };
        for k in 0..2 {
            from[k] += w * p[0][k];
            to[k] += w * miss[k];
        }
        all.push((p[0], miss, w));
    }
    if n <= 0.0 {
        return None;
    }
    let (from, to) = (from.map(|v| v / n), to.map(|v| v / n));
    for (p, miss, w) in all {
        let d = [p[0] - from[0], p[1] - from[1]];
        xx.iter_mut().zip([d[0] * d[0], d[0] * d[1], d[1] * d[1]]).for_each(|(s, v)| *s += w * v);
        for k in 0..2 {
            for l in 0..2 {
                xr[k][l] += w * d[k] * (miss[l] - to[l]);
            }
        }
    }
    let ridge = hold * reach * reach + 1e-9;
    let (a, b, c) = (xx[0] + ridge, xx[1], xx[2] + ridge);
    let det = a * c - b * b;
    let slope = |l: usize| [(c * xr[0][l] - b * xr[1][l]) / det, (a * xr[1][l] - b * xr[0][l]) / det];
    let (sx, sy) = (slope(0), slope(1));
    let m = prior.0;
    let shift = |l: usize, s: [f64; 2]| m[4 + l] + to[l] - s[0] * from[0] - s[1] * from[1];
    Some(Affine([m[0] + sx[0], m[1] + sy[0], m[2] + sx[1], m[3] + sy[1], shift(0, sx), shift(1, sy)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_and_affine_maps_are_found_again() {
        let truth = Turn { cos: 0.6, sin: -0.8, shift: [12.0, -7.0] };
        let bent = Affine([1.1, 0.2, -0.1, 0.9, 3.0, 4.0]);
        let places: Vec<Point> = (0..20).map(|i| [f64::from(i * 37 % 101), f64::from(i * 53 % 97)]).collect();
        let turned: Vec<[Point; 2]> = places.iter().map(|&p| [p, truth.to_affine().apply(p)]).collect();
        let found = fit_turn(turned.iter(), |_| 1.0);
        assert!(turned.iter().all(|p| found.miss(p) < 1e-9) && (found.angle() - truth.angle()).abs() < 1e-12);
        let mapped: Vec<[Point; 2]> = places.iter().map(|&p| [p, bent.apply(p)]).collect();
        let affine = fit_affine(mapped.iter().map(|p| (p, 1.0)), &Affine::IDENTITY, 0.0, 1.0).unwrap();
        assert!(affine.0.iter().zip(bent.0).all(|(a, b)| (a - b).abs() < 1e-6));
        let held = fit_affine(mapped.iter().map(|p| (p, 1.0)), &Affine::IDENTITY, 1e9, 100.0).unwrap();
        assert!((held.0[0] - 1.0).abs() < 1e-6);
    }
}
