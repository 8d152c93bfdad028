//! A chain of maps over a grid, as rows of points are led through it.

use super::cells::{Cells, Lanes, find_cells, lead_lanes, lead_line};
use super::columns::Columns;
use super::nodes::{Linear, Nodes, mix_around, turned};
use super::{Affine, LANES, NOWHERE, Point, StepHeader, WarpBox};
use crate::error::{KernelError, Result};
use crate::warp::field::{Field, Holds, Interpolation, Looked};
use crate::warp::lattice::Grid;
use crate::warp::{SAME, apply, compose};

/// Along each side of a box, where it is looked which part of a field is needed.
const PROBES: usize = 9;

/// From voxels of the box to those of the level.
pub(super) struct Chain<'a> {
    /// The map before the first field: all of it where there is none.
    start: Affine,
    stages: Vec<Stage<'a>>,
}

/// A field with the affine map after it.
struct Stage<'a> {
    field: Field<'a>,
    /// From where the points are before it: the first is asked for voxels of the box, the others for nanometres.
    index_from_point: Affine,
    /// To nanometres, on the way to the field's grid.
    nm_from_point: Affine,
    /// What comes of the point itself, and of the vector.
    out_from_point: Affine,
    out_from_vector: Linear,
    nodes: Nodes,
}

impl<'a> Chain<'a> {
    pub(super) fn new(header: &WarpBox, vectors: &[&'a [u8]]) -> Result<Self> {
        let mut chain = Self { start: nm_from_voxel(&header.grid), stages: Vec::new() };
        let mut given = vectors.iter();
        for (n, step) in header.steps.iter().enumerate() {
            let about = match step {
                StepHeader::Affine { matrix } if chain.stages.is_empty() => {
                    chain.start = compose(matrix, &chain.start);
                    continue;
                }
                StepHeader::Affine { .. } => continue,
                StepHeader::Field(about) if about.inverse => {
                    return Err(KernelError::invalid_input("The inverse of a field is searched for by warp-points."));
                }
                StepHeader::Field(about) => about,
            };
            let bytes = given.next().ok_or_else(|| KernelError::invalid_input("A field is missing."))?;
            let field = Field::new(about, bytes)?;
            let before = if chain.stages.is_empty() { chain.start } else { SAME };
            let after = after(header, n + 1);
            let (low, high) = chain.bounds(header.grid.size, &compose(&about.index_from_point, &before));
            chain.stages.push(Stage::new(field, &before, &after, low, high));
        }
        if chain.stages.is_empty() {
            chain.start = compose(&header.index_from_point, &chain.start);
        }
        Ok(chain)
    }

    /// Of where a few points of the box come to, in the grid of the next field.
    fn bounds(&self, size: [usize; 3], index_from_point: &Affine) -> (Point, Point) {
        let along = |k: usize, n: usize| (size[k] - 1) as f64 * n as f64 / (PROBES - 1) as f64;
        let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for n in 0..PROBES.pow(3) {
            let at = [along(0, n % PROBES), along(1, n / PROBES % PROBES), along(2, n / PROBES / PROBES)];
            let at = apply(index_from_point, self.stages.iter().fold(at, |at, stage| stage.exactly(at).0));
            for k in (0..3).filter(|_| at.iter().all(|v| v.is_finite())) {
                low[k] = low[k].min(at[k]);
                high[k] = high[k].max(at[k]);
            }
        }
        if low[0].is_finite() { (low, high) } else { ([0.0; 3], [0.0; 3]) }
    }

    /// `columns`: voxels of a row.
    pub(super) fn row(&self, columns: usize) -> Row<'_, 'a> {
        let [point, index, out] = [Lanes::new(), Lanes::new(), Lanes::new()];
        let columns = self.stages.first().and_then(|stage| stage.columns(columns));
        Row { chain: self, place: [0.0; 2], columns, by_columns: false, point, index, out, cells: Cells::new() }
    }
}

fn nm_from_voxel(Grid { first: [a, b, c], step: [x, y, z], .. }: &Grid) -> Affine {
    [*x, 0.0, 0.0, *a, 0.0, *y, 0.0, *b, 0.0, 0.0, *z, *c]
}

/// The affine steps from one on to the next field, or into the level.
fn after(header: &WarpBox, from: usize) -> Affine {
    let mut map = SAME;
    for step in &header.steps[from..] {
        match step {
            StepHeader::Affine { matrix } => map = compose(matrix, &map),
            StepHeader::Field(_) => return map,
        }
    }
    compose(&header.index_from_point, &map)
}

impl<'a> Stage<'a> {
    fn new(field: Field<'a>, before: &Affine, after: &Affine, low: Point, high: Point) -> Self {
        let (m, about) = (&field.about.nm_from_vector, &field.about);
        let linear = |a: &Affine| -> Linear { std::array::from_fn(|r| std::array::from_fn(|c| a[r * 4 + c])) };
        let out_from_point = match about.holds {
            Holds::Displacement => compose(after, before),
            Holds::Position => {
                let [x, y, z] = apply(after, [m[3], m[7], m[11]]);
                [0.0, 0.0, 0.0, x, 0.0, 0.0, 0.0, y, 0.0, 0.0, 0.0, z]
            }
        };
        let out_from_vector = linear(&compose(after, m));
        Self {
            index_from_point: compose(&about.index_from_point, before),
            nm_from_point: *before,
            out_from_point,
            nodes: Nodes::new(&field, low, high, &out_from_vector),
            out_from_vector,
            field,
        }
    }

