//! The task `measure-tile`: what a microscope does wrong while it scans a tile, told from the picture alone.

mod bands;
mod lines;

use kernels::cancel::Cancel;
use kernels::decode::{Budget, tile_cache};
use kernels::error::Result;
use kernels::image::GreyImage;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Header of `measure-tile`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeasureTile {
    path: PathBuf,
}

/// Result of `measure-tile`; see the task table for each field.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    pub charging: f64,
    pub streaks: f64,
    pub slope: f64,
}

/// Measures a tile file, through the process's tile cache.
pub fn measure_tile(header: &MeasureTile, cancel: Cancel<'_>) -> Result<(Measured, Vec<Vec<u8>>)> {
    let image = tile_cache().get(&header.path, Budget::default(), cancel)?;
    Ok((measure(&image, cancel)?, Vec::new()))
}

/// Measures a decoded tile. Memory: its pixels a quarter over, as floats. O(pixels).
pub fn measure(image: &GreyImage, cancel: Cancel<'_>) -> Result<Measured> {
    let lines = lines::Lines::sum(image, cancel)?;
    Ok(Measured { charging: lines.charging(), streaks: lines.streaks(), slope: bands::slope(image, cancel)? })
}

#[cfg(test)]
#[path = "scope_tests.rs"]
mod tests;
