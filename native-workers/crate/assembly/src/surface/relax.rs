//! Steps of voxels smoothed away.

use super::skin::Skin;
use kernels::cancel::Cancel;
use kernels::error::Result;

/// Towards the middle of the neighbours, then a little further back: what is smooth stays where it is.
const SHRINK: f64 = 0.5;
const GROW: f64 = -0.53;
/// Of a voxel: how far a vertex may go from its corner.
const FARTHEST: f64 = 0.5;
/// Faces between two polls.
const BLOCK: usize = 1 << 16;

pub fn relax(skin: &mut Skin, rounds: u32, cancel: Cancel<'_>) -> Result<()> {
    let mut sums = vec![[0.0; 3]; skin.places.len()];
    let mut counts = vec![0.0; skin.places.len()];
    for faces in skin.faces.chunks(BLOCK) {
        cancel.poll()?;
        for &corner in faces.iter().flatten() {
            counts[corner as usize] += 2.0;
        }
    }
    for part in (0..rounds).flat_map(|_| [SHRINK, GROW]) {
        sums.fill([0.0; 3]);
        for faces in skin.faces.chunks(BLOCK) {
            cancel.poll()?;
            for &face in faces {
                for i in 0..4 {
                    let sum = &mut sums[face[i] as usize];
                    let (before, after) = (face[(i + 3) % 4] as usize, face[(i + 1) % 4] as usize);
                    for (axis, sum) in sum.iter_mut().enumerate() {
                        *sum += skin.places[before][axis] + skin.places[after][axis];
                    }
                }
            }
        }
        for (i, place) in skin.places.iter_mut().enumerate() {
            for axis in 0..3 {
                let moved = place[axis] + part * (sums[i][axis] / counts[i] - place[axis]);
                let corner = skin.corners[i][axis];
                place[axis] = moved.clamp(corner - FARTHEST, corner + FARTHEST);
            }
        }
    }
    Ok(())
}
