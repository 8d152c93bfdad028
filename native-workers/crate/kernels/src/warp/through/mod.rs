//! The task `warp-box`: voxels of a box seen through a chain of affine maps and fields, led and mixed in one pass.
//!
//! What `warp-points` and `sample-points` do for points that are kept in between, for rows of voxels that never leave the
//! cache of the processor. Affine maps between fields are folded into what lies beside them.

mod cells;
mod chain;
mod columns;
mod mix;
mod nodes;
mod source;

use super::field::{FieldHeader, Interpolation};
use super::lattice::Grid;
use super::{Affine, NOWHERE, Point};
use crate::cancel::Cancel;
use crate::element::with_type;
use crate::error::{KernelError, Result};
use crate::output::{OutBytes, output};
use crate::voxel::VoxelType;
use cells::Cells;
use chain::Chain;
use mix::Mixed;
use serde::{Deserialize, Serialize};
use source::{Part, Source};

/// Voxels of a row that are led and mixed side by side.
const LANES: usize = 64;

/// Header of `warp-box`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WarpBox {
    /// Centres of the voxels.
    grid: Grid,
    steps: Vec<StepHeader>,
    dtype: VoxelType,
    /// Of the whole level.
    level: [usize; 3],
    /// Of the box of the level that is at hand.
    min: [usize; 3],
    size: [usize; 3],
    /// To voxels of the level, whose centres are at whole numbers.
    index_from_point: Affine,
    interpolation: Interpolation,
    /// Which parts of the level the inputs after those of the steps are; elsewhere in the box all is 0.
    chunks: Vec<Part>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum StepHeader {
    Affine { matrix: Affine },
    Field(FieldHeader),
}

/// Result of `warp-box`.
#[derive(Debug, Default, Serialize)]
pub struct Seen {
    /// Voxels that are led into the level.
    inside: usize,
    /// Those of them that lie beyond the box, or were led beyond that of a field: then the output is not what is seen.
    left: usize,
}

/// Voxels as seen through the chain: nearest, or trilinear with integers rounded half up; 0 beyond the level.
pub fn warp_box(header: &WarpBox, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Seen, Vec<OutBytes>)> {
    let fields = header.steps.iter().filter(|step| matches!(step, StepHeader::Field(_))).count();
    if inputs.len() != fields + header.chunks.len() {
        return Err(KernelError::invalid_input(format!(
            "{fields} fields and {} chunks are not {} inputs.",
            header.chunks.len(),
            inputs.len()
        )));
    }
    let (vectors, chunks) = inputs.split_at(fields);
    let voxels = header.grid.voxels()?;
    let chain = Chain::new(header, vectors)?;
    let source = Source::new(header, chunks)?;
    let mut out = output(voxels * header.dtype.bytes());
    let seen = with_type!(header.dtype, T => see::<T>(header, &chain, &source, &mut out, cancel)?);
    Ok((seen, vec![out]))
}

fn see<T: Mixed>(
    header: &WarpBox,
    chain: &Chain<'_>,
    source: &Source,
    out: &mut [u8],
    cancel: Cancel<'_>,
) -> Result<Seen> {
    let [columns, rows, _] = header.grid.size;
    let mut seen = Seen::default();
    let (mut row, mut cells) = (chain.row(columns), Cells::new());
    for (n, out) in out.chunks_exact_mut(columns * T::BYTES).enumerate() {
        if n % 16 == 0 {
            cancel.poll()?;
        }
        row.begin((n % rows) as f64, (n / rows) as f64);
        for (block, out) in out.chunks_mut(LANES * T::BYTES).enumerate() {
            let (index, left) = row.lead(block * LANES, out.len() / T::BYTES);
            let (inside, beyond) = match header.interpolation {
                Interpolation::Linear => T::mix(source, index, &mut cells, out),
                Interpolation::Nearest => mix::nearest::<T>(source, index, &mut cells, out),
            };
            seen.inside += inside + left;
            seen.left += beyond + left;
        }
    }
    Ok(seen)
}

#[cfg(test)]
mod tests;
