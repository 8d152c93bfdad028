//! The task `inspect-tile`: everything that is ever asked of a tile's file, in one reading of it.

mod levels;
mod texture;
mod thumbnail;

use crate::cancel::Cancel;
use crate::decode::{self, Budget, Decoded, Format, Source, tile_cache};
use crate::error::Result;
use crate::image::{Dtype, GreyImage, Samples};
use levels::Levels;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::PathBuf;
use texture::Texture;

/// Bytes hashed between two looks at the cancel flag.
const HASH_STEP: usize = 1 << 22;

/// Header of `inspect-tile`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InspectTile {
    path: PathBuf,
    #[serde(default = "default_thumbnail")]
    thumbnail_px: usize,
    #[serde(default)]
    budget: Budget,
}

fn default_thumbnail() -> usize {
    128
}

/// Result of `inspect-tile`; see the task table for each field.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspected {
    format: Format,
    size_px: [usize; 2],
    dtype: Dtype,
    channels: u32,
    file_bytes: usize,
    sha256: String,
    pixel_sha256: String,
    thumbnail_size: [usize; 2],
    mean: f64,
    sd: f64,
    min: u32,
    max: u32,
    percentiles: [f64; 3],
    focus: f64,
    saturated: f64,
    black: f64,
    blankness: f64,
    histogram: Vec<u64>,
    histogram_range: [u32; 2],
    truncated: bool,
    decoded_fraction: f64,
    more_pictures: bool,
}

/// Reads, hashes, decodes and measures one image file; outputs the thumbnail. Memory: the file and twice its pixels.
pub fn inspect_tile(header: &InspectTile, cancel: Cancel<'_>) -> Result<(Inspected, Vec<Vec<u8>>)> {
    let bytes = decode::read_file(&header.path, header.budget)?;
    let sha256 = hex_sha256(&bytes, &[], cancel)?;
    let source = Source { path: &header.path, bytes: &bytes, budget: header.budget, cancel };
    let _share = decode::room().enter(&source)?;
    let Decoded { image, format, channels, truncated, decoded_fraction, more_pictures } = decode::decode(&source)?;
    let levels = Levels::count(&image, cancel)?;
    let texture = Texture::measure(&image, cancel)?;
    let (thumbnail_size, thumbnail) = thumbnail::make(&image, header.thumbnail_px, &levels, cancel)?;
    let (histogram, histogram_range) = levels.histogram();
    let inspected = Inspected {
        format,
        size_px: [image.width, image.height],
        dtype: image.samples.dtype(),
        channels,
        file_bytes: bytes.len(),
        sha256,
        pixel_sha256: pixel_sha256(&image, cancel)?,
        thumbnail_size,
        mean: levels.mean(),
        sd: levels.sd(),
        min: levels.min(),
        max: levels.max(),
        percentiles: [0.001, 0.5, 0.999].map(|p| f64::from(levels.quantile(p))),
        focus: texture.focus,
        saturated: levels.saturated(),
        black: levels.fraction_at(0),
        blankness: texture.blankness,
        histogram,
        histogram_range,
        truncated,
        decoded_fraction,
        more_pictures,
    };
    tile_cache().put(&header.path, image);
    Ok((inspected, vec![thumbnail]))
}

/// SHA-256 over the type and size as text, a newline, and the pixels, little-endian.
fn pixel_sha256(image: &GreyImage, cancel: Cancel<'_>) -> Result<String> {
    let size = format!("{}x{}\n", image.width, image.height);
    match &image.samples {
        Samples::U8(v) => hex_sha256(v, format!("uint8 {size}").as_bytes(), cancel),
        Samples::U16(v) => {
            let mut hash = Sha256::new();
            hash.update(format!("uint16 {size}").as_bytes());
            let mut bytes = Vec::with_capacity(HASH_STEP);
            for step in v.chunks(HASH_STEP / 2) {
                cancel.poll()?;
                bytes.clear();
                bytes.extend(step.iter().flat_map(|s| s.to_le_bytes()));
                hash.update(&bytes);
            }
            Ok(hex(&hash.finalize()))
        }
    }
}

fn hex_sha256(bytes: &[u8], before: &[u8], cancel: Cancel<'_>) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(before);
    for step in bytes.chunks(HASH_STEP) {
        cancel.poll()?;
        hash.update(step);
    }
    Ok(hex(&hash.finalize()))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
#[path = "inspect_tests.rs"]
mod tests;
