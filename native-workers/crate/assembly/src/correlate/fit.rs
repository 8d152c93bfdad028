//! One pair of patches: propose shifts, judge each by its true overlap, refine the best.

use super::bearing::is_borne;
use super::ncc::{Agreement, agreement, rough_agreement};
use super::patch::Patch;
use super::propose::{Candidate, propose};
use super::refine::{Refined, refine};
use kernels::cancel::Cancel;
use kernels::error::Result;

/// Peaks of the phase correlation that are judged.
const MOST_CANDIDATES: usize = 16;
/// Of them, those that are judged by every pixel of a large overlap.
const CLOSE_LOOKS: usize = 3;
/// Steps that a peak may climb on the correlation itself.
const MOST_CLIMB: usize = 4;
/// A correlation as high as this is borne by half the blocks that a lower one needs.
const ALIKE_NCC: f64 = 0.6;
/// A second peak rivals the first where both correlate well: the first at least so much, the second nearly as much, over
/// a comparable area.
const RIVAL_NCC: f64 = 0.5;
const RIVAL_PART: f64 = 0.8;
const RIVAL_AREA: f64 = 0.25;
/// Before it is climbed, and how many are.
const RIVAL_START: f64 = 0.3;
const MOST_RIVALS: usize = 4;
/// Two peaks closer than this, pixels, are one.
const SAME_PEAK_PX: i64 = 6;
/// Blurred white noise has this many pixels a sample; texture has clearly more.
const NOISE_PIXELS_PER_SAMPLE: f64 = 12.0;

/// How a shift is looked at.
type Look = fn(&Patch, &Patch, [i64; 2]) -> Option<Agreement>;

/// Why there is no match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Miss {
    TooLittleOverlap,
    NoTexture,
    NoPeak,
    Ambiguous,
}

impl Miss {
    /// As the task table words it.
    pub fn reason(self) -> &'static str {
        match self {
            Self::TooLittleOverlap => "too little overlap",
            Self::NoTexture => "no texture",
            Self::NoPeak => "no significant peak",
            Self::Ambiguous => "several places fit alike",
        }
    }
}

/// A shift that was judged.
#[derive(Debug, Clone, Copy)]
pub struct Judged {
    pub shift: [i64; 2],
    pub agreement: Agreement,
    /// SDs above what unrelated texture of this kind gives over such an overlap.
    pub significance: f64,
}

/// What was found for a pair of patches.
#[derive(Debug, Clone, Copy)]
pub struct Fit {
    pub best: Option<Judged>,
    /// Significance of the best peak over that of the second, at least 1.
    pub peak_ratio: f64,
    /// The sub-pixel place, or why there is none.
    pub outcome: Result<Refined, Miss>,
}

/// What a place must fulfil.
#[derive(Debug, Clone, Copy)]
pub struct Least {
    /// In SDs of what unrelated texture gives: below, a peak is chance.
    significance: f64,
    /// How much more significant the best peak must be than the second.
    ratio: f64,
    /// Blocks that bear the correlation.
    blocks: f64,
}

impl Least {
    /// Of a place that is believed without others. Tissue has more than its spectrum tells: in one pair of a hundred that do
    /// not overlap, some place is as significant as 6, and two such places are about alike.
    pub const ALONE: Self = Self { significance: 8.0, ratio: 1.3, blocks: 20.0 };
    /// Of a place that others have to agree with.
    pub const AMONG_OTHERS: Self = Self { significance: 6.0, ratio: 1.15, blocks: 10.0 };
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Where the shift is looked for: within `search` of `centre` along each axis, pixels.
    pub centre: [f64; 2],
    pub search: f64,
    /// Least overlap, pixels.
    pub least_area: f64,
    pub least: Least,
}

