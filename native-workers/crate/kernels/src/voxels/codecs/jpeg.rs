//! JPEG, 8 bit, grey or colour: Neuroglancer precomputed, tiles of TIFF, pictures of a stack. Chunks decode to the bytes
//! that TensorStore and CloudVolume give, which is what libjpeg-turbo gives; tiles for stitching need luma only and
//! have a decoder of their own.

mod bits;
mod blocks;
mod frame;
mod idct;
mod picture;
mod reader;

use super::read::failed;
use super::{Chunk, check_picture, picture_of};
use crate::error::{KernelError, Result};
use crate::voxel::VoxelType;
use crate::voxels::damaged;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use serde::Deserialize;
use std::borrow::Cow;

const START: [u8; 2] = [0xff, 0xd8];
const END: [u8; 2] = [0xff, 0xd9];

fn ninety() -> u8 {
    90
}

fn unsound(why: &str) -> KernelError {
    damaged(format!("is not sound JPEG: {why}"))
}

/// `tables`: base64 of TIFF's JPEGTables, which the tiles of a file share.
#[derive(Debug, Deserialize)]
pub struct Jpeg {
    #[serde(default = "ninety")]
    quality: u8,
    tables: Option<String>,
}

impl Jpeg {
    /// Channels side by side. Errors: another picture than the chunk is, and pictures that end early.
    pub fn decode(&self, stored: &[u8], chunk: &Chunk) -> Result<Vec<u8>> {
        check_type(chunk)?;
        let stored = self.with_tables(stored)?;
        reader::decode(&stored, |width, height, channels| check_picture(chunk, width, height, channels))
    }

    /// Colour is stored at full resolution, so that no channel bleeds into a neighbour's pixel.
    pub fn encode(&self, raw: &[u8], chunk: &Chunk) -> Result<Vec<u8>> {
        check_type(chunk)?;
        let (width, height, channels) = picture_of(chunk);
        let (Ok(width), Ok(height)) = (u16::try_from(width), u16::try_from(height)) else {
            let message = format!("JPEG holds up to 65,535 x 65,535 pixels, not {width} x {height}.");
            return Err(KernelError::invalid_input(message));
        };
        let colour = if channels == 1 { ColorType::Luma } else { ColorType::Rgb };
        let mut out = Vec::with_capacity(raw.len() / 4 + 1024);
        let mut encoder = Encoder::new(&mut out, self.quality.clamp(1, 100));
        encoder.set_sampling_factor(SamplingFactor::F_1_1);
        encoder.encode(raw, width, height, colour).map_err(failed)?;
        Ok(out)
    }

    /// A tile with the tables put between its start marker and the rest.
    fn with_tables<'a>(&self, stored: &'a [u8]) -> Result<Cow<'a, [u8]>> {
        let Some(text) = &self.tables else { return Ok(Cow::Borrowed(stored)) };
        let tables = from_base64(text).ok_or_else(|| KernelError::invalid_input("JPEG tables are not base64."))?;
        let (Some(tables), Some(rest)) = (tables.strip_prefix(&START), stored.strip_prefix(&START)) else {
            return Err(damaged("is not JPEG"));
        };
        let tables = tables.strip_suffix(&END).unwrap_or(tables);
        Ok(Cow::Owned([&START, tables, rest].concat()))
    }
}

fn check_type(chunk: &Chunk) -> Result<()> {
    if chunk.dtype == VoxelType::Uint8 && matches!(chunk.shape[3], 1 | 3) {
        return Ok(());
    }
    let channels = chunk.shape[3];
    let message = format!("JPEG holds 1 or 3 channels of uint8, not {channels} of {:?}.", chunk.dtype);
    Err(KernelError::invalid_input(message))
}

/// RFC 4648, section 4.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")] {
            assert_eq!(from_base64(text).unwrap(), bytes.as_bytes());
        }
        assert_eq!(from_base64("+/+/").unwrap(), [0xfb, 0xff, 0xbf]);
        assert!(from_base64("Zm9*").is_none());
    }
}
