//! PNG, 8 or 16 bit, 1 to 4 channels.

use super::read::{failed, write_all};
use super::{Chunk, check_picture, picture_of};
use crate::cancel::Cancel;
use crate::error::{KernelError, Result};
use crate::voxel::VoxelType;
use crate::voxels::damaged;
use crate::voxels::elements::swap;
use png::{BitDepth, ColorType, Decoder, DeflateCompression, Encoder, Filter, Limits, Transformations};
use std::io::Cursor;

/// Channels side by side, little-endian.
pub fn decode(stored: &[u8], chunk: &Chunk) -> Result<Vec<u8>> {
    let (_, depth) = kind_of(chunk)?;
    let sound = |e: png::DecodingError| damaged(format!("is not sound PNG ({e})"));
    let mut decoder = Decoder::new_with_limits(Cursor::new(stored), Limits { bytes: 64 << 20 });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(sound)?;
    let (width, height) = reader.info().size();
    let (colour, found) = reader.output_color_type();
    let elements = check_picture(chunk, width as usize, height as usize, colour.samples())?;
    if found != depth {
        return Err(damaged(format!("is PNG of {found:?} bits a sample, not {depth:?}")));
    }
    let mut pixels = vec![0; elements * chunk.element];
    if reader.output_buffer_size() != Some(pixels.len()) {
        return Err(damaged("is PNG of another size than its header says"));
    }
    reader.next_frame(&mut pixels).map_err(sound)?;
    reader.finish().map_err(sound)?;
    swap(&mut pixels, chunk.element);
    Ok(pixels)
}

/// Level 0 stores, 9 packs most.
pub fn encode(raw: &[u8], level: u32, chunk: &Chunk, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    let (colour, depth) = kind_of(chunk)?;
    let (width, height, _) = picture_of(chunk);
    let mut big = raw.to_vec();
    swap(&mut big, chunk.element);
    let mut out = Vec::with_capacity(raw.len() / 2 + 1024);
    let mut encoder = Encoder::new(&mut out, width as u32, height as u32);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    encoder.set_deflate_compression(DeflateCompression::Level(level.min(9) as u8));
    encoder.set_filter(if level == 0 { Filter::NoFilter } else { Filter::Adaptive });
    let mut writer = encoder.write_header().map_err(failed)?;
    let mut rows = writer.stream_writer().map_err(failed)?;
    write_all(&mut rows, &big, cancel)?;
    rows.finish().map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(out)
}

fn kind_of(chunk: &Chunk) -> Result<(ColorType, BitDepth)> {
    let colour = match chunk.shape[3] {
        1 => Some(ColorType::Grayscale),
        2 => Some(ColorType::GrayscaleAlpha),
        3 => Some(ColorType::Rgb),
        4 => Some(ColorType::Rgba),
        _ => None,
    };
    let depth = match chunk.dtype {
        VoxelType::Uint8 => Some(BitDepth::Eight),
        VoxelType::Uint16 => Some(BitDepth::Sixteen),
        _ => None,
    };
    let channels = chunk.shape[3];
    let message = || format!("PNG holds 1 to 4 channels of uint8 or uint16, not {channels} of {:?}.", chunk.dtype);
    colour.zip(depth).ok_or_else(|| KernelError::invalid_input(message()))
}
