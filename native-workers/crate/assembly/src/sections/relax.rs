//! The task `relax-sections`: elastic maps of all sections at once. Each section is a mesh that resists bending; points
//! that two sections share pull their meshes together, those that disagree with all others less and less. The energy is
//! quadratic between rounds, x and y apart, and is minimised by conjugate gradients. (After Saalfeld et al. 2012, with
//! the bending energy of thin plates in place of springs.)

use super::links::{Match, read_matches, read_numbers, robust_weights, to_bytes};
use super::mesh::{Mesh, Spot, weights};
use super::trend::Bent;
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use kernels::geometry::{Affine, Point};
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

const ROUNDS: usize = 5;
const MOST_STEPS: usize = 400;
const ENOUGH: f64 = 1e-5;
/// How strongly nodes are held to the map that they began with, parts of the matches' pull.
const HOLD: f64 = 3e-4;
const MOST_NODES: usize = 1 << 26;

/// Header of `relax-sections`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Relax {
    sections: usize,
    /// Between the nodes of a mesh, section-space pixels.
    spacing_px: f64,
    /// Deformations of wavelengths below this are taken for noise.
    cutoff_px: f64,
    /// Spacing of the meshes whose nodes come as the fourth input.
    #[serde(default)]
    start_spacing_px: Option<f64>,
    /// Leaves in place what moved steadily with z before: structures that are tilted, not displaced.
    #[serde(default)]
    keep_trend: bool,
}

/// Result of `relax-sections`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Relaxed {
    meshes: Vec<MeshOut>,
    steps: usize,
    median_px: f64,
    /// Largest tilt that was left in place, pixels a unit of z.
    trend_px: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MeshOut {
    origin_px: Point,
    columns: usize,
    rows: usize,
}

/// A match with its places in both meshes.
struct Tie {
    sections: [usize; 2],
    spots: [Spot; 2],
    weight: f64,
}

struct Net {
    meshes: Vec<Mesh>,
    /// First node of each section.
    first: Vec<usize>,
    bending: f64,
    hold: f64,
}

/// Relaxes sections by inputs: f64[sections][4] bounds, f64[sections][6] alignedFromSection to begin with, f64[m][7]
/// matches (as of `place-sections`), f64[nodes][2] of a coarser level or nothing, f64[sections] z. outputs: [0]
/// f64[nodes][2], all nodes of all sections, in aligned space; [1] f64[m] miss, px.
pub fn relax_sections(header: &Relax, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Relaxed, Vec<Vec<u8>>)> {
    let [bounds, maps, matches, start, z] = inputs else {
        return Err(KernelError::invalid_input(format!("Relaxing takes five inputs, not {}.", inputs.len())));
    };
    let (bounds, maps, z) = (read_numbers(bounds)?, read_numbers(maps)?, read_numbers(z)?);
    let n = header.sections;
    let fits = bounds.len() == 4 * n && maps.len() == 6 * n && z.len() == n;
    if !(fits && header.spacing_px >= 1.0 && header.cutoff_px > 0.0) || bounds.iter().any(|v| !v.is_finite()) {
        return Err(KernelError::invalid_input(format!("The inputs do not fit {n} sections.")));
    }
    let maps: Vec<Affine> = maps.chunks_exact(6).map(|m| Affine([m[0], m[1], m[2], m[3], m[4], m[5]])).collect();
    let matches = read_matches(matches, n)?;
    let net = Net::of(&bounds, header, &matches)?;
    let rest = net.spread(&maps);
    let mut nodes = match header.start_spacing_px {
        Some(spacing) => net.refined(&bounds, spacing, &read_numbers(start)?)?,
        None => rest.clone(),
    };
    let ties: Vec<Tie> = matches.iter().map(|m| net.tie(m)).collect();
    let mut steps = 0;
    for _ in 0..ROUNDS {
        let robust = robust_weights(&net.misses(&ties, &nodes), 1.0);
        let weighed: Vec<f64> = ties.iter().zip(&robust).map(|(t, r)| t.weight * r).collect();
        steps += net.solve(&ties, &weighed, &rest, &mut nodes, cancel)?;
    }
    let misses = net.misses(&ties, &nodes);
    let mut sorted = misses.clone();
    sorted.sort_by(f64::total_cmp);
    let median_px = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    let bent = Bent { meshes: &net.meshes, first: &net.first, bounds: &bounds, maps: &maps, z: &z };
    let trend_px = if header.keep_trend { bent.keep_trend(&mut nodes, cancel)? } else { 0.0 };
    let mesh = |m: &Mesh| MeshOut { origin_px: m.origin, columns: m.columns, rows: m.rows };
    let out = Relaxed { meshes: net.meshes.iter().map(mesh).collect(), steps, median_px, trend_px };
    Ok((out, vec![to_bytes(nodes.into_iter().flatten()), to_bytes(misses)]))
}

