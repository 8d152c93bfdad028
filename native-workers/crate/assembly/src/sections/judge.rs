//! Whether two pictures agree where a proposal lays them over each other: their correlation there, beside that at places
//! nearby that must be wrong.

use super::picture::Picture;
use super::rough::Proposal;
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::geometry::Affine;

/// Side of the pictures that are correlated to judge a proposal.
const JUDGE_SIDE: usize = 192;
/// Part of the smaller picture that must overlap.
const LEAST_OVERLAP: f64 = 0.15;
/// Correlations below this are no agreement, whatever else.
const LEAST_NCC: f64 = 0.08;
/// How many standard errors a correlation must stand out from those of wrong places.
const LEAST_SIGNIFICANCE: f64 = 4.0;
/// The same for what the search over rotations gives, which has looked at thousands of places.
const LEAST_OF_MANY: f64 = 6.0;
/// How far wrong places lie, parts of the picture.
const ELSEWHERE: [[f64; 2]; 12] = [
    [0.13, 0.0],
    [-0.13, 0.0],
    [0.0, 0.13],
    [0.0, -0.13],
    [0.11, 0.11],
    [-0.11, 0.11],
    [0.11, -0.11],
    [-0.11, -0.11],
    [0.2, 0.07],
    [-0.2, -0.07],
    [0.07, -0.2],
    [-0.07, 0.2],
];

/// A proposal with its correlation.
pub struct Judged {
    pub proposal: Proposal,
    pub ncc: f64,
    pub significance: f64,
}

/// Small pictures on which proposals are judged.
pub struct Judge {
    a: Picture,
    b: Picture,
    scale: f64,
}

impl Judge {
    pub fn new(a: &Picture, b: &Picture) -> Self {
        let (a, b, scale) = Picture::fitted_alike(a, b, JUDGE_SIDE);
        let [a, b] = [a, b].map(|p| p.normalised(JUDGE_SIDE / 12).blurred(1.5));
        Self { a, b, scale }
    }

    /// The best of those that stand out.
    pub fn best(&self, proposals: &[Proposal], cancel: Cancel<'_>) -> Result<Option<Judged>> {
        let mut best: Option<Judged> = None;
        for proposal in proposals {
            cancel.poll()?;
            let judged = self.judge(*proposal);
            let least = if proposal.candidates > 0 { LEAST_SIGNIFICANCE } else { LEAST_OF_MANY };
            let stands_out = judged.ncc >= LEAST_NCC && judged.significance >= least;
            if stands_out && best.as_ref().is_none_or(|b| judged.ncc > b.ncc) {
                best = Some(judged);
            }
        }
        Ok(best)
    }

    fn judge(&self, proposal: Proposal) -> Judged {
        let by = |s: f64| Affine([s, 0.0, 0.0, s, 0.0, 0.0]);
        let map = by(1.0 / self.scale).after(&proposal.map).after(&by(self.scale));
        let ncc = self.correlation(&map, [0.0, 0.0]).unwrap_or(-1.0);
        let side = self.a.width.max(self.a.height) as f64;
        let wrong: Vec<f64> = ELSEWHERE.iter().filter_map(|e| self.correlation(&map, e.map(|v| v * side))).collect();
        let n = wrong.len().max(1) as f64;
        let mean = wrong.iter().sum::<f64>() / n;
        let spread = (wrong.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt().max(0.01);
        Judged { proposal, ncc, significance: (ncc - mean) / spread }
    }

    /// Of the pixels that both have, a shifted by `off` before it is mapped.
    fn correlation(&self, map: &Affine, off: [f64; 2]) -> Option<f64> {
        let (a, b) = (&self.a, &self.b);
        let mut sums = [0.0f64; 6];
        for y in 0..a.height {
            for x in 0..a.width {
                let at = y * a.width + x;
                if a.mask[at] == 0.0 {
                    continue;
                }
                let Some(q) = b.sample(map.apply([x as f64 + 0.5 + off[0], y as f64 + 0.5 + off[1]])) else { continue };
                let (p, q) = (f64::from(a.levels[at]), f64::from(q));
                sums.iter_mut().zip([1.0, p, q, p * p, q * q, p * q]).for_each(|(s, v)| *s += v);
            }
        }
        let least = (a.mask.len() as f64 * a.covered()).min(b.mask.len() as f64 * b.covered()) * LEAST_OVERLAP;
        let [n, p, q, pp, qq, pq] = sums;
        let (vp, vq) = (pp - p * p / n, qq - q * q / n);
        (n >= least.max(64.0) && vp > 1e-6 && vq > 1e-6).then(|| (pq - p * q / n) / (vp * vq).sqrt())
    }
}
