//! The task `place-sections`: a rigid or affine map for every section at once, from the points that they share.
//! Sections are in the order of z, and matches join near ones only, so that the normal equations are a narrow band:
//! solved exactly, in time linear in sections and matches.

use super::band::Banded;
use super::links::{Match, read_matches, read_numbers, robust_weights, to_bytes};
use super::parts::{components, share_weights};
use super::rigid::{Turn, fit_turn};
use super::trend::Trend;
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use kernels::geometry::{Affine, Point};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

const ROUNDS: usize = 10;
/// How strongly a section that nothing holds stays where it was, parts of a match.
const HOLD: f64 = 1e-6;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Model {
    Rigid,
    Affine,
}

/// Header of `place-sections`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    model: Model,
    sections: usize,
    /// How strongly shear and scale are held to those of the rigid solution, parts of the section's matches.
    #[serde(default = "linear_prior")]
    linear_prior: f64,
    /// Leaves in place what moved or turned steadily with z before: tissue that is tilted, not displaced.
    #[serde(default)]
    keep_trend: bool,
}

fn linear_prior() -> f64 {
    0.02
}

/// Result of `place-sections`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Placed {
    /// Median miss of the matches, pixels.
    median_px: f64,
    components: usize,
}

/// The sections with what joins them.
struct Problem {
    middles: Vec<Point>,
    radii: Vec<f64>,
    matches: Vec<Match>,
    /// Farthest sections that a match joins.
    reach: usize,
    /// Number of the part that a section belongs to; `None` where nothing joins it.
    component: Vec<Option<usize>>,
}

/// Places sections by inputs: f64[sections][4] bounds (x0, y0, x1, y1), f64[m][7] matches (section a, b, place in a,
/// place in b, weight), f64[sections] z. outputs: [0] f64[sections][6] alignedFromSection; [1] f64[m] miss, px; [2] i32[sections] part, -1 = joined to none.
pub fn place_sections(header: &Place, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Placed, Vec<Vec<u8>>)> {
    let [bounds, matches, z] = inputs else {
        return Err(KernelError::invalid_input(format!("Placing takes three inputs, not {}.", inputs.len())));
    };
    let problem = Problem::read(header.sections, bounds, matches)?;
    let mut turns = problem.chained();
    for round in 0..ROUNDS {
        cancel.poll()?;
        turns = problem.turned(&turns, if round < 3 { 4.0 } else { 1.0 });
    }
    let mut maps: Vec<Affine> = turns.iter().map(|t| t.to_affine()).collect();
    if header.model == Model::Affine {
        for _ in 0..ROUNDS / 2 {
            cancel.poll()?;
            maps = problem.bent(&maps, &turns, header.linear_prior);
        }
    }
    problem.settle(&mut maps);
    if header.keep_trend {
        problem.keep_trend(&read_numbers(z)?, &mut maps);
    }
    let misses = problem.misses(&maps);
    let mut sorted = misses.clone();
    sorted.sort_by(f64::total_cmp);
    let median_px = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let components = problem.component.iter().flatten().max().map_or(0, |c| c + 1);
    let parts = problem.component.iter().flat_map(|c| c.map_or(-1, |c| c as i32).to_le_bytes()).collect();
    let outputs = vec![to_bytes(maps.iter().flat_map(|m| m.0)), to_bytes(misses), parts];
    Ok((Placed { median_px, components }, outputs))
}

impl Problem {
    fn read(sections: usize, bounds: &[u8], matches: &[u8]) -> Result<Self> {
        let bounds = read_numbers(bounds)?;
        if bounds.len() != 4 * sections {
            return Err(KernelError::invalid_input(format!("{} bounds do not fit {sections} sections.", bounds.len())));
        }
        let mut matches = read_matches(matches, sections)?;
        share_weights(&mut matches);
        let reach = matches.iter().map(|m| m.sections[0].abs_diff(m.sections[1])).max().unwrap_or(1);
        let middles = bounds.chunks_exact(4).map(|b| [0.5 * (b[0] + b[2]), 0.5 * (b[1] + b[3])]).collect();
        let radii = bounds.chunks_exact(4).map(|b| (0.3 * (b[2] - b[0]).hypot(b[3] - b[1])).max(1.0)).collect();
        let component = components(sections, &matches);
        Ok(Self { middles, radii, matches, reach, component })
    }

