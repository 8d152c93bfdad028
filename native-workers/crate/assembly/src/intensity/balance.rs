//! The task `balance-light`: gains and offsets that make tiles alike where they show the same, or sections.
//!
//! For each place that bodies a and b both show, gain_a m_a + offset_a and gain_b m_b + offset_b are to be equal (m the
//! mean there), and gain_a s_a and gain_b s_b (s the contrast), all at once by robust least squares with weak priors of
//! gain 1 and offset 0 and, with more than one node a body, of smoothness (BigStitcher's intensity solve, with contrast).
//! All gains might shrink together, since that brings levels together too; so the mean gain of each set of linked bodies
//! is held at 1, and the set is brought back to its own mean level and mean contrast at the end.

use super::dense::median;
use super::grid::{Nodes, le_bytes};
use super::places::{Place, Unit, read_places, sets};
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use serde::{Deserialize, Serialize};

/// Rounds of robust weights.
const ROUNDS: usize = 6;
const STEPS: usize = 600;
/// Residuals beyond so many SDs hardly count (Cauchy).
const CAUCHY: f64 = 2.4;
/// What one place's contrast weighs against its mean: it is the noisier word.
const CONTRAST_WEIGHT: f64 = 0.25;
/// Gains beyond these say that the match was none.
const GAINS: [f64; 2] = [0.2, 5.0];

/// Header of `balance-light`.
#[derive(Debug, Deserialize)]
pub struct Balance {
    pub bodies: usize,
    pub columns: usize,
    pub rows: usize,
    pub model: Model,
    /// Strength of the priors, in places.
    #[serde(default = "prior")]
    pub prior: f64,
    /// Strength of the smoothness of grids, in places.
    #[serde(default = "smoothness")]
    pub smoothness: f64,
}

fn prior() -> f64 {
    0.02
}

fn smoothness() -> f64 {
    1.0
}

/// What may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    Gain,
    Offset,
    GainOffset,
}

/// Result of `balance-light`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Balanced {
    /// Sets of linked bodies.
    sets: usize,
    /// Mean over links of how large their mean step is, grey levels, weighted by their places.
    step_before: f64,
    step_after: f64,
    /// Gains that had to be held within what is possible.
    held: usize,
}

/// Input: f64[n][11]. Outputs: gains and offsets (f32), `columns` x `rows` a body.
pub fn balance_light(header: &Balance, places: &[u8], cancel: Cancel<'_>) -> Result<(Balanced, Vec<Vec<u8>>)> {
    let nodes = Nodes { columns: header.columns, rows: header.rows, size_px: [1.0, 1.0] };
    if nodes.count() == 0 || header.bodies.saturating_mul(nodes.count()) > 1 << 26 {
        return Err(KernelError::invalid_input(format!("{} grids cannot be solved at once.", header.bodies)));
    }
    let places = read_places(places, header.bodies, &nodes)?;
    let mut unit = Unit::of(&places);
    if header.model == Model::Gain {
        // A gain alone turns about true black.
        unit.centre = 0.0;
    }
    let set = sets(header.bodies, &places);
    let problem = Problem { header, nodes, places: &places, unit, set };
    let mut found = problem.start();
    let mut weights: Vec<[f64; 2]> = places.iter().map(|p| [p.weight, CONTRAST_WEIGHT * p.weight]).collect();
    for round in 0..ROUNDS {
        problem.solve(&weights, &mut found, cancel)?;
        if round + 1 < ROUNDS {
            problem.reweigh(&found, &mut weights);
        }
    }
    let sets = problem.settle(&mut found);
    let mut held = 0;
    let count = header.bodies * problem.nodes.count();
    let (mut gains, mut offsets) = (vec![0.0f32; count], vec![0.0f32; count]);
    for i in 0..count {
        let gain = found[2 * i].clamp(GAINS[0], GAINS[1]);
        held += usize::from(gain != found[2 * i]);
        gains[i] = gain as f32;
        offsets[i] = (unit.scale * found[2 * i + 1] + unit.centre * (1.0 - found[2 * i])) as f32;
    }
    let about = Balanced { sets, step_before: problem.step(&problem.start()), step_after: problem.step(&found), held };
    Ok((about, vec![le_bytes(&gains), le_bytes(&offsets)]))
}

/// Unknowns: gain and offset (in units, about the centre) of each node of each body.
struct Problem<'a> {
    header: &'a Balance,
    nodes: Nodes,
    places: &'a [Place],
    unit: Unit,
    /// The first body of the set that each body is linked to.
    set: Vec<usize>,
}

