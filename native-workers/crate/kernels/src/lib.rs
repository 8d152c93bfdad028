//! The kernels of Lamella: pure functions of a JSON header, byte inputs and the files that the header names.
//!
//! `native-workers/tasks.ts` is the table of them, with every field's meaning; [`table::run`] is the way in, by way of the
//! crate `assembly`, which has the kernels that put tiles together.
//! Multi-byte numbers are little-endian; images are rows of pixels, x fastest; continuous coordinates have pixel
//! centres at `.5`. Results do not depend on the number of threads.

pub mod cancel;
pub mod compresso;
pub mod cseg;
pub mod decode;
pub mod display;
pub mod downsample;
mod element;
pub mod error;
pub mod fast_size;
pub mod geometry;
pub mod histogram;
pub mod image;
pub mod inspect;
pub mod labels;
pub mod level_range;
pub mod memory;
pub mod output;
pub mod synth;
pub mod table;
#[cfg(test)]
mod test_files;
pub mod voxel;
pub mod voxels;
pub mod warp;
pub mod wide;
