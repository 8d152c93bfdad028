//! The peak of an NCC map: its sub-pixel place, how wide and how certain it is.

use super::ncc_map::NccMap;

/// A peak's width is taken where the map falls below this part of it, as TeraStitcher does.
const WIDTH_AT: f64 = 0.8;
/// Other peaks are looked for at least so far away.
const SAME_PEAK: i64 = 5;
/// One-sigma errors are never trusted to be less than this, voxels: projections of slightly different slabs differ.
const LEAST_SIGMA: f64 = 0.05;
/// Neighbouring pixels of a projection say the same thing.
const PIXELS_PER_SAMPLE: f64 = 9.0;

/// What a projection says of a shift along its two axes.
#[derive(Debug, Clone, Copy)]
pub struct Peak {
    pub shift: [f64; 2],
    pub ncc: f64,
    /// Steps to either side until the map falls to 80 %, the larger; the radius and one where it never does.
    pub width: [i64; 2],
    /// Of the place, squared voxels.
    pub variance: [f64; 2],
    /// This peak over the second, at least 1.
    pub ratio: f64,
    /// Whether the map ends at the peak, so that the true one may lie beyond.
    pub at_edge: bool,
}

/// The highest place of the map; none where nothing could be compared.
pub fn peak_of(map: &NccMap) -> Option<Peak> {
    let (whole, ncc) = highest(map, |_| true)?;
    if ncc <= 0.0 {
        return None;
    }
    let far = |s: [i64; 2]| (s[0] - whole[0]).abs() > SAME_PEAK || (s[1] - whole[1]).abs() > SAME_PEAK;
    let second = highest(map, far).map_or(0.0, |(_, v)| v.max(0.0));
    let at_edge = (0..2).any(|k| (whole[k] - map.centre[k]).abs() == map.radius[k]);
    let (offset, variance) = around(map, whole, ncc);
    Some(Peak {
        shift: [whole[0] as f64 + offset[0], whole[1] as f64 + offset[1]],
        ncc,
        width: [width(map, whole, ncc, 0), width(map, whole, ncc, 1)],
        variance,
        ratio: if second > 1e-6 { (ncc / second).clamp(1.0, 1e3) } else { 1e3 },
        at_edge,
    })
}

fn highest(map: &NccMap, counts: impl Fn([i64; 2]) -> bool) -> Option<([i64; 2], f64)> {
    let width = map.width() as i64;
    let places = map.ncc.iter().enumerate().filter(|(_, v)| v.is_finite()).map(|(i, &v)| {
        let i = i as i64;
        ([i % width - map.radius[0] + map.centre[0], i / width - map.radius[1] + map.centre[1]], v)
    });
    places.filter(|(s, _)| counts(*s)).fold(None, |best, one| match best {
        Some((_, v)) if v >= one.1 => best,
        _ => Some(one),
    })
}

fn width(map: &NccMap, whole: [i64; 2], ncc: f64, axis: usize) -> i64 {
    let reach = |sign: i64| {
        (1..=map.radius[axis]).find(|&step| {
            let mut at = whole;
            at[axis] += sign * step;
            map.at(at).is_none_or(|v| v < WIDTH_AT * ncc)
        })
    };
    let none = map.radius[axis] + 1;
    reach(1).unwrap_or(none).max(reach(-1).unwrap_or(none))
}

/// A parabola through the neighbours along each axis: the offset of its top, and what its curvature says of the error.
fn around(map: &NccMap, whole: [i64; 2], ncc: f64) -> ([f64; 2], [f64; 2]) {
    let (mut offset, mut variance) = ([0.0; 2], [map_variance(map, 0), map_variance(map, 1)]);
    for axis in 0..2 {
        let beside = |sign: i64| {
            let mut at = whole;
            at[axis] += sign;
            map.at(at)
        };
        let (Some(low), Some(high)) = (beside(-1), beside(1)) else { continue };
        let curvature = 2.0 * ncc - low - high;
        if curvature <= 1e-9 {
            continue;
        }
        offset[axis] = (0.5 * (high - low) / curvature).clamp(-0.5, 0.5);
        let samples = (map.area / PIXELS_PER_SAMPLE).max(1.0);
        let spread = 2.0 * (1.0 - ncc).max(1e-4) / (ncc.max(0.02) * samples * curvature);
        variance[axis] = (spread + LEAST_SIGMA * LEAST_SIGMA).min(variance[axis]);
    }
    (offset, variance)
}

/// Of a peak that says nothing: anywhere in the window.
fn map_variance(map: &NccMap, axis: usize) -> f64 {
    (map.radius[axis] as f64).powi(2).max(1.0) / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(f: impl Fn(f64, f64) -> f64) -> NccMap {
        let places = (-8..=8).flat_map(|y| (-10..=10).map(move |x| (f64::from(x), f64::from(y))));
        NccMap { centre: [4, -2], radius: [10, 8], ncc: places.map(|(x, y)| f(x, y)).collect(), area: 5000.0 }
    }

    #[test]
    fn a_smooth_top_is_found_between_the_shifts() {
        let peak = peak_of(&map(|x, y| 0.9 - 0.01 * (x - 2.3).powi(2) - 0.02 * (y + 3.4).powi(2))).unwrap();
        assert!((peak.shift[0] - 6.3).abs() < 1e-9 && (peak.shift[1] + 5.4).abs() < 1e-9, "{:?}", peak.shift);
        assert!(!peak.at_edge && peak.width[0] > peak.width[1]);
        assert!(peak.variance[0] > peak.variance[1], "{:?}", peak.variance);
    }

    #[test]
    fn two_like_peaks_are_ambiguous_and_ridges_uncertain() {
        let bump = |x: f64, y: f64, cx: f64| (-((x - cx).powi(2) + y * y) / 3.0).exp();
        let peak = peak_of(&map(|x, y| 0.8 * bump(x, y, -6.0) + 0.78 * bump(x, y, 7.0))).unwrap();
        assert!(peak.ratio < 1.1 && (peak.shift[0] + 2.0).abs() < 0.1);
        let ridge = peak_of(&map(|x, _| 0.7 - 0.02 * x * x)).unwrap();
        assert!(ridge.variance[1] > 10.0 && ridge.variance[0] < 0.1 && ridge.width[1] == 9);
        assert!(peak_of(&map(|_, _| f64::NAN)).is_none() && peak_of(&map(|x, _| x - 10.0)).is_none());
    }
}