impl Problem<'_> {
    fn start(&self) -> Vec<f64> {
        (0..self.header.bodies * self.nodes.count()).flat_map(|_| [1.0, 0.0]).collect()
    }

    /// The factors of the unknowns in the two equations of a place: for its mean and for its contrast.
    fn each_factor(&self, place: &Place, mut take: impl FnMut(usize, f64, f64)) {
        for (side, sign) in [(0, 1.0), (1, -1.0)] {
            let mean = (place.means[side] - self.unit.centre) / self.unit.scale;
            let contrast = place.contrasts[side] / self.unit.scale;
            for (node, hat) in place.hats[side].iter().filter(|(_, hat)| *hat > 0.0) {
                let at = 2 * (place.bodies[side] * self.nodes.count() + node);
                take(at, sign * hat * mean, sign * hat * contrast);
                take(at + 1, sign * hat, 0.0);
            }
        }
    }

    fn residuals(&self, place: &Place, x: &[f64]) -> [f64; 2] {
        let mut sums = [0.0; 2];
        self.each_factor(place, |at, mean, contrast| {
            sums[0] += mean * x[at];
            sums[1] += contrast * x[at];
        });
        sums
    }

    /// Neighbouring nodes of all bodies.
    fn each_edge(&self, mut take: impl FnMut(usize, usize)) {
        let (columns, count) = (self.nodes.columns, self.nodes.count());
        for at in 0..self.header.bodies * count {
            let node = at % count;
            if node % columns + 1 < columns {
                take(at, at + 1);
            }
            if node + columns < count {
                take(at, at + columns);
            }
        }
    }

    fn may_change(&self, at: usize) -> bool {
        match self.header.model {
            Model::GainOffset => true,
            Model::Gain => at.is_multiple_of(2),
            Model::Offset => at % 2 == 1,
        }
    }

    /// How firmly an unknown is held to what it is at the start.
    fn prior_of(&self, at: usize) -> f64 {
        let even = self.header.prior / self.nodes.count() as f64;
        if at.is_multiple_of(2) { even } else { 0.1 * even }
    }

    /// Conjugate gradients on the normal equations, for the change of `x`, with the diagonal as preconditioner.
    fn solve(&self, weights: &[[f64; 2]], x: &mut [f64], cancel: Cancel<'_>) -> Result<()> {
        let mut diagonal: Vec<f64> = (0..x.len()).map(|i| self.prior_of(i)).collect();
        for (place, w) in self.places.iter().zip(weights) {
            self.each_factor(place, |at, m, c| diagonal[at] += w[0] * m * m + w[1] * c * c);
        }
        self.each_edge(|a, b| {
            for k in [2 * a, 2 * a + 1, 2 * b, 2 * b + 1] {
                diagonal[k] += self.header.smoothness;
            }
        });
        let mut r = self.apply(weights, x);
        let fixed = self.prior_right();
        r.iter_mut().zip(&fixed).enumerate().for_each(|(i, (r, f))| *r = if self.may_change(i) { f - *r } else { 0.0 });
        let (mut p, mut before) = (vec![0.0; x.len()], 1.0);
        let goal = 1e-16 * dot(&fixed, &fixed);
        for _ in 0..STEPS {
            cancel.poll()?;
            if dot(&r, &r) <= goal {
                break;
            }
            let z: Vec<f64> = r.iter().zip(&diagonal).map(|(r, d)| r / d).collect();
            let now = dot(&r, &z);
            p.iter_mut().zip(&z).for_each(|(p, z)| *p = z + now / before * *p);
            before = now;
            let mut q = self.apply(weights, &p);
            q.iter_mut().enumerate().filter(|(i, _)| !self.may_change(*i)).for_each(|(_, q)| *q = 0.0);
            let step = now / dot(&p, &q);
            x.iter_mut().zip(&p).for_each(|(x, p)| *x += step * p);
            r.iter_mut().zip(&q).for_each(|(r, q)| *r -= step * q);
        }
        Ok(())
    }

    fn prior_right(&self) -> Vec<f64> {
        let ones = self.start();
        let mut out: Vec<f64> = ones.iter().enumerate().map(|(i, one)| self.prior_of(i) * one).collect();
        self.hold_mean(&ones, &mut out);
        out
    }

    /// The part of the equations that says that the mean gain of a set is 1, as firmly as all of its places together.
    fn hold_mean(&self, x: &[f64], out: &mut [f64]) {
        let count = self.nodes.count();
        let mut means = vec![(0.0, 0.0); self.header.bodies];
        for (node, gain) in x.iter().step_by(2).enumerate() {
            let (sum, nodes) = &mut means[self.set[node / count]];
            *sum += gain;
            *nodes += 1.0;
        }
        let firmness = self.places.len() as f64 + 1.0;
        for (node, out) in out.iter_mut().step_by(2).enumerate() {
            let (sum, nodes) = means[self.set[node / count]];
            *out += firmness * sum / (nodes * nodes);
        }
    }

    fn apply(&self, weights: &[[f64; 2]], x: &[f64]) -> Vec<f64> {
        let mut out: Vec<f64> = x.iter().enumerate().map(|(i, x)| self.prior_of(i) * x).collect();
        for (place, w) in self.places.iter().zip(weights) {
            let [mean, contrast] = self.residuals(place, x);
            self.each_factor(place, |at, m, c| out[at] += w[0] * m * mean + w[1] * c * contrast);
        }
        self.hold_mean(x, &mut out);
        self.each_edge(|a, b| {
            for k in 0..2 {
                let pull = self.header.smoothness * (x[2 * a + k] - x[2 * b + k]);
                out[2 * a + k] += pull;
                out[2 * b + k] -= pull;
            }
        });
        out
    }

    /// Weights of Cauchy about the scale that residuals have.
    fn reweigh(&self, x: &[f64], weights: &mut [[f64; 2]]) {
        let residuals: Vec<[f64; 2]> = self.places.iter().map(|p| self.residuals(p, x)).collect();
        let scale = [0, 1].map(|k| 1.4826 * median(&mut residuals.iter().map(|r| r[k].abs()).collect::<Vec<_>>()));
        for ((weight, place), r) in weights.iter_mut().zip(self.places).zip(&residuals) {
            let robust = |k: usize| 1.0 / (1.0 + (r[k] / (CAUCHY * scale[k].max(1e-3))).powi(2));
            *weight = [place.weight * robust(0), CONTRAST_WEIGHT * place.weight * robust(1)];
        }
    }

    /// Mean over links of how large their mean step is, grey levels.
    fn step(&self, x: &[f64]) -> f64 {
        let mut links = std::collections::BTreeMap::<[usize; 2], (f64, f64)>::new();
        for place in self.places {
            let (sum, weight) = links.entry(place.bodies).or_default();
            *sum += place.weight * self.residuals(place, x)[0];
            *weight += place.weight;
        }
        let (steps, weights) = links.values().fold((0.0, 0.0), |(s, w), (sum, weight)| (s + sum.abs(), w + weight));
        if weights > 0.0 { self.unit.scale * steps / weights } else { 0.0 }
    }

    /// Brings each set of linked bodies back to its own mean contrast (the mean logarithm of gains 0) and mean level.
    fn settle(&self, x: &mut [f64]) -> usize {
        let (set, count) = (&self.set, self.nodes.count());
        let mut sums = vec![[0.0f64; 4]; self.header.bodies];
        for (body, &set) in set.iter().enumerate() {
            for node in 0..count {
                let gain = x[2 * (body * count + node)].max(GAINS[0]);
                sums[set][0] += gain.ln();
                sums[set][1] += 1.0;
            }
        }
        if self.header.model != Model::Offset {
            for (body, &set) in set.iter().enumerate() {
                let factor = (-sums[set][0] / sums[set][1]).exp();
                x[2 * body * count..2 * (body + 1) * count].iter_mut().for_each(|v| *v *= factor);
            }
        }
        if self.header.model == Model::Gain {
            return self.sets_count();
        }
        for place in self.places {
            for side in 0..2 {
                let level = (place.means[side] - self.unit.centre) / self.unit.scale;
                let start = 2 * place.bodies[side] * count;
                let corrected: f64 =
                    place.hats[side].iter().map(|(n, h)| h * (x[start + 2 * n] * level + x[start + 2 * n + 1])).sum();
                let sum = &mut sums[set[place.bodies[side]]];
                sum[2] += place.weight * (level - corrected);
                sum[3] += place.weight;
            }
        }
        for (body, &set) in set.iter().enumerate() {
            let shift = if sums[set][3] > 0.0 { sums[set][2] / sums[set][3] } else { 0.0 };
            (0..count).for_each(|node| x[2 * (body * count + node) + 1] += shift);
        }
        self.sets_count()
    }

    fn sets_count(&self) -> usize {
        self.set.iter().enumerate().filter(|(body, set)| body == *set).count()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
#[path = "balance_tests.rs"]
mod tests;
