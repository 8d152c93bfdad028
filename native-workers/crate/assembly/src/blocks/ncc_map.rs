//! Normalised cross-correlation of two pictures at every shift of a window: products by Fourier transform, means and
//! norms over each true overlap by integral images (Lewis 1995; Padfield 2012).

use super::project::Picture;
use crate::correlate::fourier::{forward, inverse};
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::fast_size::fast_size;

/// Overlaps whose variance is below this part of the picture's own have nothing to compare.
const LEAST_VARIANCE: f64 = 1e-6;

/// NCC at shifts `centre + (-radius..=radius)`: rows of `2 * radius[0] + 1`; NaN where the overlap is too small or has no
/// texture.
pub struct NccMap {
    pub centre: [i64; 2],
    pub radius: [i64; 2],
    pub ncc: Vec<f64>,
    /// Pixels that overlap at `centre`.
    pub area: f64,
}

impl NccMap {
    pub fn width(&self) -> usize {
        (2 * self.radius[0] + 1) as usize
    }

    pub fn at(&self, shift: [i64; 2]) -> Option<f64> {
        let place = [shift[0] - self.centre[0] + self.radius[0], shift[1] - self.centre[1] + self.radius[1]];
        let inside = (0..2).all(|k| (0..=2 * self.radius[k]).contains(&place[k]));
        inside.then(|| self.ncc[place[1] as usize * self.width() + place[0] as usize]).filter(|v| v.is_finite())
    }
}

/// Compares `a` at p with `b` at p + shift. `least` is the smallest side of an overlap that counts.
pub fn ncc_map(
    a: &Picture,
    b: &Picture,
    centre: [i64; 2],
    radius: [i64; 2],
    least: i64,
    cancel: Cancel<'_>,
) -> Result<NccMap> {
    let (a, b) = (Centred::of(a), Centred::of(b));
    let products = Products::of(&a, &b, centre, radius, cancel)?;
    let mut ncc = Vec::with_capacity(((2 * radius[0] + 1) * (2 * radius[1] + 1)) as usize);
    for v in -radius[1]..=radius[1] {
        cancel.poll()?;
        for u in -radius[0]..=radius[0] {
            let shift = [centre[0] + u, centre[1] + v];
            ncc.push(agreement(&a, &b, shift, least, products.at(shift)).unwrap_or(f64::NAN));
        }
    }
    let sides = overlap(&a, &b, centre).map_or([0, 0], |o| [o[2] - o[0], o[3] - o[1]]);
    Ok(NccMap { centre, radius, ncc, area: (sides[0] * sides[1]) as f64 })
}

/// A picture less its mean, with integral images of values and of squares.
struct Centred {
    width: usize,
    height: usize,
    level: Vec<f32>,
    /// One more column and row than the picture: sums of all above and to the left.
    sums: Vec<[f64; 2]>,
    variance: f64,
}

impl Centred {
    fn of(picture: &Picture) -> Self {
        let (width, height) = (picture.width, picture.height);
        let n = (width * height) as f64;
        let mean = picture.level.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
        let level: Vec<f32> = picture.level.iter().map(|&v| (f64::from(v) - mean) as f32).collect();
        let across = width + 1;
        let mut sums = vec![[0.0; 2]; across * (height + 1)];
        for (y, row) in level.chunks_exact(width).enumerate() {
            let mut so_far = [0.0; 2];
            for (x, &v) in row.iter().enumerate() {
                let v = f64::from(v);
                so_far = [so_far[0] + v, so_far[1] + v * v];
                let above = sums[y * across + x + 1];
                sums[(y + 1) * across + x + 1] = [above[0] + so_far[0], above[1] + so_far[1]];
            }
        }
        let variance = sums.last().map_or(0.0, |s| s[1]) / n;
        Self { width, height, level, sums, variance }
    }

    fn sum(&self, [x0, y0, x1, y1]: [i64; 4]) -> [f64; 2] {
        let at = |x: i64, y: i64| self.sums[y as usize * (self.width + 1) + x as usize];
        let (p, q, r, s) = (at(x1, y1), at(x0, y1), at(x1, y0), at(x0, y0));
        [p[0] - q[0] - r[0] + s[0], p[1] - q[1] - r[1] + s[1]]
    }
}

/// Of `a`, where `b` lies over it.
fn overlap(a: &Centred, b: &Centred, shift: [i64; 2]) -> Option<[i64; 4]> {
    let x0 = (-shift[0]).max(0);
    let y0 = (-shift[1]).max(0);
    let x1 = (a.width as i64).min(b.width as i64 - shift[0]);
    let y1 = (a.height as i64).min(b.height as i64 - shift[1]);
    (x1 > x0 && y1 > y0).then_some([x0, y0, x1, y1])
}