impl Net {
    fn of(bounds: &[f64], header: &Relax, matches: &[Match]) -> Result<Self> {
        let meshes: Vec<Mesh> = bounds.chunks_exact(4).map(|b| Mesh::over(b, header.spacing_px)).collect();
        let mut first = Vec::with_capacity(meshes.len());
        let mut total = 0usize;
        for mesh in &meshes {
            first.push(total);
            total = total.saturating_add(mesh.nodes());
        }
        if total > MOST_NODES {
            return Err(KernelError::invalid_input(format!("{total} nodes are too many; take a wider spacing.")));
        }
        let area: f64 = bounds.chunks_exact(4).map(|b| ((b[2] - b[0]) * (b[3] - b[1])).max(1.0)).sum();
        let pull = 2.0 * matches.iter().map(|m| m.weight).sum::<f64>() / area * header.spacing_px.powi(2);
        let bending = pull * (header.cutoff_px / TAU / header.spacing_px).powi(4);
        Ok(Self { meshes, first, bending: bending.max(1e-9), hold: (HOLD * pull).max(1e-9) })
    }

    fn spread(&self, maps: &[Affine]) -> Vec<Point> {
        self.meshes
            .iter()
            .zip(maps)
            .flat_map(|(mesh, map)| (0..mesh.nodes()).map(|n| map.apply(mesh.place(n))))
            .collect()
    }

    /// Nodes of a coarser level, seen at those of this one.
    fn refined(&self, bounds: &[f64], spacing: f64, start: &[f64]) -> Result<Vec<Point>> {
        let coarse: Vec<Mesh> = bounds.chunks_exact(4).map(|b| Mesh::over(b, spacing)).collect();
        if start.len() != 2 * coarse.iter().map(Mesh::nodes).sum::<usize>() {
            return Err(KernelError::invalid_input("The nodes to begin with do not fit their meshes."));
        }
        let start: Vec<Point> = start.chunks_exact(2).map(|p| [p[0], p[1]]).collect();
        let mut from = 0;
        let mut nodes = Vec::with_capacity(self.first.last().copied().unwrap_or(0));
        for (mesh, old) in self.meshes.iter().zip(&coarse) {
            let own = &start[from..from + old.nodes()];
            from += old.nodes();
            nodes.extend((0..mesh.nodes()).map(|n| old.apply(own, mesh.place(n))));
        }
        Ok(nodes)
    }

    fn tie(&self, m: &Match) -> Tie {
        let spots = [0, 1].map(|k| self.meshes[m.sections[k]].spot(m.points[k]));
        Tie { sections: m.sections, spots, weight: m.weight }
    }

    fn at(&self, tie: &Tie, side: usize, nodes: &[Point]) -> Point {
        let (mesh, first) = (&self.meshes[tie.sections[side]], self.first[tie.sections[side]]);
        let mut out = [0.0; 2];
        for (k, w) in weights(tie.spots[side].part).iter().enumerate() {
            if *w != 0.0 {
                let node = nodes[first + mesh.node(&tie.spots[side], k)];
                out = [out[0] + w * node[0], out[1] + w * node[1]];
            }
        }
        out
    }

    fn misses(&self, ties: &[Tie], nodes: &[Point]) -> Vec<f64> {
        let miss = |t: &Tie| {
            let [p, q] = [self.at(t, 0, nodes), self.at(t, 1, nodes)];
            (p[0] - q[0]).hypot(p[1] - q[1])
        };
        ties.iter().map(miss).collect()
    }

