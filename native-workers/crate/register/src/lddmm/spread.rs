//! Levels of voxels that do not count, made of those around that do.

/// Rounds of neighbours: what is seen within half a voxel of one that counts is mixed of its neighbours, also those across
/// a corner.
const ROUNDS: usize = 3;

/// Gives voxels next to those that count the mean of their levels: between the two, levels are interpolated, and there
/// anything may stand where tissue is lost or nothing was recorded.
pub fn spread(level: &mut [f32], counts: &[f32], [w, h, d]: [usize; 3]) {
    let mut known: Vec<bool> = counts.iter().map(|c| *c > 0.5).collect();
    for _ in 0..ROUNDS {
        let mut found = Vec::new();
        for i in (0..level.len()).filter(|&i| !known[i]) {
            let at = [i % w, i / w % h, i / (w * h)];
            let (mut sum, mut count) = (0.0, 0.0f32);
            for (k, (step, size)) in [(1, w), (w, h), (w * h, d)].into_iter().enumerate() {
                let below = (at[k] > 0).then(|| i - step);
                let above = (at[k] + 1 < size).then(|| i + step);
                for j in [below, above].into_iter().flatten().filter(|&j| known[j]) {
                    sum += level[j];
                    count += 1.0;
                }
            }
            if count > 0.0 {
                found.push((i, sum / count));
            }
        }
        for (i, mean) in found {
            (level[i], known[i]) = (mean, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn what_counts_stays_and_its_neighbours_become_like_it() {
        let (size, count) = ([9, 8, 7], 9 * 8 * 7);
        let counts: Vec<f32> = (0..count).map(|i| f32::from(u8::from(i % 9 < 3))).collect();
        let mut level: Vec<f32> = (0..count).map(|i| if i % 9 < 3 { (i / 9) as f32 } else { 1e6 }).collect();
        let before = level.clone();
        spread(&mut level, &counts, size);
        for i in 0..count {
            match i % 9 {
                0..3 => assert_eq!(level[i], before[i]),
                3 => assert_eq!(level[i], (i / 9) as f32),
                4..6 => assert!((level[i] - (i / 9) as f32).abs() < 30.0),
                _ => assert_eq!(level[i], 1e6),
            }
        }
    }
}
