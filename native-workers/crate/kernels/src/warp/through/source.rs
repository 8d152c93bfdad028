//! The box of a level that voxels are mixed of, put together from chunks.

use super::WarpBox;
use super::cells::Held;
use crate::error::{KernelError, Result};
use crate::memory::zeros;
use serde::Deserialize;

/// A box of the level whose voxels are an input: it may reach beyond the box that is asked for.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Part {
    min: [usize; 3],
    size: [usize; 3],
}

/// Bytes after the last voxel, so that two voxels can be read at once wherever one may be.
const SLACK: usize = 16;
/// Of a box: what a place in it can be told by.
const MOST_BYTES: usize = 1 << 31;

/// Voxels of a box with one more row, column and plane, which are read and do not count.
pub(super) struct Source {
    pub(super) voxels: Vec<u8>,
    pub(super) held: Held,
    min: [usize; 3],
    size: [usize; 3],
}

impl Source {
    pub(super) fn new(header: &WarpBox, chunks: &[&[u8]]) -> Result<Self> {
        let WarpBox { level, min, size, dtype, .. } = header;
        let fits = (0..3).all(|k| {
            size[k] > 0 && level[k] < 1 << 31 && min[k].checked_add(size[k]).is_some_and(|end| end <= level[k])
        });
        let bytes = size.iter().try_fold(dtype.bytes(), |n, &side| n.checked_mul(side.checked_add(1)?));
        let bytes = bytes.filter(|&bytes| fits && bytes < MOST_BYTES);
        let bytes = bytes.ok_or_else(|| {
            KernelError::invalid_input(format!("A box of {size:?} voxels at {min:?} of a level of {level:?}."))
        })?;
        let held = Held::new(*level, *min, *size);
        let mut source = Self { voxels: zeros(bytes + SLACK), held, min: *min, size: *size };
        for (part, voxels) in header.chunks.iter().zip(chunks) {
            source.put(part, voxels, dtype.bytes())?;
        }
        Ok(source)
    }

    fn put(&mut self, part: &Part, voxels: &[u8], width: usize) -> Result<()> {
        let bytes = part.size.iter().try_fold(width, |n, &side| n.checked_mul(side));
        if bytes != Some(voxels.len()) {
            return Err(KernelError::invalid_input(format!(
                "A chunk of {:?} voxels has {} bytes.",
                part.size,
                voxels.len()
            )));
        }
        let low: [usize; 3] = std::array::from_fn(|k| part.min[k].max(self.min[k]));
        let high: [usize; 3] =
            std::array::from_fn(|k| part.min[k].saturating_add(part.size[k]).min(self.min[k] + self.size[k]));
        if (0..3).any(|k| low[k] >= high[k]) {
            return Ok(());
        }
        let bytes = (high[0] - low[0]) * width;
        for z in low[2]..high[2] {
            for y in low[1]..high[1] {
                let from = ((z - part.min[2]) * part.size[1] + y - part.min[1]) * part.size[0] + low[0] - part.min[0];
                let to = (z - self.min[2]) * self.held.plane + (y - self.min[1]) * self.held.row + low[0] - self.min[0];
                self.voxels[to * width..to * width + bytes]
                    .copy_from_slice(&voxels[from * width..from * width + bytes]);
            }
        }
        Ok(())
    }
}
