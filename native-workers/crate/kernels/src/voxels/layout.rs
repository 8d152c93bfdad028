//! Boxes of voxels in memory: any order of the five axes, and copies of a box out of one into another.

use crate::error::{KernelError, Result};
use crate::voxel::Size5;
use serde::Deserialize;

/// Sides of the squares that a transposition goes by, in elements: a few of them fit the first cache.
const TILE: usize = 32;
const AXES: &str = "xyzct";

/// Axes (0 to 4: x, y, z, channel, time) from the fastest to the slowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Order(pub [usize; 5]);

impl Order {
    /// The order of voxels in memory.
    pub const MEMORY: Self = Self([0, 1, 2, 3, 4]);

    /// The same with the channels of a voxel side by side.
    #[must_use]
    pub fn interleaved(self) -> Self {
        let mut axes = [3; 5];
        for (slot, axis) in axes[1..].iter_mut().zip(self.0.into_iter().filter(|&axis| axis != 3)) {
            *slot = axis;
        }
        Self(axes)
    }

    /// Elements between neighbours along each axis (x, y, z, channel, time) of a packed box.
    pub fn strides(self, shape: Size5) -> Size5 {
        let mut strides = [0; 5];
        let mut stride = 1;
        for axis in self.0 {
            strides[axis] = stride;
            stride *= shape[axis];
        }
        strides
    }

    /// Whether a packed box of this shape is the same bytes in both orders.
    pub fn same_as(self, other: Self, shape: Size5) -> bool {
        let long = |order: Self| order.0.into_iter().filter(move |&axis| shape[axis] > 1);
        long(self).eq(long(other))
    }
}

impl Default for Order {
    fn default() -> Self {
        Self::MEMORY
    }
}

impl TryFrom<String> for Order {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        let axes: Vec<usize> = text.chars().filter_map(|c| AXES.find(c)).collect();
        let all = (0..5).all(|axis| axes.contains(&axis)) && text.len() == 5;
        let axes = <[usize; 5]>::try_from(axes).ok().filter(|_| all);
        axes.map(Self).ok_or_else(|| format!("the order '{text}' is not each of x, y, z, c and t once"))
    }
}

/// One axis of a copy: steps along it, and elements a step in each of the two.
#[derive(Debug, Clone, Copy)]
struct Run {
    count: usize,
    from: usize,
    to: usize,
}

/// A box of the same size in two arrays.
#[derive(Debug, Clone, Copy)]
pub struct Copy {
    pub size: Size5,
    pub from_strides: Size5,
    pub from_at: usize,
    pub to_strides: Size5,
    pub to_at: usize,
}

impl Copy {
    /// Copies the box. `element`: 1, 2, 4 or 8 bytes.
    pub fn run(&self, from: &[u8], to: &mut [u8], element: usize) -> Result<()> {
        match element {
            1 => self.typed::<1>(from, to),
            2 => self.typed::<2>(from, to),
            4 => self.typed::<4>(from, to),
            8 => self.typed::<8>(from, to),
            _ => Err(KernelError::internal(format!("elements of {element} bytes"))),
        }
    }

    fn typed<const N: usize>(&self, from: &[u8], to: &mut [u8]) -> Result<()> {
        if self.size.contains(&0) {
            return Ok(());
        }
        let (from, _) = from.as_chunks::<N>();
        let (to, _) = to.as_chunks_mut::<N>();
        let mut runs = self.merged();
        // The fastest of the target goes innermost; with it, where it is another, the fastest of the source.
        let near = if runs.is_empty() { Run { count: 1, from: 1, to: 1 } } else { runs.remove(0) };
        let fast = runs.iter().enumerate().min_by_key(|(_, run)| run.from).map(|(i, _)| i);
        let far = match fast {
            Some(i) if near.from != 1 && runs[i].from < near.from => runs.remove(i),
            _ => Run { count: 1, from: 0, to: 0 },
        };
        each_offset(&runs, self.from_at, self.to_at, &mut |from_at, to_at| {
            if near.from == 1 && near.to == 1 {
                to[to_at..to_at + near.count].copy_from_slice(&from[from_at..from_at + near.count]);
            } else {
                plane(&from[from_at..], &mut to[to_at..], near, far);
            }
        });
        Ok(())
    }

