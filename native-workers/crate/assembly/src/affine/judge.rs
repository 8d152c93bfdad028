//! Whether a registration may be trusted, and why not.

use super::header::Answer;

/// A second orientation that tells this share of the information of the first could as well be the true one.
const ALIKE: f64 = 0.9;

/// Fills in verdict, reasons and ambiguity.
pub fn judge(answer: &mut Answer, bins: usize) {
    let runner_up = answer.runner_up.as_ref().map_or(0.0, |c| c.score);
    answer.ambiguous = runner_up > ALIKE * answer.best.score;
    // What independent levels would show by chance in as many samples (Roulston 1999).
    let chance = ((bins - 1) * (bins - 1)) as f64 / (2 * answer.samples) as f64;
    let (mut fails, mut warns) = (vec![], vec![]);
    if answer.mi < 3.0 * chance || answer.shared < 0.02 {
        fails.push("the volumes share no more information than chance");
    } else if answer.shared < 0.06 {
        warns.push("the volumes share little information");
    }
    if answer.overlap < 0.25 {
        fails.push("the volumes hardly overlap");
    } else if answer.overlap < 0.75 {
        warns.push("part of the fixed volume lies outside the moving one");
    }
    if runner_up > 1.02 * answer.best.score {
        warns.push("another orientation fits better");
    } else if answer.ambiguous {
        warns.push("another orientation fits nearly as well");
    }
    if !(0.2..=5.0).contains(&answer.volume_ratio) {
        warns.push("the volumes differ much in size; check the sizes of their voxels");
    }
    if answer.mi < 0.98 * answer.mi_before {
        fails.push("the start fits better than the result");
    }
    answer.verdict = if !fails.is_empty() {
        "fail"
    } else if warns.is_empty() {
        "pass"
    } else {
        "warn"
    };
    answer.reasons = fails.into_iter().chain(warns).map(str::to_owned).collect();
}
