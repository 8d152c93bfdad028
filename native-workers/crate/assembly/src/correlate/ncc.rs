//! Normalised cross-correlation with means and norms over the true overlap only (Padfield 2012), summed directly:
//! every candidate shift is judged by exactly the pixels that it lays over each other.

use super::patch::{Patch, Rect};
use kernels::wide::with_wide_vectors;

/// Parallel sums of a row.
const LANES: usize = 8;
/// Pixels of an overlap that a rough look takes in, about, and the rows that it takes together.
const ROUGH_PIXELS: usize = 1 << 19;
const BAND: i64 = 16;
/// Overlaps whose variance is below this part of a squared grey level have no texture to compare.
const LEAST_VARIANCE: f64 = 1e-6;

/// How well two patches agree at a shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// -1 to 1.
    pub ncc: f64,
    /// Pixels that count in both.
    pub area: f64,
    /// Variances over the overlap, squared grey levels.
    pub variance_a: f64,
    pub variance_b: f64,
}

/// Sums over the overlap of m, a, b, aa, bb, ab; levels are 0 where their mask is.
#[derive(Default, Clone, Copy)]
struct Sums([f64; 6]);

with_wide_vectors! {
    fn add_row(sums: &mut Sums, a: &[f32], ma: &[f32], b: &[f32], mb: &[f32]) {
        let n = a.len().min(b.len()).min(ma.len()).min(mb.len());
        let mut lanes = [[0.0f32; LANES]; 6];
        let whole = n - n % LANES;
        for i in (0..whole).step_by(LANES) {
            for l in 0..LANES {
                let (p, mp, q, mq) = (a[i + l], ma[i + l], b[i + l], mb[i + l]);
                lanes[0][l] += mp * mq;
                lanes[1][l] += p * mq;
                lanes[2][l] += mp * q;
                lanes[3][l] += p * p * mq;
                lanes[4][l] += mp * q * q;
                lanes[5][l] += p * q;
            }
        }
        for i in whole..n {
            let (p, mp, q, mq) = (a[i], ma[i], b[i], mb[i]);
            let l = i % LANES;
            let terms = [mp * mq, p * mq, mp * q, p * p * mq, mp * q * q, p * q];
            lanes.iter_mut().zip(terms).for_each(|(lane, term)| lane[l] += term);
        }
        for (sum, lane) in sums.0.iter_mut().zip(lanes) {
            *sum += lane.iter().map(|&v| f64::from(v)).sum::<f64>();
        }
    }
}

with_wide_vectors! {
    /// As [`add_row`], where all pixels count.
    fn add_full_row(sums: &mut Sums, a: &[f32], b: &[f32]) {
        let n = a.len().min(b.len());
        let mut lanes = [[0.0f32; LANES]; 5];
        let (ps, qs) = (a[..n].chunks_exact(LANES), b[..n].chunks_exact(LANES));
        let rest = ps.remainder().iter().zip(qs.remainder());
        for (l, (&p, &q)) in rest.enumerate() {
            [p, q, p * p, q * q, p * q].into_iter().zip(&mut lanes).for_each(|(term, lane)| lane[l] = term);
        }
        for (p, q) in ps.zip(qs) {
            for l in 0..LANES {
                let (p, q) = (p[l], q[l]);
                lanes[0][l] += p;
                lanes[1][l] += q;
                lanes[2][l] += p * p;
                lanes[3][l] += q * q;
                lanes[4][l] += p * q;
            }
        }
        sums.0[0] += n as f64;
        for (sum, lane) in sums.0[1..].iter_mut().zip(lanes) {
            *sum += lane.iter().map(|&v| f64::from(v)).sum::<f64>();
        }
    }
}

/// Compares `a` at p with `b` at p + `shift`. None where nothing overlaps, or one side has no texture.
pub fn agreement(a: &Patch, b: &Patch, shift: [i64; 2]) -> Option<Agreement> {
    over_bands(a, b, shift, 1)
}

/// As [`agreement`], of one in so many bands of rows: enough to tell a peak worth judging in a large overlap.
pub fn rough_agreement(a: &Patch, b: &Patch, shift: [i64; 2]) -> Option<Agreement> {
    let every = a.overlap(b, shift).area() / ROUGH_PIXELS + 1;
    over_bands(a, b, shift, every as i64)
}

/// Sum of the products of both patches' levels over a part of `a` that `b` moved by -`shift` covers.
pub fn product(a: &Patch, b: &Patch, part: Rect, shift: [i64; 2]) -> f64 {
    let row = |y: i64| {
        let p = &a.level[a.span(y, part.x0, part.x1)];
        let q = &b.level[b.span(y + shift[1], part.x0 + shift[0], part.x1 + shift[0])];
        f64::from(p.iter().zip(q).map(|(p, q)| p * q).sum::<f32>())
    };
    if part.area() == 0 { 0.0 } else { (part.y0..part.y1).map(row).sum() }
}