    /// The energy's matrix times `v`.
    fn times(&self, ties: &[Tie], weighed: &[f64], v: &[Point], out: &mut [Point]) {
        out.iter_mut().zip(v).for_each(|(o, v)| *o = v.map(|c| self.hold * c));
        for (tie, w) in ties.iter().zip(weighed) {
            let [p, q] = [self.at(tie, 0, v), self.at(tie, 1, v)];
            let pull = [w * (p[0] - q[0]), w * (p[1] - q[1])];
            for (side, sign) in [(0, 1.0), (1, -1.0)] {
                let (mesh, first) = (&self.meshes[tie.sections[side]], self.first[tie.sections[side]]);
                for (k, c) in weights(tie.spots[side].part).iter().enumerate() {
                    if *c != 0.0 {
                        let o = &mut out[first + mesh.node(&tie.spots[side], k)];
                        *o = [o[0] + sign * c * pull[0], o[1] + sign * c * pull[1]];
                    }
                }
            }
        }
        self.bends(|nodes, terms, strength| {
            let sum = |c: usize| -> f64 { nodes.iter().zip(terms).map(|(&n, t)| t * v[n][c]).sum() };
            let pull = [strength * sum(0), strength * sum(1)];
            nodes.iter().zip(terms).for_each(|(&n, t)| out[n] = [out[n][0] + t * pull[0], out[n][1] + t * pull[1]]);
        });
    }

    fn diagonal(&self, ties: &[Tie], weighed: &[f64], nodes: usize) -> Vec<f64> {
        let mut out = vec![self.hold; nodes];
        for (tie, w) in ties.iter().zip(weighed) {
            for side in [0, 1] {
                let (mesh, first) = (&self.meshes[tie.sections[side]], self.first[tie.sections[side]]);
                for (k, c) in weights(tie.spots[side].part).iter().enumerate() {
                    out[first + mesh.node(&tie.spots[side], k)] += w * c * c;
                }
            }
        }
        self.bends(|nodes, terms, strength| nodes.iter().zip(terms).for_each(|(&n, t)| out[n] += strength * t * t));
        out
    }

    /// Every second difference of every mesh: its nodes, their coefficients, its strength.
    fn bends(&self, mut each: impl FnMut(&[usize], &[f64], f64)) {
        for (mesh, first) in self.meshes.iter().zip(&self.first) {
            let (w, h) = (mesh.columns, mesh.rows);
            for i in 0..mesh.nodes() {
                let (x, y, at) = (i % w, i / w, first + i);
                if x > 0 && x + 1 < w {
                    each(&[at - 1, at, at + 1], &[1.0, -2.0, 1.0], self.bending);
                }
                if y > 0 && y + 1 < h {
                    each(&[at - w, at, at + w], &[1.0, -2.0, 1.0], self.bending);
                }
                if x + 1 < w && y + 1 < h {
                    each(&[at, at + 1, at + w, at + w + 1], &[1.0, -1.0, -1.0, 1.0], 2.0 * self.bending);
                }
            }
        }
    }

    /// Moves the nodes to the least energy for given weights; gives the steps that it took.
    fn solve(
        &self,
        ties: &[Tie],
        weighed: &[f64],
        rest: &[Point],
        nodes: &mut [Point],
        cancel: Cancel<'_>,
    ) -> Result<usize> {
        let scale: Vec<f64> = self.diagonal(ties, weighed, nodes.len()).iter().map(|d| 1.0 / d).collect();
        let mut product = vec![[0.0; 2]; nodes.len()];
        self.times(ties, weighed, nodes, &mut product);
        let mut residual: Vec<Point> =
            rest.iter().zip(&product).map(|(r, p)| [self.hold * r[0] - p[0], self.hold * r[1] - p[1]]).collect();
        let energy = |r: &[Point]| -> f64 { r.iter().zip(&scale).map(|(r, s)| s * (r[0] * r[0] + r[1] * r[1])).sum() };
        let mut direction: Vec<Point> = residual.iter().zip(&scale).map(|(r, s)| r.map(|v| s * v)).collect();
        let mut before = energy(&residual);
        // Enough when the nodes' steps are a hundred-thousandth of a pixel, on average.
        let enough = ENOUGH * ENOUGH * scale.iter().map(|s| 1.0 / s).sum::<f64>();
        for step in 0..MOST_STEPS {
            if before <= enough {
                return Ok(step);
            }
            cancel.poll()?;
            self.times(ties, weighed, &direction, &mut product);
            let along: f64 = direction.iter().zip(&product).map(|(d, p)| d[0] * p[0] + d[1] * p[1]).sum();
            let length = before / along.max(f64::MIN_POSITIVE);
            for i in 0..nodes.len() {
                for k in 0..2 {
                    nodes[i][k] += length * direction[i][k];
                    residual[i][k] -= length * product[i][k];
                }
            }
            let after = energy(&residual);
            let keep = after / before;
            for i in 0..nodes.len() {
                direction[i] = [0, 1].map(|k| scale[i] * residual[i][k] + keep * direction[i][k]);
            }
            before = after;
        }
        Ok(MOST_STEPS)
    }
}