    /// The axes that are longer than 1, fastest in the target first; those that lie on without a gap in both made one.
    fn merged(&self) -> Vec<Run> {
        let axes = (0..5).filter(|&a| self.size[a] > 1);
        let mut runs: Vec<Run> =
            axes.map(|a| Run { count: self.size[a], from: self.from_strides[a], to: self.to_strides[a] }).collect();
        runs.sort_by_key(|run| run.to);
        runs.into_iter().fold(Vec::new(), |mut merged: Vec<Run>, run| {
            match merged.last_mut() {
                Some(last) if last.from * last.count == run.from && last.to * last.count == run.to => {
                    last.count *= run.count;
                }
                _ => merged.push(run),
            }
            merged
        })
    }
}

/// Calls `each` with the two offsets of every step along `runs`, the first of them fastest.
fn each_offset(runs: &[Run], from: usize, to: usize, each: &mut impl FnMut(usize, usize)) {
    match runs.split_last() {
        None => each(from, to),
        Some((run, faster)) => {
            for i in 0..run.count {
                each_offset(faster, from + i * run.from, to + i * run.to, each);
            }
        }
    }
}

/// Copies a plane square by square, so that both sides stay in the cache.
fn plane<const N: usize>(from: &[[u8; N]], to: &mut [[u8; N]], near: Run, far: Run) {
    let turns = near.to == 1 && far.from == 1;
    let mut square = [[[0; N]; TILE]; TILE];
    for far_at in (0..far.count).step_by(TILE) {
        let rows = TILE.min(far.count - far_at);
        for near_at in (0..near.count).step_by(TILE) {
            let columns = TILE.min(near.count - near_at);
            let from = &from[far_at * far.from + near_at * near.from..];
            let to = &mut to[far_at * far.to + near_at * near.to..];
            if turns && rows == TILE && columns == TILE {
                turn(from, to, near.from, far.to, &mut square);
                continue;
            }
            for row in 0..rows {
                let from = from[row * far.from..].iter().step_by(near.from);
                let to = to[row * far.to..].iter_mut().step_by(near.to);
                to.zip(from).take(columns).for_each(|(to, from)| *to = *from);
            }
        }
    }
}

/// A whole square by way of `square`: memory is read and written in runs, as strides are often powers of two, whose
/// lines push each other out of the cache.
fn turn<const N: usize>(
    from: &[[u8; N]],
    to: &mut [[u8; N]],
    from_stride: usize,
    to_stride: usize,
    square: &mut [[[u8; N]; TILE]; TILE],
) {
    for column in 0..TILE {
        let run = from[column * from_stride..].first_chunk::<TILE>();
        for (row, value) in square.iter_mut().zip(run.into_iter().flatten()) {
            row[column] = *value;
        }
    }
    for (i, row) in square.iter().enumerate() {
        to[i * to_stride..][..TILE].copy_from_slice(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_those_of_five_axes() {
        let parsed = |text: &str| Order::try_from(text.to_owned());
        assert_eq!(parsed("xyzct").unwrap(), Order::MEMORY);
        assert_eq!(parsed("tczyx").unwrap(), Order([4, 3, 2, 1, 0]));
        assert_eq!(parsed("zyxtc").unwrap().interleaved(), Order([3, 2, 1, 0, 4]));
        for bad in ["", "xyzc", "xyzcc", "xyzctt", "abcde", "xyzcé"] {
            assert!(parsed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn axes_of_one_do_not_matter() {
        let c_order = Order([4, 3, 2, 1, 0]);
        assert!(c_order.same_as(Order::MEMORY, [7, 1, 1, 1, 1]) && !c_order.same_as(Order::MEMORY, [7, 2, 1, 1, 1]));
        assert!(Order([0, 3, 1, 2, 4]).same_as(Order::MEMORY, [5, 6, 7, 1, 3]));
    }

    #[test]
    fn strides_are_in_elements() {
        assert_eq!(Order([2, 1, 0, 3, 4]).strides([5, 6, 7, 2, 3]), [42, 7, 1, 210, 420]);
    }
}
