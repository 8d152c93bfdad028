//! Maximum-intensity projections of a box.

use super::grid::Grid;
use kernels::cancel::Cancel;
use kernels::error::Result;
use std::ops::Range;

/// A picture: rows of `width`.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub level: Vec<f32>,
}

/// The axes of a projection: those that it keeps (first = along rows), and that which it looks along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plane {
    pub kept: [usize; 2],
    pub along: usize,
}

/// xy, xz, yz.
pub const PLANES: [Plane; 3] =
    [Plane { kept: [0, 1], along: 2 }, Plane { kept: [0, 2], along: 1 }, Plane { kept: [1, 2], along: 0 }];

/// The largest value along `plane.along` within `over` of that axis, for every place of the other two.
pub fn project(grid: &Grid, plane: Plane, over: Range<usize>, cancel: Cancel<'_>) -> Result<Picture> {
    let [w, h, d] = grid.size;
    let (width, height) = (grid.size[plane.kept[0]], grid.size[plane.kept[1]]);
    let mut level = vec![f32::NEG_INFINITY; width * height];
    for z in if plane.along == 2 { over.clone() } else { 0..d } {
        cancel.poll()?;
        for y in if plane.along == 1 { over.clone() } else { 0..h } {
            let row = &grid.level[grid.row(y, z)..][..w];
            match plane.along {
                2 => raise(&mut level[y * w..][..w], row),
                1 => raise(&mut level[z * w..][..w], row),
                _ => level[z * h + y] = row[over.clone()].iter().copied().fold(f32::NEG_INFINITY, f32::max),
            }
        }
    }
    Ok(Picture { width, height, level })
}

fn raise(to: &mut [f32], row: &[f32]) {
    for (to, &v) in to.iter_mut().zip(row) {
        *to = if v > *to { v } else { *to };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::cancel::never;

    #[test]
    fn each_projection_keeps_its_axes_and_looks_only_within_the_range() {
        let size = [4, 3, 5];
        let level = (0..60).map(|i| ((i * 37) % 61) as f32).collect();
        let grid = Grid { size, level };
        for plane in PLANES {
            let picture = project(&grid, plane, 1..3, never()).unwrap();
            assert_eq!([picture.width, picture.height], plane.kept.map(|k| size[k]));
            for j in 0..picture.height {
                for i in 0..picture.width {
                    let want = (1..3).map(|k| {
                        let mut at = [0; 3];
                        (at[plane.kept[0]], at[plane.kept[1]], at[plane.along]) = (i, j, k);
                        grid.level[grid.row(at[1], at[2]) + at[0]]
                    });
                    assert_eq!(picture.level[j * picture.width + i], want.fold(f32::MIN, f32::max));
                }
            }
        }
    }
}