/// Fits `b` to `a`.
pub fn fit(a: &Patch, b: &Patch, question: &Question, cancel: Cancel<'_>) -> Result<Fit> {
    let proposal = propose(a, b, question.centre, question.search, MOST_CANDIDATES, cancel)?;
    let judge = |shift: [i64; 2], look: Look| judge(a, b, shift, question, proposal.pixels_per_sample, look);
    let mut judged: Vec<Judged> = Vec::with_capacity(MOST_CANDIDATES);
    for Candidate { shift, .. } in &proposal.candidates {
        cancel.poll()?;
        judged.extend(judge(*shift, rough_agreement));
    }
    let by_significance = |p: &Judged, q: &Judged| q.significance.total_cmp(&p.significance);
    judged.sort_by(by_significance);
    // What decides is summed over every pixel.
    for close in judged.iter_mut().take(CLOSE_LOOKS) {
        cancel.poll()?;
        *close = judge(close.shift, agreement).unwrap_or(*close);
    }
    judged.sort_by(by_significance);
    let Some(first) = judged.first().copied() else {
        let reaches = |c: &Candidate| a.overlap(b, c.shift).area() as f64 >= question.least_area;
        let flat = proposal.candidates.iter().any(reaches);
        let outcome = Err(if flat { Miss::NoTexture } else { Miss::TooLittleOverlap });
        return Ok(Fit { best: None, peak_ratio: 1.0, outcome });
    };
    let best = climb(first, |shift| judge(shift, agreement));
    cancel.poll()?;
    let apart = judged.iter().filter(|j| j.apart_from(&best));
    let second = apart.map(|j| j.significance).fold(1.0, f64::max);
    let rival = rival_of(best, &judged, |shift| judge(shift, rough_agreement));
    let peak_ratio = rival.unwrap_or((best.significance / second).max(1.0));
    let textured = proposal.pixels_per_sample > NOISE_PIXELS_PER_SAMPLE;
    let least = question.least;
    let stands_out = rival.is_none() && best.significance >= least.significance && peak_ratio >= least.ratio;
    let blocks = if best.agreement.ncc >= ALIKE_NCC { 0.5 * least.blocks } else { least.blocks };
    let outcome = if stands_out {
        let borne = is_borne(a, b, best.shift, blocks);
        borne.then(|| refine(a, b, best.shift)).flatten().ok_or(Miss::NoPeak)
    } else {
        let alike = rival.is_some() || best.significance >= least.significance;
        Err(match (textured, alike) {
            (false, _) => Miss::NoTexture,
            (true, true) => Miss::Ambiguous,
            (true, false) => Miss::NoPeak,
        })
    };
    Ok(Fit { best: Some(best), peak_ratio, outcome })
}

/// Correlation of the best peak over that of another as good: texture that repeats itself. Significance does not tell,
/// since such texture has few independent pixels, whichever the peak. Peaks of phase correlation may be some pixels off,
/// so those that may rival the best are climbed, too.
fn rival_of(best: Judged, judged: &[Judged], judge: impl Fn([i64; 2]) -> Option<Judged>) -> Option<f64> {
    if best.agreement.ncc < RIVAL_NCC {
        return None;
    }
    let may = |j: &&Judged| {
        j.apart_from(&best)
            && j.agreement.area >= RIVAL_AREA * best.agreement.area
            && j.agreement.ncc >= RIVAL_START * best.agreement.ncc
    };
    let mut others: Vec<Judged> = judged.iter().filter(may).copied().collect();
    others.sort_by(|p, q| q.agreement.ncc.total_cmp(&p.agreement.ncc));
    let climbed = others.into_iter().take(MOST_RIVALS).map(|other| climb(other, &judge));
    let second = climbed.filter(|j| j.apart_from(&best)).map(|j| j.agreement.ncc).fold(0.0, f64::max);
    (second >= RIVAL_PART * best.agreement.ncc).then(|| (best.agreement.ncc / second).max(1.0))
}

impl Judged {
    fn apart_from(&self, other: &Self) -> bool {
        (0..2).any(|i| (self.shift[i] - other.shift[i]).abs() > SAME_PEAK_PX)
    }
}

fn judge(
    a: &Patch,
    b: &Patch,
    shift: [i64; 2],
    question: &Question,
    pixels_per_sample: f64,
    look: Look,
) -> Option<Judged> {
    let inside = (0..2).all(|i| (shift[i] as f64 - question.centre[i]).abs() <= question.search);
    if !inside || (a.overlap(b, shift).area() as f64) < question.least_area {
        return None;
    }
    let agreement = look(a, b, shift).filter(|g| g.area >= question.least_area)?;
    let samples = (agreement.area / pixels_per_sample - 3.0).max(0.0);
    // Fisher's transform makes the spread of a chance correlation 1 / sqrt(samples - 3).
    let significance = agreement.ncc.clamp(-0.999_999, 0.999_999).atanh() * samples.sqrt();
    Some(Judged { shift, agreement, significance })
}

/// Walks to the highest correlation around a peak: that of phase correlation may be a pixel off.
fn climb(mut best: Judged, judge: impl Fn([i64; 2]) -> Option<Judged>) -> Judged {
    for _ in 0..MOST_CLIMB {
        let [x, y] = best.shift;
        let around = [[x - 1, y], [x + 1, y], [x, y - 1], [x, y + 1]];
        let next = around.into_iter().filter_map(&judge).max_by(|p, q| p.agreement.ncc.total_cmp(&q.agreement.ncc));
        match next {
            Some(next) if next.agreement.ncc > best.agreement.ncc => best = next,
            _ => break,
        }
    }
    best
}
