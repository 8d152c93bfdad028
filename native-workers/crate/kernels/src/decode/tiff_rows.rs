//! Where the strips and tiles of a TIFF go, and their samples as grey.

use super::luminance::{grey_u8, grey_u16, luminance_u8, luminance_u16};
use crate::image::{Dtype, GreyImage, Samples};
use tiff::ColorType;
use tiff::decoder::DecodingResult;

/// Geometry of the picture. A `unit` is a strip or tile with all its planes.
pub struct Layout {
    pub width: usize,
    pub height: usize,
    pub chunk_width: usize,
    pub chunk_height: usize,
    pub planar: bool,
    pub samples: usize,
    pub colour: ColorType,
    pub dtype: Dtype,
}

impl Layout {
    pub fn units_across(&self) -> usize {
        self.width.div_ceil(self.chunk_width)
    }

    pub fn units(&self) -> usize {
        self.units_across() * self.height.div_ceil(self.chunk_height)
    }

    /// First pixel of a unit.
    pub fn unit_origin(&self, unit: usize) -> (usize, usize) {
        let across = self.units_across();
        (unit % across * self.chunk_width, unit / across * self.chunk_height)
    }

    /// Pixels of a unit that lie in the picture.
    pub fn unit_size(&self, unit: usize) -> (usize, usize) {
        let (x, y) = self.unit_origin(unit);
        ((self.width - x).min(self.chunk_width), (self.height - y).min(self.chunk_height))
    }

    /// Stored chunks of a unit, one a plane.
    pub fn chunks_of(&self, unit: usize) -> impl Iterator<Item = usize> + use<> {
        let (planes, units) = (if self.planar { self.samples } else { 1 }, self.units());
        (0..planes).map(move |plane| plane * units + unit)
    }

    /// Bytes of a stored row of a chunk.
    pub fn chunk_row_bytes(&self) -> usize {
        let samples = if self.planar { 1 } else { self.samples };
        (self.chunk_width * samples * usize::from(self.colour.bit_depth())).div_ceil(8)
    }

    /// Bytes of an uncompressed chunk.
    pub fn chunk_bytes(&self) -> usize {
        self.chunk_row_bytes().saturating_mul(self.chunk_height)
    }
}

/// Puts a decoded unit in its place as grey. Fails with what is wrong where it holds too few samples.
pub fn put_chunk(
    image: &mut GreyImage,
    layout: &Layout,
    unit: usize,
    planes: &[DecodingResult],
) -> Result<(), &'static str> {
    const SHORT: &str = "a strip or tile in it holds too few samples";
    let (x0, y0) = layout.unit_origin(unit);
    let (width, height) = layout.unit_size(unit);
    for y in 0..height {
        let at = (y0 + y) * image.width + x0;
        let done = match &mut image.samples {
            Samples::U8(out) => row_u8(&mut out[at..at + width], layout, planes, y),
            Samples::U16(out) => row_u16(&mut out[at..at + width], layout, planes, y),
        };
        done.ok_or(SHORT)?;
    }
    Ok(())
}

fn row_u8(out: &mut [u8], layout: &Layout, planes: &[DecodingResult], y: usize) -> Option<()> {
    let width = out.len();
    let data: Vec<&[u8]> =
        planes.iter().filter_map(|p| if let DecodingResult::U8(v) = p { Some(&v[..]) } else { None }).collect();
    let first = *data.first()?;
    let depth = usize::from(layout.colour.bit_depth());
    if depth < 8 {
        let bytes = (width * depth).div_ceil(8);
        unpack(out, first.get(y * bytes..(y + 1) * bytes)?, depth);
        return Some(());
    }
    let per_pixel = if layout.planar { 1 } else { layout.samples };
    let rows: Option<Vec<&[u8]>> =
        data.iter().map(|d| d.get(y * width * per_pixel..(y + 1) * width * per_pixel)).collect();
    let rows = rows?;
    let mut pixel = vec![0u8; layout.samples];
    for (x, grey) in out.iter_mut().enumerate() {
        gather(&mut pixel, &rows, x, layout.planar);
        *grey = match layout.colour {
            ColorType::CMYK(_) => {
                let ink = |c: u8| (u32::from(255 - c) * u32::from(255 - pixel[3]) / 255) as u8;
                luminance_u8(ink(pixel[0]), ink(pixel[1]), ink(pixel[2]))
            }
            ColorType::RGB(_) | ColorType::RGBA(_) => grey_u8(&pixel),
            _ => pixel[0],
        };
    }
    Some(())
}

fn row_u16(out: &mut [u16], layout: &Layout, planes: &[DecodingResult], y: usize) -> Option<()> {
    let width = out.len();
    let per_pixel = if layout.planar { 1 } else { layout.samples };
    let row_of = |p: &'_ DecodingResult| match p {
        DecodingResult::U16(v) => v.get(y * width * per_pixel..(y + 1) * width * per_pixel).map(<[u16]>::to_vec),
        _ => None,
    };
    let rows: Option<Vec<Vec<u16>>> = planes.iter().map(row_of).collect();
    let rows = rows?;
    let rows: Vec<&[u16]> = rows.iter().map(|r| &r[..]).collect();
    let mut pixel = vec![0u16; layout.samples];
    for (x, grey) in out.iter_mut().enumerate() {
        gather(&mut pixel, &rows, x, layout.planar);
        *grey = match layout.colour {
            ColorType::CMYK(_) => {
                let ink = |c: u16| (u64::from(65_535 - c) * u64::from(65_535 - pixel[3]) / 65_535) as u16;
                luminance_u16(ink(pixel[0]), ink(pixel[1]), ink(pixel[2]))
            }
            ColorType::RGB(_) | ColorType::RGBA(_) => grey_u16(&pixel),
            _ => pixel[0],
        };
    }
    Some(())
}

/// The samples of pixel `x`, from one interleaved row or from a row a plane.
fn gather<T: Copy>(pixel: &mut [T], rows: &[&[T]], x: usize, planar: bool) {
    let samples = pixel.len();
    if planar {
        pixel.iter_mut().zip(rows).for_each(|(p, row)| *p = row[x]);
    } else {
        pixel.copy_from_slice(&rows[0][x * samples..(x + 1) * samples]);
    }
}

/// Packed samples of 1, 2 or 4 bits, stretched to 0..255.
fn unpack(out: &mut [u8], packed: &[u8], depth: usize) {
    let most = (1u32 << depth) - 1;
    for (x, grey) in out.iter_mut().enumerate() {
        let bit = x * depth;
        let value = u32::from(packed[bit / 8]) >> (8 - depth - bit % 8) & most;
        *grey = (value * 255 / most) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_samples_stretch_to_the_full_range() {
        let mut out = [0u8; 4];
        unpack(&mut out, &[0b0001_1011], 2);
        assert_eq!(out, [0, 85, 170, 255]);
        unpack(&mut out, &[0x0f, 0x80], 4);
        assert_eq!(out, [0, 255, 136, 0]);
    }
}
