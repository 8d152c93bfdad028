//! Pictures at a fraction of their size, for a first look.

use super::patch::Rect;
use kernels::image::{GreyImage, Samples};
use kernels::wide::with_wide_vectors;

/// The mean of each `factor` x `factor` pixels of `rect` (inside the image), rows of `rect.width() / factor`; what is
/// left over at the right and below is left out. `factor` is 2, 4 or 8: means are exact, so that black stays 0 and white
/// the top of its type.
pub fn reduced(image: &GreyImage, rect: Rect, factor: usize) -> Vec<f32> {
    let (width, height) = (rect.width() / factor, rect.height() / factor);
    let mut sums = vec![0.0f32; width * factor];
    let mut out = vec![0.0f32; width * height];
    for (y, row) in out.chunks_exact_mut(width.max(1)).enumerate() {
        sums.fill(0.0);
        for j in 0..factor {
            let at = (rect.y0 as usize + y * factor + j) * image.width + rect.x0 as usize;
            match &image.samples {
                Samples::U8(v) => add_u8(&mut sums, &v[at..at + width * factor]),
                Samples::U16(v) => add_u16(&mut sums, &v[at..at + width * factor]),
            }
        }
        match factor {
            2 => means::<2>(&sums, row),
            4 => means::<4>(&sums, row),
            _ => means::<8>(&sums, row),
        }
    }
    out
}

fn means<const N: usize>(sums: &[f32], row: &mut [f32]) {
    for (mean, cell) in row.iter_mut().zip(sums.as_chunks::<N>().0) {
        *mean = cell.iter().sum::<f32>() * (1.0 / (N * N) as f32);
    }
}

with_wide_vectors! {
    fn add_u8(sums: &mut [f32], row: &[u8]) {
        sums.iter_mut().zip(row).for_each(|(s, &v)| *s += f32::from(v));
    }
}

with_wide_vectors! {
    fn add_u16(sums: &mut [f32], row: &[u16]) {
        sums.iter_mut().zip(row).for_each(|(s, &v)| *s += f32::from(v));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_exact_and_what_is_left_over_is_left_out() {
        let samples = (0..13 * 9).map(|i| (i * 7919 % 65_536) as u16).collect();
        let image = GreyImage { width: 13, height: 9, samples: Samples::U16(samples) };
        let Samples::U16(v) = &image.samples else { panic!() };
        let rect = Rect { x0: 1, y0: 2, x1: 12, y1: 9 };
        let got = reduced(&image, rect, 4);
        assert_eq!(got.len(), 2);
        for (i, mean) in got.iter().enumerate() {
            let cell = (0..16).map(|k| f64::from(v[(2 + k / 4) * 13 + 1 + 4 * i + k % 4]));
            assert_eq!(f64::from(*mean), cell.sum::<f64>() / 16.0);
        }
    }

    #[test]
    fn white_stays_white() {
        let image = GreyImage { width: 16, height: 8, samples: Samples::U16(vec![65_535; 128]) };
        let rect = Rect { x0: 0, y0: 0, x1: 16, y1: 8 };
        assert_eq!(reduced(&image, rect, 8), [65_535.0; 2]);
    }
}
