//! Exact statistics of grey levels, from a count of every level.

use crate::cancel::Cancel;
use crate::error::Result;
use crate::image::{GreyImage, Samples};

/// Bins of the histogram that is kept.
const BINS: u32 = 256;
/// Largest levels of the bit depths that cameras store in 16 bits.
const CAMERA_TOPS: [u32; 3] = [(1 << 10) - 1, (1 << 12) - 1, (1 << 14) - 1];

/// How often each grey level occurs.
pub struct Levels {
    counts: Vec<u64>,
    pixels: u64,
}

impl Levels {
    /// Counts the levels of an image.
    pub fn count(image: &GreyImage, cancel: Cancel<'_>) -> Result<Self> {
        let mut counts = vec![0u64; if matches!(image.samples, Samples::U8(_)) { 256 } else { 65_536 }];
        for y in 0..image.height {
            cancel.poll()?;
            let row = y * image.width..(y + 1) * image.width;
            match &image.samples {
                Samples::U8(v) => v[row].iter().for_each(|&s| counts[usize::from(s)] += 1),
                Samples::U16(v) => v[row].iter().for_each(|&s| counts[usize::from(s)] += 1),
            }
        }
        Ok(Self { counts, pixels: (image.width * image.height) as u64 })
    }

    fn present(&self) -> impl DoubleEndedIterator<Item = (u32, u64)> {
        self.counts.iter().enumerate().filter(|(_, n)| **n > 0).map(|(level, &n)| (level as u32, n))
    }

    /// Mean grey level.
    pub fn mean(&self) -> f64 {
        let sum: u64 = self.present().map(|(level, n)| u64::from(level) * n).sum();
        sum as f64 / self.pixels as f64
    }

    /// Standard deviation of the population.
    pub fn sd(&self) -> f64 {
        let mean = self.mean();
        let sum: f64 = self.present().map(|(level, n)| (f64::from(level) - mean).powi(2) * n as f64).sum();
        (sum / self.pixels as f64).sqrt()
    }

    /// Darkest level.
    pub fn min(&self) -> u32 {
        self.present().next().map_or(0, |(level, _)| level)
    }

    /// Brightest level.
    pub fn max(&self) -> u32 {
        self.present().next_back().map_or(0, |(level, _)| level)
    }

    /// The least level that at least the fraction `p` of the pixels does not exceed.
    pub fn quantile(&self, p: f64) -> u32 {
        let wanted = (p * self.pixels as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        self.present()
            .find(|&(_, n)| {
                seen += n;
                seen >= wanted
            })
            .map_or(0, |(level, _)| level)
    }

    /// Fraction of pixels at one level.
    pub fn fraction_at(&self, level: u32) -> f64 {
        self.counts.get(level as usize).map_or(0.0, |&n| n as f64 / self.pixels as f64)
    }

    /// Fraction of pixels at the top of the range: of the type, or of 10, 12 or 14 bits where exactly that is reached.
    pub fn saturated(&self) -> f64 {
        let (top, max) = (self.counts.len() as u32 - 1, self.max());
        if max > 0 && self.counts.len() > 256 && CAMERA_TOPS.contains(&max) {
            self.fraction_at(max)
        } else {
            self.fraction_at(top)
        }
    }

    /// 256 bins and the levels (first, last) they span: all levels for 8 bits, those present for 16.
    pub fn histogram(&self) -> (Vec<u64>, [u32; 2]) {
        let (first, last) = if self.counts.len() == 256 {
            (0, 255)
        } else {
            let first = self.min().min(65_535 - (BINS - 1));
            (first, self.max().max(first + BINS - 1))
        };
        let span = u64::from(last - first) + 1;
        let mut bins = vec![0u64; BINS as usize];
        for (level, n) in self.present() {
            let bin = u64::from(level - first) * u64::from(BINS) / span;
            bins[bin as usize] += n;
        }
        (bins, [first, last])
    }
}
