//! Sub-pixel places by Gauss-Newton on the squared difference (Lucas & Kanade 1981), with gain and offset free to
//! change linearly across the overlap, and the mean of both gradients (Benhimane & Malis 2004), so that noise in either
//! picture does not bias the place.

use super::interpolate::{Usable, cubic, interpolate_row, mix};
use super::normal::{Normal, Rows};
use super::patch::{Patch, Rect};
use kernels::geometry::Point;

/// Most steps; three or four do from a whole-pixel start.
const MOST_STEPS: usize = 14;
/// Steps smaller than this end it, pixels: what is left after one is smaller by as much again.
const SMALL_STEP: f64 = 2e-3;
/// Larger pictures are looked at in part, one in so many bands, until the steps are this small, pixels.
const SPARSE_FROM: usize = 1 << 14;
const SPARSE: i64 = 4;
const FIRM_STEP: f64 = 0.05;
/// A place farther than this from the whole-pixel peak is not the peak's.
const MOST_MOVE: f64 = 1.5;
/// Pixels that are looked at at most; more would not make it better.
const MOST_PIXELS: usize = 1 << 19;
/// Rows that are taken together where not all are.
const BAND: i64 = 8;
/// Pixels left out along edges, where the blur had only one side to take from. At least 1: slopes look that far.
pub const EDGE: i64 = 2;
/// The blur makes the noise of neighbours agree, so the variance of white noise is about this many times too small.
const NOISE_CORRELATION: f64 = 16.0;
/// What interpolation misses by even without noise, pixels.
const LEAST_SIGMA: f64 = 0.005;

/// A sub-pixel place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Refined {
    /// p of `a` shows what p + `shift` of `b` shows.
    pub shift: [f64; 2],
    /// One-sigma error, pixels, along the worse axis.
    pub sigma: f64,
}

/// Gain and offset over the overlap: constant, along x, along y; x and y run from -1 to 1.
#[derive(Debug, Clone, Copy)]
struct Shading {
    gain: [f64; 3],
    offset: [f64; 3],
}

/// Refines a whole-pixel shift. None where it runs away or the overlap does not pin it down.
pub fn refine(a: &Patch, b: &Patch, whole: [i64; 2]) -> Option<Refined> {
    refine_from(a, b, whole.map(|s| s as f64), MOST_MOVE)
}

/// Refines a shift that may be up to `most_move` pixels off.
pub fn refine_from(a: &Patch, b: &Patch, start: Point, most_move: f64) -> Option<Refined> {
    let (usable_a, usable) = (Usable::of(a, [EDGE as usize; 2]), Usable::of(b, [EDGE as usize, EDGE as usize + 1]));
    let mut shift = start;
    let mut shading = Shading { gain: [1.0, 0.0, 0.0], offset: [0.0; 3] };
    let mut last = None;
    // The first steps need not be exact.
    let mut sparse = if a.rect().area().min(b.rect().area()) > SPARSE_FROM { SPARSE } else { 1 };
    for _ in 0..MOST_STEPS {
        let normal = accumulate(a, b, [&usable_a, &usable], shift, &shading, sparse);
        let (step, spread) = normal.solve()?;
        shift = [shift[0] + step[0], shift[1] + step[1]];
        (0..3).for_each(|i| {
            shading.gain[i] += step[2 + i];
            shading.offset[i] += step[5 + i];
        });
        let moved = (0..2).map(|i| (shift[i] - start[i]).abs()).fold(0.0, f64::max);
        if moved > most_move || !moved.is_finite() || shading.gain[0] <= 0.0 {
            return None;
        }
        let variance = normal.residual() / normal.count().max(1.0);
        let sigma = (NOISE_CORRELATION * spread[0].max(spread[1]) * variance).sqrt().max(LEAST_SIGMA);
        last = Some(Refined { shift, sigma });
        let length = step[0].abs().max(step[1].abs());
        if sparse == 1 && length < SMALL_STEP {
            break;
        }
        if length < FIRM_STEP {
            sparse = 1;
        }
    }
    last
}

/// Sums over the overlap, or over one of `sparse` bands of its rows.
fn accumulate(a: &Patch, b: &Patch, usable: [&Usable; 2], shift: Point, shading: &Shading, sparse: i64) -> Normal {
    let base = shift.map(|s| s.floor() as i64);
    let (wx, sx) = cubic((shift[0] - base[0] as f64) as f32);
    let (wy, sy) = cubic((shift[1] - base[1] as f64) as f32);
    let inner = b.rect();
    let inner = Rect { x0: inner.x0 + EDGE, y0: inner.y0 + EDGE, x1: inner.x1 - EDGE - 1, y1: inner.y1 - EDGE - 1 };
    let over = a.rect().grown(-EDGE).and(inner.moved([-base[0], -base[1]]));
    let mut normal = Normal::default();
    let every = ((over.area() / MOST_PIXELS) as i64 + 1) * sparse;
    let n = over.width();
    let (mut level, mut slope) = (vec![0.0f32; n + 3], vec![0.0f32; n + 3]);
    let (mut shown, mut dx, mut dy) = (vec![0.0f32; n], vec![0.0f32; n], vec![0.0f32; n]);
    let mut rows = Rows::new(n);
    let step = (rows.most() as i64).min(BAND);
    for band in (over.y0..over.y1).step_by(step as usize).filter(|y| ((y - over.y0) / BAND).rem_euclid(every) == 0) {
        let below = (band + step).min(over.y1);
        let v = (band + below - 2 * over.y0) as f64 / over.height() as f64 - 1.0;
        rows.clear();
        for y in band..below {
            let of_b = |j: i64| &b.soft[b.span(y + base[1] + j, over.x0 + base[0] - 1, over.x1 + base[0] + 2)];
            mix(&mut level, &mut slope, [of_b(-1), of_b(0), of_b(1), of_b(2)], wy, sy);
            interpolate_row(&mut shown, &level, wx);
            interpolate_row(&mut dx, &level, sx);
            interpolate_row(&mut dy, &slope, wx);
            let here = a.span(y, over.x0, over.x1);
            let valid = usable[1].row(b, b.span(y + base[1], over.x0 + base[0], over.x1 + base[0]));
            let mask = usable[0].row(a, here.clone());
            rows.push(&Neighbours::of(a, here), mask, valid, [&shown, &dx, &dy], &shading.at(v));
        }
        normal.add(&rows, v);
    }
    normal
}

/// Rows of a picture: here, to the left, right, above and below.
pub struct Neighbours<'a> {
    pub here: &'a [f32],
    pub left: &'a [f32],
    pub right: &'a [f32],
    pub above: &'a [f32],
    pub below: &'a [f32],
}

impl<'a> Neighbours<'a> {
    fn of(patch: &'a Patch, span: std::ops::Range<usize>) -> Self {
        let (start, end, w) = (span.start, span.end, patch.width);
        let soft = &patch.soft;
        Self {
            here: &soft[span],
            left: &soft[start - 1..end - 1],
            right: &soft[start + 1..end + 1],
            above: &soft[start - w..end - w],
            below: &soft[start + w..end + w],
        }
    }
}

impl Shading {
    /// Gain and offset of a row: constant and along x.
    fn at(&self, v: f64) -> [f32; 4] {
        let at = |m: [f64; 3]| [(m[0] + m[2] * v) as f32, m[1] as f32];
        let ([g0, g1], [o0, o1]) = (at(self.gain), at(self.offset));
        [g0, g1, o0, o1]
    }
}
