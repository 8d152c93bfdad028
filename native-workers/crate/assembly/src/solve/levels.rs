//! Ever coarser pictures of one system: groups of tiles that move as one, groups of those, down to a few. What single
//! tiles learn of each other only over many steps, groups learn at once, so that the time of a solve grows with the
//! number of tiles and no faster. Aggregation multigrid with a K-cycle (Notay 2008; Notay and Vassilevski 2008); what a
//! group may do is what leaves its matches as they are: the model's own motion, for all its tiles in common.

use super::dense::{Cell, Cholesky, Dense, add_times, add_transposed_times, identity, inverse, times, zero};
use super::groups::grouped;
use super::matrix::{BlockMatrix, Members, NOWHERE, ROWS_A_POLL};
use super::vectors::{add_scaled, dot};
use kernels::cancel::Cancel;
use kernels::error::Result;

/// Systems of up to this many unknowns are solved directly.
const DIRECT: usize = 200;
/// A level that is not smaller than this share of the one before is not worth it.
const SHRINKS: f64 = 0.8;
/// A second turn on a coarser level is taken where the first left more than this of the question.
const SECOND_TURN: f64 = 0.25;

/// Where a tile or a group lies, and the linear map from its own unit lengths to the stack's (m00, m10, m01, m11).
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    pub at: [f64; 2],
    pub linear: [f64; 4],
}

/// How the unknowns of a tile or group follow from those of the group around it.
pub type Spread<'a, const B: usize> = &'a dyn Fn(&Frame, &Frame) -> Dense<B>;

struct Level<const B: usize> {
    matrix: BlockMatrix<B>,
    inverse: Vec<Dense<B>>,
    /// The group of each row.
    group: Vec<u32>,
    groups: usize,
    spread: Vec<Dense<B>>,
}

/// A preconditioner: levels from fine to coarse, and the factors of the last.
pub struct Levels<const B: usize> {
    levels: Vec<Level<B>>,
    last: Option<Cholesky>,
}

/// Working space of one level: the question of its groups, and what the turns there give.
pub struct Scratch<const B: usize, const R: usize> {
    question: Vec<Cell<B, R>>,
    first: Vec<Cell<B, R>>,
    pull_of_first: Vec<Cell<B, R>>,
    second: Vec<Cell<B, R>>,
    pull_of_second: Vec<Cell<B, R>>,
}

impl<const B: usize> Levels<B> {
    pub fn new(
        matrix: BlockMatrix<B>,
        mut frames: Vec<Frame>,
        spread: Spread<'_, B>,
        cancel: Cancel<'_>,
    ) -> Result<Self> {
        let mut levels = Vec::new();
        let mut matrix = matrix;
        let mut last = None;
        loop {
            let rows = matrix.rows();
            if rows * B <= DIRECT && !levels.is_empty() {
                last = Some(factored(&matrix));
                break;
            }
            let (group, groups) = grouped(&matrix, cancel)?;
            let inverse = matrix.diagonal.iter().map(inverse).collect();
            if groups == 0 || groups as f64 > SHRINKS * rows as f64 {
                levels.push(Level { matrix, inverse, group, groups: 0, spread: vec![] });
                break;
            }
            let coarser = frames_of_groups(&frames, &group, groups);
            let spread: Vec<Dense<B>> = group
                .iter()
                .zip(&frames)
                .map(|(&g, frame)| if g == NOWHERE { identity() } else { spread(&coarser[g as usize], frame) })
                .collect();
            let next = matrix.of_groups(&group, groups, |row| spread[row], cancel)?;
            levels.push(Level { matrix, inverse, group, groups, spread });
            (matrix, frames) = (next, coarser);
        }
        Ok(Self { levels, last })
    }

    /// The matrix of the finest level, as it was given.
    pub fn finest(&self) -> &BlockMatrix<B> {
        &self.levels[0].matrix
    }

