//! The operator L = (1 - a² Laplace)² of the regulariser and its inverse, on a torus, in µm along every axis.

use super::Field;
use super::fourier::Fourier;
use super::grid::Grid;
use super::spectrum::Spectrum;
use crate::threads::Crew;
use kernels::error::Result;
use rustfft::num_complex::Complex32;

pub struct Smooth {
    pub grid: Grid,
    fourier: Fourier,
    /// a² k² for the frequencies k (per µm) along x, y, z: what L's symbol is made of. That of the space between nodes, not
    /// of differences between them, so that nodes may lie further apart along one axis than along another.
    parts: [Vec<f32>; 3],
}

impl Smooth {
    pub fn new(grid: Grid, smooth_um: f64) -> Self {
        let fourier = Fourier::new(grid.size);
        let parts = std::array::from_fn(|k| {
            let per_um = |i: usize| std::f64::consts::TAU * i.min(grid.size[k] - i) as f64 / grid.extent_um[k];
            (0..fourier.bins()[k]).map(|i| (smooth_um * per_um(i)).powi(2) as f32).collect()
        });
        Self { grid, fourier, parts }
    }

    /// Bins of one axis of one time.
    fn count(&self) -> usize {
        self.fourier.bins().iter().product()
    }

    /// L's symbol times `bins`, or over it.
    fn weigh(&self, bins: &mut [Complex32], divide: bool) {
        let [half, height, _] = self.fourier.bins();
        for (row, some) in bins.chunks_exact_mut(half).enumerate() {
            let rest = 1.0 + self.parts[1][row % height] + self.parts[2][row / height];
            for (bin, part) in some.iter_mut().zip(&self.parts[0]) {
                let symbol = (rest + part) * (rest + part);
                *bin *= if divide { 1.0 / symbol } else { symbol };
            }
        }
    }

    /// Spectra of L v (or, where `divide`, of v over L) of the fields v, one for each time.
    pub fn spectra(&self, fields: &[Field], divide: bool, crew: Crew<'_>) -> Result<Spectrum> {
        let mut all = Spectrum::zeros(3 * fields.len() * self.count(), self.fourier.bins()[0]);
        let items = all.bins.chunks_exact_mut(self.count()).enumerate().collect();
        let ran = crew.each(items, |(i, bins): (usize, &mut [Complex32])| {
            let mut component: Vec<f32> = fields[i / 3].iter().map(|v| v[i % 3]).collect();
            self.fourier.forward(&mut component, bins)?;
            self.weigh(bins, divide);
            Ok(())
        })?;
        ran.into_iter().collect::<Result<()>>()?;
        Ok(all)
    }

    /// The fields v whose spectra of L v are given.
    pub fn fields(&self, spectrum: &Spectrum, crew: Crew<'_>) -> Result<Vec<Field>> {
        let items = spectrum.bins.chunks_exact(self.count()).collect();
        let components = crew.each(items, |bins: &[Complex32]| {
            let mut bins = bins.to_vec();
            self.weigh(&mut bins, true);
            let mut component = vec![0.0; self.grid.count()];
            self.fourier.inverse(&mut bins, &mut component).map(|()| component)
        })?;
        let components = components.into_iter().collect::<Result<Vec<_>>>()?;
        let field = |c: &[Vec<f32>]| (0..self.grid.count()).map(|i| [c[0][i], c[1][i], c[2][i]]).collect();
        Ok(components.chunks_exact(3).map(field).collect())
    }
}

