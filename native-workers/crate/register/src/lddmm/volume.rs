//! Levels of a volume, asked for anywhere.

use super::Vec3;
use super::header::VolumeHeader;
use super::spread::spread;
use kernels::error::{KernelError, Result, Tag};
use kernels::level_range::level_range;

/// Voxels of one volume, x fastest; the centre of voxel (i, j, k) lies at the origin plus (i, j, k) times the spacing.
pub struct Volume {
    pub size: [usize; 3],
    pub spacing_um: Vec3,
    pub origin_um: Vec3,
    /// Beside voxels that count like those; elsewhere 0 where there is no data.
    pub level: Vec<f32>,
    /// 0 or 1: whether a voxel counts; none where all do.
    pub counts: Option<Vec<f32>>,
    /// Between which levels lie all but one in a thousand voxels at either end.
    pub range: [f32; 2],
}

impl Volume {
    /// Of levels (f32) and a mask (u8, 0 = does not count). Levels that are no numbers do not count.
    pub fn read(name: &'static str, header: &VolumeHeader, bytes: &[u8], mask: Option<&[u8]>) -> Result<Self> {
        let bad =
            |message: String, hint: &str| Err(KernelError::new(Tag::BadSource, message, hint).with("volume", name));
        let sides = header.spacing_um.iter().all(|s| s.is_finite() && *s > 0.0);
        if !sides || header.origin_um.iter().any(|o| !o.is_finite()) {
            let message = format!("The {name} volume has voxels of {:?} µm.", header.spacing_um);
            return bad(message, "Say how large its voxels are.");
        }
        let axes = if header.size[2] == 1 { 2 } else { 3 };
        if header.size[..axes].iter().any(|n| *n < 4) {
            let message = format!("The {name} volume is only {:?} voxels large.", header.size);
            return bad(
                message,
                "Register volumes of at least 4 voxels along each axis, or one section to one section.",
            );
        }
        let count = header.size.iter().try_fold(1usize, |a, n| a.checked_mul(*n)).unwrap_or(usize::MAX);
        if bytes.len().checked_div(4) != Some(count) || mask.is_some_and(|m| m.len() != count) {
            let message = format!("{} bytes are not the levels of {:?} voxels.", bytes.len(), header.size);
            return Err(KernelError::invalid_input(message).with("volume", name));
        }
        let mut level: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        let mut counts: Option<Vec<f32>> = mask.map(|m| m.iter().map(|v| f32::from(u8::from(*v > 0))).collect());
        for (i, level) in level.iter_mut().enumerate() {
            if !level.is_finite() {
                *level = 0.0;
                counts.get_or_insert_with(|| vec![1.0; count])[i] = 0.0;
            }
        }
        if let Some(counts) = &counts {
            spread(&mut level, counts, header.size);
        }
        let range = level_range(&level, counts.as_deref()).filter(|[low, high]| low < high);
        let Some(range) = range else {
            return bad(format!("The {name} volume is blank."), "Check that the right channel and mask were chosen.");
        };
        let VolumeHeader { size, spacing_um, origin_um, .. } = *header;
        Ok(Self { size, spacing_um, origin_um, level, counts, range })
    }

    pub fn count(&self) -> usize {
        self.level.len()
    }

    pub fn plane(&self) -> usize {
        self.size[0] * self.size[1]
    }

    pub fn is_section(&self) -> bool {
        self.size[2] == 1
    }

    pub fn extent_um(&self) -> Vec3 {
        std::array::from_fn(|k| self.spacing_um[k] * self.size[k] as f64)
    }

    /// A place of µm in voxels.
    pub fn voxels_of(&self, at: Vec3) -> [f32; 3] {
        std::array::from_fn(|k| ((at[k] - self.origin_um[k]) / self.spacing_um[k]) as f32)
    }

    /// The level at a place of voxels, linear between them and the border's beyond it, with its slope per voxel. A section
    /// is the same all along z.
    #[inline(always)]
    pub fn here(&self, at: [f32; 3]) -> (f32, [f32; 3]) {
        let (mut first, mut part, mut free) = (0, [0.0f32; 3], [1.0f32; 3]);
        let mut stride = 1;
        for k in 0..3 {
            let last = (self.size[k] - 1) as f32;
            let inside = at[k].clamp(0.0, last);
            free[k] = if inside == at[k] { 1.0 } else { 0.0 };
            let base = (inside as usize).min(self.size[k].saturating_sub(2));
            part[k] = inside - base as f32;
            first += base * stride;
            stride *= self.size[k];
        }
        let (row, plane) = (self.size[0], if self.is_section() { 0 } else { self.plane() });
        let [u, v, w] = part;
        let mix = |a: f32, b: f32, t: f32| a + t * (b - a);
        let pair = |i: usize| [self.level[i], self.level[i + 1]];
        let (a, b, c, d) = (pair(first), pair(first + row), pair(first + plane), pair(first + plane + row));
        let along = |p: [f32; 2]| mix(p[0], p[1], u);
        let (near, far) = (mix(along(a), along(b), v), mix(along(c), along(d), v));
        let dx = mix(mix(a[1] - a[0], b[1] - b[0], v), mix(c[1] - c[0], d[1] - d[0], v), w);
        let dy = mix(along(b) - along(a), along(d) - along(c), w);
        (mix(near, far, w), [dx * free[0], dy * free[1], (far - near) * free[2]])
    }

    /// Whether the voxel nearest to a place of voxels is there, and counts: 0 or 1.
    pub fn weight(&self, at: [f32; 3]) -> f32 {
        let (mut index, mut stride) = (0, 1);
        let axes = if self.is_section() { 2 } else { 3 };
        for (k, at) in at.into_iter().enumerate().take(axes) {
            let near = at.round();
            if !(near >= 0.0 && near < self.size[k] as f32) {
                return 0.0;
            }
            index += near as usize * stride;
            stride *= self.size[k];
        }
        self.counts.as_ref().map_or(1.0, |c| c[index])
    }
}
