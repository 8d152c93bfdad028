//! The equation of a section: in memory where it fits, else coarse in memory and fine in bands of rows.

use super::fit::Fits;
use super::jumps::{Jump, jumps_of};
use super::partition::{NONE, Pictures, Plan};
use super::{EvenSeams, Source};
use crate::intensity::poisson::{Level, Multigrid, coarse_weights, restrict_row};
use kernels::cancel::Cancel;
use kernels::error::Result;

/// Rows of a band, and rows more on either side when it is solved finely.
const BAND: usize = 256;
const HALO: usize = 64;
/// Cycles of the multigrid.
const CYCLES: usize = 2;

/// What was found, besides the sums for the grids.
pub struct Solved {
    pub jumps: Vec<Jump>,
    pub coarse: usize,
    pub relative_residual: f64,
    /// Correction and right side of each cell.
    pub field: Option<[Vec<f32>; 2]>,
}

/// Solves a section, and sums its correction up for the grids of its tiles.
pub fn solve(
    plan: &Plan,
    sources: &[Source<'_>],
    header: &EvenSeams,
    fits: &mut Fits,
    cancel: Cancel<'_>,
) -> Result<Solved> {
    let mut coarse = 1;
    while plan.width.div_ceil(coarse) * plan.height.div_ceil(coarse) > header.cells_in_memory {
        coarse *= 2;
    }
    let screen = ((header.step_px / header.reach_px).powi(2)) as f32;
    let mut whole = Whole::new(plan, coarse, screen);
    let mut pictures = Pictures::new(sources.len());
    let mut jumps = Vec::new();
    for band in bands(plan.height, BAND) {
        let ahead = [band[0], (band[1] + 1).min(plan.height)];
        let labels = pictures.labels(plan, sources, ahead, cancel)?;
        let found = jumps_of(plan, sources, &mut pictures, &labels, band, cancel)?;
        whole.add_cells(&labels, band);
        jumps.extend_from_slice(&found);
        pictures.leave_above(band[1], plan);
    }
    whole.add_jumps(&jumps, plan);
    let (level, right_side, relative_residual) = whole.solve(header.field && coarse == 1, cancel)?;
    let mut field = right_side.map(|b| [Vec::with_capacity(b.len()), b]);
    let stride = plan.stride_of(header);
    for band in bands(plan.height, if coarse == 1 { 1 } else { BAND }) {
        let is_looked_at = band[1] - band[0] > 1 || band[0].is_multiple_of(stride);
        if is_looked_at {
            let fine = if coarse == 1 {
                rows_of(&level, band)
            } else {
                fine_band(plan, sources, &mut pictures, (&level, coarse, screen), (&jumps, band), cancel)?
            };
            let labels = pictures.labels(plan, sources, band, cancel)?;
            add_to_fits(plan, sources, fits, (&labels, &fine), (band[0], stride));
        }
        pictures.leave_above(band[1], plan);
    }
    if let Some([correction, _]) = &mut field {
        let there = |at: usize| if level.mass[at] > 0.0 { level.u[at] } else { 0.0 };
        let row = |y: usize| (level.index(0, y)..level.index(plan.width, y)).map(there);
        correction.extend((0..plan.height).flat_map(row));
    }
    Ok(Solved { jumps, coarse, relative_residual, field })
}

fn bands(height: usize, rows: usize) -> impl Iterator<Item = [usize; 2]> {
    (0..height).step_by(rows).map(move |y| [y, (y + rows).min(height)])
}

fn rows_of(level: &Level, band: [usize; 2]) -> Vec<f32> {
    (band[0]..band[1]).flat_map(|y| level.u[level.index(0, y)..level.index(level.width, y)].iter().copied()).collect()
}

/// Every so-many-th cell along x and y is enough for grids as smooth as these.
fn add_to_fits(
    plan: &Plan,
    sources: &[Source<'_>],
    fits: &mut Fits,
    (labels, correction): (&[u32], &[f32]),
    (first, stride): (usize, usize),
) {
    let rows = labels.chunks_exact(plan.width).zip(correction.chunks_exact(plan.width)).enumerate();
    for (row, (labels, correction)) in rows.filter(|(row, _)| (first + row).is_multiple_of(stride)) {
        for x in (0..plan.width).step_by(stride).filter(|&x| labels[x] != NONE) {
            let tile = labels[x] as usize;
            let place = sources[tile].tile_from_stack.apply(plan.centre(x, first + row));
            fits.add(tile, place, correction[x]);
        }
    }
}

/// The grid that is solved in memory, `coarse` cells a side.
struct Whole {
    level: Level,
    coarse: usize,
    screen: f32,
    /// Labels of the last row of the band before.
    above: Vec<bool>,
}

impl Whole {
    fn new(plan: &Plan, coarse: usize, screen: f32) -> Self {
        let level = Level::empty(plan.width.div_ceil(coarse), plan.height.div_ceil(coarse));
        Self { level, coarse, screen, above: vec![false; plan.width] }
    }

    /// Screens of cells, and edges that cross between coarse ones.
    fn add_cells(&mut self, labels: &[u32], band: [usize; 2]) {
        let (width, coarse) = (self.above.len(), self.coarse);
        let share = 1.0 / coarse as f32;
        for y in band[0]..band[1] {
            let row = &labels[(y - band[0]) * width..][..width];
            for x in (0..width).filter(|&x| row[x] != NONE) {
                let at = self.level.index(x / coarse, y / coarse);
                self.level.mass[at] += self.screen;
                if x > 0 && x % coarse == 0 && row[x - 1] != NONE {
                    self.level.right[at - 1] += share;
                }
                if y % coarse == 0 && self.above[x] {
                    let over = at - self.level.stride();
                    self.level.below[over] += share;
                }
            }
            self.above.iter_mut().zip(row).for_each(|(above, label)| *above = *label != NONE);
        }
    }

    /// The right side: what seams ask of the cells at either side, brought to the coarse grid.
    fn add_jumps(&mut self, jumps: &[Jump], plan: &Plan) {
        let mut rows = RightSide { width: plan.width, row: vec![0.0; plan.width], next: vec![0.0; plan.width] };
        let mut rest = jumps;
        for y in 0..plan.height {
            let count = rest.partition_point(|jump| jump.y as usize <= y);
            let (here, later) = rest.split_at(count);
            rest = later;
            if rows.is_empty(here) {
                continue;
            }
            rows.add(here);
            let mut values = std::mem::take(&mut rows.row);
            let mut scale = self.coarse;
            while scale > 1 {
                let mut half = vec![0.0; values.len().div_ceil(2)];
                restrict_row(&values, &mut half);
                (values, scale) = (half, scale / 2);
            }
            for (to, weight) in coarse_weights(y, plan.height, self.coarse) {
                let start = self.level.index(0, to);
                self.level.b[start..].iter_mut().zip(&values).for_each(|(b, v)| *b += weight * v);
            }
            rows.turn();
        }
    }

    fn solve(mut self, keep: bool, cancel: Cancel<'_>) -> Result<(Level, Option<Vec<f32>>, f64)> {
        self.level.find_rim();
        self.level.settle_rim();
        let height = self.level.height;
        let right_side = keep.then(|| {
            let row = |y| &self.level.b[self.level.index(0, y)..self.level.index(self.level.width, y)];
            (0..height).flat_map(|y| row(y).iter().copied()).collect()
        });
        let mut grids = Multigrid::new(self.level, cancel)?;
        let residual = grids.solve(CYCLES, cancel)?;
        let mut level = grids.into_finest();
        level.fill_rim();
        Ok((level, right_side, residual))
    }
}

/// Two rows of the right side: jumps downwards reach into the next.
struct RightSide {
    width: usize,
    row: Vec<f32>,
    next: Vec<f32>,
}

impl RightSide {
    fn is_empty(&self, jumps: &[Jump]) -> bool {
        jumps.is_empty() && self.row.iter().all(|&v| v == 0.0)
    }

    fn add(&mut self, jumps: &[Jump]) {
        for jump in jumps {
            let x = jump.x as usize;
            self.row[x] -= jump.step;
            if jump.down { self.next[x] += jump.step } else { self.row[x + 1] += jump.step }
        }
    }

    fn turn(&mut self) {
        self.row = std::mem::replace(&mut self.next, vec![0.0; self.width]);
    }
}

/// A band of rows solved finely, about the coarse solution and with it above and below.
fn fine_band(
    plan: &Plan,
    sources: &[Source<'_>],
    pictures: &mut Pictures,
    (coarse, factor, screen): (&Level, usize, f32),
    (jumps, band): (&[Jump], [usize; 2]),
    cancel: Cancel<'_>,
) -> Result<Vec<f32>> {
    let rows = [band[0].saturating_sub(HALO), (band[1] + HALO).min(plan.height)];
    let labels = pictures.labels(plan, sources, rows, cancel)?;
    let width = plan.width;
    let mut fine = Level::of_cells(width, rows[1] - rows[0], screen, |x, y| labels[y * width + x] != NONE);
    let (first, end) = (
        jumps.partition_point(|jump| (jump.y as usize) < rows[0]),
        jumps.partition_point(|jump| (jump.y as usize) < rows[1]),
    );
    for jump in &jumps[first..end] {
        let at = fine.index(jump.x as usize, jump.y as usize - rows[0]);
        let to = if jump.down { at + fine.stride() } else { at + 1 };
        fine.b[at] -= jump.step;
        if !jump.down || jump.y as usize + 1 < rows[1] {
            fine.b[to] += jump.step;
        } else {
            fine.b[at] += jump.step;
        }
    }
    let guess = coarse.spread(factor, width, rows);
    hold_ends(&mut fine, &guess, [rows[0] > 0, rows[1] < plan.height]);
    fine.u.copy_from_slice(&guess);
    fine.b = fine.residual();
    let mut grids = Multigrid::new(fine, cancel)?;
    grids.solve(CYCLES, cancel)?;
    let mut fine = grids.into_finest();
    fine.u.iter_mut().zip(&guess).for_each(|(u, g)| *u += g);
    Ok(rows_of(&fine, [band[0] - rows[0], band[1] - rows[0]]))
}

/// Beyond its first and last row a band goes on as the coarse solution does: held in place, with no step between.
fn hold_ends(fine: &mut Level, guess: &[f32], held: [bool; 2]) {
    for (y, _) in [0, fine.height - 1].into_iter().zip(held).filter(|(_, held)| *held) {
        let cells = fine.index(0, y)..fine.index(fine.width, y);
        let (masses, values) = (&mut fine.mass[cells.clone()], &mut fine.b[cells.clone()]);
        for ((mass, b), guess) in masses.iter_mut().zip(values).zip(&guess[cells]).filter(|((mass, _), _)| **mass > 0.0)
        {
            *mass += 1.0;
            *b += guess;
        }
    }
}
