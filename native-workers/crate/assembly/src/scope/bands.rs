//! How a picture's detail is spread over scales: the slope of Haar's wavelet variance.

use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::image::GreyImage;

/// The finest octave, which is mostly noise, is left out; then as many as these where the tile is large enough.
const OCTAVES: usize = 4;

/// Doublings of detail variance an octave towards coarse, by least squares over octaves 2 to 5 (2 to 32 pixels). Defocus
/// takes fine detail and raises it; neither brightness nor contrast changes it. 0 where there is no detail, or the tile
/// has under 16 pixels a side.
pub fn slope(image: &GreyImage, cancel: Cancel<'_>) -> Result<f64> {
    let mut plane = halved_image(image, cancel)?;
    let mut variances = Vec::with_capacity(OCTAVES);
    while variances.len() < OCTAVES && plane.width >= 4 && plane.height >= 4 {
        let (coarser, variance) = plane.split(cancel)?;
        variances.push(variance);
        plane = coarser;
    }
    if variances.len() < 2 || variances.iter().any(|&v| v <= 0.0) {
        return Ok(0.0);
    }
    let logs: Vec<f64> = variances.iter().map(|v| v.log2()).collect();
    let middle = (logs.len() - 1) as f64 / 2.0;
    let moment: f64 = logs.iter().enumerate().map(|(i, v)| (i as f64 - middle) * v).sum();
    let spread: f64 = (0..logs.len()).map(|i| (i as f64 - middle).powi(2)).sum();
    Ok(moment / spread)
}

struct Plane {
    width: usize,
    height: usize,
    levels: Vec<f32>,
}

impl Plane {
    /// Means of 2 x 2 pixels, and the mean square of the three differences within them.
    fn split(&self, cancel: Cancel<'_>) -> Result<(Plane, f64)> {
        let (width, height) = (self.width / 2, self.height / 2);
        let mut levels = Vec::with_capacity(width * height);
        let mut square = 0.0;
        for y in 0..height {
            cancel.poll()?;
            let upper = &self.levels[2 * y * self.width..][..self.width];
            let lower = &self.levels[(2 * y + 1) * self.width..][..self.width];
            for (u, l) in upper.chunks_exact(2).zip(lower.chunks_exact(2)) {
                let (across, down) = (u[0] - u[1] + l[0] - l[1], u[0] + u[1] - l[0] - l[1]);
                let diagonal = u[0] - u[1] - l[0] + l[1];
                square += f64::from(across * across + down * down + diagonal * diagonal);
                levels.push(0.25 * (u[0] + u[1] + l[0] + l[1]));
            }
        }
        let count = (3 * width * height).max(1) as f64;
        Ok((Plane { width, height, levels }, square / (16.0 * count)))
    }
}

fn halved_image(image: &GreyImage, cancel: Cancel<'_>) -> Result<Plane> {
    let (width, height) = (image.width / 2, image.height / 2);
    let (mut upper, mut lower) = (vec![0f32; image.width], vec![0f32; image.width]);
    let mut levels = Vec::with_capacity(width * height);
    for y in 0..height {
        cancel.poll()?;
        image.row_f32(2 * y, &mut upper);
        image.row_f32(2 * y + 1, &mut lower);
        let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
        levels.extend(pairs.map(|(u, l)| 0.25 * (u[0] + u[1] + l[0] + l[1])));
    }
    Ok(Plane { width, height, levels })
}
