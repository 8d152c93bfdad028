//! Which tile a cell belongs to: the one whose edge is farthest from it, so that seams run along the middle of overlaps.

use super::jumps::Jump;
use super::{EvenSeams, Held, MOST_CELLS, Source, too_large};
use crate::render::frame::Frame;
use kernels::cancel::Cancel;
use kernels::decode::{Budget, tile_cache};
use kernels::error::Result;
use kernels::geometry::Point;

/// No tile.
pub const NONE: u32 = u32::MAX;

/// Cells over a section.
pub struct Plan {
    pub width: usize,
    pub height: usize,
    step: f64,
    origin: Point,
    /// First and one past the last column and row that each tile may have.
    spans: Vec<[usize; 4]>,
}

impl Plan {
    /// Cells over all tiles. Errors: `invalid-input` where there would be too many.
    pub fn of(header: &EvenSeams, sources: &[Source<'_>]) -> Result<Self> {
        let step = header.step_px;
        let bounds: Vec<[f64; 4]> = sources
            .iter()
            .map(|s| s.about.stack_from_tile.bounds([0.0, 0.0, s.about.image.size_px[0], s.about.image.size_px[1]]))
            .collect();
        let least = |k: usize| bounds.iter().map(|b| b[k]).fold(f64::INFINITY, f64::min);
        let most = |k: usize| bounds.iter().map(|b| b[k]).fold(f64::NEG_INFINITY, f64::max);
        let origin = [least(0), least(1)];
        let sides = [most(2) - origin[0], most(3) - origin[1]].map(|side| (side / step).ceil().max(0.0) as usize);
        let [width, height] = sides;
        if width.saturating_mul(height) > MOST_CELLS {
            return Err(too_large(width, height));
        }
        let clip = |v: f64, most: usize| v.clamp(0.0, most as f64) as usize;
        let span = |b: &[f64; 4]| {
            [
                clip((b[0] - origin[0]) / step - 1.0, width),
                clip(((b[2] - origin[0]) / step + 1.0).ceil(), width),
                clip((b[1] - origin[1]) / step - 1.0, height),
                clip(((b[3] - origin[1]) / step + 1.0).ceil(), height),
            ]
        };
        Ok(Self { width, height, step, origin, spans: bounds.iter().map(span).collect() })
    }

    /// Stack-space centre of a cell.
    pub fn centre(&self, x: usize, y: usize) -> Point {
        [self.origin[0] + (x as f64 + 0.5) * self.step, self.origin[1] + (y as f64 + 0.5) * self.step]
    }

    /// Stack-space middle between the two cells of a jump.
    pub fn middle_of(&self, jump: &Jump) -> Point {
        let [x, y] = self.centre(jump.x as usize, jump.y as usize);
        let half = 0.5 * self.step;
        if jump.down { [x, y + half] } else { [x + half, y] }
    }

    /// Side of a cell, stack-space pixels.
    pub fn cell_px(&self) -> f64 {
        self.step
    }

    /// Every so-many-th cell leaves several to each node of the grids.
    pub fn stride_of(&self, header: &EvenSeams) -> usize {
        const CELLS_PER_NODE: f64 = 8.0;
        let nodes = header.columns.max(header.rows) as f64;
        let side = |s: &[usize; 4]| (s[1] - s[0]).min(s[3] - s[2]);
        let least = self.spans.iter().map(side).min().unwrap_or(1) as f64;
        (least / nodes / CELLS_PER_NODE).max(1.0) as usize
    }

    /// Whether a tile may have cells in some rows.
    pub fn touches(&self, tile: usize, rows: [usize; 2]) -> bool {
        self.spans[tile][2] < rows[1] && self.spans[tile][3] > rows[0]
    }
}

/// Walks bands of a section, holding the pictures that they need.
pub struct Pictures {
    held: Vec<Held>,
    frames: Vec<Option<Option<Frame>>>,
}

impl Pictures {
    pub fn new(tiles: usize) -> Self {
        Self { held: vec![None; tiles], frames: (0..tiles).map(|_| None).collect() }
    }

    /// The picture of a tile.
    pub fn get(&mut self, tile: usize, source: &Source<'_>, cancel: Cancel<'_>) -> Result<&kernels::image::GreyImage> {
        if self.held[tile].is_none() {
            let image = tile_cache().get(&source.about.image.path, Budget::default(), cancel)?;
            if self.frames[tile].is_none() {
                self.frames[tile] = Some(Frame::of(&image));
            }
            self.held[tile] = Some(image);
        }
        Ok(self.held[tile].as_ref().expect("it was just put there"))
    }

    /// Lets go of the pictures that rows from `row` on do not need.
    pub fn leave_above(&mut self, row: usize, plan: &Plan) {
        for (held, span) in self.held.iter_mut().zip(&plan.spans) {
            if span[3] <= row {
                *held = None;
            }
        }
    }

    /// The tile of each cell of some rows.
    pub fn labels(
        &mut self,
        plan: &Plan,
        sources: &[Source<'_>],
        rows: [usize; 2],
        cancel: Cancel<'_>,
    ) -> Result<Vec<u32>> {
        let cells = plan.width * (rows[1] - rows[0]);
        let (mut labels, mut depths) = (vec![NONE; cells], vec![0.0f32; cells]);
        for (tile, source) in sources.iter().enumerate().filter(|(tile, _)| plan.touches(*tile, rows)) {
            if self.frames[tile].is_none() {
                self.get(tile, source, cancel)?;
            }
            let frame = self.frames[tile].as_ref().and_then(Option::as_ref);
            for y in plan.spans[tile][2].max(rows[0])..plan.spans[tile][3].min(rows[1]) {
                cancel.poll()?;
                label_row(plan, (tile, source, frame), y, (y - rows[0]) * plan.width, &mut labels, &mut depths);
            }
        }
        Ok(labels)
    }
}

fn label_row(
    plan: &Plan,
    (tile, source, frame): (usize, &Source<'_>, Option<&Frame>),
    y: usize,
    start: usize,
    labels: &mut [u32],
    depths: &mut [f32],
) {
    let ([w, h], scale) = (source.about.image.size_px, source.about.image.scale);
    let first = source.tile_from_stack.apply(plan.centre(0, y));
    let (dx, dy) = (source.tile_from_stack.0[0] * plan.step, source.tile_from_stack.0[1] * plan.step);
    for x in plan.spans[tile][0]..plan.spans[tile][1] {
        let (tx, ty) = (first[0] + x as f64 * dx, first[1] + x as f64 * dy);
        let mut depth = tx.min(w - tx).min(ty.min(h - ty));
        if let Some(frame) = frame {
            depth = depth.min(frame.inset(tx / scale, ty / scale) * scale);
        }
        if depth as f32 > depths[start + x] {
            (depths[start + x], labels[start + x]) = (depth as f32, tile as u32);
        }
    }
}
