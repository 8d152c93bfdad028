//! A piece of a row of the output, as one tile fills it: each step works on all of it before the next.

/// Pixels of a row: where they lie in the tile, how far from its edge, how much of it is there, and their levels.
#[derive(Default)]
pub struct Row {
    /// Places in the tile, level-0 pixels; NaN where there is none.
    pub xs: Vec<f64>,
    pub ys: Vec<f64>,
    /// Distance to the edge of the tile, level-0 pixels; 0 outside.
    pub edges: Vec<f32>,
    /// 0 to 1: how much of the tile is there.
    pub masks: Vec<f32>,
    pub levels: Vec<f32>,
}

impl Row {
    /// Makes room for `count` pixels; masks are then 1, the rest is anything.
    pub fn resize(&mut self, count: usize) {
        self.xs.resize(count, 0.0);
        self.ys.resize(count, 0.0);
        self.edges.resize(count, 0.0);
        self.levels.resize(count, 0.0);
        self.masks.clear();
        self.masks.resize(count, 1.0);
    }

    /// Number of pixels.
    pub fn len(&self) -> usize {
        self.xs.len()
    }
}