    /// Each section by its best joined neighbour, outwards from the first of its part (Prim). O(p log p) in the pairs.
    fn chained(&self) -> Vec<Turn> {
        let n = self.middles.len();
        let mut pairs: BTreeMap<[usize; 2], Vec<[Point; 2]>> = BTreeMap::new();
        for m in self.matches.iter().filter(|m| m.weight > 0.0) {
            pairs.entry(m.sections).or_default().push(m.points);
        }
        // Of each section, the pairs that it is in: those with the most points for their distance lead on first.
        let mut leads = vec![Vec::new(); n];
        for (&ids, points) in &pairs {
            let lead = (points.len() / ids[0].abs_diff(ids[1]), Reverse(ids));
            ids.into_iter().for_each(|section| leads[section].push(lead));
        }
        let still = Turn { cos: 1.0, sin: 0.0, shift: [0.0, 0.0] };
        let mut turns: Vec<Option<Turn>> = vec![None; n];
        for first in 0..n {
            if turns[first].is_some() {
                continue;
            }
            turns[first] = Some(still);
            let mut open = BinaryHeap::from(leads[first].clone());
            while let Some((_, Reverse([a, b]))) = open.pop() {
                let (known, unknown) = match (turns[a], turns[b]) {
                    (Some(known), None) => (known.to_affine(), b),
                    (None, Some(known)) => (known.to_affine(), a),
                    _ => continue,
                };
                let led =
                    |p: &[Point; 2]| if unknown == b { [p[1], known.apply(p[0])] } else { [p[0], known.apply(p[1])] };
                let led: Vec<[Point; 2]> = pairs[&[a, b]].iter().map(led).collect();
                let rough = fit_turn(led.iter(), |_| 1.0);
                turns[unknown] = Some(fit_turn(led.iter(), |p| (1.0 + (rough.miss(p) / 20.0).powi(2)).powi(-2)));
                open.extend(&leads[unknown]);
            }
        }
        turns.into_iter().map(|t| t.unwrap_or(still)).collect()
    }

    fn misses(&self, maps: &[Affine]) -> Vec<f64> {
        let miss = |m: &Match| {
            let [p, q] = [0, 1].map(|k| maps[m.sections[k]].apply(m.points[k]));
            (p[0] - q[0]).hypot(p[1] - q[1])
        };
        self.matches.iter().map(miss).collect()
    }

    /// One step of Gauss and Newton on all angles and shifts.
    fn turned(&self, turns: &[Turn], widen: f64) -> Vec<Turn> {
        let maps: Vec<Affine> = turns.iter().map(|t| t.to_affine()).collect();
        let weights = robust_weights(&self.misses(&maps), widen);
        let n = turns.len();
        let mut matrix = Banded::zeros(3 * n, 3 * (self.reach + 1));
        let mut side = vec![0.0; 3 * n];
        for (m, robust) in self.matches.iter().zip(&weights) {
            let w = m.weight * robust;
            let at = [0, 1].map(|k| maps[m.sections[k]].apply(m.points[k]));
            // Each section turns about its own middle, so that angles and shifts hardly meet.
            let arm = [0, 1].map(|k| {
                let middle = maps[m.sections[k]].apply(self.middles[m.sections[k]]);
                [at[k][0] - middle[0], at[k][1] - middle[1]]
            });
            let [a, b] = m.sections.map(|s| 3 * s);
            let rows = [
                ([(a, -arm[0][1]), (a + 1, 1.0), (b, arm[1][1]), (b + 1, -1.0)], at[0][0] - at[1][0]),
                ([(a, arm[0][0]), (a + 2, 1.0), (b, -arm[1][0]), (b + 2, -1.0)], at[0][1] - at[1][1]),
            ];
            for (terms, miss) in rows {
                matrix.add_square(&terms, w);
                terms.iter().for_each(|&(i, c)| side[i] -= w * c * miss);
            }
        }
        for s in 0..n {
            matrix.add_square(&[(3 * s, self.radii[s])], HOLD);
            matrix.add_square(&[(3 * s + 1, 1.0)], HOLD);
            matrix.add_square(&[(3 * s + 2, 1.0)], HOLD);
        }
        let mut sides = [side];
        matrix.solve(&mut sides);
        let step = &sides[0];
        turns
            .iter()
            .enumerate()
            .map(|(s, turn)| moved(turn, self.middles[s], [step[3 * s], step[3 * s + 1], step[3 * s + 2]]))
            .collect()
    }

