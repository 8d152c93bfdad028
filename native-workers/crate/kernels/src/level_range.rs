//! Levels between which there is something to tell.

/// Between which levels lie all but one in a thousand voxels at either end, of those whose weight is over a half; none
/// where none counts.
pub fn level_range(level: &[f32], weight: Option<&[f32]>) -> Option<[f32; 2]> {
    let counts = |i: &usize| weight.is_none_or(|w| w[*i] > 0.5);
    let mut values: Vec<f32> = (0..level.len()).filter(counts).map(|i| level[i]).collect();
    if values.is_empty() {
        return None;
    }
    let (cut, last) = (values.len() / 1000, values.len() - 1);
    let mut nth = |i: usize| *values.select_nth_unstable_by(i, f32::total_cmp).1;
    let inner = [nth(cut), nth(last - cut)];
    // Where all but a few voxels are alike, those few are what there is to see.
    Some(if inner[1] > inner[0] { inner } else { [nth(0), nth(last)] })
}

#[cfg(test)]
mod tests {
    use super::level_range;

    #[test]
    fn one_in_a_thousand_is_left_out_unless_the_rest_are_alike() {
        let levels: Vec<f32> = (0..2000).map(|i| (i * 7 % 2000) as f32).collect();
        assert_eq!(level_range(&levels, None), Some([2.0, 1997.0]));
        let weights: Vec<f32> = levels.iter().map(|l| if *l < 500.0 { 1.0 } else { 0.5 }).collect();
        assert_eq!(level_range(&levels, Some(&weights)), Some([0.0, 499.0]));
        let spot: Vec<f32> = (0..2000).map(|i| if i == 77 { 9.0 } else { 1.0 }).collect();
        assert_eq!(level_range(&spot, None), Some([1.0, 9.0]));
        assert_eq!(level_range(&levels, Some(&[0.0; 2000])), None);
    }
}
