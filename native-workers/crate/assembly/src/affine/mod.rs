//! Affine registration of volumes by mutual information, whatever the orientation and the contrast of either.
//!
//! The information is that of Mattes et al. 2003 ("PET-CT image registration in the chest using free-form
//! deformations"): a joint histogram over stratified samples of the fixed volume, cubic B-spline window along the levels
//! of the moving one, which makes the gradient exact. All axis orientations are scored at the coarsest level, the best
//! are refined one level on, and the first of them down to the working resolution.
//!
//! Places are in µm: voxel (i, j, k) of a volume has its centre at (i, j, k) times the spacing, x first.

mod climb;
mod header;
mod judge;
mod level;
mod map;
mod metric;
mod moments;
mod orient;
mod samples;
mod search;

#[cfg(test)]
mod affine_tests;
#[cfg(test)]
mod scene;

pub use header::{Answer, RegisterAffine, Volume};
pub use search::register_affine;

/// x, y, z.
pub type Vec3 = [f64; 3];
/// Rows first.
pub type Mat3 = [[f64; 3]; 3];