    /// Affine maps by least squares, shear and scale held to those of `turns`.
    fn bent(&self, maps: &[Affine], turns: &[Turn], prior: f64) -> Vec<Affine> {
        let weights = robust_weights(&self.misses(maps), 1.0);
        let n = maps.len();
        let mut matrix = Banded::zeros(3 * n, 3 * (self.reach + 1));
        let mut sides = [vec![0.0; 3 * n], vec![0.0; 3 * n]];
        let mut trust = vec![0.0; n];
        // Unknown per section: slopes over x and y at the radius, and the place of the middle.
        let local = |s: usize, p: Point| {
            let (c, r) = (self.middles[s], self.radii[s]);
            [(3 * s, (p[0] - c[0]) / r), (3 * s + 1, (p[1] - c[1]) / r), (3 * s + 2, 1.0)]
        };
        for (m, robust) in self.matches.iter().zip(&weights) {
            let w = m.weight * robust;
            let [p, q] = [0, 1].map(|k| local(m.sections[k], m.points[k]));
            let terms = [p[0], p[1], p[2], (q[0].0, -q[0].1), (q[1].0, -q[1].1), (q[2].0, -q[2].1)];
            matrix.add_square(&terms, w);
            m.sections.iter().for_each(|&s| trust[s] += w);
        }
        for (s, turn) in turns.iter().enumerate() {
            let map = turn.to_affine();
            let wanted = [
                [map.0[0], map.0[1]].map(|v| v * self.radii[s]),
                [map.0[2], map.0[3]].map(|v| v * self.radii[s]),
                map.apply(self.middles[s]),
            ];
            for (k, wanted) in wanted.iter().enumerate() {
                let hold = if k < 2 { prior * trust[s] + HOLD } else { HOLD };
                matrix.add_square(&[(3 * s + k, 1.0)], hold);
                sides.iter_mut().zip(wanted).for_each(|(side, v)| side[3 * s + k] += hold * v);
            }
        }
        matrix.solve(&mut sides);
        (0..n)
            .map(|s| {
                let r = self.radii[s];
                let [x, y] = [0, 1].map(|k| [sides[k][3 * s] / r, sides[k][3 * s + 1] / r, sides[k][3 * s + 2]]);
                Affine([x[0], y[0], x[1], y[1], 0.0, 0.0]).through(self.middles[s], [x[2], y[2]])
            })
            .collect()
    }

    /// Moves each part as a whole, so that its sections lie on average where they lay before.
    fn settle(&self, maps: &mut [Affine]) {
        let parts = self.component.iter().flatten().max().map_or(0, |c| c + 1);
        for part in 0..parts {
            let members: Vec<usize> = (0..maps.len()).filter(|&s| self.component[s] == Some(part)).collect();
            let mut corners = Vec::new();
            for &s in &members {
                let (c, r) = (self.middles[s], self.radii[s]);
                for off in [[r, 0.0], [-r, 0.0], [0.0, r], [0.0, -r]] {
                    let place = [c[0] + off[0], c[1] + off[1]];
                    corners.push([maps[s].apply(place), place]);
                }
            }
            let back = fit_turn(corners.iter(), |_| 1.0).to_affine();
            members.iter().for_each(|&s| maps[s] = back.after(&maps[s]));
        }
    }
}

impl Problem {
    /// Gives back what all sections of a part moved and turned steadily with z.
    fn keep_trend(&self, z: &[f64], maps: &mut [Affine]) {
        let parts = self.component.iter().flatten().max().map_or(0, |c| c + 1);
        for part in 0..parts {
            let members: Vec<usize> =
                (0..maps.len().min(z.len())).filter(|&s| self.component[s] == Some(part)).collect();
            let over_z =
                |of: &dyn Fn(usize) -> f64| Trend::of(&members.iter().map(|&s| (z[s], of(s))).collect::<Vec<_>>());
            let moved: Vec<Point> = (0..maps.len()).map(|s| maps[s].apply(self.middles[s])).collect();
            let [x, y] = [0, 1].map(|k| over_z(&|s| moved[s][k] - self.middles[s][k]));
            let turned = over_z(&|s| maps[s].0[1].atan2(maps[s].0[0]));
            for &s in &members {
                let (sin, cos) = (-turned.beyond_doubt(z[s])).sin_cos();
                let to = [moved[s][0] - x.beyond_doubt(z[s]), moved[s][1] - y.beyond_doubt(z[s])];
                maps[s] = Affine([cos, sin, -sin, cos, 0.0, 0.0]).through(moved[s], to).after(&maps[s]);
            }
        }
    }
}

fn moved(turn: &Turn, middle: Point, [angle, dx, dy]: [f64; 3]) -> Turn {
    let [x, y] = turn.to_affine().apply(middle);
    let (sin, cos) = (turn.angle() + angle).sin_cos();
    let shift = [x + dx - cos * middle[0] + sin * middle[1], y + dy - sin * middle[0] - cos * middle[1]];
    Turn { cos, sin, shift }
}