fn agreement(a: &Centred, b: &Centred, shift: [i64; 2], least: i64, product: f64) -> Option<f64> {
    let [x0, y0, x1, y1] = overlap(a, b, shift)?;
    if x1 - x0 < least || y1 - y0 < least {
        return None;
    }
    let n = ((x1 - x0) * (y1 - y0)) as f64;
    let [sa, saa] = a.sum([x0, y0, x1, y1]);
    let [sb, sbb] = b.sum([x0 + shift[0], y0 + shift[1], x1 + shift[0], y1 + shift[1]]);
    let (va, vb) = ((saa - sa * sa / n) / n, (sbb - sb * sb / n) / n);
    if va <= LEAST_VARIANCE * a.variance.max(1e-12) || vb <= LEAST_VARIANCE * b.variance.max(1e-12) {
        return None;
    }
    Some(((product - sa * sb / n) / n / (va * vb).sqrt()).clamp(-1.0, 1.0))
}

/// Sums of products of `a` at p and `b` at p + shift, for all shifts of a window.
struct Products {
    width: usize,
    height: usize,
    values: Vec<f32>,
    scale: f64,
}

impl Products {
    fn of(a: &Centred, b: &Centred, centre: [i64; 2], radius: [i64; 2], cancel: Cancel<'_>) -> Result<Self> {
        let side = |na: usize, nb: usize, centre: i64, radius: i64| {
            // No shift of the window may meet another of the same remainder.
            let need = (nb as i64 - (centre - radius)).max(centre + radius + na as i64).max(na.max(nb) as i64);
            fast_size(need as usize)
        };
        let width = side(a.width, b.width, centre[0], radius[0]);
        let height = side(a.height, b.height, centre[1], radius[1]);
        // Pictures of unit variance: single precision is then the same for all grey levels.
        let (sa, sb) = (a.variance.max(1e-12).sqrt(), b.variance.max(1e-12).sqrt());
        let fa = forward(&mut padded(a, width, height, sa), width, height, cancel)?;
        let mut fb = forward(&mut padded(b, width, height, sb), width, height, cancel)?;
        for (to, from) in fb.bins.iter_mut().zip(&fa.bins) {
            *to *= from.conj();
        }
        Ok(Self { width, height, values: inverse(fb, cancel)?, scale: sa * sb })
    }

    fn at(&self, shift: [i64; 2]) -> f64 {
        let x = shift[0].rem_euclid(self.width as i64) as usize;
        let y = shift[1].rem_euclid(self.height as i64) as usize;
        f64::from(self.values[y * self.width + x]) * self.scale
    }
}

fn padded(picture: &Centred, width: usize, height: usize, unit: f64) -> Vec<f32> {
    let mut out = vec![0.0; width * height];
    for (from, to) in picture.level.chunks_exact(picture.width).zip(out.chunks_exact_mut(width)) {
        for (to, &v) in to.iter_mut().zip(from) {
            *to = (f64::from(v) / unit) as f32;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::cancel::never;

    fn picture(width: usize, height: usize, seed: u64, base: f32) -> Picture {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / 65_536.0
        };
        Picture { width, height, level: (0..width * height).map(|_| base + next()).collect() }
    }

    /// By the definition, in double.
    fn direct(a: &Picture, b: &Picture, shift: [i64; 2]) -> f64 {
        let mut pairs = Vec::new();
        for y in 0..a.height as i64 {
            for x in 0..a.width as i64 {
                let (u, v) = (x + shift[0], y + shift[1]);
                if (0..b.width as i64).contains(&u) && (0..b.height as i64).contains(&v) {
                    let p = f64::from(a.level[y as usize * a.width + x as usize]);
                    pairs.push((p, f64::from(b.level[v as usize * b.width + u as usize])));
                }
            }
        }
        let n = pairs.len() as f64;
        let (ma, mb) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
        let dot = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>();
        dot(&|p| (p.0 - ma) * (p.1 - mb)) / (dot(&|p| (p.0 - ma).powi(2)) * dot(&|p| (p.1 - mb).powi(2))).sqrt()
    }

    #[test]
    fn every_shift_agrees_with_the_definition() {
        let (a, b) = (picture(61, 47, 7, 3000.0), picture(70, 41, 8, 20_000.0));
        for (centre, radius) in [([0, 0], [9, 7]), ([-30, 12], [6, 11]), ([44, -3], [5, 5])] {
            let map = ncc_map(&a, &b, centre, radius, 5, never()).unwrap();
            for v in -radius[1]..=radius[1] {
                for u in -radius[0]..=radius[0] {
                    let shift = [centre[0] + u, centre[1] + v];
                    let got = map.at(shift).unwrap();
                    assert!((got - direct(&a, &b, shift)).abs() < 1e-5, "{shift:?}: {got} {}", direct(&a, &b, shift));
                }
            }
        }
    }

    #[test]
    fn too_little_overlap_and_no_texture_are_nothing() {
        let a = picture(40, 40, 3, 0.0);
        let map = ncc_map(&a, &a, [30, 0], [8, 2], 8, never()).unwrap();
        assert!(map.at([33, 0]).is_none() && map.at([32, 0]).is_some() && map.at([50, 0]).is_none());
        let flat = Picture { width: 40, height: 40, level: vec![7.0; 1600] };
        assert!(ncc_map(&a, &flat, [0, 0], [2, 2], 8, never()).unwrap().ncc.iter().all(|v| v.is_nan()));
    }
}
