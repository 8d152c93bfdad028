//! Scale-space features with descriptors of 128 numbers (after Lowe 2004), for finding a section in another one at any
//! rotation.

use super::descriptor::{LENGTH, Layer, angles_of, describe, mirrored_descriptor};
use super::picture::{Contrast, Frame, Picture, Sums, blur};
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use kernels::table::one;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// Steps of scale an octave, and the smoothing that an octave begins with.
const STEPS: usize = 3;
const FIRST_SIGMA: f64 = 1.6;
/// What a picture is taken to be smoothed by already.
const GIVEN_SIGMA: f64 = 0.5;
/// Octaves whose shorter side is below this say nothing.
const LEAST_SIDE: usize = 24;
/// Responses below this are noise; of normalised levels.
const LEAST_RESPONSE: f32 = 0.02;
/// Ratio of principal curvatures over which a feature lies along an edge, without a place of its own.
const MOST_ELONGATED: f32 = 10.0;
/// Bytes of a feature: x, y, scale, angle as f32, and the descriptor.
pub const BYTES: usize = 16 + LENGTH;
const MOST: usize = 20_000;

/// Header of `section-features`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SectionFeatures {
    frame: Frame,
    #[serde(default)]
    contrast: Contrast,
    /// The strongest are kept.
    #[serde(default = "most")]
    most: usize,
}

fn most() -> usize {
    1500
}

/// Result of `section-features`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    features: usize,
    /// Part of the picture that is there, 0 to 1.
    covered: f64,
}

/// A place that can be found again.
#[derive(Debug, Clone)]
pub struct Feature {
    /// Picture pixels.
    pub at: [f64; 2],
    pub scale: f64,
    /// Radians, from x towards y.
    pub angle: f64,
    pub descriptor: [u8; LENGTH],
}

/// Finds the features of a picture, strongest first.
pub fn section_features(
    header: &SectionFeatures,
    inputs: &[&[u8]],
    cancel: Cancel<'_>,
) -> Result<(Found, Vec<Vec<u8>>)> {
    let picture = Picture::read(one(inputs)?, header.frame.size_px)?;
    let covered = picture.covered();
    let features = find(&picture.seen_as(header.contrast), header.most.min(MOST), cancel)?;
    let bytes = features.iter().flat_map(Feature::to_bytes).collect();
    Ok((Found { features: features.len(), covered }, vec![bytes]))
}

impl Feature {
    fn to_bytes(&self) -> Vec<u8> {
        let place = [self.at[0], self.at[1], self.scale, self.angle];
        place.iter().flat_map(|&v| (v as f32).to_le_bytes()).chain(self.descriptor).collect()
    }

    /// All of an input.
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Self>> {
        if !bytes.len().is_multiple_of(BYTES) {
            return Err(KernelError::invalid_input(format!("Features came as {} bytes.", bytes.len())));
        }
        let read = |feature: &[u8]| {
            let number = |i: usize| f64::from(f32::from_le_bytes([0, 1, 2, 3].map(|k| feature[4 * i + k])));
            let mut descriptor = [0; LENGTH];
            descriptor.copy_from_slice(&feature[16..]);
            Self { at: [number(0), number(1)], scale: number(2), angle: number(3), descriptor }
        };
        Ok(bytes.chunks_exact(BYTES).map(read).collect())
    }

    /// The feature as it is where left and right of a picture of `width` are swapped.
    #[must_use]
    pub fn mirrored(&self, width: f64) -> Self {
        let descriptor = mirrored_descriptor(&self.descriptor);
        Self { at: [width - self.at[0], self.at[1]], angle: PI - self.angle, descriptor, ..*self }
    }
}

/// A peak of the differences of Gaussians.
struct Peak {
    octave: usize,
    step: usize,
    at: [f64; 2],
    response: f32,
}

