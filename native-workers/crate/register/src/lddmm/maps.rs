//! `lddmm-maps`: velocities as fields of displacements both ways, and what can be told of them.

use super::flow::{Flow, determinant};
use super::grid::Grid;
use super::header::{State, VolumeHeader};
use super::task::{bytes_of, fields_of};
use super::{Field, pieces};
use crate::threads::Crew;
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result, Tag};
use kernels::table::one;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The header of `lddmm-maps`, see the task table.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LddmmMaps {
    pub state: State,
    /// Voxels that displacements are asked for at.
    pub target: VolumeHeader,
    pub threads: usize,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// Natural logarithm of the local change of volume, fixed to moving; least and most; null where it folds.
    log_jacobian: Option<[f64; 2]>,
    /// Share of cells with a corner whose determinant is not above 0.
    folded: f64,
    /// How far there and back by the two fields misses, µm: mean and most, over places that stay inside.
    inverse_error_um: [f64; 2],
    /// µm.
    most_displacement_um: f64,
}

const MOST_VOXELS: usize = 1 << 28;

/// See the task table.
pub fn lddmm_maps(header: &LddmmMaps, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Told, Vec<Vec<u8>>)> {
    let velocities = fields_of(&header.state, one(inputs)?)?;
    let target = &header.target;
    let count = target.size.iter().try_fold(1usize, |a, n| a.checked_mul(*n));
    let axes = if header.state.grid.is_flat() { 2 } else { 3 };
    if target.size[..axes].iter().any(|n| *n < 2)
        || target.size[2] == 0
        || target.spacing_um.iter().any(|s| !(s.is_finite() && *s > 0.0))
    {
        return Err(KernelError::invalid_input(format!("{target:?} is no target of a field.")));
    }
    if count.is_none_or(|n| n > MOST_VOXELS) {
        let message = format!("A field of {:?} voxels is more than memory is meant for.", target.size);
        return Err(KernelError::new(Tag::OverBudget, message, "Ask for a coarser field."));
    }
    let crew = Crew { threads: header.threads.clamp(1, 64), cancel };
    let flow = Flow::new(&header.state.grid, &velocities);
    let back = field(&flow, target, &|at| flow.back(at), crew)?;
    let forth = field(&flow, target, &|at| flow.forth(at), crew)?;
    let lattice = Lattice::new(target);
    let (least, most, folded) = lattice.determinants(&back, crew)?;
    let told = Told {
        log_jacobian: (least > 0.0).then(|| [least.ln(), most.ln()]),
        folded,
        inverse_error_um: lattice.misses(&back, &forth, crew)?,
        most_displacement_um: back.iter().map(length).fold(0.0, f64::max),
    };
    Ok((told, vec![bytes_of(back), bytes_of(forth)]))
}

fn length(v: &[f32; 3]) -> f64 {
    v.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt()
}

/// Displacements (µm) of the target's voxels by `carry`, which takes nodes to nodes.
fn field(
    flow: &Flow<'_>,
    target: &VolumeHeader,
    carry: &(dyn Fn([f32; 3]) -> [f32; 3] + Sync),
    crew: Crew<'_>,
) -> Result<Field> {
    let [w, h, d] = target.size;
    let grid: &Grid = flow.grid;
    let spacing = grid.spacing_um();
    let rows = crew.each((0..h * d).collect(), |row: usize| -> Field {
        let voxel = |x: usize| {
            let index = [x, row % h, row / h];
            let at =
                grid.nodes_of(std::array::from_fn(|k| target.origin_um[k] + index[k] as f64 * target.spacing_um[k]));
            let end = carry(at);
            std::array::from_fn(|k| (f64::from(end[k] - at[k]) * spacing[k]) as f32)
        };
        (0..w).map(voxel).collect()
    })?;
    Ok(rows.into_iter().flatten().collect())
}

/// Voxels of a field.
struct Lattice {
    size: [usize; 3],
    /// From a voxel to the next; 0 along z where there is none.
    stride: [usize; 3],
    spacing: [f32; 3],
}

