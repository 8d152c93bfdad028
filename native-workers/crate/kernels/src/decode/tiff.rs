//! TIFF and BigTIFF (first picture): strips or tiles, no compression, LZW, deflate, PackBits or JPEG; unsigned 8 and
//! 16 bit, 1 to 4 bit grey stretched to 8; grey, RGB, CMYK and YCbCr, chunky or planar. White-is-zero is turned over.

use super::room::pixels_need;
use super::tiff_rows::{Layout, put_chunk};
use super::{Decoded, Format, Source};
use crate::error::Result;
use crate::image::{Dtype, GreyImage};
use std::borrow::Cow;
use tiff::decoder::{ChunkType, Decoder, DecodingResult, Limits};
use tiff::tags::{CompressionMethod, PlanarConfiguration, SampleFormat, Tag};
use tiff::{ColorType, TiffError};

type Reader<'a> = Decoder<super::reader::PollingCursor<'a>>;

/// A stored strip or tile.
#[derive(Clone, Copy)]
struct Chunk {
    offset: u64,
    bytes: u64,
}

impl Chunk {
    fn end(self) -> u64 {
        self.offset.saturating_add(self.bytes)
    }
}

/// What the directory says.
struct Directory {
    layout: Layout,
    compression: Option<CompressionMethod>,
    chunks: Vec<Chunk>,
}

/// Decodes the first picture of a TIFF file.
///
/// Where the file ends early, strips and tiles that it still holds whole are kept (uncompressed ones by the row) and
/// the rest is zero. A directory that lies beyond the end of the file is `bad-source`.
pub fn decode(source: &Source<'_>) -> Result<Decoded> {
    let directory = read_directory(source)?;
    let layout = &directory.layout;
    let padded = pad_uncompressed(source.bytes, &directory);
    let inside = Source { bytes: &padded, ..*source };
    let mut reader = open(&inside)?;
    let mut image = GreyImage::zeros(layout.width, layout.height, layout.dtype);
    let (mut pixels_read, mut truncated) = (0usize, false);
    for unit in 0..layout.units() {
        source.cancel.poll()?;
        let held = rows_held(source.bytes.len() as u64, &directory, unit);
        let (width, height) = layout.unit_size(unit);
        truncated |= held < height;
        if held == 0 {
            continue;
        }
        let planes = read_planes(&inside, &mut reader, &directory, unit)?;
        put_chunk(&mut image, layout, unit, &planes).map_err(|what| source.failed(what))?;
        pixels_read += width * held;
    }
    let decoded_fraction = pixels_read as f64 / (layout.width * layout.height) as f64;
    let (format, channels) = (Format::Tiff, layout.samples as u32);
    Ok(Decoded { image, format, channels, truncated, decoded_fraction, more_pictures: has_more_pictures(reader) })
}

/// Whether a second picture is one of its own: pyramids and thumbnails say that they are smaller copies.
fn has_more_pictures(mut reader: Reader<'_>) -> bool {
    const REDUCED: u32 = 1;
    let has_next = reader.more_images() && reader.next_image().is_ok();
    let kind = |r: &mut Reader<'_>| r.find_tag_unsigned::<u32>(Tag::NewSubfileType).ok().flatten().unwrap_or(0);
    has_next && kind(&mut reader) & REDUCED == 0
}

/// Pixels, and the bytes that decoding and measuring take; None where the directory is of no use.
pub fn need(source: &Source<'_>) -> Option<(u64, u64)> {
    let layout = read_directory(source).ok()?.layout;
    let pixels = (layout.width as u64).saturating_mul(layout.height as u64);
    let deep = layout.dtype == Dtype::Uint16;
    let sample = if deep { 2 } else { 1 };
    let chunk = (layout.chunk_width as u64).saturating_mul(layout.chunk_height as u64);
    let decoded = chunk.saturating_mul(layout.samples as u64 * sample);
    Some((pixels, pixels_need(pixels, deep).saturating_add(decoded)))
}

fn open<'a>(source: &Source<'a>) -> Result<Reader<'a>> {
    let reader = Decoder::new(source.cursor()).map_err(|e| source.failed(describe(&e)))?;
    let mut limits = Limits::default();
    limits.decoding_buffer_size = usize::try_from(source.budget.max_pixels).unwrap_or(usize::MAX).saturating_mul(8);
    limits.intermediate_buffer_size = limits.decoding_buffer_size;
    limits.ifd_value_size = 1 << 25;
    Ok(reader.with_limits(limits))
}

fn read_directory(source: &Source<'_>) -> Result<Directory> {
    let mut reader = open(source)?;
    let fail = |e: TiffError| source.failed(describe(&e));
    let (width, height) = reader.dimensions().map_err(fail)?;
    source.check_pixels(u64::from(width), u64::from(height))?;
    let tiled = reader.get_chunk_type() == ChunkType::Tile;
    let (chunk_width, chunk_height) = reader.chunk_dimensions();
    source.check_pixels(u64::from(chunk_width), u64::from(chunk_height))?;
    let colour = reader.colortype().map_err(fail)?;
    check_samples(source, &mut reader, colour)?;
    let planar: Option<u16> = reader.find_tag_unsigned(Tag::PlanarConfiguration).map_err(fail)?;
    let compression: Option<u16> = reader.find_tag_unsigned(Tag::Compression).map_err(fail)?;
    let layout = Layout {
        width: width as usize,
        height: height as usize,
        chunk_width: chunk_width as usize,
        chunk_height: (chunk_height as usize).min(if tiled { usize::MAX } else { height as usize }),
        planar: planar == Some(PlanarConfiguration::Planar.to_u16()),
        samples: usize::from(colour.num_samples()),
        colour,
        dtype: if colour.bit_depth() > 8 { Dtype::Uint16 } else { Dtype::Uint8 },
    };
    let (at, count) =
        if tiled { (Tag::TileOffsets, Tag::TileByteCounts) } else { (Tag::StripOffsets, Tag::StripByteCounts) };
    let offsets = reader.find_tag_unsigned_vec::<u64>(at).map_err(fail)?.unwrap_or_default();
    let counts = reader.find_tag_unsigned_vec::<u64>(count).map_err(fail)?.unwrap_or_default();
    let chunks: Vec<Chunk> = offsets.into_iter().zip(counts).map(|(offset, bytes)| Chunk { offset, bytes }).collect();
    let planes = if layout.planar { layout.samples } else { 1 };
    if chunks.len() < layout.units() * planes {
        return Err(source.failed("its directory lists fewer strips or tiles than its size needs"));
    }
    let compression = compression.map_or(Some(CompressionMethod::None), CompressionMethod::from_u16);
    Ok(Directory { layout, compression, chunks })
}

