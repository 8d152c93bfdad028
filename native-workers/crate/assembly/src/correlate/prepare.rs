//! From grey levels to what is compared. For the correlation: a light blur against pixel noise (binomial, sigma 1 px),
//! less the local mean (against shading, gain and offset). For sub-pixel places: twice the blur, which was best over
//! textures and noise alike, and the mean left in. Both leave out pixels that are not picture: black or white frames.

use super::patch::{Patch, Rect};
use super::reduce::reduced;
use super::shading::unshade;
use super::smooth::Filter;
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::image::{GreyImage, Samples};
use kernels::wide::with_wide_vectors;

/// Half the side of the box of the local mean; the box is applied twice.
const MEAN_RADIUS: usize = 16;
/// Pixels next to a black or white frame that are left out too: the frame's edge bleeds into them.
const FRAME_MARGIN: usize = 3;
/// Least share of a blur's weight that must be picture.
const LEAST_WEIGHT: f32 = 0.2;

/// Cuts `rect` (pixel indices, inside the image) out of an image and prepares it. Time and memory: linear in pixels.
pub fn prepare(image: &GreyImage, rect: Rect, cancel: Cancel<'_>) -> Result<Patch> {
    let patch = patch_of(rect.x0, rect.y0, rect.width(), cut(image, rect));
    prepared(patch, Edges::of(image, rect), cancel)
}

/// The same of means of `factor` x `factor` pixels; indices count from the first of them.
pub fn prepare_reduced(image: &GreyImage, rect: Rect, factor: usize, cancel: Cancel<'_>) -> Result<Patch> {
    let patch = patch_of(0, 0, rect.width() / factor, reduced(image, rect, factor));
    prepared(patch, Edges::of(image, rect), cancel)
}

fn prepared(mut patch: Patch, edges: Edges, cancel: Cancel<'_>) -> Result<Patch> {
    patch.masked = mask_frame(&mut patch, edges);
    cancel.poll()?;
    centre(&mut patch);
    // Large patches spend much of their time in fresh memory, so these few buffers serve all steps.
    let blank = || vec![0.0; patch.level.len()];
    let (mut light, mut soft, mut scratch) = (blank(), blank(), blank());
    let Patch { width, height, masked, .. } = patch;
    let frame = Frame { mask: &patch.mask, masked, width, height };
    frame.filter(Filter::Binomial, &patch.level, &mut light, &mut scratch);
    cancel.poll()?;
    frame.filter(Filter::Binomial, &light, &mut soft, &mut scratch);
    cancel.poll()?;
    unshade(&mut light, &patch.mask, width, height);
    frame.filter(Filter::Box(MEAN_RADIUS), &light, &mut patch.level, &mut scratch);
    for ((mean, light), mask) in patch.level.iter_mut().zip(&light).zip(&patch.mask) {
        *mean = (light - *mean) * mask;
    }
    cancel.poll()?;
    Ok(Patch { soft, ..patch })
}

fn cut(image: &GreyImage, rect: Rect) -> Vec<f32> {
    let rows = || (rect.y0..rect.y1).map(|y| y as usize * image.width + rect.x0 as usize);
    let mut level = Vec::with_capacity(rect.area());
    match &image.samples {
        Samples::U8(v) => rows().for_each(|at| level.extend(v[at..at + rect.width()].iter().map(|&s| f32::from(s)))),
        Samples::U16(v) => rows().for_each(|at| level.extend(v[at..at + rect.width()].iter().map(|&s| f32::from(s)))),
    }
    level
}

fn patch_of(x: i64, y: i64, width: usize, level: Vec<f32>) -> Patch {
    let mask = vec![1.0; level.len()];
    let height = level.len() / width.max(1);
    Patch { x, y, width, height, level, soft: Vec::new(), mask, masked: false }
}

/// Which sides of a patch are those of its tile, and what white is there.
#[derive(Clone, Copy)]
struct Edges {
    left: bool,
    right: bool,
    top: bool,
    bottom: bool,
    white: f32,
}

impl Edges {
    fn of(image: &GreyImage, rect: Rect) -> Self {
        Self {
            left: rect.x0 == 0,
            right: rect.x1 == image.width as i64,
            top: rect.y0 == 0,
            bottom: rect.y1 == image.height as i64,
            white: image.samples.dtype().max(),
        }
    }
}

/// Subtracts the mean, so that sums of squares keep their digits; masked pixels become 0.
fn centre(patch: &mut Patch) {
    let (mut sum, mut count) = (0.0f64, 0.0f64);
    for (level, mask) in patch.level.chunks(SUMMED).zip(patch.mask.chunks(SUMMED)) {
        let (s, n) = masked_sum(level, mask);
        (sum, count) = (sum + s, count + n);
    }
    let mean = (sum / count.max(1.0)) as f32;
    patch.level.iter_mut().zip(&patch.mask).for_each(|(v, m)| *v = (*v - mean) * m);
}

/// Pixels that are summed in single precision before the sum is kept in double.
const SUMMED: usize = 256;
const LANES: usize = 8;

with_wide_vectors! {
    fn masked_sum(level: &[f32], mask: &[f32]) -> (f64, f64) {
        let (mut sums, mut counts) = ([0.0f32; LANES], [0.0f32; LANES]);
        let (levels, masks) = (level.chunks_exact(LANES), mask.chunks_exact(LANES));
        for (l, (v, m)) in levels.remainder().iter().zip(masks.remainder()).enumerate() {
            (sums[l], counts[l]) = (v * m, *m);
        }
        for (v, m) in levels.zip(masks) {
            for l in 0..LANES {
                sums[l] += v[l] * m[l];
                counts[l] += m[l];
            }
        }
        let total = |lanes: [f32; LANES]| lanes.into_iter().map(f64::from).sum::<f64>();
        (total(sums), total(counts))
    }
}

