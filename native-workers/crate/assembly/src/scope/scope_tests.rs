use super::*;
use kernels::cancel::never;
use kernels::image::Samples;

const SIDE: usize = 256;

/// Smooth noise of a fixed seed: hashed lattice values at several scales, the coarser the stronger.
fn tissue(seed: u64, finest: usize) -> Vec<f64> {
    let hash = |x: usize, y: usize, octave: usize| {
        let mut z = seed ^ ((x as u64) << 40) ^ ((y as u64) << 20) ^ octave as u64;
        for _ in 0..3 {
            z = (z ^ (z >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        (z >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    let mut out = vec![0.0; SIDE * SIDE];
    for (octave, cell) in [1usize, 2, 4, 8, 16].into_iter().enumerate().filter(|(_, cell)| *cell >= finest) {
        for (i, v) in out.iter_mut().enumerate() {
            let (x, y) = ((i % SIDE) as f64 / cell as f64, (i / SIDE) as f64 / cell as f64);
            let (ix, iy) = (x as usize, y as usize);
            let (fx, fy) = (x - ix as f64, y - iy as f64);
            let at = |dx: usize, dy: usize| hash(ix + dx, iy + dy, octave);
            let top = at(0, 0) * (1.0 - fx) + at(1, 0) * fx;
            *v += (cell as f64).sqrt() * (top * (1.0 - fy) + (at(0, 1) * (1.0 - fx) + at(1, 1) * fx) * fy);
        }
    }
    out
}

fn picture(levels: impl Iterator<Item = f64>) -> GreyImage {
    let samples = levels.map(|v| v.round().clamp(0.0, 255.0) as u8).collect();
    GreyImage { width: SIDE, height: SIDE, samples: Samples::U8(samples) }
}

fn measured(grey: impl Fn(usize, usize, f64) -> f64, finest: usize) -> Vec<Measured> {
    (0..12)
        .map(|seed| {
            let tissue = tissue(seed, finest);
            let levels = tissue.iter().enumerate().map(|(i, v)| grey(i % SIDE, i / SIDE, 128.0 + 12.0 * v));
            measure(&picture(levels), never()).unwrap()
        })
        .collect()
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)))
}

#[test]
fn brightness_that_drifts_over_the_lines_is_charging_and_that_along_them_is_not() {
    let (_, clean) = range(measured(|_, _, v| v, 1).iter().map(|m| m.charging));
    let (fades, _) =
        range(measured(|_, y, v| v + 60.0 * (-(y as f64) / 40.0).exp() - 20.0, 1).iter().map(|m| m.charging));
    let (_, shaded) = range(measured(|x, _, v| v + 0.2 * x as f64 - 25.0, 1).iter().map(|m| m.charging));
    assert!(clean < 0.5 && fades > clean + 0.5, "clean up to {clean}, charging from {fades}");
    assert!(shaded < clean, "shading along the lines is no charging: {shaded}");
}

#[test]
fn lines_that_jump_in_brightness_are_streaks() {
    let (_, clean) = range(measured(|_, _, v| v, 1).iter().map(|m| m.streaks.abs()));
    let jumps = measured(|_, y, v| v + f64::from(u8::try_from((y * 7919) % 13).unwrap()) - 6.0, 1);
    let (streaked, _) = range(jumps.iter().map(|m| m.streaks));
    assert!(clean < 0.6 && streaked > 1.2, "clean up to {clean}, streaked from {streaked}");
}

#[test]
fn the_slope_rises_when_fine_detail_goes_and_not_with_contrast() {
    let (low, sharp) = range(measured(|_, _, v| v, 1).iter().map(|m| m.slope));
    let (blurred, _) = range(measured(|_, _, v| v, 8).iter().map(|m| m.slope));
    let (faint, _) = range(measured(|_, _, v| 100.0 + 0.6 * (v - 128.0), 1).iter().map(|m| m.slope));
    assert!(blurred > sharp + 0.3, "sharp up to {sharp}, blurred from {blurred}");
    assert!((faint - low).abs() < 0.1, "{faint} with less contrast, {low} with all");
}

#[test]
fn flat_and_tiny_pictures_have_no_measure() {
    let flat = GreyImage { width: 40, height: 30, samples: Samples::U8(vec![9; 1200]) };
    assert_eq!(measure(&flat, never()).unwrap(), Measured { charging: 0.0, streaks: 0.0, slope: 0.0 });
    let tiny = GreyImage { width: 1, height: 1, samples: Samples::U16(vec![9]) };
    assert_eq!(measure(&tiny, never()).unwrap(), Measured { charging: 0.0, streaks: 0.0, slope: 0.0 });
}
