//! The task `region-surface`: where the labels of a range meet all others, as a closed mesh.

mod relax;
mod skin;

#[cfg(test)]
mod tests;

use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result, Tag};
use serde::{Deserialize, Serialize};

/// Voxels of a box; beside each a byte and four for the corner before it are held.
const MOST_VOXELS: usize = 1 << 25;

/// Header of `region-surface`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegionSurface {
    size: [usize; 3],
    /// Nanometres between the centres of voxels.
    spacing_nm: [f64; 3],
    /// The outer corner of the first voxel.
    origin_nm: [f64; 3],
    /// Values from here on …
    from: u16,
    /// … to before here are inside.
    end: u16,
    rounds: u32,
}

/// Result of `region-surface`.
#[derive(Debug, Serialize)]
pub struct Surface {
    vertices: usize,
    triangles: usize,
}

/// The skin of the voxels that are inside, relaxed so that its steps go and its volume stays (Taubin, "A signal processing
/// approach to fair surface design", 1995), no vertex by more than half a voxel along any axis (Gibson, "Constrained elastic
/// surface nets", 1998). Beyond the box all is outside. The answer is a fragment of the legacy precomputed format: u32
/// vertices, f32 x y z of each in nm, u32 corners of triangles, which turn left around what points out. O(voxels + rounds x
/// faces).
pub fn region_surface(header: &RegionSurface, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Surface, Vec<Vec<u8>>)> {
    let &RegionSurface { size, spacing_nm, origin_nm, from, end, rounds } = header;
    let voxels = size.iter().try_fold(1usize, |all, &n| all.checked_mul(n)).filter(|&n| n <= MOST_VOXELS);
    let Some(voxels) = voxels else {
        let what = format!("A box of {size:?} voxels is too large for a surface.");
        return Err(KernelError::new(Tag::OverBudget, what, "Take a coarser level."));
    };
    let bytes = match inputs {
        [bytes] if bytes.len() == 2 * voxels => bytes,
        _ => return Err(KernelError::invalid_input(format!("A surface takes {voxels} voxels of 16 bits."))),
    };
    let mut skin = skin::Skin::around(size, bytes, from..end, cancel)?;
    relax::relax(&mut skin, rounds, cancel)?;
    let triangles = skin.triangles();
    let mut out = Vec::with_capacity(4 + 12 * skin.places.len() + 12 * triangles.len());
    out.extend((skin.places.len() as u32).to_le_bytes());
    for place in &skin.places {
        for axis in 0..3 {
            out.extend(((origin_nm[axis] + place[axis] * spacing_nm[axis]) as f32).to_le_bytes());
        }
    }
    for corner in triangles.iter().flatten() {
        out.extend(corner.to_le_bytes());
    }
    Ok((Surface { vertices: skin.places.len(), triangles: triangles.len() }, vec![out]))
}