fn over_bands(a: &Patch, b: &Patch, shift: [i64; 2], every: i64) -> Option<Agreement> {
    let over = a.overlap(b, shift);
    if over.area() == 0 {
        return None;
    }
    let mut sums = Sums::default();
    for y in (over.y0..over.y1).filter(|y| (y / BAND).rem_euclid(every) == 0) {
        let in_a = a.span(y, over.x0, over.x1);
        let in_b = b.span(y + shift[1], over.x0 + shift[0], over.x1 + shift[0]);
        if a.masked || b.masked {
            add_row(&mut sums, &a.level[in_a.clone()], &a.mask[in_a], &b.level[in_b.clone()], &b.mask[in_b]);
        } else {
            add_full_row(&mut sums, &a.level[in_a], &b.level[in_b]);
        }
    }
    let [n, sa, sb, saa, sbb, sab] = sums.0;
    if n < 1.0 {
        return None;
    }
    let variance = |s: f64, ss: f64| (ss - s * s / n) / n;
    let (variance_a, variance_b) = (variance(sa, saa), variance(sb, sbb));
    if variance_a < LEAST_VARIANCE || variance_b < LEAST_VARIANCE {
        return None;
    }
    let ncc = (sab - sa * sb / n) / n / (variance_a * variance_b).sqrt();
    Some(Agreement { ncc: ncc.clamp(-1.0, 1.0), area: n * every as f64, variance_a, variance_b })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(x: i64, y: i64, width: usize, height: usize, f: impl Fn(i64, i64) -> f32) -> Patch {
        let at = |i: usize| (x + (i % width) as i64, y + (i / width) as i64);
        let level = (0..width * height).map(at).map(|(x, y)| f(x, y)).collect();
        Patch { x, y, width, height, level, soft: Vec::new(), mask: vec![1.0; width * height], masked: true }
    }

    fn rough(x: i64, y: i64) -> f32 {
        ((x * 7919 + y * 104_729 + x * y * 31).rem_euclid(211)) as f32 - 105.0
    }

    #[test]
    fn agrees_with_the_definition_over_a_masked_overlap() {
        let a = patch(0, 0, 40, 30, rough);
        let mut b = patch(25, -3, 37, 28, |x, y| rough(x - 4, y - 2) * 1.7 + (x % 3) as f32 * 40.0);
        for i in (0..b.mask.len()).step_by(5) {
            (b.mask[i], b.level[i]) = (0.0, 0.0);
        }
        let shift = [4, 2];
        let mut pairs = Vec::new();
        for y in 0..30i64 {
            for x in 0..40i64 {
                let (u, v) = (x + 4 - 25, y + 2 + 3);
                if (0..37).contains(&u) && (0..28).contains(&v) && b.mask[(v * 37 + u) as usize] > 0.0 {
                    let level = b.level[(v * 37 + u) as usize];
                    pairs.push((f64::from(a.level[(y * 40 + x) as usize]), f64::from(level)));
                }
            }
        }
        let n = pairs.len() as f64;
        let (ma, mb) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
        let dot = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>();
        let want =
            dot(&|p| (p.0 - ma) * (p.1 - mb)) / (dot(&|p| (p.0 - ma).powi(2)) * dot(&|p| (p.1 - mb).powi(2))).sqrt();
        let got = agreement(&a, &b, shift).unwrap();
        assert!((got.ncc - want).abs() < 1e-6 && got.area == n, "{} {want}", got.ncc);
    }

    #[test]
    fn pictures_without_a_mask_are_summed_alike() {
        let (a, b) = (patch(0, 0, 41, 30, rough), patch(3, 1, 45, 33, |x, y| rough(x, y) - (y % 5) as f32 * 9.0));
        let masked = agreement(&a, &b, [1, -1]).unwrap();
        let whole = |p: &Patch| Patch { masked: false, ..p.clone() };
        let full = agreement(&whole(&a), &whole(&b), [1, -1]).unwrap();
        assert!((masked.ncc - full.ncc).abs() < 1e-9 && masked.area == full.area);
    }

    #[test]
    fn nothing_in_common_and_no_texture_give_nothing() {
        let a = patch(0, 0, 10, 10, rough);
        assert!(agreement(&a, &patch(20, 0, 10, 10, rough), [0, 0]).is_none());
        assert!(agreement(&a, &patch(0, 0, 10, 10, |_, _| 0.0), [0, 0]).is_none());
    }
}
