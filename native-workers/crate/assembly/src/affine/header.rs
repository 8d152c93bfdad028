//! What is asked of a registration, and what it answers.

use super::level::Source;
use super::map::Map;
use crate::blocks::grid::Grid;
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result, Tag};
use kernels::voxel::VoxelType;
use serde::{Deserialize, Serialize};

/// The least extent that can be turned and stretched, voxels.
const LEAST_SIDE: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    /// Turned and moved.
    Rigid,
    /// Scaled alike along all axes, too.
    Similarity,
    /// Any linear map.
    Affine,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Orientations {
    /// Axes lie about as they should.
    AsIs,
    /// All that a body can be turned to.
    Axes24,
    /// Mirrored ones, too: the handedness of the voxels is unknown.
    Axes48,
}

/// One volume in the inputs.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    pub size: [usize; 3],
    pub spacing_um: [f64; 3],
    pub dtype: VoxelType,
    /// A further input says which voxels count (u8, 0 = not). Levels that are no numbers never do.
    #[serde(default)]
    pub mask: bool,
}

/// The header of `register-affine`, see the task table.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterAffine {
    pub fixed: Volume,
    pub moving: Volume,
    pub model: Model,
    pub orientations: Orientations,
    pub bins: usize,
    /// µm of the fixed volume for µm of the moving one, 3 x 4 rows first: the one start, instead of the search.
    #[serde(default)]
    pub start: Option<[f64; 12]>,
    /// The finest level, µm; not finer than the voxels.
    #[serde(default)]
    pub resolution_um: Option<f64>,
}

/// An orientation that fits, and how well.
#[derive(Debug, Clone, Serialize)]
pub struct Candidate {
    /// The axes of the moving volume that run along x, y, z of the fixed one.
    pub axes: [&'static str; 3],
    /// Shared information per sample of the fixed volume, nats, at the level where orientations are compared.
    pub score: f64,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    pub fixed_from_moving: [f64; 12],
    pub moving_from_fixed: [f64; 12],
    /// Mutual information over the overlap, nats, with mass centres laid over each other (or at the given start).
    pub mi_before: f64,
    pub mi: f64,
    /// Information over the entropy of the less varied volume: 0 (independent) to 1.
    pub shared: f64,
    /// Share of the fixed volume's foreground that lies inside the moving one.
    pub overlap: f64,
    pub best: Candidate,
    pub runner_up: Option<Candidate>,
    /// The runner-up fits nearly as well.
    pub ambiguous: bool,
    /// Left and right of the moving volume are exchanged.
    pub mirrored: bool,
    /// Volume of the moving body once it is registered, over what it was.
    pub volume_ratio: f64,
    pub resolution_um: f64,
    pub samples: usize,
    pub evaluations: usize,
    pub verdict: &'static str,
    pub reasons: Vec<String>,
}

impl RegisterAffine {
    /// Both volumes are one section each.
    pub fn planar(&self) -> bool {
        self.fixed.size[2] == 1 && self.moving.size[2] == 1
    }

    /// Reads both volumes; `inputs` are fixed, moving, then the masks that the header names.
    pub fn sources(&self, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<[Source; 2]> {
        if !(16..=128).contains(&self.bins) {
            return Err(KernelError::invalid_input(format!("{} bins are not between 16 and 128.", self.bins)));
        }
        let wanted = 2 + usize::from(self.fixed.mask) + usize::from(self.moving.mask);
        if inputs.len() != wanted {
            return Err(KernelError::invalid_input(format!("{} inputs where {wanted} are needed.", inputs.len())));
        }
        let fixed_mask = self.fixed.mask.then(|| inputs[2]);
        let moving_mask = self.moving.mask.then(|| inputs[wanted - 1]);
        let thick = self.planar().then(|| {
            let sides = [self.fixed.spacing_um, self.moving.spacing_um];
            sides.iter().flat_map(|s| &s[..2]).fold(0.0f64, |most, side| most.max(*side))
        });
        Ok([
            self.fixed.source("fixed", inputs[0], fixed_mask, thick, cancel)?,
            self.moving.source("moving", inputs[1], moving_mask, thick, cancel)?,
        ])
    }

    /// The given start as a map from the fixed to the moving volume.
    pub fn moving_from_fixed(&self) -> Result<Option<Map>> {
        let Some(start) = self.start else { return Ok(None) };
        let map = Map::of(start).inverse().ok_or_else(|| {
            KernelError::invalid_input("The start of a registration has no inverse.").with("start", start.to_vec())
        })?;
        Ok(Some(map))
    }
}

impl Volume {
    /// `thick`: of one section, which is repeated along z so often that places between sections have neighbours.
    fn source(
        &self,
        name: &'static str,
        bytes: &[u8],
        mask: Option<&[u8]>,
        thick: Option<f64>,
        cancel: Cancel<'_>,
    ) -> Result<Source> {
        if self.spacing_um.iter().any(|s| !(s.is_finite() && *s > 0.0)) {
            let message = format!("The {name} volume has voxels of {:?} µm.", self.spacing_um);
            return Err(KernelError::new(Tag::BadSource, message, "Say how large its voxels are.").with("volume", name));
        }
        let axes = if thick.is_some() { 2 } else { 3 };
        if self.size[..axes].iter().any(|n| *n < LEAST_SIDE) {
            let message = format!("The {name} volume is only {:?} voxels large.", self.size);
            let hint = "Register volumes of at least 4 voxels along each axis, or one section to one section.";
            return Err(KernelError::new(Tag::BadSource, message, hint).with("volume", name));
        }
        let level = Grid::read(self.size, self.dtype, bytes, cancel)?.level;
        let weight = self.weights(bytes, mask, cancel)?;
        let Some(thick) = thick else {
            return Ok(Source { name, size: self.size, spacing: self.spacing_um, level, weight, flat: false });
        };
        let (size, spacing) =
            ([self.size[0], self.size[1], LEAST_SIDE], [self.spacing_um[0], self.spacing_um[1], thick]);
        let weight = weight.map(|w| w.repeat(LEAST_SIDE));
        Ok(Source { name, size, spacing, level: level.repeat(LEAST_SIDE), weight, flat: true })
    }

    /// 0 for voxels that the mask leaves out or whose level is no number, 1 for others; none where all count.
    fn weights(&self, bytes: &[u8], mask: Option<&[u8]>, cancel: Cancel<'_>) -> Result<Option<Vec<f32>>> {
        let mut weight = match mask {
            Some(mask) => Some(Grid::read(self.size, VoxelType::Uint8, mask, cancel)?.level),
            None => None,
        };
        for w in weight.iter_mut().flatten() {
            *w = w.min(1.0);
        }
        if self.dtype == VoxelType::Float32 {
            for (i, level) in bytes.as_chunks::<4>().0.iter().enumerate() {
                if i % 65_536 == 0 {
                    cancel.poll()?;
                }
                if !f32::from_le_bytes(*level).is_finite() {
                    weight.get_or_insert_with(|| vec![1.0; bytes.len() / 4])[i] = 0.0;
                }
            }
        }
        Ok(weight)
    }
}