    pub fn scratch<const R: usize>(&self) -> Vec<Scratch<B, R>> {
        let of = |groups: usize| vec![zero(); groups];
        let scratch = |l: &Level<B>| Scratch {
            question: of(l.groups),
            first: of(l.groups),
            pull_of_first: of(l.groups),
            second: of(l.groups),
            pull_of_second: of(l.groups),
        };
        self.levels.iter().map(scratch).collect()
    }

    /// An approximate answer `x` to `K x = b` on the finest level.
    pub fn answer<const R: usize>(
        &self,
        b: &[Cell<B, R>],
        x: &mut [Cell<B, R>],
        scratch: &mut [Scratch<B, R>],
        cancel: Cancel<'_>,
    ) -> Result<()> {
        self.cycle(0, b, x, scratch, cancel)
    }

    /// One cycle from `x = 0`: a sweep forth, what is left given to the groups, a sweep back.
    fn cycle<const R: usize>(
        &self,
        depth: usize,
        b: &[Cell<B, R>],
        x: &mut [Cell<B, R>],
        scratch: &mut [Scratch<B, R>],
        cancel: Cancel<'_>,
    ) -> Result<()> {
        let Some(level) = self.levels.get(depth) else {
            if let Some(last) = &self.last {
                solve_directly(last, b, x);
            }
            return Ok(());
        };
        level.sweep_forth(b, x, cancel)?;
        if level.groups > 0
            && let Some((own, rest)) = scratch.split_first_mut()
        {
            level.ask_groups(x, &mut own.question);
            self.turns(depth + 1, own, rest, cancel)?;
            for ((x, &group), spread) in x.iter_mut().zip(&level.group).zip(&level.spread) {
                if group != NOWHERE {
                    add_times(x, spread, &own.first[group as usize], 1.0);
                }
            }
        }
        level.sweep_back(b, x, cancel)
    }

    /// Answers the question of `own` on the level `depth` by one or two steps of conjugate gradients, into `own.first`.
    fn turns<const R: usize>(
        &self,
        depth: usize,
        own: &mut Scratch<B, R>,
        rest: &mut [Scratch<B, R>],
        cancel: Cancel<'_>,
    ) -> Result<()> {
        self.cycle(depth, &own.question, &mut own.first, rest, cancel)?;
        let Some(level) = self.levels.get(depth) else { return Ok(()) };
        let asked = dot(&own.question, &own.question);
        level.matrix.times(&own.first, &mut own.pull_of_first, cancel)?;
        let (own_pull, reached) = (dot(&own.first, &own.pull_of_first), dot(&own.first, &own.question));
        if own_pull <= 0.0 {
            return Ok(());
        }
        let step = reached / own_pull;
        add_scaled(&mut own.question, &own.pull_of_first, -step);
        if dot(&own.question, &own.question) <= SECOND_TURN.powi(2) * asked {
            scale(&mut own.first, step);
            return Ok(());
        }
        self.cycle(depth, &own.question, &mut own.second, rest, cancel)?;
        level.matrix.times(&own.second, &mut own.pull_of_second, cancel)?;
        let shared = dot(&own.second, &own.pull_of_first);
        let pull = dot(&own.second, &own.pull_of_second) - shared * shared / own_pull;
        if pull <= 0.0 {
            scale(&mut own.first, step);
            return Ok(());
        }
        let second_step = dot(&own.second, &own.question) / pull;
        scale(&mut own.first, step - shared * second_step / own_pull);
        add_scaled(&mut own.first, &own.second, second_step);
        Ok(())
    }
}

impl<const B: usize> Level<B> {
    /// Forward Gauss-Seidel from zero: what lies above the diagonal is not looked at.
    fn sweep_forth<const R: usize>(&self, b: &[Cell<B, R>], x: &mut [Cell<B, R>], cancel: Cancel<'_>) -> Result<()> {
        let pattern = &self.matrix.pattern;
        for row in 0..b.len() {
            if row % ROWS_A_POLL == 0 {
                cancel.poll()?;
            }
            let mut rest = b[row];
            for at in pattern.start[row]..pattern.upper[row] {
                add_times(&mut rest, &self.matrix.blocks[at], &x[pattern.column[at] as usize], -1.0);
            }
            x[row] = times(&self.inverse[row], &rest);
        }
        Ok(())
    }