/// Masks runs of pure black or white that reach in from the tile's own edges, and a margin around them. Gives whether
/// there were any.
fn mask_frame(patch: &mut Patch, edges: Edges) -> bool {
    let (w, h) = (patch.width, patch.height);
    let dead = |v: f32| v == 0.0 || v == edges.white;
    let mut framed = false;
    let mut run = |starts: usize, start: &dyn Fn(usize) -> usize, step: isize, length: usize| {
        for i in 0..starts {
            let mut at = start(i) as isize;
            for _ in 0..length {
                if !dead(patch.level[at as usize]) {
                    break;
                }
                patch.mask[at as usize] = 0.0;
                framed = true;
                at += step;
            }
        }
    };
    if edges.left {
        run(h, &|y| y * w, 1, w);
    }
    if edges.right {
        run(h, &|y| y * w + w - 1, -1, w);
    }
    if edges.top {
        run(w, &|x| x, w as isize, h);
    }
    if edges.bottom {
        run(w, &|x| (h - 1) * w + x, -(w as isize), h);
    }
    if framed {
        erode(&mut patch.mask, w, h);
    }
    framed
}

/// Masks what lies within the margin of a masked pixel.
fn erode(mask: &mut [f32], width: usize, height: usize) {
    let wide = |at: usize, n: usize| at.saturating_sub(FRAME_MARGIN)..(at + FRAME_MARGIN + 1).min(n);
    for row in mask.chunks_exact_mut(width) {
        let old = row.to_vec();
        for (x, m) in row.iter_mut().enumerate() {
            *m = old[wide(x, width)].iter().copied().fold(1.0, f32::min);
        }
    }
    let old = mask.to_vec();
    for y in 0..height {
        for x in 0..width {
            mask[y * width + x] = wide(y, height).map(|j| old[j * width + x]).fold(1.0, f32::min);
        }
    }
}

/// What of a patch is picture.
struct Frame<'a> {
    mask: &'a [f32],
    masked: bool,
    width: usize,
    height: usize,
}

impl Frame<'_> {
    /// Filters, leaving out what is masked or outside (normalised convolution). Masked pixels stay 0.
    fn filter(&self, filter: Filter, from: &[f32], to: &mut [f32], scratch: &mut [f32]) {
        filter.apply(from, to, scratch, self.width);
        if self.masked {
            let mut weight = vec![0.0; from.len()];
            filter.apply(self.mask, &mut weight, scratch, self.width);
            for ((v, w), m) in to.iter_mut().zip(&weight).zip(self.mask) {
                *v = if *m > 0.0 { *v / w.max(LEAST_WEIGHT) } else { 0.0 };
            }
            return;
        }
        let inverse = |length: usize| filter.inside(length).iter().map(|w| 1.0 / w).collect::<Vec<f32>>();
        let (across, down) = (inverse(self.width), inverse(self.height));
        for (row, wy) in to.chunks_exact_mut(self.width).zip(&down) {
            row.iter_mut().zip(&across).for_each(|(v, wx)| *v *= wx * wy);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::cancel::never;

    fn image(f: impl Fn(usize, usize) -> u16) -> GreyImage {
        let samples = (0..120 * 90).map(|i| f(i % 120, i / 120)).collect();
        GreyImage { width: 120, height: 90, samples: Samples::U16(samples) }
    }

    const WHOLE: Rect = Rect { x0: 0, y0: 0, x1: 120, y1: 90 };

    fn texture(x: usize, y: usize) -> u16 {
        1000 + (x as u32 / 3 * 7919 + y as u32 / 3 * 104_729) as u16 % 800
    }

    #[test]
    fn a_plane_leaves_next_to_nothing_and_an_offset_nothing_at_all() {
        let flat = prepare(&image(|_, _| 7000), WHOLE, never()).unwrap();
        assert!(flat.level.iter().all(|v| v.abs() < 1e-2));
        let (a, b) = (image(texture), image(|x, y| texture(x, y) + 30_000));
        let (a, b) = (prepare(&a, WHOLE, never()).unwrap(), prepare(&b, WHOLE, never()).unwrap());
        assert!(a.level.iter().zip(&b.level).all(|(p, q)| (p - q).abs() < 1e-2));
    }

    #[test]
    fn frames_are_masked_and_do_not_bleed() {
        let framed = image(|x, y| if x < 10 || y >= 80 { 0 } else { texture(x, y) });
        let patch = prepare(&framed, WHOLE, never()).unwrap();
        for y in 0..90 {
            for x in 0..120 {
                let i = y * 120 + x;
                let counts = x >= 10 + FRAME_MARGIN && y < 80 - FRAME_MARGIN;
                assert_eq!(patch.mask[i] > 0.0, counts, "{x} {y}");
                assert!(patch.level[i].abs() < if counts { 800.0 } else { 1e-9 });
            }
        }
    }

    #[test]
    fn dark_spots_inside_are_picture() {
        let spotted = image(|x, y| if x == 60 && y == 40 { 0 } else { texture(x, y) });
        let patch = prepare(&spotted, WHOLE, never()).unwrap();
        assert!(patch.mask.iter().all(|&m| m == 1.0));
    }
}
