//! Blocks: three-dimensional tiles of a light-sheet microscope. Pairs are matched by projections (the MIP-NCC of
//! TeraStitcher, Bria and Iannello 2012, with true-overlap normalisation, sub-voxel peaks and a refinement in three
//! dimensions), all are placed at once by robust least squares, and blended at sub-voxel places.

mod axes;
pub mod blend;
pub mod grid;
mod matching;
pub mod ncc_map;
mod peak;
mod project;
mod refine;
pub mod solve;
mod sparse;
mod stage;
#[cfg(test)]
mod test_texture;

pub use blend::blend_blocks;
pub use matching::{match_blocks, project_ncc};
pub use solve::solve_blocks;

/// x, y, z.
pub type Vec3 = [f64; 3];
