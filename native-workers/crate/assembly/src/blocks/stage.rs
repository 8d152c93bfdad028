//! What the stage is expected to have done: its systematic error, learned from blocks that are linked.

use super::Vec3;

/// A recalibrated stage must explain this part of the moves, squared.
const LEAST_EXPLAINED: f64 = 0.3;

/// The stage with its own affine error taken out, where that explains enough of how linked blocks moved.
pub fn recalibrated(stage: &[Vec3], places: &[Vec3], component: &[i32]) -> Option<Vec<Vec3>> {
    let parts = component.iter().copied().max().map_or(0, |m| m + 1);
    let mut rows: Vec<(Vec3, Vec3)> = Vec::new();
    for part in 0..parts {
        let own: Vec<usize> = (0..stage.len()).filter(|&i| component[i] == part).collect();
        let mean = |of: &[Vec3]| -> Vec3 {
            std::array::from_fn(|k| own.iter().map(|&i| of[i][k]).sum::<f64>() / own.len() as f64)
        };
        let (ms, mp) = (mean(stage), mean(places));
        rows.extend(own.iter().map(|&i| {
            let from: Vec3 = std::array::from_fn(|k| stage[i][k] - ms[k]);
            (from, std::array::from_fn(|k| places[i][k] - mp[k] - from[k]))
        }));
    }
    if rows.len() < 4 {
        return None;
    }
    let matrix = linear_fit(&rows);
    let (mut before, mut after) = (0.0, 0.0);
    for (from, moved) in &rows {
        for k in 0..3 {
            let told: f64 = (0..3).map(|j| matrix[k][j] * from[j]).sum();
            before += moved[k] * moved[k];
            after += (moved[k] - told).powi(2);
        }
    }
    if before <= 1e-9 || after > (1.0 - LEAST_EXPLAINED) * before {
        return None;
    }
    let n = stage.len() as f64;
    let centre: Vec3 = std::array::from_fn(|k| stage.iter().map(|s| s[k]).sum::<f64>() / n);
    let told = |s: &Vec3| -> Vec3 {
        std::array::from_fn(|k| s[k] + (0..3).map(|j| matrix[k][j] * (s[j] - centre[j])).sum::<f64>())
    };
    Some(stage.iter().map(told).collect())
}

/// The 3 x 3 matrix that takes `from` nearest to `moved`; axes along which nothing varies have no part in it.
fn linear_fit(rows: &[(Vec3, Vec3)]) -> [[f64; 3]; 3] {
    let mut normal = [[0.0; 3]; 3];
    for (from, _) in rows {
        for i in 0..3 {
            for j in 0..3 {
                normal[i][j] += from[i] * from[j];
            }
        }
    }
    let ridge = 1e-6 * (normal[0][0] + normal[1][1] + normal[2][2]) + 1e-9;
    let extent = normal[0][0].max(normal[1][1]).max(normal[2][2]);
    for (i, row) in normal.iter_mut().enumerate() {
        // Blocks that differ by hardly more than their own noise along an axis say nothing of its scale.
        row[i] += if row[i] < 1e-2 * extent { extent } else { ridge };
    }
    std::array::from_fn(|k| {
        let right: Vec3 = std::array::from_fn(|i| rows.iter().map(|(from, moved)| from[i] * moved[k]).sum());
        solve3(normal, right)
    })
}

/// Cramer's rule; the matrix is positive definite.
fn solve3(m: [[f64; 3]; 3], b: Vec3) -> Vec3 {
    let det = |m: &[[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = det(&m);
    std::array::from_fn(|k| {
        let mut one = m;
        for i in 0..3 {
            one[i][k] = b[i];
        }
        det(&one) / whole
    })
}

/// Blocks without a link move as the linked ones did on average from where the stage is expected to have put them.
pub fn follow(stage: &[Vec3], prior: &[Vec3], places: &mut [Vec3], component: &[i32]) {
    let linked: Vec<usize> = (0..stage.len()).filter(|&i| component[i] >= 0).collect();
    if linked.is_empty() {
        places.copy_from_slice(stage);
        return;
    }
    let n = linked.len() as f64;
    let mean: Vec3 = std::array::from_fn(|k| linked.iter().map(|&i| places[i][k] - prior[i][k]).sum::<f64>() / n);
    for i in (0..stage.len()).filter(|&i| component[i] < 0) {
        places[i] = std::array::from_fn(|k| prior[i][k] + mean[k]);
    }
}
