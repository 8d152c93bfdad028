//! The grid of velocities: a torus of nodes around a volume.

use super::{Field, Vec3};
use kernels::fast_size::fast_size;
use serde::{Deserialize, Serialize};

/// Nodes along a torus: node (i, j, k) lies at the origin plus (i, j, k) times the extent over the size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grid {
    pub origin_um: Vec3,
    /// Once around.
    pub extent_um: Vec3,
    pub size: [usize; 3],
}

/// The eight nodes around a place, and where between them it is.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    nodes: [[usize; 2]; 3],
    part: [f32; 3],
}

impl Grid {
    /// Over a box, with room on the way around for what is smoothed over `smooth_um`; nodes at most `apart` µm apart.
    pub fn around(origin_um: Vec3, box_um: Vec3, smooth_um: f64, apart: Vec3) -> Self {
        Self { origin_um, extent_um: box_um.map(|e| e + 4.0 * smooth_um), size: [0; 3] }.with_nodes(apart)
    }

    /// Around a section: one node along z.
    pub fn around_section(origin_um: Vec3, box_um: Vec3, smooth_um: f64, apart: Vec3) -> Self {
        let [w, h, thick] = box_um;
        let extent_um = [w + 4.0 * smooth_um, h + 4.0 * smooth_um, thick];
        Self { origin_um, extent_um, size: [0, 0, 1] }.with_nodes(apart)
    }

    pub fn is_flat(&self) -> bool {
        self.size[2] == 1
    }

    /// The same torus, with other nodes; one along z stays one.
    pub fn with_nodes(&self, apart: Vec3) -> Self {
        let nodes = |k: usize| fast_size((self.extent_um[k] / apart[k]).ceil().max(4.0) as usize);
        let size = std::array::from_fn(|k| if k == 2 && self.is_flat() { 1 } else { nodes(k) });
        Self { size, ..*self }
    }

    pub fn count(&self) -> usize {
        self.size.iter().product()
    }

    pub fn spacing_um(&self) -> Vec3 {
        std::array::from_fn(|k| self.extent_um[k] / self.size[k] as f64)
    }

    /// A place of µm in nodes.
    pub fn nodes_of(&self, at: Vec3) -> [f32; 3] {
        let spacing = self.spacing_um();
        std::array::from_fn(|k| ((at[k] - self.origin_um[k]) / spacing[k]) as f32)
    }

    pub fn index(&self, i: usize) -> [usize; 3] {
        let [w, h, _] = self.size;
        [i % w, i / w % h, i / (w * h)]
    }

    /// Around a place given in nodes, which may lie any number of times around.
    #[inline(always)]
    pub fn cell(&self, at: [f32; 3]) -> Cell {
        let mut cell = Cell { nodes: [[0; 2]; 3], part: [0.0; 3] };
        let mut stride = 1;
        for (k, at) in at.into_iter().enumerate() {
            let (low, n) = (at.floor(), self.size[k]);
            let first = (low as i32).rem_euclid(n as i32) as usize;
            let second = if first + 1 == n { 0 } else { first + 1 };
            cell.nodes[k] = [first * stride, second * stride];
            cell.part[k] = at - low;
            stride *= n;
        }
        cell
    }
}

impl Cell {
    /// Indices and weights of the eight nodes.
    #[inline(always)]
    pub fn weights(&self) -> [(usize, f32); 8] {
        let share = |k: usize, side: usize| if side == 0 { 1.0 - self.part[k] } else { self.part[k] };
        std::array::from_fn(|c| {
            let side = [c & 1, c >> 1 & 1, c >> 2];
            let node = self.nodes[0][side[0]] + self.nodes[1][side[1]] + self.nodes[2][side[2]];
            (node, share(0, side[0]) * share(1, side[1]) * share(2, side[2]))
        })
    }

    #[inline(always)]
    pub fn of(&self, field: &Field) -> [f32; 3] {
        let mut sum = [0.0; 3];
        for (node, weight) in self.weights() {
            let v = field[node];
            for k in 0..3 {
                sum[k] += weight * v[k];
            }
        }
        sum
    }

    /// The derivative of `field` · `by` along x, y, z, per node.
    #[inline(always)]
    pub fn slope(&self, field: &Field, by: [f32; 3]) -> [f32; 3] {
        let value: [f32; 8] = std::array::from_fn(|c| {
            let v = field[self.nodes[0][c & 1] + self.nodes[1][c >> 1 & 1] + self.nodes[2][c >> 2]];
            v[0] * by[0] + v[1] * by[1] + v[2] * by[2]
        });
        let [u, v, w] = self.part;
        let mix = |a: f32, b: f32, t: f32| a + t * (b - a);
        let across = |c: [f32; 4], s: f32, t: f32| mix(mix(c[0], c[1], s), mix(c[2], c[3], s), t);
        let d = |a: usize, b: usize| value[b] - value[a];
        [
            across([d(0, 1), d(2, 3), d(4, 5), d(6, 7)], v, w),
            across([d(0, 2), d(1, 3), d(4, 6), d(5, 7)], u, w),
            across([d(0, 4), d(1, 5), d(2, 6), d(3, 7)], u, v),
        ]
    }
}
