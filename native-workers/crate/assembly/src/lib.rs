//! The kernels that make volumes of tiles, over the crate `kernels`; [`run`] is the one way in, for the tasks of both.

pub mod affine;
pub mod blocks;
pub mod correlate;
pub mod intensity;
pub mod render;
pub mod scope;
pub mod sections;
pub mod solve;
pub mod surface;
mod table;
#[cfg(test)]
#[path = "../../kernels/src/test_files.rs"]
mod test_files;

#[cfg(test)]
use kernels::image;
pub use table::run;
