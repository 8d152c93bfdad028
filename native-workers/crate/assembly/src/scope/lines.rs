//! Brightness along and across the scan lines. What charging and an unsteady beam do changes from line to line; what the
//! specimen shows changes along lines just as much. So each measure of the rows is taken of the columns, too.

use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::image::GreyImage;

/// Mean grey level of every row and of every column, and the spread within rows, which charging leaves as it is.
pub struct Lines {
    rows: Vec<f64>,
    columns: Vec<f64>,
    sd: f64,
}

impl Lines {
    /// One pass over the picture.
    pub fn sum(image: &GreyImage, cancel: Cancel<'_>) -> Result<Self> {
        let (mut rows, mut columns) = (Vec::with_capacity(image.height), vec![0.0; image.width]);
        let mut line = vec![0f32; image.width];
        let mut square = 0.0;
        for y in 0..image.height {
            cancel.poll()?;
            image.row_f32(y, &mut line);
            for (sum, &v) in columns.iter_mut().zip(&line) {
                *sum += f64::from(v);
            }
            rows.push(line.iter().map(|&v| f64::from(v)).sum::<f64>() / image.width as f64);
            square += line.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>();
        }
        columns.iter_mut().for_each(|sum| *sum /= image.height as f64);
        let of_rows = rows.iter().map(|mean| mean * mean).sum::<f64>() / rows.len() as f64;
        let within = square / (image.width * image.height) as f64 - of_rows;
        Ok(Self { rows, columns, sd: within.max(0.0).sqrt() })
    }

    /// How far brightness drifts over the lines, less how far it does along them, in SDs within lines; 0 for a flat one.
    pub fn charging(&self) -> f64 {
        if self.sd > 0.0 { (span(&self.rows) - span(&self.columns)) / self.sd } else { 0.0 }
    }

    /// Natural logarithm of how much lines differ from the next, over how much columns do; 0 where neither does.
    pub fn streaks(&self) -> f64 {
        let (rows, columns) = (jitter(&self.rows), jitter(&self.columns));
        if rows > 0.0 && columns > 0.0 { (rows / columns).ln() } else { 0.0 }
    }
}

/// Range of the parabola that fits best, over the ends and the vertex: slow changes alone.
fn span(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if values.len() < 3 {
        return 0.0;
    }
    // Legendre polynomials are orthogonal over evenly spaced points, but for terms of 1/n^2.
    let at = |i: usize| (2.0 * i as f64 + 1.0) / n - 1.0;
    let part = |basis: fn(f64) -> f64, scale: f64| {
        scale * values.iter().enumerate().map(|(i, v)| v * basis(at(i))).sum::<f64>() / n
    };
    let (linear, bent) = (part(|t| t, 3.0), part(|t| 1.5 * t * t - 0.5, 5.0));
    let value = |t: f64| linear * t + bent * (1.5 * t * t - 0.5);
    let vertex = if bent == 0.0 { 1.0 } else { (-linear / (3.0 * bent)).clamp(-1.0, 1.0) };
    let seen = [value(-1.0), value(1.0), value(vertex)];
    seen.iter().fold(f64::MIN, |a, &b| a.max(b)) - seen.iter().fold(f64::MAX, |a, &b| a.min(b))
}

/// Median step from one value to the next: a fold or an edge of the specimen, which is few steps, does not count.
fn jitter(values: &[f64]) -> f64 {
    let mut steps: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let middle = steps.len() / 2;
    if steps.is_empty() { 0.0 } else { *steps.select_nth_unstable_by(middle, f64::total_cmp).1 }
}
