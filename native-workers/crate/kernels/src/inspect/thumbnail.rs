//! Thumbnails: area means, so that nothing shimmers.

use super::levels::Levels;
use crate::cancel::Cancel;
use crate::error::Result;
use crate::image::{GreyImage, Samples};

/// Fractions of the pixels that a 16-bit thumbnail shows as black and as white.
const STRETCH: [f64; 2] = [0.005, 0.995];

/// An 8-bit picture that fits in `most` x `most` pixels, its aspect kept, never larger than the image.
pub fn make(image: &GreyImage, most: usize, levels: &Levels, cancel: Cancel<'_>) -> Result<([usize; 2], Vec<u8>)> {
    let longest = image.width.max(image.height);
    let fit = |side: usize| if longest <= most { side } else { ((side * most * 2 + longest) / (2 * longest)).max(1) };
    let (wide, high) = (fit(image.width), fit(image.height));
    let (low, high_level) = match image.samples {
        Samples::U8(_) => (0.0, 255.0),
        Samples::U16(_) => (f64::from(levels.quantile(STRETCH[0])), f64::from(levels.quantile(STRETCH[1]))),
    };
    let scale = 255.0 / (high_level - low).max(1.0);
    let mut row = vec![0f32; image.width];
    let mut out = Vec::with_capacity(wide * high);
    for ty in 0..high {
        cancel.poll()?;
        let (top, bottom) =
            (ty * image.height / high, ((ty + 1) * image.height / high).max(ty * image.height / high + 1));
        let mut sums = vec![0f64; wide];
        for y in top..bottom {
            image.row_f32(y, &mut row);
            for (tx, sum) in sums.iter_mut().enumerate() {
                *sum += row[columns(tx, wide, image.width)].iter().map(|&v| f64::from(v)).sum::<f64>();
            }
        }
        out.extend(sums.iter().enumerate().map(|(tx, sum)| {
            let count = columns(tx, wide, image.width).len() * (bottom - top);
            ((sum / count as f64 - low) * scale + 0.5).clamp(0.0, 255.0) as u8
        }));
    }
    Ok(([wide, high], out))
}

fn columns(tx: usize, wide: usize, image_width: usize) -> std::ops::Range<usize> {
    let start = tx * image_width / wide;
    start..((tx + 1) * image_width / wide).max(start + 1)
}
