//! Phase correlation: where two patches may fit (Kuglin & Hines 1975), and how independent their pixels are.

use super::fourier::{self, Spectrum};
use super::patch::Patch;
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::fast_size::fast_size;
use kernels::wide::with_wide_vectors;
use rustfft::num_complex::Complex32;

/// Pixels over which a patch fades to zero at its edges.
const TAPER: usize = 12;
/// Frequencies above this, cycles a pixel (as the sigma of a Gaussian), count little: there is mostly noise there.
const CUTOFF: f32 = 0.16;

/// A shift to look at more closely: p of `a` shows what p + `shift` of `b` shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    pub shift: [i64; 2],
    /// Height of the peak.
    pub peak: f32,
}

/// What phase correlation says.
pub struct Proposal {
    /// Local maxima within the search range, highest first.
    pub candidates: Vec<Candidate>,
    /// Pixels that carry one independent piece of information when the patches are compared: the sum over all lags of
    /// the product of their autocorrelations (Bartlett 1935).
    pub pixels_per_sample: f64,
}

/// Proposes up to `most` shifts within `search` (|x|, |y|) of `centre`. O(n log n) in the larger patch.
pub fn propose(
    a: &Patch,
    b: &Patch,
    centre: [f64; 2],
    search: f64,
    most: usize,
    cancel: Cancel<'_>,
) -> Result<Proposal> {
    let width = fast_size(a.width.max(b.width));
    let height = fast_size(a.height.max(b.height));
    let spectrum_a = fourier::forward(&mut tapered(a, width, height), width, height, cancel)?;
    let spectrum_b = fourier::forward(&mut tapered(b, width, height), width, height, cancel)?;
    let pixels_per_sample = pixels_per_sample(&spectrum_a, &spectrum_b);
    let surface = fourier::inverse(whitened(spectrum_a, &spectrum_b, cancel)?, cancel)?;
    let from = [b.x - a.x, b.y - a.y];
    let surface = Surface { level: surface, width, height, from };
    let candidates = surface.maxima(centre, search, most, cancel)?;
    Ok(Proposal { candidates, pixels_per_sample })
}

/// The patch in the corner of a field of zeros, faded at its own edges.
fn tapered(patch: &Patch, width: usize, height: usize) -> Vec<f32> {
    let (fade_x, fade_y) = (fade(patch.width), fade(patch.height));
    let mut field = vec![0.0; width * height];
    for ((row, out), fy) in patch.level.chunks_exact(patch.width).zip(field.chunks_exact_mut(width)).zip(&fade_y) {
        out.iter_mut().zip(row).zip(&fade_x).for_each(|((o, v), fx)| *o = v * fx * fy);
    }
    field
}

/// A Tukey window: flat, with raised-cosine ends.
fn fade(length: usize) -> Vec<f32> {
    let ramp = TAPER.min(length / 6).max(1);
    let at = |i: usize| {
        let from_edge = i.min(length - 1 - i);
        let t = ((from_edge as f32 + 0.5) / ramp as f32).min(1.0);
        0.5 - 0.5 * (std::f32::consts::PI * t).cos()
    };
    (0..length).map(at).collect()
}

/// Squared frequency of each bin of a column, cycles a pixel; twice, for the columns that stand for two.
fn frequencies(spectrum: &Spectrum) -> impl Fn(usize) -> (f32, f32) + use<> {
    let (width, height) = (spectrum.width as f32, spectrum.height);
    let half = spectrum.width / 2;
    move |i| {
        let (column, row) = (i / height, i % height);
        let v = row.min(height - row) as f32 / height as f32;
        let u = column as f32 / width;
        (u * u + v * v, if column == 0 || column == half { 1.0 } else { 2.0 })
    }
}

