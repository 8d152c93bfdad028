//! Large deformations between volumes by diffeomorphic metric mapping (Beg et al. 2005, "Computing large deformation
//! metric mappings via geodesic flows of diffeomorphisms"), with contrast maps and weights as of Tward et al. 2020.
//!
//! A map is a chain of small steps x - v_t(x) / T of smooth velocities v_t. These live on a grid of their own, coarser
//! than the voxels and closed to a torus that is wider than the volume, so that transforms of Fourier smooth them exactly
//! in µm. All of it is discretised first and differentiated then: gradients are those of the energy that is measured.
//!
//! Sections, volumes of one voxel along z, are bent in their plane: velocities then have one node along z, and no part
//! along it, so that the same steps leave all that lies above each other above each other.
//!
//! Places are in µm of the fixed volume's frame, x first. The moving volume is seen at `moving_from_fixed` of where the
//! steps lead; inverses are those of the steps, one by one.

mod contrast;
mod correlation;
mod descent;
mod energy;
mod flow;
mod fourier;
mod grid;
mod header;
mod information;
mod maps;
mod metric;
mod smooth;
mod spectrum;
mod spread;
mod task;
mod volume;
mod warp;
mod weights;

#[cfg(test)]
mod lddmm_tests;
#[cfg(test)]
mod scene;

pub use maps::{LddmmMaps, lddmm_maps};
pub use task::register_lddmm;

use std::ops::Range;

/// Rows of a section that are worked on at once.
const ROWS_AT_ONCE: usize = 16;

/// How many items that lie row by row are worked on at once: a plane of a box, some rows of a section.
const fn piece([w, h, d]: [usize; 3]) -> usize {
    if d == 1 { w * ROWS_AT_ONCE } else { w * h }
}

/// Where all pieces of them lie.
fn pieces(size: [usize; 3]) -> Vec<Range<usize>> {
    let (piece, all) = (piece(size), size.iter().product());
    (0..all).step_by(piece).map(|first| first..(first + piece).min(all)).collect()
}

/// x, y, z.
type Vec3 = [f64; 3];
/// Vectors at the nodes of a grid, x fastest.
type Field = Vec<[f32; 3]>;
