//! The task `decode-tile`.

use super::{Budget, tile_cache};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::image::Dtype;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Header of `decode-tile`.
#[derive(Debug, Deserialize)]
pub struct DecodeTile {
    path: PathBuf,
    #[serde(default)]
    budget: Budget,
}

/// Result of `decode-tile`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DecodedTile {
    size_px: [usize; 2],
    dtype: Dtype,
}

/// Grey pixels of an image file, little-endian, through the cache of decoded tiles.
pub fn decode_tile(header: &DecodeTile, cancel: Cancel<'_>) -> Result<(DecodedTile, Vec<Vec<u8>>)> {
    let image = tile_cache().get(&header.path, header.budget, cancel)?;
    let about = DecodedTile { size_px: [image.width, image.height], dtype: image.samples.dtype() };
    Ok((about, vec![image.samples.clone().into_le_bytes()]))
}