/// Finds features by differences of Gaussians.
pub fn find(picture: &Picture, most: usize, cancel: Cancel<'_>) -> Result<Vec<Feature>> {
    let radius = (picture.width.max(picture.height) / 16).max(8);
    let seen = picture.normalised(radius);
    let there = Sums::of(&picture.mask, picture.width);
    let (mut octaves, mut peaks) = (Vec::new(), Vec::new());
    let first = (FIRST_SIGMA.powi(2) - GIVEN_SIGMA.powi(2)).sqrt();
    let (width, height) = (seen.width, seen.height);
    let mut base = Layer { width, height, levels: blur(&seen.levels, width, height, first) };
    while base.width.min(base.height) >= LEAST_SIDE {
        let layers = smoothed(base, cancel)?;
        peaks.extend(peaks_of(&layers, octaves.len(), cancel)?);
        base = layers[STEPS].half();
        octaves.push(layers);
    }
    peaks.retain(|p| is_inside(p, &there, picture));
    peaks.sort_by(|p, q| {
        q.response.total_cmp(&p.response).then(p.at[1].total_cmp(&q.at[1])).then(p.at[0].total_cmp(&q.at[0]))
    });
    peaks.truncate(most);
    let mut features = Vec::new();
    for peak in &peaks {
        cancel.poll()?;
        let layer = &octaves[peak.octave][peak.step];
        let sigma = FIRST_SIGMA * 2f64.powf(peak.step as f64 / STEPS as f64);
        let size = 2f64.powi(peak.octave as i32);
        for angle in angles_of(layer, peak.at, sigma) {
            let descriptor = describe(layer, peak.at, sigma, angle);
            let at = peak.at.map(|v| size * v + 0.5);
            features.push(Feature { at, scale: sigma * size, angle, descriptor });
        }
    }
    Ok(features)
}

fn smoothed(base: Layer, cancel: Cancel<'_>) -> Result<Vec<Layer>> {
    let (width, height) = (base.width, base.height);
    let mut layers = vec![base];
    for step in 1..STEPS + 3 {
        cancel.poll()?;
        let sigma = |s: usize| FIRST_SIGMA * 2f64.powf(s as f64 / STEPS as f64);
        let more = (sigma(step).powi(2) - sigma(step - 1).powi(2)).sqrt();
        layers.push(Layer { width, height, levels: blur(&layers[step - 1].levels, width, height, more) });
    }
    Ok(layers)
}

fn peaks_of(layers: &[Layer], octave: usize, cancel: Cancel<'_>) -> Result<Vec<Peak>> {
    let (width, height) = (layers[0].width, layers[0].height);
    let difference = |p: &[Layer]| -> Vec<f32> { p[1].levels.iter().zip(&p[0].levels).map(|(b, a)| b - a).collect() };
    let differences: Vec<Vec<f32>> = layers.windows(2).map(difference).collect();
    let mut peaks = Vec::new();
    for step in 1..=STEPS {
        let around = &differences[step - 1..=step + 1];
        for y in 1..height - 1 {
            cancel.poll()?;
            for x in 1..width - 1 {
                if let Some((at, response)) = peak_at(around, width, x, y) {
                    peaks.push(Peak { octave, step, at, response });
                }
            }
        }
    }
    Ok(peaks)
}

/// The sub-pixel place and strength of an extremum over 3 x 3 x 3, where there is one that is no edge.
fn peak_at(around: &[Vec<f32>], width: usize, x: usize, y: usize) -> Option<([f64; 2], f32)> {
    let (here, at) = (&around[1], y * width + x);
    let v = here[at];
    if v.abs() < LEAST_RESPONSE {
        return None;
    }
    let sign = v.signum();
    for layer in around {
        for row in [at - width, at, at + width] {
            let higher = |i: usize| sign * layer[i] > sign * v;
            if higher(row - 1) || higher(row) || higher(row + 1) {
                return None;
            }
        }
    }
    let (dx, dy) = (0.5 * (here[at + 1] - here[at - 1]), 0.5 * (here[at + width] - here[at - width]));
    let dxx = here[at + 1] + here[at - 1] - 2.0 * v;
    let dyy = here[at + width] + here[at - width] - 2.0 * v;
    let dxy = 0.25 * (here[at + width + 1] + here[at - width - 1] - here[at + width - 1] - here[at - width + 1]);
    let (trace, det) = (dxx + dyy, dxx * dyy - dxy * dxy);
    if det <= 0.0 || trace * trace * MOST_ELONGATED > (MOST_ELONGATED + 1.0).powi(2) * det {
        return None;
    }
    let off = [(dxy * dy - dyy * dx) / det, (dxy * dx - dxx * dy) / det].map(|o| f64::from(o.clamp(-0.6, 0.6)));
    Some(([x as f64 + off[0], y as f64 + off[1]], v.abs()))
}

/// Whether all that a descriptor would look at nearby is there.
fn is_inside(peak: &Peak, there: &Sums, picture: &Picture) -> bool {
    let size = 2f64.powi(peak.octave as i32);
    let reach = (4.0 * FIRST_SIGMA * 2f64.powf(peak.step as f64 / STEPS as f64) * size) as usize;
    let window = |at: f64, end: usize| {
        let at = (at * size) as usize;
        [at.saturating_sub(reach).min(end), (at + reach + 1).min(end)]
    };
    let (columns, rows) = (window(peak.at[0], picture.width), window(peak.at[1], picture.height));
    let area = ((columns[1] - columns[0]) * (rows[1] - rows[0])) as f64;
    there.over(columns, rows) > 0.98 * area
}