    fn sweep_back<const R: usize>(&self, b: &[Cell<B, R>], x: &mut [Cell<B, R>], cancel: Cancel<'_>) -> Result<()> {
        let pattern = &self.matrix.pattern;
        for row in (0..b.len()).rev() {
            if row % ROWS_A_POLL == 0 {
                cancel.poll()?;
            }
            let mut rest = b[row];
            for at in pattern.row(row) {
                add_times(&mut rest, &self.matrix.blocks[at], &x[pattern.column[at] as usize], -1.0);
            }
            x[row] = times(&self.inverse[row], &rest);
        }
        Ok(())
    }

    /// What the sweep forth left, which is what lies above the diagonal, summed over each group.
    fn ask_groups<const R: usize>(&self, x: &[Cell<B, R>], question: &mut [Cell<B, R>]) {
        question.fill(zero());
        let pattern = &self.matrix.pattern;
        for (row, &group) in self.group.iter().enumerate().filter(|(_, g)| **g != NOWHERE) {
            let mut rest = zero();
            for at in pattern.upper[row]..pattern.start[row + 1] {
                add_times(&mut rest, &self.matrix.blocks[at], &x[pattern.column[at] as usize], -1.0);
            }
            add_transposed_times(&mut question[group as usize], &self.spread[row], &rest);
        }
    }
}

fn scale<const B: usize, const R: usize>(x: &mut [Cell<B, R>], by: f64) {
    for value in x.iter_mut().flatten().flatten() {
        *value *= by;
    }
}

/// The middle of each group's members, and how far they reach.
fn frames_of_groups(frames: &[Frame], group: &[u32], groups: usize) -> Vec<Frame> {
    let members = Members::of(group, groups);
    let of_group = |g: usize| {
        let of = members.of_group(g);
        let count = of.len().max(1) as f64;
        let sum = |f: &dyn Fn(&Frame) -> f64| of.iter().map(|&m| f(&frames[m as usize])).sum::<f64>() / count;
        let at = [sum(&|f| f.at[0]), sum(&|f| f.at[1])];
        let apart = sum(&|f| (f.at[0] - at[0]).powi(2) + (f.at[1] - at[1]).powi(2));
        let own = sum(&|f| f.linear.iter().map(|l| l * l).sum::<f64>() / 2.0);
        let reach = (apart + own).sqrt();
        Frame { at, linear: [reach, 0.0, 0.0, reach] }
    };
    (0..groups).map(of_group).collect()
}

fn factored<const B: usize>(matrix: &BlockMatrix<B>) -> Cholesky {
    let size = matrix.rows() * B;
    let mut whole = vec![0.0; size * size];
    let mut put = |row: usize, column: usize, block: &Dense<B>| {
        for (i, values) in block.iter().enumerate() {
            let from = (row * B + i) * size + column * B;
            whole[from..from + B].copy_from_slice(values);
        }
    };
    for row in 0..matrix.rows() {
        put(row, row, &matrix.diagonal[row]);
        for at in matrix.pattern.row(row) {
            put(row, matrix.pattern.column[at] as usize, &matrix.blocks[at]);
        }
    }
    Cholesky::of(size, whole)
}

fn solve_directly<const B: usize, const R: usize>(factors: &Cholesky, b: &[Cell<B, R>], x: &mut [Cell<B, R>]) {
    for r in 0..R {
        let mut values: Vec<f64> = b.iter().flatten().map(|row| row[r]).collect();
        factors.solve(&mut values);
        for (to, value) in x.iter_mut().flatten().zip(values) {
            to[r] = value;
        }
    }
}
