//! Real Fourier transforms of a box, one component at a time.

use kernels::error::{KernelError, Result};
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

/// Columns that are transformed side by side: whole cache lines are read.
const SIDE_BY_SIDE: usize = 16;

/// Plans for boxes of one size; x is halved.
pub struct Fourier {
    size: [usize; 3],
    rows: Arc<dyn RealToComplex<f32>>,
    rows_back: Arc<dyn ComplexToReal<f32>>,
    /// Along y and z.
    columns: [Arc<dyn Fft<f32>>; 2],
    columns_back: [Arc<dyn Fft<f32>>; 2],
}

fn failed(error: &impl std::fmt::Display) -> KernelError {
    KernelError::internal(format!("a Fourier transform: {error}"))
}

impl Fourier {
    pub fn new(size: [usize; 3]) -> Self {
        let (mut real, mut complex) = (RealFftPlanner::new(), FftPlanner::new());
        Self {
            size,
            rows: real.plan_fft_forward(size[0]),
            rows_back: real.plan_fft_inverse(size[0]),
            columns: [complex.plan_fft_forward(size[1]), complex.plan_fft_forward(size[2])],
            columns_back: [complex.plan_fft_inverse(size[1]), complex.plan_fft_inverse(size[2])],
        }
    }

    /// Frequencies along x, y, z that are kept.
    pub fn bins(&self) -> [usize; 3] {
        [self.size[0] / 2 + 1, self.size[1], self.size[2]]
    }

    /// Of a box of reals, which is used as scratch. O(n log n).
    pub fn forward(&self, box_of: &mut [f32], bins: &mut [Complex32]) -> Result<()> {
        let [half, height, depth] = self.bins();
        let mut scratch = self.rows.make_scratch_vec();
        for (row, out) in box_of.chunks_exact_mut(self.size[0]).zip(bins.chunks_exact_mut(half)) {
            self.rows.process_with_scratch(row, out, &mut scratch).map_err(|e| failed(&e))?;
        }
        for plane in bins.chunks_exact_mut(half * height) {
            columns(&*self.columns[0], plane, [half, height]);
        }
        columns(&*self.columns[1], bins, [half * height, depth]);
        Ok(())
    }

    /// Undoes [`Fourier::forward`]; `bins` are used as scratch.
    pub fn inverse(&self, bins: &mut [Complex32], box_of: &mut [f32]) -> Result<()> {
        let [half, height, depth] = self.bins();
        columns(&*self.columns_back[1], bins, [half * height, depth]);
        for plane in bins.chunks_exact_mut(half * height) {
            columns(&*self.columns_back[0], plane, [half, height]);
        }
        let mut scratch = self.rows_back.make_scratch_vec();
        let scale = 1.0 / self.size.iter().product::<usize>() as f32;
        for (row, out) in bins.chunks_exact_mut(half).zip(box_of.chunks_exact_mut(self.size[0])) {
            // The lowest and highest bins of a real row are real; rounding leaves them a trace of more.
            row[0].im = 0.0;
            row[half - 1].im = 0.0;
            self.rows_back.process_with_scratch(row, out, &mut scratch).map_err(|e| failed(&e))?;
            out.iter_mut().for_each(|v| *v *= scale);
        }
        Ok(())
    }
}

/// Transforms `width` columns of `height` numbers that lie row by row.
fn columns(plan: &dyn Fft<f32>, data: &mut [Complex32], [width, height]: [usize; 2]) {
    // One number is its own transform.
    if height == 1 {
        return;
    }
    let mut some = vec![Complex32::default(); SIDE_BY_SIDE * height];
    let mut scratch = vec![Complex32::default(); plan.get_inplace_scratch_len()];
    for first in (0..width).step_by(SIDE_BY_SIDE) {
        let count = SIDE_BY_SIDE.min(width - first);
        for y in 0..height {
            for (c, value) in data[y * width + first..][..count].iter().enumerate() {
                some[c * height + y] = *value;
            }
        }
        plan.process_with_scratch(&mut some[..count * height], &mut scratch);
        for y in 0..height {
            for (c, value) in data[y * width + first..][..count].iter_mut().enumerate() {
                *value = some[c * height + y];
            }
        }
    }
}