fn check_samples(source: &Source<'_>, reader: &mut Reader<'_>, colour: ColorType) -> Result<()> {
    let formats: Option<Vec<u16>> =
        reader.find_tag_unsigned_vec(Tag::SampleFormat).map_err(|e| source.failed(describe(&e)))?;
    let unsigned = formats.is_none_or(|f| f.iter().all(|&s| s == SampleFormat::Uint.to_u16()));
    let depth = colour.bit_depth();
    if !unsigned {
        let what = format!("its samples are {depth}-bit signed or floating point; save it as unsigned 8 or 16 bit");
        return Err(source.failed(what));
    }
    match colour {
        ColorType::Gray(1 | 2 | 4 | 8 | 16) => Ok(()),
        ColorType::RGB(8 | 16) | ColorType::RGBA(8 | 16) | ColorType::GrayA(8 | 16) | ColorType::CMYK(8 | 16) => Ok(()),
        ColorType::YCbCr(8) | ColorType::Multiband { bit_depth: 8 | 16, .. } => Ok(()),
        _ => Err(source.failed(format!("its samples are {colour:?}; save it as grey or RGB, unsigned 8 or 16 bit"))),
    }
}

/// The file's bytes; with zeros after them where an uncompressed strip or tile is cut off, so that its rows so far
/// can be read.
fn pad_uncompressed<'a>(bytes: &'a [u8], directory: &Directory) -> Cow<'a, [u8]> {
    let have = bytes.len() as u64;
    let most = directory.layout.chunk_bytes() as u64;
    let cut = directory.chunks.iter().filter(|c| c.offset < have && c.end() > have && c.bytes <= most);
    let end = cut.map(|c| c.end()).max();
    match end {
        Some(end) if directory.compression == Some(CompressionMethod::None) => {
            let mut longer = Vec::with_capacity(end as usize);
            longer.extend_from_slice(bytes);
            longer.resize(end as usize, 0);
            Cow::Owned(longer)
        }
        _ => Cow::Borrowed(bytes),
    }
}

/// How many rows of a unit the file still holds.
fn rows_held(have: u64, directory: &Directory, unit: usize) -> usize {
    let layout = &directory.layout;
    let rows = layout.unit_size(unit).1;
    let held = |chunk: Chunk| {
        if chunk.end() <= have {
            return rows;
        }
        let by_row = directory.compression == Some(CompressionMethod::None);
        let bytes = have.saturating_sub(chunk.offset);
        if by_row { (bytes as usize / layout.chunk_row_bytes().max(1)).min(rows) } else { 0 }
    };
    layout.chunks_of(unit).map(|i| directory.chunks.get(i).map_or(0, |&c| held(c))).min().unwrap_or(0)
}

fn read_planes(
    source: &Source<'_>,
    reader: &mut Reader<'_>,
    directory: &Directory,
    unit: usize,
) -> Result<Vec<DecodingResult>> {
    let layout = &directory.layout;
    let read = |i: usize| {
        if directory.compression == Some(CompressionMethod::ModernJPEG) {
            check_inner_jpeg(source, directory, i)?;
        }
        let top = unit / layout.units_across() * layout.chunk_height;
        reader.read_chunk(i as u32).map_err(|e| {
            let height = layout.height;
            source.failed(format!("its data is damaged at row {top} of {height} ({})", describe(&e))).with("row", top)
        })
    };
    layout.chunks_of(unit).map(read).collect()
}

/// A JPEG strip may say any size in its own header: refuse one larger than the strip before it is allocated.
fn check_inner_jpeg(source: &Source<'_>, directory: &Directory, index: usize) -> Result<()> {
    let chunk = directory.chunks[index];
    let end = (chunk.end() as usize).min(source.bytes.len());
    let data = source.bytes.get(chunk.offset as usize..end).unwrap_or_default();
    let frame = data.windows(9).find(|w| w[0] == 0xff && matches!(w[1], 0xc0..=0xc2));
    let Some(frame) = frame else { return Ok(()) };
    let height = usize::from(u16::from_be_bytes([frame[5], frame[6]]));
    let width = usize::from(u16::from_be_bytes([frame[7], frame[8]]));
    let (most_wide, most_high) = (directory.layout.chunk_width + 64, directory.layout.chunk_height + 64);
    if width <= most_wide && height <= most_high {
        return Ok(());
    }
    Err(source.failed(format!("a JPEG strip in it says {width} x {height} pixels, more than the strip has")))
}

fn describe(error: &TiffError) -> String {
    match error {
        TiffError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            "the file ends before what its directory points at".to_owned()
        }
        TiffError::LimitsExceeded => "it asks for more memory than its size needs".to_owned(),
        other => format!("TIFF {other}"),
    }
}

#[cfg(test)]
#[path = "tiff_tests.rs"]
mod tests;
