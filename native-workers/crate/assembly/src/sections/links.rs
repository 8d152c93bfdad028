//! Points that two sections share, as the solves of sections take them.

use kernels::error::{KernelError, Result};
use kernels::geometry::Point;

/// Numbers of a match in an input: sections a and b, place in a, place in b, weight.
pub const NUMBERS: usize = 7;
/// Most sections and matches of a solve.
const MOST_SECTIONS: usize = 1 << 20;
const MOST_MATCHES: usize = 1 << 26;
/// Misses below this are as good as none, pixels.
const LEAST_SCALE: f64 = 0.5;

/// A point of section a that is a point of section b.
#[derive(Debug, Clone, Copy)]
pub struct Match {
    pub sections: [usize; 2],
    pub points: [Point; 2],
    pub weight: f64,
}

/// Reads f64 rows of [`NUMBERS`].
pub fn read_matches(bytes: &[u8], sections: usize) -> Result<Vec<Match>> {
    let numbers = read_numbers(bytes)?;
    if sections > MOST_SECTIONS || numbers.len() > MOST_MATCHES * NUMBERS || !numbers.len().is_multiple_of(NUMBERS) {
        return Err(KernelError::invalid_input(format!("{} numbers are no matches of sections.", numbers.len())));
    }
    numbers
        .chunks_exact(NUMBERS)
        .map(|row| {
            let [a, b, ax, ay, bx, by, weight] = [0, 1, 2, 3, 4, 5, 6].map(|k| row[k]);
            let named = |s: f64| s >= 0.0 && s < sections as f64 && s.fract() == 0.0;
            if !named(a) || !named(b) || a == b || !row.iter().all(|v| v.is_finite()) || weight < 0.0 {
                return Err(KernelError::invalid_input(format!("{row:?} is no match of {sections} sections.")));
            }
            Ok(Match { sections: [a as usize, b as usize], points: [[ax, ay], [bx, by]], weight })
        })
        .collect()
}

/// Doubles, little-endian.
pub fn read_numbers(bytes: &[u8]) -> Result<Vec<f64>> {
    if !bytes.len().is_multiple_of(8) {
        return Err(KernelError::invalid_input(format!("{} bytes are no doubles.", bytes.len())));
    }
    Ok(bytes.chunks_exact(8).map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]])).collect())
}

pub fn to_bytes(numbers: impl IntoIterator<Item = f64>) -> Vec<u8> {
    numbers.into_iter().flat_map(f64::to_le_bytes).collect()
}

/// Robust weights of misses: Geman and McClure's, with a scale from their median.
pub fn robust_weights(misses: &[f64], widen: f64) -> Vec<f64> {
    let mut sorted: Vec<f64> = misses.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    // The median of the length of a normal pair of SD 1 is 1.18.
    let scale = widen * 3.0 * (median / 1.18).max(LEAST_SCALE);
    misses.iter().map(|m| (1.0 + (m / scale).powi(2)).powi(-2)).collect()
}