impl Lattice {
    fn new(target: &VolumeHeader) -> Self {
        let [w, h, d] = target.size;
        Self {
            size: target.size,
            stride: [1, w, if d > 1 { w * h } else { 0 }],
            spacing: target.spacing_um.map(|s| s as f32),
        }
    }

    /// Least and most determinant at the corners of cells between voxels, and the share of cells that fold. A section's
    /// are those of its plane.
    fn determinants(&self, by: &Field, crew: Crew<'_>) -> Result<(f64, f64, f64)> {
        let [w, h, d] = self.size;
        let (stride, layers) = (self.stride, (d - 1).max(1));
        let rows = crew.each((0..layers * (h - 1)).collect(), |row: usize| {
            let (mut least, mut most, mut folded) = (f32::INFINITY, 0.0f32, 0usize);
            let first = (row / (h - 1) * h + row % (h - 1)) * w;
            for i in first..first + w - 1 {
                let mut low = f32::INFINITY;
                for c in 0..8usize {
                    let side = [c & 1, c >> 1 & 1, c >> 2];
                    // Edges of the cell that meet in this corner.
                    let edge = |k: usize| -> [f32; 3] {
                        let others: usize = (0..3).filter(|j| *j != k).map(|j| side[j] * stride[j]).sum();
                        let (a, b) = (by[i + others], by[i + others + stride[k]]);
                        std::array::from_fn(|j| (b[j] - a[j]) / self.spacing[k] + if j == k { 1.0 } else { 0.0 })
                    };
                    let det = determinant([edge(0), edge(1), edge(2)]);
                    (low, most) = (low.min(det), most.max(det));
                }
                least = least.min(low);
                folded += usize::from(low.is_nan() || low <= 0.0);
            }
            (least, most, folded)
        })?;
        let cells = ((w - 1) * (h - 1) * layers) as f64;
        let least = rows.iter().map(|p| p.0).fold(f32::INFINITY, f32::min);
        let most = rows.iter().map(|p| p.1).fold(0.0, f32::max);
        let folded: usize = rows.iter().map(|p| p.2).sum();
        Ok((f64::from(least), f64::from(most), folded as f64 / cells))
    }

    /// Mean and most of |a(x) + b(x + a(x))|, µm, fields linear between voxels.
    fn misses(&self, a: &Field, b: &Field, crew: Crew<'_>) -> Result<[f64; 2]> {
        let [w, h, _] = self.size;
        let planes = crew.each(pieces(self.size), |places: Range<usize>| {
            let (mut sum, mut most, mut count) = (0.0, 0.0f64, 0usize);
            for (i, x) in places.map(|i| (i, [i % w, i / w % h, i / (w * h)])) {
                let at = std::array::from_fn(|k| x[k] as f32 + a[i][k] / self.spacing[k]);
                if let Some(back) = self.linear(b, at) {
                    let miss = length(&std::array::from_fn(|k| a[i][k] + back[k]));
                    (sum, most, count) = (sum + miss, most.max(miss), count + 1);
                }
            }
            (sum, most, count)
        })?;
        let count: usize = planes.iter().map(|p| p.2).sum();
        let sum: f64 = planes.iter().map(|p| p.0).sum();
        Ok([sum / count.max(1) as f64, planes.iter().map(|p| p.1).fold(0.0, f64::max)])
    }

    /// None outside.
    fn linear(&self, field: &Field, at: [f32; 3]) -> Option<[f32; 3]> {
        let (mut first, mut part) = (0, [0.0; 3]);
        for k in 0..3 {
            if !(at[k] >= 0.0 && at[k] <= (self.size[k] - 1) as f32) {
                return None;
            }
            let base = (at[k] as usize).min(self.size[k].saturating_sub(2));
            part[k] = at[k] - base as f32;
            first += base * self.stride[k];
        }
        let mut sum = [0.0f32; 3];
        for c in 0..8usize {
            let side = [c & 1, c >> 1 & 1, c >> 2];
            let share: f32 = (0..3).map(|k| if side[k] == 1 { part[k] } else { 1.0 - part[k] }).product();
            let node = field[first + (0..3).map(|k| side[k] * self.stride[k]).sum::<usize>()];
            (0..3).for_each(|k| sum[k] += share * node[k]);
        }
        Some(sum)
    }
}
