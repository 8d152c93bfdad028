//! From planes to pixels as the IJG's library and libjpeg-turbo do it by default (jdsample.c, jdcolor.c): halved colour
//! is stretched by a triangle filter ("fancy upsampling"), other factors by repetition, and YCbCr becomes RGB by JFIF's
//! equations in 16 bits behind the point. The rounding is part of what readers of a chunk agree on.

use super::frame::{Component, Frame};
use crate::wide::with_wide_vectors;

/// Pixels with their channels side by side. `is_ycbcr`: three components are luma and two colour differences.
pub fn pixels(frame: &Frame, is_ycbcr: bool) -> Vec<u8> {
    let mut out = vec![0; frame.width * frame.height * frame.components.len()];
    if let [only] = &frame.components[..] {
        // The one component is the largest, whatever its factors.
        out.chunks_exact_mut(frame.width).enumerate().for_each(|(y, to)| to.copy_from_slice(only.row(y)));
        return out;
    }
    // A stretched row is longer than the picture by what the last sample is repeated.
    let mut rows = vec![vec![0; frame.width + 4]; frame.components.len()];
    for (y, to) in out.chunks_exact_mut(frame.width * frame.components.len()).enumerate() {
        for (component, row) in frame.components.iter().zip(&mut rows) {
            stretch(frame, component, y, row);
        }
        if let ([luma, blue, red], true) = (&mut rows[..], is_ycbcr) {
            to_rgb(luma, blue, red);
        }
        match &rows[..] {
            [red, green, blue] => put_beside(to, red, green, blue),
            _ => rows.iter().enumerate().for_each(|(c, row)| {
                to.iter_mut().skip(c).step_by(rows.len()).zip(row).for_each(|(to, &from)| *to = from);
            }),
        }
    }
    out
}

fn put_beside(to: &mut [u8], red: &[u8], green: &[u8], blue: &[u8]) {
    for (((pixel, &red), &green), &blue) in to.chunks_exact_mut(3).zip(red).zip(green).zip(blue) {
        pixel.copy_from_slice(&[red, green, blue]);
    }
}

/// Row `y` of the picture from rows of the component.
fn stretch(frame: &Frame, component: &Component, y: usize, to: &mut [u8]) {
    let (across, down) = (frame.most_across / component.across, frame.most_down / component.down);
    let own = y / down;
    let near = component.row(own);
    // The row that the upper half leans on is above, that of the lower half below.
    let far = component.row(if y.is_multiple_of(2) { own.saturating_sub(1) } else { own + 1 });
    match (across, down) {
        (1, 1) => to[..near.len()].copy_from_slice(near),
        (2, 1) if near.len() > 2 => stretch_across(near, to),
        (2, 2) if near.len() > 2 => stretch_both(near, far, to),
        (1, 2) => {
            let bias = if y.is_multiple_of(2) { 1 } else { 2 };
            let sums = near.iter().zip(far).map(|(&near, &far)| u16::from(near) * 3 + u16::from(far));
            to.iter_mut().zip(sums).for_each(|(to, sum)| *to = ((sum + bias) >> 2) as u8);
        }
        _ => to.chunks_mut(across).zip(near).for_each(|(to, &from)| to.fill(from)),
    }
}

/// Three quarters of the near sample and one of the next, rounded down and up by turns.
fn stretch_across(from: &[u8], to: &mut [u8]) {
    let last = from.len() - 1;
    let at = |i: usize| u16::from(from[i]);
    for (i, pair) in to.chunks_exact_mut(2).take(from.len()).enumerate() {
        pair[0] = if i == 0 { from[0] } else { ((at(i) * 3 + at(i - 1) + 1) >> 2) as u8 };
        pair[1] = if i == last { from[last] } else { ((at(i) * 3 + at(i + 1) + 2) >> 2) as u8 };
    }
}

/// Nine sixteenths of the nearest sample, three of its neighbours in both directions, one across.
fn stretch_both(near: &[u8], far: &[u8], to: &mut [u8]) {
    let last = near.len() - 1;
    let sum = |i: usize| u16::from(near[i]) * 3 + u16::from(far[i]);
    let (mut before, mut this) = (sum(0), sum(0));
    for (i, pair) in to.chunks_exact_mut(2).take(near.len()).enumerate() {
        let after = sum((i + 1).min(last));
        pair[0] = ((this * 3 + before + 8) >> 4) as u8;
        pair[1] = ((this * 3 + after + 7) >> 4) as u8;
        (before, this) = (this, after);
    }
}

with_wide_vectors! {
    /// JFIF 1.02, in place. A factor is rounded to 16 bits behind the point, and green after its two parts are added.
    fn to_rgb(luma: &mut [u8], blue: &mut [u8], red: &mut [u8]) {
        const HALF: i32 = 1 << 15;
        for ((first, second), third) in luma.iter_mut().zip(blue).zip(red) {
            let (y, cb, cr) = (i32::from(*first), i32::from(*second) - 128, i32::from(*third) - 128);
            *first = (y + ((91_881 * cr + HALF) >> 16)).clamp(0, 255) as u8;
            *second = (y + ((-22_554 * cb - 46_802 * cr + HALF) >> 16)).clamp(0, 255) as u8;
            *third = (y + ((116_130 * cb + HALF) >> 16)).clamp(0, 255) as u8;
        }
    }
}