    fn columns(&self, columns: usize) -> Option<Columns> {
        let is_mixed = self.field.about.interpolation == Interpolation::Linear;
        is_mixed.then(|| Columns::new(&self.nodes, &self.index_from_point, columns)).flatten()
    }

    /// From all of the field that is at hand, in double and map after map, so that what lies on the end of the grid lies on
    /// the side that warp-points finds; whether that was too little.
    fn exactly(&self, point: Point) -> (Point, bool) {
        let out = apply(&self.out_from_point, point);
        let nm = apply(&self.nm_from_point, point);
        match self.field.look(apply(&self.field.about.index_from_point, nm)) {
            Looked::Found(found) => {
                let moved = turned(&self.out_from_vector, found.vector);
                (std::array::from_fn(|k| out[k] + moved[k]), false)
            }
            Looked::Beyond if self.field.about.holds == Holds::Displacement => (out, false),
            Looked::Beyond => (NOWHERE, false),
            Looked::NotGiven => (NOWHERE, true),
        }
    }

    /// Adds what it says of where points are to what comes of the points themselves; how many left what is at hand.
    fn add(&self, points: &Points<'_>, cells: &mut Cells, n: usize, out: &mut Lanes) -> usize {
        out.add_base(&self.nodes.origin);
        let mut moved = [[0.0; 4]; LANES];
        let is_mixed = self.field.about.interpolation == Interpolation::Linear && {
            find_cells(&self.nodes.held, points.index, cells);
            mix_around(&self.nodes, cells, &mut moved)
        };
        for (k, by) in out.by.iter_mut().enumerate() {
            for (by, moved) in by.iter_mut().zip(&moved) {
                *by += moved[k];
            }
        }
        if is_mixed && cells.all {
            return 0;
        }
        let is_at_end = |l: usize| (0..3).any(|k| self.nodes.held.is_at_end(k, points.index.point(l)[k]));
        let is_sound = |l: usize| is_mixed && cells.inside[l] & cells.given[l] == 1 && !is_at_end(l);
        self.mend(is_sound, points.place, n, out)
    }

    /// Leads exactly whatever isn't sound of what was led; how many left what is at hand.
    fn mend(
        &self,
        is_sound: impl Fn(usize) -> bool,
        place: impl Fn(usize) -> Point,
        n: usize,
        out: &mut Lanes,
    ) -> usize {
        let mut left = 0;
        for l in (0..n).filter(|&l| !is_sound(l)) {
            let (exact, is_left) = self.exactly(place(l));
            left += usize::from(is_left);
            for (k, exact) in exact.into_iter().enumerate() {
                out.by[k][l] = (exact - out.base[k]) as f32;
            }
        }
        left
    }
}

/// Points that a field is asked for: where they lie in its grid, and before it.
struct Points<'p> {
    index: &'p Lanes,
    place: &'p dyn Fn(usize) -> Point,
}

/// Leads a row of voxels, some at a time.
pub(super) struct Row<'c, 'a> {
    chain: &'c Chain<'a>,
    /// y and z, voxels of the box.
    place: [f64; 2],
    /// Of the first field, where its grid lies along the axes of the box.
    columns: Option<Columns>,
    /// Whether they say where this row comes to.
    by_columns: bool,
    point: Lanes,
    index: Lanes,
    out: Lanes,
    cells: Cells,
}

impl Row<'_, '_> {
    pub(super) fn begin(&mut self, y: f64, z: f64) {
        self.place = [y, z];
        let (Some(columns), Some(first)) = (&mut self.columns, self.chain.stages.first()) else { return };
        self.by_columns = columns.begin(&first.nodes, y, z);
    }

    /// Where `n` voxels from column x on come to, in voxels of the level, and how many were led beyond what is given of a
    /// field. x is a multiple of `LANES`.
    pub(super) fn lead(&mut self, x: usize, n: usize) -> (&Lanes, usize) {
        let (chain, [y, z], start) = (self.chain, self.place, x as f64);
        let Some((first, others)) = chain.stages.split_first() else {
            lead_line(&chain.start, [start, y, z], &mut self.out);
            return (&self.out, 0);
        };
        let place = |l: usize| [start + l as f64, y, z];
        lead_line(&first.out_from_point, [start, y, z], &mut self.out);
        let mut left = match &self.columns {
            Some(columns) if self.by_columns => {
                self.out.add_base(&first.nodes.origin);
                match columns.add(x, &mut self.out.by) {
                    None => 0,
                    Some(is_sound) => first.mend(|l| is_sound[l], place, n, &mut self.out),
                }
            }
            _ => {
                lead_line(&first.index_from_point, [start, y, z], &mut self.index);
                let points = Points { index: &self.index, place: &place };
                first.add(&points, &mut self.cells, n, &mut self.out)
            }
        };
        for stage in others {
            std::mem::swap(&mut self.point, &mut self.out);
            lead_lanes(&stage.out_from_point, &self.point, &mut self.out);
            lead_lanes(&stage.index_from_point, &self.point, &mut self.index);
            let points = Points { index: &self.index, place: &|l| self.point.point(l) };
            left += stage.add(&points, &mut self.cells, n, &mut self.out);
        }
        (&self.out, left)
    }
}
