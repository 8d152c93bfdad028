//! Grids of tiles that come nearest to a correction which is given cell by cell.

use crate::intensity::grid::{Nodes, value_at};
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::geometry::Point;

/// How much nodes hold together, as a part of what a node's cells weigh: carries the grid on where the tile has none.
const COHESION: f64 = 1e-4;
const STEPS: usize = 2000;

/// Sums for each tile.
pub struct Fits {
    tiles: Vec<Fit>,
}

struct Fit {
    nodes: Nodes,
    /// Products of a node with itself and with the nodes right, below left, below, below right of it; then its value.
    sums: Vec<[f64; 6]>,
}

impl Fits {
    pub fn new(nodes: Vec<Nodes>) -> Self {
        Self { tiles: nodes.into_iter().map(|nodes| Fit { nodes, sums: vec![[0.0; 6]; nodes.count()] }).collect() }
    }

    /// A cell of a tile, at a place of it, wants this value.
    pub fn add(&mut self, tile: usize, place: Point, value: f32) {
        let Fit { nodes, sums } = &mut self.tiles[tile];
        let hats = nodes.hats(place[0], place[1]).map(|(node, weight)| (node, f64::from(weight)));
        for &(node, weight) in &hats {
            sums[node][0] += weight * weight;
            sums[node][5] += weight * f64::from(value);
        }
        let [a, b, c, d] = hats;
        for ((node, w), products) in [(a, [b.1, 0.0, c.1, d.1]), (b, [0.0, c.1, d.1, 0.0]), (c, [d.1, 0.0, 0.0, 0.0])] {
            sums[node][1..5].iter_mut().zip(products).for_each(|(sum, other)| *sum += w * other);
        }
    }

    /// The value of a solved grid at a place of its tile.
    pub fn value(&self, tile: usize, place: Point, solved: &[Vec<f32>]) -> f32 {
        value_at(&solved[tile], &self.tiles[tile].nodes.hats(place[0], place[1]))
    }

    /// The grids of all tiles; zeros for a tile without cells.
    pub fn solve(&self, cancel: Cancel<'_>) -> Result<Vec<Vec<f32>>> {
        self.tiles
            .iter()
            .map(|fit| {
                cancel.poll()?;
                Ok(fit.solve())
            })
            .collect()
    }
}

impl Fit {
    /// Conjugate gradients with the diagonal as preconditioner.
    fn solve(&self) -> Vec<f32> {
        let count = self.sums.len();
        let weight = self.sums.iter().map(|s| s[0]).sum::<f64>() / count as f64;
        if weight <= 0.0 {
            return vec![0.0; count];
        }
        let cohesion = COHESION * weight;
        let diagonal = self.applied_to_ones(cohesion);
        let (mut x, mut r) = (vec![0.0; count], self.sums.iter().map(|s| s[5]).collect::<Vec<f64>>());
        let mut p: Vec<f64> = vec![0.0; count];
        let (mut before, goal) = (1.0, 1e-20 * dot(&r, &r));
        for _ in 0..STEPS {
            if dot(&r, &r) <= goal {
                break;
            }
            let z: Vec<f64> = r.iter().zip(&diagonal).map(|(r, d)| r / d).collect();
            let now = dot(&r, &z);
            p.iter_mut().zip(&z).for_each(|(p, z)| *p = z + now / before * *p);
            before = now;
            let q = self.apply(&p, cohesion);
            let step = now / dot(&p, &q);
            x.iter_mut().zip(&p).for_each(|(x, p)| *x += step * p);
            r.iter_mut().zip(&q).for_each(|(r, q)| *r -= step * q);
        }
        x.into_iter().map(|v| v as f32).collect()
    }

    fn applied_to_ones(&self, cohesion: f64) -> Vec<f64> {
        self.sums.iter().map(|s| s[0] + 4.0 * cohesion).collect()
    }

    fn apply(&self, x: &[f64], cohesion: f64) -> Vec<f64> {
        let (columns, count) = (self.nodes.columns, self.sums.len());
        let mut out: Vec<f64> = self.sums.iter().zip(x).map(|(s, x)| s[0] * x).collect();
        for (i, sums) in self.sums.iter().enumerate() {
            let (first, last) = (i % columns == 0, (i + 1) % columns == 0);
            let near = [(1, last), (columns - 1, first || columns == 1), (columns, false), (columns + 1, last)];
            for (k, (ahead, is_beyond)) in near.into_iter().enumerate() {
                let j = i + ahead;
                if is_beyond || j >= count {
                    continue;
                }
                out[i] += sums[k + 1] * x[j];
                out[j] += sums[k + 1] * x[i];
                if k == 0 || k == 2 {
                    let pull = cohesion * (x[i] - x[j]);
                    out[i] += pull;
                    out[j] -= pull;
                }
            }
        }
        out
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::cancel::never;

    #[test]
    fn what_a_grid_can_say_is_found_exactly_and_carried_on_beyond_its_cells() {
        let nodes = Nodes { columns: 5, rows: 4, size_px: [80.0, 60.0] };
        let wanted: Vec<f32> = (0..20).map(|i| ((i * 7) % 11) as f32 - 5.0).collect();
        let mut fits = Fits::new(vec![nodes, nodes, nodes]);
        for i in 0..4800 {
            let place = [(i % 80) as f64 + 0.5, (i / 80) as f64 + 0.5];
            fits.add(0, place, value_at(&wanted, &nodes.hats(place[0], place[1])));
            if place[0] < 40.0 {
                fits.add(1, place, 7.5);
            }
        }
        let solved = fits.solve(never()).unwrap();
        for (found, wanted) in solved[0].iter().zip(&wanted) {
            assert!((found - wanted).abs() < 0.05, "{found} {wanted}");
        }
        assert!(solved[1].iter().all(|v| (v - 7.5).abs() < 1e-3));
        assert!(solved[2].iter().all(|&v| v == 0.0));
    }
}
