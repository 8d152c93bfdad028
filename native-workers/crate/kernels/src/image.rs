//! Grey images as kernels hold them: rows of pixels, x fastest.

use serde::{Deserialize, Serialize};

/// Sample type of an image, as the contract names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    Uint8,
    Uint16,
}

impl Dtype {
    /// Bytes a sample takes.
    pub fn bytes(self) -> usize {
        match self {
            Self::Uint8 => 1,
            Self::Uint16 => 2,
        }
    }

    /// The largest value of the type.
    pub fn max(self) -> f32 {
        match self {
            Self::Uint8 => 255.0,
            Self::Uint16 => 65_535.0,
        }
    }
}

/// Grey levels of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Samples {
    U8(Vec<u8>),
    U16(Vec<u16>),
}

impl Samples {
    /// `count` zeros of a type.
    pub fn zeros(dtype: Dtype, count: usize) -> Self {
        match dtype {
            Dtype::Uint8 => Self::U8(vec![0; count]),
            Dtype::Uint16 => Self::U16(vec![0; count]),
        }
    }

    /// Type of the samples.
    pub fn dtype(&self) -> Dtype {
        match self {
            Self::U8(_) => Dtype::Uint8,
            Self::U16(_) => Dtype::Uint16,
        }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        match self {
            Self::U8(v) => v.len(),
            Self::U16(v) => v.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Little-endian bytes.
    pub fn into_le_bytes(self) -> Vec<u8> {
        match self {
            Self::U8(v) => v,
            Self::U16(v) => v.iter().flat_map(|s| s.to_le_bytes()).collect(),
        }
    }

    /// Big-endian bytes, as PNG stores them.
    pub fn to_be_bytes(&self) -> std::borrow::Cow<'_, [u8]> {
        match self {
            Self::U8(v) => v.into(),
            Self::U16(v) => v.iter().flat_map(|s| s.to_be_bytes()).collect::<Vec<u8>>().into(),
        }
    }

    /// Sets the samples from `from` on to zero.
    pub fn clear_from(&mut self, from: usize) {
        match self {
            Self::U8(v) => v[from..].fill(0),
            Self::U16(v) => v[from..].fill(0),
        }
    }
}

/// A grey image of `width` x `height` pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GreyImage {
    pub width: usize,
    pub height: usize,
    pub samples: Samples,
}

impl GreyImage {
    /// A black image.
    pub fn zeros(width: usize, height: usize, dtype: Dtype) -> Self {
        Self { width, height, samples: Samples::zeros(dtype, width * height) }
    }

    /// Bytes that the pixels take.
    pub fn byte_len(&self) -> usize {
        self.samples.len() * self.samples.dtype().bytes()
    }

    /// Writes row `y` as floats into `into` (length `width`).
    pub fn row_f32(&self, y: usize, into: &mut [f32]) {
        let at = y * self.width;
        match &self.samples {
            Samples::U8(v) => into.iter_mut().zip(&v[at..at + self.width]).for_each(|(o, &s)| *o = f32::from(s)),
            Samples::U16(v) => into.iter_mut().zip(&v[at..at + self.width]).for_each(|(o, &s)| *o = f32::from(s)),
        }
    }

    /// The image with its sides halved so often: each pixel the mean of those of its block that there are, rounded half
    /// up. A pixel of it stands for 2^halvings of this one along each side, from the first on.
    #[must_use]
    pub fn reduced(&self, halvings: u32) -> Self {
        let side = 1usize << halvings;
        let (width, height) = (self.width.div_ceil(side), self.height.div_ceil(side));
        let samples = match &self.samples {
            Samples::U8(v) => Samples::U8(block_means(v, self.width, side, |mean| mean as u8)),
            Samples::U16(v) => Samples::U16(block_means(v, self.width, side, |mean| mean as u16)),
        };
        Self { width, height, samples }
    }
}

fn block_means<T: Copy + Into<u64>>(pixels: &[T], width: usize, side: usize, keep: impl Fn(u64) -> T) -> Vec<T> {
    let mut means = Vec::with_capacity(pixels.len() / (side * side) + width);
    let mut sums = vec![0u64; width.div_ceil(side)];
    for rows in pixels.chunks(side * width) {
        sums.fill(0);
        for row in rows.chunks_exact(width) {
            for (sum, block) in sums.iter_mut().zip(row.chunks(side)) {
                *sum += block.iter().map(|&v| v.into()).sum::<u64>();
            }
        }
        let high = rows.len() / width;
        means.extend(sums.iter().enumerate().map(|(i, &sum)| {
            let count = (high * side.min(width - i * side)) as u64;
            keep((2 * sum + count) / (2 * count))
        }));
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reduced_image_has_the_means_of_its_blocks() {
        let samples = Samples::U8((0..15).map(|i| i * 10).collect());
        let small = GreyImage { width: 5, height: 3, samples }.reduced(1);
        // Blocks of 2 x 2, 1 x 2, 2 x 1 and 1 x 1; (0 + 10 + 50 + 60) / 4 = 30.
        assert_eq!((small.width, small.height), (3, 2));
        assert_eq!(small.samples, Samples::U8(vec![30, 50, 65, 105, 125, 140]));
        let flat = GreyImage { width: 7, height: 9, samples: Samples::U16(vec![65_535; 63]) };
        assert_eq!(flat.reduced(3).samples, Samples::U16(vec![65_535; 2]));
    }
}
