//! Real two-dimensional Fourier transforms in single precision, with plans kept by each thread.

use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use realfft::RealFftPlanner;
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};
use std::cell::RefCell;
use std::sync::Arc;

/// Side of the blocks that a transposition moves.
const TRANSPOSE_BLOCK: usize = 16;

thread_local! {
    static PLANS: RefCell<(RealFftPlanner<f32>, FftPlanner<f32>)> = RefCell::new((RealFftPlanner::new(), FftPlanner::new()));
}

/// A spectrum of a real `width` x `height` picture: `width / 2 + 1` columns of `height` frequencies, column by column.
pub struct Spectrum {
    pub width: usize,
    pub height: usize,
    pub bins: Vec<Complex32>,
}

fn failed(error: &impl std::fmt::Display) -> KernelError {
    KernelError::internal(format!("a Fourier transform: {error}"))
}

/// Transforms rows of `width` reals, `height` of them. `level` is used as scratch. O(n log n).
pub fn forward(level: &mut [f32], width: usize, height: usize, cancel: Cancel<'_>) -> Result<Spectrum> {
    let plan = PLANS.with_borrow_mut(|p| p.0.plan_fft_forward(width));
    let half = width / 2 + 1;
    let mut rows = vec![Complex32::default(); half * height];
    let mut scratch = plan.make_scratch_vec();
    for (row, out) in level.chunks_exact_mut(width).zip(rows.chunks_exact_mut(half)) {
        plan.process_with_scratch(row, out, &mut scratch).map_err(|e| failed(&e))?;
    }
    cancel.poll()?;
    let mut bins = transposed(&rows, half, height);
    let plan = PLANS.with_borrow_mut(|p| p.1.plan_fft_forward(height));
    columns(&*plan, &mut bins, height, cancel)?;
    Ok(Spectrum { width, height, bins })
}

/// The inverse, scaled so that it undoes [`forward`].
pub fn inverse(spectrum: Spectrum, cancel: Cancel<'_>) -> Result<Vec<f32>> {
    let Spectrum { width, height, mut bins } = spectrum;
    let half = width / 2 + 1;
    let plan: Arc<dyn Fft<f32>> = PLANS.with_borrow_mut(|p| p.1.plan_fft_inverse(height));
    columns(&*plan, &mut bins, height, cancel)?;
    let mut rows = transposed(&bins, height, half);
    drop(bins);
    cancel.poll()?;
    let plan = PLANS.with_borrow_mut(|p| p.0.plan_fft_inverse(width));
    let mut level = vec![0.0; width * height];
    let mut scratch = plan.make_scratch_vec();
    let scale = 1.0 / (width * height) as f32;
    for (row, out) in rows.chunks_exact_mut(half).zip(level.chunks_exact_mut(width)) {
        // The lowest and highest bins of a real row are real; rounding leaves them a trace of more.
        row[0].im = 0.0;
        row[half - 1].im = 0.0;
        plan.process_with_scratch(row, out, &mut scratch).map_err(|e| failed(&e))?;
        out.iter_mut().for_each(|v| *v *= scale);
    }
    Ok(level)
}

fn columns(plan: &dyn Fft<f32>, bins: &mut [Complex32], height: usize, cancel: Cancel<'_>) -> Result<()> {
    let mut scratch = vec![Complex32::default(); plan.get_inplace_scratch_len()];
    for some in bins.chunks_mut(height * 64) {
        cancel.poll()?;
        plan.process_with_scratch(some, &mut scratch);
    }
    Ok(())
}

/// Rows of `width` to columns: `out[x * height + y] = from[y * width + x]`.
fn transposed(from: &[Complex32], width: usize, height: usize) -> Vec<Complex32> {
    let mut out = vec![Complex32::default(); from.len()];
    for y0 in (0..height).step_by(TRANSPOSE_BLOCK) {
        for x0 in (0..width).step_by(TRANSPOSE_BLOCK) {
            for x in x0..(x0 + TRANSPOSE_BLOCK).min(width) {
                for y in y0..(y0 + TRANSPOSE_BLOCK).min(height) {
                    out[x * height + y] = from[y * width + x];
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::cancel::never;

    #[test]
    fn there_and_back_again() {
        for (w, h) in [(2, 1), (8, 6), (30, 20), (108, 75)] {
            let level: Vec<f32> = (0..w * h).map(|i| ((i * 7919) % 113) as f32 - 50.0).collect();
            let back = inverse(forward(&mut level.clone(), w, h, never()).unwrap(), never()).unwrap();
            assert!(level.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-3), "{w} x {h}");
        }
    }

    #[test]
    fn one_wave_is_one_bin() {
        let (w, h) = (24, 20);
        let tau = std::f32::consts::TAU;
        let wave = |i: usize| (tau * (3.0 * (i % w) as f32 / w as f32 + 5.0 * (i / w) as f32 / h as f32)).cos();
        let spectrum = forward(&mut (0..w * h).map(wave).collect::<Vec<_>>(), w, h, never()).unwrap();
        for (i, bin) in spectrum.bins.iter().enumerate() {
            let want = if (i / h, i % h) == (3, 5) { (w * h) as f32 / 2.0 } else { 0.0 };
            assert!((bin.norm() - want).abs() < 1e-2);
        }
    }
}
