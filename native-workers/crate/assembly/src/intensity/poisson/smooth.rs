//! Gauss-Seidel in two colours, both in one walk through memory: a row of the second colour follows one row behind.

use super::level::Level;
use kernels::cancel::Cancel;
use kernels::error::Result;

/// Which cells go first: those with x + y even (red), or the others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order {
    RedFirst,
    BlackFirst,
}

/// One sweep over the cells of both colours.
pub fn sweep(level: &mut Level, order: Order, cancel: Cancel<'_>) -> Result<()> {
    let (width, height) = (level.width, level.height);
    let alternating: Vec<f32> = (0..=width).map(|i| if i % 2 == 0 { 1.0 } else { 0.0 }).collect();
    let mut change = vec![0.0; width];
    let first = usize::from(order == Order::BlackFirst);
    for y in 0..=height {
        cancel.poll()?;
        if y < height {
            relax(level, y, &alternating[(y + first) % 2..], &mut change);
        }
        if y > 0 {
            relax(level, y - 1, &alternating[(y - 1 + first + 1) % 2..], &mut change);
        }
    }
    Ok(())
}

/// Sets the cells of a row whose `colour` is 1 to what their neighbours say.
fn relax(level: &mut Level, y: usize, colour: &[f32], change: &mut [f32]) {
    let row = Row::of(level, y);
    for (x, change) in change.iter_mut().enumerate() {
        let ([l, r, a, b], mass) = (row.weights(x), row.mass[x]);
        let diagonal = l + r + a + b + mass;
        *change = row.residual(x) / diagonal.max(f32::MIN_POSITIVE);
    }
    let start = level.index(0, y);
    let cells = &mut level.u[start..start + level.width];
    for ((u, change), colour) in cells.iter_mut().zip(change.iter()).zip(colour) {
        *u += colour * change;
    }
}

/// A row with all that its cells look at; slices of the same length, so that loops over them become vector code.
pub struct Row<'a> {
    u: [&'a [f32]; 5],
    w: [&'a [f32]; 4],
    mass: &'a [f32],
    b: &'a [f32],
}

impl<'a> Row<'a> {
    pub fn of(level: &'a Level, y: usize) -> Self {
        let (at, stride, width) = (level.index(0, y), level.stride(), level.width);
        let cut = |from: &'a [f32], at: usize| &from[at..at + width];
        Self {
            u: [at, at - 1, at + 1, at - stride, at + stride].map(|at| cut(&level.u, at)),
            w: [
                cut(&level.right, at - 1),
                cut(&level.right, at),
                cut(&level.below, at - stride),
                cut(&level.below, at),
            ],
            mass: cut(&level.mass, at),
            b: cut(&level.b, at),
        }
    }

    #[inline(always)]
    fn weights(&self, x: usize) -> [f32; 4] {
        self.w.map(|w| w[x])
    }

    /// b - A u of a cell.
    #[inline(always)]
    pub fn residual(&self, x: usize) -> f32 {
        let ([u, l, r, a, b], [wl, wr, wa, wb]) = (self.u.map(|u| u[x]), self.weights(x));
        self.b[x] + wl * (l - u) + wr * (r - u) + wa * (a - u) + wb * (b - u) - self.mass[x] * u
    }

    /// A u of a cell.
    #[inline(always)]
    pub fn applied(&self, x: usize) -> f32 {
        let ([u, l, r, a, b], [wl, wr, wa, wb]) = (self.u.map(|u| u[x]), self.weights(x));
        wl * (u - l) + wr * (u - r) + wa * (u - a) + wb * (u - b) + self.mass[x] * u
    }
}

/// ||b - A u|| / ||b||.
pub fn residual_norm(level: &Level) -> f64 {
    let (mut left, mut given) = (0.0f64, 0.0f64);
    for y in 0..level.height {
        let row = Row::of(level, y);
        for x in 0..level.width {
            left += f64::from(row.residual(x)).powi(2);
            given += f64::from(row.b[x]).powi(2);
        }
    }
    if given > 0.0 { (left / given).sqrt() } else { 0.0 }
}
