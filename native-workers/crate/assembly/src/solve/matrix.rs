//! Symmetric positive definite matrices of small dense blocks, one row of blocks a tile, stored by rows with both
//! halves, so that a product and a sweep read memory from front to back.

use super::dense::{Cell, Dense, add_seen_through, add_times, times, transposed, zero};
use kernels::cancel::Cancel;
use kernels::error::Result;

/// Rows between two looks at the cancel flag.
pub const ROWS_A_POLL: usize = 4096;

/// Which blocks there are. Columns rise within a row; the diagonal is kept apart.
#[derive(Clone)]
pub struct Pattern {
    /// Where each row's entries start, and the end of the last.
    pub start: Vec<usize>,
    /// The first entry of each row whose column lies right of the diagonal.
    pub upper: Vec<usize>,
    pub column: Vec<u32>,
}

impl Pattern {
    /// The pattern of linked pairs `(row, column)` with row < column, in rising order and each once; gives the places
    /// of each pair's two blocks, too: `(row, column)` and `(column, row)`.
    pub fn of_pairs(rows: usize, pairs: &[(u32, u32)]) -> (Self, Vec<[usize; 2]>) {
        let mut start = vec![0; rows + 1];
        let mut below = vec![0; rows];
        for &(a, b) in pairs {
            start[a as usize + 1] += 1;
            start[b as usize + 1] += 1;
            below[b as usize] += 1;
        }
        for row in 0..rows {
            start[row + 1] += start[row];
        }
        let upper: Vec<usize> = (0..rows).map(|row| start[row] + below[row]).collect();
        let (mut next_lower, mut next_upper) = (start.clone(), upper.clone());
        let mut column = vec![0; pairs.len() * 2];
        let places = pairs
            .iter()
            .map(|&(a, b)| {
                let (right, left) = (&mut next_upper[a as usize], &mut next_lower[b as usize]);
                column[*right] = b;
                column[*left] = a;
                let place = [*right, *left];
                *right += 1;
                *left += 1;
                place
            })
            .collect();
        (Self { start, upper, column }, places)
    }

    pub fn rows(&self) -> usize {
        self.upper.len()
    }

    pub fn row(&self, row: usize) -> std::ops::Range<usize> {
        self.start[row]..self.start[row + 1]
    }
}

pub struct BlockMatrix<const B: usize> {
    pub pattern: Pattern,
    pub diagonal: Vec<Dense<B>>,
    /// One for each entry of the pattern; that of `(j, i)` is that of `(i, j)` transposed.
    pub blocks: Vec<Dense<B>>,
}

impl<const B: usize> BlockMatrix<B> {
    pub fn zero(pattern: Pattern) -> Self {
        let (rows, entries) = (pattern.rows(), pattern.column.len());
        Self { pattern, diagonal: vec![zero(); rows], blocks: vec![zero(); entries] }
    }

    pub fn rows(&self) -> usize {
        self.diagonal.len()
    }

    /// Puts the block of a pair into both of its places.
    pub fn set_pair(&mut self, [right, left]: [usize; 2], block: &Dense<B>) {
        self.blocks[right] = *block;
        self.blocks[left] = transposed(block);
    }

    /// `y = K x`.
    pub fn times<const R: usize>(&self, x: &[Cell<B, R>], y: &mut [Cell<B, R>], cancel: Cancel<'_>) -> Result<()> {
        for (row, y) in y.iter_mut().enumerate() {
            if row % ROWS_A_POLL == 0 {
                cancel.poll()?;
            }
            *y = times(&self.diagonal[row], &x[row]);
            for at in self.pattern.row(row) {
                add_times(y, &self.blocks[at], &x[self.pattern.column[at] as usize], 1.0);
            }
        }
        Ok(())
    }

    /// The matrix of groups of rows: `P^T K P`, where row `i` of `P` has the one block `spread[i]`, in the column of its
    /// group. Rows of the group `NOWHERE` are left out.
    pub fn of_groups(
        &self,
        group: &[u32],
        groups: usize,
        spread: impl Fn(usize) -> Dense<B>,
        cancel: Cancel<'_>,
    ) -> Result<Self> {
        let members = Members::of(group, groups);
        let mut pattern = Pattern { start: vec![0], upper: vec![], column: vec![] };
        let (mut diagonal, mut blocks) = (vec![zero(); groups], Vec::new());
        let mut gathered: Vec<Dense<B>> = vec![zero(); groups];
        let mut seen_in = vec![u32::MAX; groups];
        for (own, to) in diagonal.iter_mut().enumerate() {
            if own % ROWS_A_POLL == 0 {
                cancel.poll()?;
            }
            let first = pattern.column.len();
            for &row in members.of_group(own) {
                let left = spread(row as usize);
                add_seen_through(to, &left, &self.diagonal[row as usize], &left);
                for at in self.pattern.row(row as usize) {
                    let column = self.pattern.column[at] as usize;
                    let other = group[column];
                    if other == NOWHERE {
                        continue;
                    }
                    let into = if other as usize == own { &mut *to } else { &mut gathered[other as usize] };
                    if other as usize != own && seen_in[other as usize] != own as u32 {
                        seen_in[other as usize] = own as u32;
                        *into = zero();
                        pattern.column.push(other);
                    }
                    add_seen_through(into, &left, &self.blocks[at], &spread(column));
                }
            }
            pattern.column[first..].sort_unstable();
            pattern.upper.push(first + pattern.column[first..].partition_point(|&c| (c as usize) < own));
            blocks.extend(pattern.column[first..].iter().map(|&c| gathered[c as usize]));
            pattern.start.push(pattern.column.len());
        }
        Ok(Self { pattern, diagonal, blocks })
    }
}

/// The group of a row that belongs to none.
pub const NOWHERE: u32 = u32::MAX;

/// The rows of each group, in rising order.
pub struct Members {
    start: Vec<usize>,
    rows: Vec<u32>,
}

impl Members {
    pub fn of(group: &[u32], groups: usize) -> Self {
        let mut start = vec![0; groups + 1];
        for &g in group.iter().filter(|&&g| g != NOWHERE) {
            start[g as usize + 1] += 1;
        }
        for g in 0..groups {
            start[g + 1] += start[g];
        }
        let mut next = start.clone();
        let mut rows = vec![0; start[groups]];
        for (row, &g) in group.iter().enumerate().filter(|(_, g)| **g != NOWHERE) {
            rows[next[g as usize]] = row as u32;
            next[g as usize] += 1;
        }
        Self { start, rows }
    }

    pub fn of_group(&self, group: usize) -> &[u32] {
        &self.rows[self.start[group]..self.start[group + 1]]
    }
}
