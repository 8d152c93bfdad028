//! The state that is descended in: spectra of L v for all times and axes, in which distances are those of the flow.

use rustfft::num_complex::Complex32;

/// Spectra one after the other (time, then axis), each of `rows` rows of `half` bins.
#[derive(Clone)]
pub struct Spectrum {
    pub bins: Vec<Complex32>,
    /// Bins of a row: of reals, so all but the first and last stand for two.
    pub half: usize,
}

impl Spectrum {
    pub fn zeros(count: usize, half: usize) -> Self {
        Self { bins: vec![Complex32::default(); count], half }
    }

    /// The sum over all frequencies of the product with another.
    pub fn dot(&self, other: &Self) -> f64 {
        let rows = self.bins.chunks_exact(self.half).zip(other.bins.chunks_exact(self.half));
        let product = |a: Complex32, b: Complex32| f64::from(a.re * b.re + a.im * b.im);
        let row = |(a, b): (&[Complex32], &[Complex32])| {
            let all: f32 = a.iter().zip(b).map(|(a, b)| a.re * b.re + a.im * b.im).sum();
            let last = self.half - 1;
            2.0 * f64::from(all) - product(a[0], b[0]) - product(a[last], b[last])
        };
        rows.map(row).sum()
    }

    /// Adds `by` times another.
    pub fn add(&mut self, by: f64, other: &Self) {
        let by = by as f32;
        self.bins.iter_mut().zip(&other.bins).for_each(|(a, b)| *a += b * by);
    }

    pub fn scaled(mut self, by: f64) -> Self {
        let by = by as f32;
        self.bins.iter_mut().for_each(|a| *a *= by);
        self
    }
}
