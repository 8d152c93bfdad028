//! Pieces of tiles that are compared, in a common frame.

/// A piece of a tile on the integer grid of the frame. Invalid pixels have mask 0 and level 0.
#[derive(Debug, Clone)]
pub struct Patch {
    /// Frame index of the first pixel.
    pub x: i64,
    pub y: i64,
    pub width: usize,
    pub height: usize,
    /// Grey levels less their local mean: what is correlated.
    pub level: Vec<f32>,
    /// Grey levels about the patch's mean: what sub-pixel places are told by. (A local mean near an edge depends on what
    /// lies beyond it, which is not the same in both tiles.)
    pub soft: Vec<f32>,
    /// 1 where a pixel counts, else 0.
    pub mask: Vec<f32>,
    /// Whether any pixel may be masked.
    pub masked: bool,
}

/// A rectangle of frame indices, half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    pub x0: i64,
    pub y0: i64,
    pub x1: i64,
    pub y1: i64,
}

impl Rect {
    /// Columns, 0 where empty.
    pub fn width(self) -> usize {
        (self.x1 - self.x0).max(0) as usize
    }

    /// Rows, 0 where empty.
    pub fn height(self) -> usize {
        (self.y1 - self.y0).max(0) as usize
    }

    /// Pixels.
    pub fn area(self) -> usize {
        self.width() * self.height()
    }

    /// What both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        }
    }

    /// Larger by `by` on all sides.
    #[must_use]
    pub fn grown(self, by: i64) -> Self {
        Self { x0: self.x0 - by, y0: self.y0 - by, x1: self.x1 + by, y1: self.y1 + by }
    }

    /// Moved.
    #[must_use]
    pub fn moved(self, [dx, dy]: [i64; 2]) -> Self {
        Self { x0: self.x0 + dx, y0: self.y0 + dy, x1: self.x1 + dx, y1: self.y1 + dy }
    }
}

impl Patch {
    /// The frame indices it covers.
    pub fn rect(&self) -> Rect {
        Rect { x0: self.x, y0: self.y, x1: self.x + self.width as i64, y1: self.y + self.height as i64 }
    }

    /// Indices of the part of a row (frame row `y`, frame columns `x0..x1`, which it must cover).
    pub fn span(&self, y: i64, x0: i64, x1: i64) -> std::ops::Range<usize> {
        let row = (y - self.y) as usize * self.width;
        row + (x0 - self.x) as usize..row + (x1 - self.x) as usize
    }

    /// A copy of a part.
    pub fn part(&self, rect: Rect) -> Self {
        let rect = rect.and(self.rect());
        let rows = || (rect.y0..rect.y1).map(|y| self.span(y, rect.x0, rect.x1.max(rect.x0)));
        Self {
            x: rect.x0,
            y: rect.y0,
            width: rect.width(),
            height: rect.height(),
            level: rows().flat_map(|span| self.level[span].iter().copied()).collect(),
            soft: rows().flat_map(|span| self.soft[span].iter().copied()).collect(),
            mask: rows().flat_map(|span| self.mask[span].iter().copied()).collect(),
            masked: self.masked,
        }
    }

    /// Where `self` and `other` overlap when a pixel p of `self` shows what p + `shift` of `other` shows.
    pub fn overlap(&self, other: &Self, shift: [i64; 2]) -> Rect {
        self.rect().and(other.rect().moved([-shift[0], -shift[1]]))
    }
}
