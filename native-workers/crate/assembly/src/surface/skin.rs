//! The faces between voxels inside and outside, which meet at corners of voxels.

use kernels::cancel::Cancel;
use kernels::error::Result;
use std::ops::Range;

const NONE: u32 = u32::MAX;

/// Faces and the corners that they share. Places are in voxels: voxel i reaches from i to i + 1.
pub struct Skin {
    /// Of each vertex: the corner of voxels that it is of.
    pub corners: Vec<[f64; 3]>,
    /// Where it is now.
    pub places: Vec<[f64; 3]>,
    /// Vertices around each face; seen from outside they turn left.
    pub faces: Vec<[u32; 4]>,
}

struct Voxels<'a> {
    size: [usize; 3],
    bytes: &'a [u8],
    inside: Range<u16>,
}

impl Voxels<'_> {
    /// Beyond the box all is outside; `at` is one more than the voxel.
    fn is_inside(&self, at: [usize; 3]) -> bool {
        let [x, y, z] = at;
        let [width, height, depth] = self.size;
        if x == 0 || y == 0 || z == 0 || x > width || y > height || z > depth {
            return false;
        }
        let i = 2 * (((z - 1) * height + y - 1) * width + x - 1);
        self.inside.contains(&u16::from_le_bytes([self.bytes[i], self.bytes[i + 1]]))
    }
}

impl Skin {
    /// Of the voxels (u16, x fastest) whose values are in `inside`.
    pub fn around(size: [usize; 3], bytes: &[u8], inside: Range<u16>, cancel: Cancel<'_>) -> Result<Self> {
        let voxels = Voxels { size, bytes, inside };
        let corners_of = size.map(|n| n + 1);
        let mut found = vec![NONE; corners_of.iter().product()];
        let mut skin = Self { corners: Vec::new(), places: Vec::new(), faces: Vec::new() };
        for z in 0..=size[2] {
            for y in 0..=size[1] {
                cancel.poll()?;
                for x in 0..=size[0] {
                    let here = voxels.is_inside([x, y, z]);
                    for axis in 0..3 {
                        let mut next = [x, y, z];
                        next[axis] += 1;
                        if here != voxels.is_inside(next) {
                            skin.add_face([x, y, z], axis, here, corners_of, &mut found);
                        }
                    }
                }
            }
        }
        skin.places.clone_from(&skin.corners);
        Ok(skin)
    }

    /// The face beyond a voxel (`at` is one more than it) along an axis; `out`: it is the voxel that is inside.
    fn add_face(&mut self, at: [usize; 3], axis: usize, out: bool, corners_of: [usize; 3], found: &mut [u32]) {
        let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
        // The corner of the face nearest to the origin: along the axis the far side of the voxel, else its near side.
        let mut first = at;
        first[u] -= 1;
        first[v] -= 1;
        let mut face = [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(along_u, along_v)| {
            let mut corner = first;
            corner[u] += along_u;
            corner[v] += along_v;
            let id = &mut found[(corner[2] * corners_of[1] + corner[1]) * corners_of[0] + corner[0]];
            if *id == NONE {
                *id = self.corners.len() as u32;
                self.corners.push(corner.map(|n| n as f64));
            }
            *id
        });
        if !out {
            face.reverse();
        }
        self.faces.push(face);
    }

    /// Two for each face, parted along its shorter diagonal.
    pub fn triangles(&self) -> Vec<[u32; 3]> {
        let far = |a: u32, b: u32| -> f64 {
            let (a, b) = (self.places[a as usize], self.places[b as usize]);
            (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum()
        };
        let parted = self.faces.iter().flat_map(|&[a, b, c, d]| {
            if far(a, c) <= far(b, d) { [[a, b, c], [a, c, d]] } else { [[b, c, d], [b, d, a]] }
        });
        parted.collect()
    }
}
