//! The part of a stored picture that shows something. Pictures that were straightened before they were stored are left
//! with bands of exact 0 along their edges, slanted or curved; drawn, those would be dark seams.

use kernels::image::{GreyImage, Samples};

/// Exact zeros among real pixels must be rarer than this: dark-field pictures have them everywhere and are left alone.
const RARE: f64 = 1e-3;
/// Pixels next to a band are mixed with it by whatever resampled them.
const MIXED_PX: f64 = 1.5;
/// The middle of a picture is judged on every so-many-th pixel along x and y.
const STRIDE: usize = 5;

/// First and one past the last pixel that is not 0, for each row and each column. An empty line has its ends crossed.
pub struct Frame {
    rows: Vec<[u32; 2]>,
    columns: Vec<[u32; 2]>,
}

impl Frame {
    /// None for a picture without empty bands, which is nearly every one, and found out in four lines.
    pub fn of(image: &GreyImage) -> Option<Self> {
        match &image.samples {
            Samples::U8(pixels) => Self::of_pixels(image.width, image.height, |i| pixels[i] == 0),
            Samples::U16(pixels) => Self::of_pixels(image.width, image.height, |i| pixels[i] == 0),
        }
    }

    fn of_pixels(width: usize, height: usize, is_zero: impl Fn(usize) -> bool) -> Option<Self> {
        let row_is_empty = |y: usize| (0..width).all(|x| is_zero(y * width + x));
        let column_is_empty = |x: usize| (0..height).all(|y| is_zero(y * width + x));
        let has_band = row_is_empty(0) || row_is_empty(height - 1) || column_is_empty(0) || column_is_empty(width - 1);
        if !has_band || !zeros_are_rare(width, height, &is_zero) {
            return None;
        }
        let rows = (0..height).map(|y| span(width, |x| is_zero(y * width + x))).collect();
        let columns = (0..width).map(|x| span(height, |y| is_zero(y * width + x))).collect();
        Some(Self { rows, columns })
    }

    /// How far inside the frame a place lies, stored pixels; 0 or less outside. Pixel centres are at .5.
    pub fn inset(&self, x: f64, y: f64) -> f64 {
        let line = |lines: &[[u32; 2]], at: f64| lines[(at.max(0.0) as usize).min(lines.len() - 1)];
        let along = |[first, end]: [u32; 2], at: f64| (at - f64::from(first)).min(f64::from(end) - at);
        along(line(&self.rows, y), x).min(along(line(&self.columns, x), y)) - MIXED_PX
    }
}

fn zeros_are_rare(width: usize, height: usize, is_zero: impl Fn(usize) -> bool) -> bool {
    let (mut zeros, mut seen) = (0usize, 0usize);
    for y in (height / 4..=3 * height / 4).step_by(STRIDE).filter(|&y| y < height) {
        for x in (width / 4..=3 * width / 4).step_by(STRIDE).filter(|&x| x < width) {
            zeros += usize::from(is_zero(y * width + x));
            seen += 1;
        }
    }
    zeros as f64 <= RARE * seen as f64
}

fn span(length: usize, is_zero: impl Fn(usize) -> bool) -> [u32; 2] {
    let first = (0..length).find(|&i| !is_zero(i)).unwrap_or(length);
    let end = (0..length).rev().find(|&i| !is_zero(i)).map_or(0, |last| last + 1);
    [first as u32, end as u32]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, height: usize, level: impl Fn(usize, usize) -> u8) -> GreyImage {
        let samples = Samples::U8((0..width * height).map(|i| level(i % width, i / width)).collect());
        GreyImage { width, height, samples }
    }

    #[test]
    fn finds_a_slanted_band() {
        // The last rows are empty, from row 30 at the left to row 34 at the right.
        let image = picture(40, 40, |x, y| if y >= 30 + x / 10 { 0 } else { 100 });
        let frame = Frame::of(&image).unwrap();
        assert!((frame.inset(5.5, 20.5) - (5.5 - MIXED_PX)).abs() < 1e-9);
        assert!((frame.inset(20.5, 29.5) - (32.0 - 29.5 - MIXED_PX)).abs() < 1e-9);
        assert!(frame.inset(5.5, 31.0) < 0.0 && frame.inset(30.5, 31.0) > 0.0);
        assert!(frame.inset(20.0, 39.5) < 0.0);
    }

    #[test]
    fn leaves_whole_pictures_and_dark_fields_alone() {
        assert!(Frame::of(&picture(40, 40, |_, _| 7)).is_none());
        assert!(Frame::of(&picture(40, 40, |x, y| if x == 20 && y == 20 { 200 } else { 0 })).is_none());
        assert!(Frame::of(&picture(40, 40, |x, y| if y == 0 || (x + y) % 3 == 0 { 0 } else { 9 })).is_none());
        assert!(Frame::of(&picture(1, 1, |_, _| 0)).is_none());
    }
}
