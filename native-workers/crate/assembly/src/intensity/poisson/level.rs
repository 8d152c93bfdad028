//! One grid. All of its arrays have a border of one cell of zeros, so that every cell has four neighbours.

use super::smooth::Row;
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::memory::prefer_huge_pages;

/// A grid of `width` x `height` cells; cell (x, y) is at `index(x, y)` of each array.
pub struct Level {
    pub width: usize,
    pub height: usize,
    /// Weight of the edge to the cell at the right, and to the cell below.
    pub right: Vec<f32>,
    pub below: Vec<f32>,
    /// Weight of the screen; 0 where there is no cell.
    pub mass: Vec<f32>,
    pub b: Vec<f32>,
    pub u: Vec<f32>,
    /// Missing cells beside cells: interpolation looks at them.
    pub rim: Vec<Rim>,
}

/// A missing cell, with the cells around it that are there.
pub struct Rim {
    pub at: u32,
    pub near: Vec<u32>,
}

fn zeros(count: usize) -> Vec<f32> {
    let zeros = vec![0.0f32; count];
    prefer_huge_pages(zeros.as_ptr().cast(), count * 4);
    zeros
}

impl Level {
    /// A grid without cells.
    pub fn empty(width: usize, height: usize) -> Self {
        let make = || zeros((width + 2) * (height + 2));
        Self { width, height, right: make(), below: make(), mass: make(), b: make(), u: make(), rim: Vec::new() }
    }

    /// A grid of the cells that `is_there`, with edges of weight 1 between neighbours and the same screen everywhere.
    pub fn of_cells(width: usize, height: usize, screen: f32, is_there: impl Fn(usize, usize) -> bool) -> Self {
        let mut level = Self::empty(width, height);
        for y in 0..height {
            for x in 0..width {
                let at = level.index(x, y);
                level.mass[at] = if is_there(x, y) { screen } else { 0.0 };
            }
        }
        level.join_neighbours();
        level
    }

    /// Edges of weight 1 between all neighbours that are there.
    pub fn join_neighbours(&mut self) {
        let stride = self.stride();
        for y in 0..self.height {
            for at in self.index(0, y)..self.index(self.width, y) {
                let is = |i: usize| self.mass[i] > 0.0;
                let (right, below) = (is(at) && is(at + 1), is(at) && is(at + stride));
                (self.right[at], self.below[at]) = (f32::from(u8::from(right)), f32::from(u8::from(below)));
            }
        }
        self.find_rim();
    }

    /// Cells from one row to the next.
    pub fn stride(&self) -> usize {
        self.width + 2
    }

    /// Where cell (x, y) is in the arrays.
    pub fn index(&self, x: usize, y: usize) -> usize {
        (y + 1) * self.stride() + x + 1
    }

    /// Cells, missing ones included.
    pub fn cells(&self) -> usize {
        self.width * self.height
    }

    /// The grid at twice the spacing: edges by half the sum of those that cross, the screen by its sum.
    pub fn coarser(&self, cancel: Cancel<'_>) -> Result<Self> {
        let mut coarse = Self::empty(self.width.div_ceil(2), self.height.div_ceil(2));
        for y in 0..self.height {
            cancel.poll()?;
            let (row, onto) = (self.index(0, y), coarse.index(0, y / 2));
            let leaves = y % 2 == 1 || y + 1 == self.height;
            for x in 0..self.width {
                let (from, to) = (row + x, onto + x / 2);
                coarse.mass[to] += self.mass[from];
                if x % 2 == 1 || x + 1 == self.width {
                    coarse.right[to] += 0.5 * self.right[from];
                }
                if leaves {
                    coarse.below[to] += 0.5 * self.below[from];
                }
            }
        }
        coarse.find_rim();
        Ok(coarse)
    }

    /// Notes the missing cells that have a neighbour, corners included.
    pub fn find_rim(&mut self) {
        self.rim.clear();
        let stride = self.stride();
        for y in 0..self.height {
            for x in 0..self.width {
                let at = self.index(x, y);
                if self.mass[at] > 0.0 {
                    continue;
                }
                let around = [at - stride - 1, at - stride, at - stride + 1, at - 1].into_iter().chain([
                    at + 1,
                    at + stride - 1,
                    at + stride,
                    at + stride + 1,
                ]);
                let near: Vec<u32> = around.filter(|&i| self.mass[i] > 0.0).map(|i| i as u32).collect();
                if !near.is_empty() {
                    self.rim.push(Rim { at: at as u32, near });
                }
            }
        }
    }

    /// What restriction brought to missing cells goes to those around them.
    pub fn settle_rim(&mut self) {
        for rim in &self.rim {
            let share = self.b[rim.at as usize] / rim.near.len() as f32;
            self.b[rim.at as usize] = 0.0;
            rim.near.iter().for_each(|&i| self.b[i as usize] += share);
        }
    }

    /// Missing cells beside cells take the mean of what is around them, for interpolation.
    pub fn fill_rim(&mut self) {
        for rim in &self.rim {
            let sum: f32 = rim.near.iter().map(|&i| self.u[i as usize]).sum();
            self.u[rim.at as usize] = sum / rim.near.len() as f32;
        }
    }

    /// b - A u of every cell, in the layout of the arrays.
    pub fn residual(&self) -> Vec<f32> {
        let mut out = vec![0.0; self.b.len()];
        for y in 0..self.height {
            let (start, row) = (self.index(0, y), Row::of(self, y));
            out[start..start + self.width].iter_mut().enumerate().for_each(|(x, r)| *r = row.residual(x));
        }
        out
    }

    /// Rows of a grid `factor` times as fine, bilinear between centres of cells, in the layout of its arrays.
    pub fn spread(&self, factor: usize, width: usize, rows: [usize; 2]) -> Vec<f32> {
        let mut out = vec![0.0; (width + 2) * (rows[1] - rows[0] + 2)];
        let place = |fine: usize, count: usize| {
            let at = ((fine as f32 + 0.5) / factor as f32 - 0.5).clamp(0.0, (count - 1) as f32);
            let first = (at as usize).min(count.saturating_sub(2));
            (first, (first + 1).min(count - 1), at - first as f32)
        };
        let columns: Vec<_> = (0..width).map(|x| place(x, self.width)).collect();
        for y in rows[0]..rows[1] {
            let (above, below, fy) = place(y, self.height);
            let (above, below) = (self.index(0, above), self.index(0, below));
            let to = &mut out[(y - rows[0] + 1) * (width + 2) + 1..][..width];
            for (out, &(left, right, fx)) in to.iter_mut().zip(&columns) {
                let along = |row: usize| self.u[row + left] + fx * (self.u[row + right] - self.u[row + left]);
                let upper = along(above);
                *out = upper + fy * (along(below) - upper);
            }
        }
        out
    }
}
