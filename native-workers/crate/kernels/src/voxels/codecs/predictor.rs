//! The predictors of TIFF: horizontal differences (TIFF 6.0, section 14), and those of floats (Adobe Photoshop TIFF
//! Technical Note 3), whose bytes lie plane by plane in each row, the highest first.

use super::Chunk;
use crate::error::Result;
use crate::voxels::damaged;
use crate::voxels::elements::{Endian, swap};
use serde::Deserialize;

/// 2 and 3 of TIFF's tag 317.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Horizontal,
    Float,
}

/// Rows of `width` pixels of `samples` elements.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Predictor {
    kind: Kind,
    width: usize,
    samples: usize,
}

impl Predictor {
    /// Values from differences.
    pub fn decode(&self, mut data: Vec<u8>, chunk: &Chunk) -> Result<Vec<u8>> {
        let row = self.row_bytes(&data, chunk)?;
        match self.kind {
            Kind::Horizontal => turned(&mut data, chunk, |data| {
                data.chunks_exact_mut(row).for_each(|row| sum(row, self.samples, chunk.element));
            }),
            Kind::Float => {
                let mut planes = vec![0; row];
                for row in data.chunks_exact_mut(row) {
                    sum(row, self.samples, 1);
                    planes.copy_from_slice(row);
                    gather(&planes, row, chunk);
                }
            }
        }
        Ok(data)
    }

    /// Differences from values.
    pub fn encode(&self, mut data: Vec<u8>, chunk: &Chunk) -> Result<Vec<u8>> {
        let row = self.row_bytes(&data, chunk)?;
        match self.kind {
            Kind::Horizontal => turned(&mut data, chunk, |data| {
                data.chunks_exact_mut(row).for_each(|row| differ(row, self.samples, chunk.element));
            }),
            Kind::Float => {
                let mut values = vec![0; row];
                for row in data.chunks_exact_mut(row) {
                    values.copy_from_slice(row);
                    scatter(&values, row, chunk);
                    differ(row, self.samples, 1);
                }
            }
        }
        Ok(data)
    }

    fn row_bytes(&self, data: &[u8], chunk: &Chunk) -> Result<usize> {
        let row = self.width.checked_mul(self.samples).and_then(|n| n.checked_mul(chunk.element));
        let whole = row.filter(|&row| row > 0 && data.len().is_multiple_of(row));
        let Self { width, samples, .. } = self;
        whole.ok_or_else(|| {
            damaged(format!("of {} bytes has no whole rows of {width} x {samples} elements", data.len()))
        })
    }
}

/// Works on little-endian elements.
fn turned(data: &mut [u8], chunk: &Chunk, work: impl FnOnce(&mut [u8])) {
    let big = chunk.endian == Endian::Big;
    if big {
        swap(data, chunk.element);
    }
    work(data);
    if big {
        swap(data, chunk.element);
    }
}

macro_rules! by_element {
    ($element:expr, $row:expr, $each:ident, $samples:expr) => {
        match $element {
            1 => $each!(u8, 1, $row, $samples),
            2 => $each!(u16, 2, $row, $samples),
            4 => $each!(u32, 4, $row, $samples),
            _ => $each!(u64, 8, $row, $samples),
        }
    };
}

/// Adds to each element the one a pixel before.
fn sum(row: &mut [u8], samples: usize, element: usize) {
    macro_rules! each {
        ($t:ty, $n:literal, $row:expr, $samples:expr) => {{
            let (elements, _) = $row.as_chunks_mut::<$n>();
            if $samples == 1 {
                let mut last: $t = 0;
                for element in elements {
                    last = last.wrapping_add(<$t>::from_le_bytes(*element));
                    *element = last.to_le_bytes();
                }
            } else {
                for i in $samples..elements.len() {
                    let before = <$t>::from_le_bytes(elements[i - $samples]);
                    elements[i] = before.wrapping_add(<$t>::from_le_bytes(elements[i])).to_le_bytes();
                }
            }
        }};
    }
    by_element!(element, row, each, samples);
}

/// Takes from each element the one a pixel before.
fn differ(row: &mut [u8], samples: usize, element: usize) {
    macro_rules! each {
        ($t:ty, $n:literal, $row:expr, $samples:expr) => {{
            let (elements, _) = $row.as_chunks_mut::<$n>();
            for i in ($samples..elements.len()).rev() {
                let before = <$t>::from_le_bytes(elements[i - $samples]);
                elements[i] = <$t>::from_le_bytes(elements[i]).wrapping_sub(before).to_le_bytes();
            }
        }};
    }
    by_element!(element, row, each, samples);
}

/// Elements in the byte order of the chunk from planes, the highest byte first.
fn gather(planes: &[u8], row: &mut [u8], chunk: &Chunk) {
    let count = row.len() / chunk.element;
    for (i, plane) in planes.chunks_exact(count).enumerate() {
        let at = if chunk.endian == Endian::Big { i } else { chunk.element - 1 - i };
        row[at..].iter_mut().step_by(chunk.element).zip(plane).for_each(|(to, from)| *to = *from);
    }
}

fn scatter(values: &[u8], row: &mut [u8], chunk: &Chunk) {
    let count = row.len() / chunk.element;
    for (i, plane) in row.chunks_exact_mut(count).enumerate() {
        let at = if chunk.endian == Endian::Big { i } else { chunk.element - 1 - i };
        plane.iter_mut().zip(values[at..].iter().step_by(chunk.element)).for_each(|(to, from)| *to = *from);
    }
}