fn pixels_per_sample(a: &Spectrum, b: &Spectrum) -> f64 {
    let at = frequencies(a);
    let (mut pa, mut pb, mut pab) = (0.0f64, 0.0f64, 0.0f64);
    for (i, (p, q)) in a.bins.iter().zip(&b.bins).enumerate() {
        let weight = f64::from(at(i).1);
        let (p, q) = (f64::from(p.norm_sqr()), f64::from(q.norm_sqr()));
        pa += weight * p;
        pb += weight * q;
        pab += weight * p * q;
    }
    if pa <= 0.0 || pb <= 0.0 {
        return f64::INFINITY;
    }
    ((a.width * a.height) as f64 * pab / (pa * pb)).max(1.0)
}

/// conj(A) B over the 3/4 power of its magnitude (between plain and pure phase correlation), high frequencies damped.
fn whitened(mut a: Spectrum, b: &Spectrum, cancel: Cancel<'_>) -> Result<Spectrum> {
    let at = frequencies(&a);
    let products = a.bins.iter().zip(&b.bins).map(|(p, q)| f64::from(p.norm_sqr() * q.norm_sqr()).sqrt());
    let floor = (products.sum::<f64>() / a.bins.len() as f64 * 1e-3) as f32 + f32::MIN_POSITIVE;
    let height = a.height;
    let damping = -0.5 / (CUTOFF * CUTOFF);
    let along: Vec<f32> = (0..height).map(|i| (damping * at(i).0).exp()).collect();
    for (column, (bins, others)) in a.bins.chunks_exact_mut(height).zip(b.bins.chunks_exact(height)).enumerate() {
        if column % 64 == 0 {
            cancel.poll()?;
        }
        let across = (damping * at(column * height).0).exp();
        even_out(bins, others, &along, across, floor);
    }
    Ok(a)
}

with_wide_vectors! {
    fn even_out(bins: &mut [Complex32], others: &[Complex32], along: &[f32], across: f32, floor: f32) {
        for ((p, q), row) in bins.iter_mut().zip(others).zip(along) {
            let (re, im) = (p.re * q.re + p.im * q.im, p.re * q.im - p.im * q.re);
            let root = ((re * re + im * im).sqrt() + floor).sqrt();
            let weight = across * row / (root * root.sqrt());
            *p = Complex32::new(re * weight, im * weight);
        }
    }
}

/// A correlation surface; index (i, j) stands for all shifts that equal it modulo its size, moved by `from`.
struct Surface {
    level: Vec<f32>,
    width: usize,
    height: usize,
    from: [i64; 2],
}

impl Surface {
    fn at(&self, [x, y]: [i64; 2]) -> f32 {
        let column = (x - self.from[0]).rem_euclid(self.width as i64) as usize;
        let row = (y - self.from[1]).rem_euclid(self.height as i64) as usize;
        self.level[row * self.width + column]
    }

    /// The highest local maxima within reach. Looking shift by shift takes every alias of a peak on its own.
    fn maxima(&self, centre: [f64; 2], search: f64, most: usize, cancel: Cancel<'_>) -> Result<Vec<Candidate>> {
        let range = |c: f64| (c - search).ceil() as i64..=(c + search).floor() as i64;
        let mut found: Vec<Candidate> = Vec::with_capacity(most + 1);
        for y in range(centre[1]) {
            cancel.poll()?;
            for x in range(centre[0]) {
                let peak = self.at([x, y]);
                let lowest = found.last().map_or(f32::NEG_INFINITY, |c| c.peak);
                if (found.len() < most || peak > lowest) && self.is_maximum([x, y], peak) {
                    let place = found.partition_point(|c| c.peak >= peak);
                    found.insert(place, Candidate { shift: [x, y], peak });
                    found.truncate(most);
                }
            }
        }
        Ok(found)
    }

    fn is_maximum(&self, [x, y]: [i64; 2], peak: f32) -> bool {
        let around = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy)));
        around.filter(|&d| d != (0, 0)).all(|(dx, dy)| self.at([x + dx, y + dy]) <= peak)
    }
}