/// A field on other nodes of the same torus: the same frequencies, as far as both have them.
pub fn resampled(field: &Field, from: &Grid, to: &Grid) -> Result<Field> {
    let (source, target) = (Fourier::new(from.size), Fourier::new(to.size));
    let ([half, height, depth], [to_half, to_height, _]) = (source.bins(), target.bins());
    let scale = to.count() as f32 / from.count() as f32;
    // The frequency halfway around has no sign, and is left out.
    let place = |i: usize, n: usize, m: usize| match () {
        () if 2 * i < n.min(m) => Some(i),
        () if 2 * (n - i) < n.min(m) => Some(m - (n - i)),
        () => None,
    };
    let mut out = vec![[0.0; 3]; to.count()];
    for axis in 0..3 {
        let mut component: Vec<f32> = field.iter().map(|v| v[axis]).collect();
        let mut bins = vec![Complex32::default(); half * height * depth];
        source.forward(&mut component, &mut bins)?;
        let mut moved = vec![Complex32::default(); target.bins().iter().product()];
        for (row, some) in bins.chunks_exact(half).enumerate() {
            let (y, z) = (place(row % height, height, to_height), place(row / height, depth, to.size[2]));
            let (Some(y), Some(z)) = (y, z) else { continue };
            let count = (half - 1).min(to_half - 1);
            let target = &mut moved[(z * to_height + y) * to_half..][..count];
            target.iter_mut().zip(some).for_each(|(t, s)| *t = s * scale);
        }
        let mut component = vec![0.0; to.count()];
        target.inverse(&mut moved, &mut component)?;
        out.iter_mut().zip(component).for_each(|(v, c)| v[axis] = c);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::cancel::never;

    const CREW: fn() -> Crew<'static> = || Crew { threads: 2, cancel: never() };

    fn grid(size: [usize; 3], extent: f64) -> Grid {
        Grid { origin_um: [0.0; 3], extent_um: [extent; 3], size }
    }

    fn differ(a: &Field, b: &Field) -> f32 {
        a.iter().zip(b).flat_map(|(a, b)| (0..3).map(move |k| (a[k] - b[k]).abs())).fold(0.0, f32::max)
    }

    #[test]
    fn waves_are_smoothed_as_the_operator_says_in_um() {
        let grid = Grid { origin_um: [0.0; 3], extent_um: [480.0, 600.0, 800.0], size: [12, 20, 16] };
        let tau = std::f64::consts::TAU;
        let turns = [[1.0, 0.0, 2.0], [0.0, 3.0, -1.0], [2.0, 1.0, 0.0]];
        let wave = |by: &dyn Fn(usize) -> f64| -> Field {
            let at = |i: usize, j: usize| grid.index(i)[j] as f64 / grid.size[j] as f64;
            let phase = |i: usize, c: usize| tau * (0..3).map(|j| turns[c][j] * at(i, j)).sum::<f64>() + 0.4;
            (0..grid.count()).map(|i| std::array::from_fn(|c| (by(c) * phase(i, c).sin()) as f32)).collect()
        };
        // (1 - a² Laplace)² of a wave is that wave times (1 + a² |k|²)².
        let symbol = |c: usize| {
            let square = |j: usize| (60.0 * tau * turns[c][j] / grid.extent_um[j]).powi(2);
            (1.0 + (0..3).map(square).sum::<f64>()).powi(2)
        };
        let (smooth, plain) = (Smooth::new(grid, 60.0), wave(&|_| 1.0));
        let sharp = wave(&|c| symbol(c).powi(2));
        let back = smooth.fields(&smooth.spectra(&[sharp], true, CREW()).unwrap(), CREW()).unwrap();
        assert!(differ(&back[0], &plain) < 1e-3);
        let there = smooth.spectra(std::slice::from_ref(&plain), false, CREW()).unwrap();
        let norm: f64 = (0..3).map(|c| 0.5 * symbol(c).powi(2)).sum();
        assert!((there.dot(&there) / (grid.count() as f64).powi(2) / norm - 1.0).abs() < 1e-4);
        let back = smooth.fields(&there, Crew { threads: 1, cancel: never() }).unwrap();
        assert!(differ(&back[0], &plain) < 1e-4);
    }

    #[test]
    fn a_push_spreads_as_far_in_um_along_coarse_axes_as_along_fine_ones() {
        // A push at one node of each grid, as strong per volume; ndreg's smooths by nodes, and fails this.
        let spread = |size: [usize; 3]| {
            let grid = grid(size, 800.0);
            let mut push = vec![[0.0; 3]; grid.count()];
            push[0][0] = grid.count() as f32;
            let smooth = Smooth::new(grid, 80.0);
            let field = smooth.fields(&smooth.spectra(&[push], true, CREW()).unwrap(), CREW()).unwrap();
            let [w, h, d] = size;
            // 100 and 200 µm away along x, y, z, over that at the push itself.
            let at = |i: usize| f64::from(field[0][i][0] / field[0][0][0]);
            [8, 4].map(|by| [at(w / by), at(w * (h / by)), at(w * h * (d / by))])
        };
        let (even, uneven) = (spread([32, 32, 32]), spread([32, 32, 8]));
        for k in 0..2 {
            assert!((even[k][0] - even[k][2]).abs() < 1e-4 && even[1][0] > 0.05, "{even:?}");
            assert!((0..3).all(|j| (uneven[k][j] / even[k][j] - 1.0).abs() < 0.06), "{even:?} {uneven:?}");
        }
    }

    #[test]
    fn other_nodes_of_a_torus_carry_the_same_field() {
        let torus = |size| Grid { origin_um: [3.0; 3], extent_um: [600.0; 3], size };
        let wave = |grid: &Grid| -> Field {
            let at = |i: usize| std::array::from_fn(|k| grid.index(i)[k] as f64 / grid.size[k] as f64);
            let tau = std::f64::consts::TAU;
            let v = |[x, y, z]: [f64; 3]| {
                [(tau * (x + 2.0 * y)).sin(), (tau * (z - x)).cos(), 0.3 + (tau * (3.0 * z - y + x)).cos()]
            };
            (0..grid.count()).map(|i| v(at(i)).map(|v| v as f32)).collect()
        };
        let (coarse, fine) = (torus([8, 10, 12]), torus([16, 12, 20]));
        for (from, to) in [(coarse, fine), (fine, coarse)] {
            let moved = resampled(&wave(&from), &from, &to).unwrap();
            assert!(differ(&moved, &wave(&to)) < 1e-5);
        }
    }
}
