//! PNG: every colour type and depth, interlaced or not; 16 bits stay exact, 1 to 4 bits are stretched to 8.

use super::luminance::{grey_u8, grey_u16};
use super::{Decoded, Format, Source};
use crate::error::Result;
use crate::image::{Dtype, GreyImage, Samples};
use png::{BitDepth, ColorType, DecodingError, Limits, Transformations};
use std::io::ErrorKind;

/// What the decoder may hold besides the pixels: one row and the inflate window, with room for odd chunks.
const SCRATCH_BYTES: usize = 1 << 28;

/// Where the pixels of a coded row go: row `y`, from column `x` on, `step` columns apart.
#[derive(Clone, Copy)]
struct RowPlace {
    y: usize,
    x: usize,
    step: usize,
}

/// Decodes a PNG file. Rows after the end of a truncated file are zero; damage is `bad-source`.
pub fn decode(source: &Source<'_>) -> Result<Decoded> {
    let fail = |e: DecodingError| source.failed(describe(&e));
    let mut decoder = png::Decoder::new_with_limits(source.cursor(), Limits { bytes: SCRATCH_BYTES });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND);
    let header = decoder.read_header_info().map_err(fail)?;
    source.check_pixels(u64::from(header.width), u64::from(header.height))?;
    let mut reader = decoder.read_info().map_err(fail)?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    let (stored, interlaced) = (reader.info().color_type, reader.info().interlaced);
    let (colour, depth) = reader.output_color_type();
    let dtype = if depth == BitDepth::Sixteen { Dtype::Uint16 } else { Dtype::Uint8 };
    let mut image = GreyImage::zeros(width, height, dtype);
    let (mut pixels_read, mut truncated) = (0usize, false);
    for place in row_places(width, height, interlaced) {
        source.cancel.poll()?;
        match reader.next_row() {
            Ok(Some(row)) => pixels_read += put_row(&mut image, place, row.data(), colour.samples()),
            Ok(None) => break,
            Err(e) if is_end_of_file(&e) => {
                truncated = true;
                break;
            }
            Err(e) => return Err(fail(e).with("row", pixels_read / width)),
        }
    }
    source.cancel.poll()?;
    let decoded_fraction = pixels_read as f64 / (width * height) as f64;
    Ok(Decoded {
        image,
        format: Format::Png,
        channels: channels_of(stored),
        truncated,
        decoded_fraction,
        more_pictures: false,
    })
}

/// The places of the coded rows in file order: top to bottom, or the seven passes of Adam7 (PNG 1.2, 2.6).
fn row_places(width: usize, height: usize, interlaced: bool) -> Box<dyn Iterator<Item = RowPlace>> {
    const ADAM7: [[usize; 4]; 7] =
        [[0, 8, 0, 8], [4, 8, 0, 8], [0, 4, 4, 8], [2, 4, 0, 4], [0, 2, 2, 4], [1, 2, 0, 2], [0, 1, 1, 2]];
    if !interlaced {
        return Box::new((0..height).map(|y| RowPlace { y, x: 0, step: 1 }));
    }
    Box::new(
        ADAM7
            .into_iter()
            .filter(move |[x, _, _, _]| *x < width)
            .flat_map(move |[x, step, y0, dy]| (y0..height).step_by(dy).map(move |y| RowPlace { y, x, step })),
    )
}

/// Puts one coded row in its place; gives the number of pixels it held.
fn put_row(image: &mut GreyImage, place: RowPlace, data: &[u8], channels: usize) -> usize {
    let width = image.width;
    let row = place.y * width..(place.y + 1) * width;
    match &mut image.samples {
        Samples::U8(out) => {
            let places = out[row].iter_mut().skip(place.x).step_by(place.step);
            places.zip(data.chunks_exact(channels)).for_each(|(o, pixel)| *o = grey_u8(pixel));
        }
        Samples::U16(out) => {
            let places = out[row].iter_mut().skip(place.x).step_by(place.step);
            let mut pixel = [0u16; 4];
            places.zip(data.chunks_exact(2 * channels)).for_each(|(o, bytes)| {
                for (sample, pair) in pixel.iter_mut().zip(bytes.chunks_exact(2)) {
                    *sample = u16::from_be_bytes([pair[0], pair[1]]);
                }
                *o = grey_u16(&pixel[..channels]);
            });
        }
    }
    (width - place.x).div_ceil(place.step)
}

fn channels_of(colour: ColorType) -> u32 {
    match colour {
        ColorType::Grayscale => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb | ColorType::Indexed => 3,
        ColorType::Rgba => 4,
    }
}

fn is_end_of_file(error: &DecodingError) -> bool {
    matches!(error, DecodingError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof)
}

fn describe(error: &DecodingError) -> String {
    match error {
        DecodingError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => {
            "the file ends before its pixels begin".to_owned()
        }
        DecodingError::LimitsExceeded => "its header asks for more memory than an image of its size needs".to_owned(),
        other => format!("the PNG data is damaged ({other})"),
    }
}

#[cfg(test)]
#[path = "png_tests.rs"]
mod tests;
