//! Structures that are tilted are drawn straight by any alignment that only looks at neighbours. What moved smoothly
//! with z, at one place and beyond doubt, is therefore given back: of what an alignment moves, only the part that
//! changes quickly along z is kept.

use super::mesh::Mesh;
use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::geometry::{Affine, Point};

/// Least sections over a place to tell a trend; sections a degree of it, and most degrees.
const LEAST_SECTIONS: usize = 6;
const SECTIONS_A_DEGREE: usize = 6;
const MOST_DEGREES: usize = 12;
/// Standard errors up to which a trend is taken for chance.
const DOUBT: f64 = 3.0;
/// Rounds of giving back: what is given back moves to where another trend was measured.
const ROUNDS: usize = 2;

/// Least squares of values over z, by polynomials that are orthogonal over these z (Forsythe 1957).
#[derive(Debug, Clone, Default)]
pub struct Trend {
    range: [f64; 2],
    degrees: Vec<Degree>,
}

#[derive(Debug, Clone, Copy)]
struct Degree {
    /// Of the recurrence: the next polynomial is `(z - shift) this - ratio before`.
    shift: f64,
    ratio: f64,
    /// How much of this polynomial there is.
    share: f64,
    /// Square of the share over that of its standard error.
    clarity: f64,
}

impl Trend {
    /// Of (z, value).
    pub fn of(values: &[(f64, f64)]) -> Self {
        let n = values.len();
        let range = values.iter().fold([f64::MAX, f64::MIN], |r, (z, _)| [r[0].min(*z), r[1].max(*z)]);
        let degrees = if n < LEAST_SECTIONS { 0 } else { (n / SECTIONS_A_DEGREE).clamp(1, MOST_DEGREES) };
        let mut trend = Self { range, degrees: Vec::with_capacity(degrees + 1) };
        if degrees == 0 {
            return trend;
        }
        let z: Vec<f64> = values.iter().map(|(z, _)| trend.scaled(*z)).collect();
        let mut rest: Vec<f64> = values.iter().map(|(_, v)| *v).collect();
        let (mut now, mut before, mut norm_before) = (vec![1.0; n], vec![0.0; n], 1.0);
        let mut norms = Vec::new();
        for degree in 0..=degrees {
            let norm = now.iter().map(|p| p * p).sum::<f64>().max(f64::MIN_POSITIVE);
            let share = now.iter().zip(&rest).map(|(p, v)| p * v).sum::<f64>() / norm;
            let shift = now.iter().zip(&z).map(|(p, z)| p * p * z).sum::<f64>() / norm;
            let ratio = if degree == 0 { 0.0 } else { norm / norm_before };
            rest.iter_mut().zip(&now).for_each(|(v, p)| *v -= share * p);
            trend.degrees.push(Degree { shift, ratio, share, clarity: 0.0 });
            let next = (0..n).map(|i| (z[i] - shift) * now[i] - ratio * before[i]).collect();
            before = std::mem::replace(&mut now, next);
            norm_before = norm;
            norms.push(norm);
        }
        let noise = rest.iter().map(|v| v * v).sum::<f64>() / (n - degrees - 1).max(1) as f64;
        for (degree, norm) in trend.degrees.iter_mut().zip(&norms) {
            degree.clarity = degree.share.powi(2) * norm / noise.max(1e-12);
        }
        trend
    }

    /// z from -1 to 1 over the range, and not beyond it.
    fn scaled(&self, z: f64) -> f64 {
        let [low, high] = self.range;
        if high > low { (2.0 * (z - low) / (high - low) - 1.0).clamp(-1.0, 1.0) } else { 0.0 }
    }

    /// The trend at a z, less its mean, and less by as much as chance would make of nothing (James and Stein).
    pub fn beyond_doubt(&self, z: f64) -> f64 {
        let z = self.scaled(z);
        let (mut now, mut before, mut sum) = (1.0, 0.0, 0.0);
        for (k, degree) in self.degrees.iter().enumerate() {
            if k > 0 {
                sum += now * degree.share * (1.0 - DOUBT * DOUBT / degree.clarity.max(f64::MIN_POSITIVE)).max(0.0);
            }
            (now, before) = ((z - degree.shift) * now - degree.ratio * before, now);
        }
        sum
    }
}

/// Sections as they are bent, with the affine maps that they were bent from.
pub struct Bent<'a> {
    pub meshes: &'a [Mesh],
    /// First node of each section.
    pub first: &'a [usize],
    pub bounds: &'a [f64],
    pub maps: &'a [Affine],
    pub z: &'a [f64],
}

impl Bent<'_> {
    /// Gives trends back to all nodes: those of the elastic displacement (beyond the affine maps) over z, at each place of
    /// a lattice over the aligned sections. Answers the steepest, pixels a unit of z.
    pub fn keep_trend(&self, nodes: &mut [Point], cancel: Cancel<'_>) -> Result<f64> {
        let mut steepest = 0.0f64;
        for _ in 0..ROUNDS {
            steepest = steepest.max(self.give_back(nodes, cancel)?);
        }
        Ok(steepest)
    }

    fn give_back(&self, nodes: &mut [Point], cancel: Cancel<'_>) -> Result<f64> {
        let Some(spacing) = self.meshes.first().map(|m| m.spacing) else { return Ok(0.0) };
        let ends = nodes.iter().fold([f64::MAX, f64::MAX, f64::MIN, f64::MIN], |b, p| {
            [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])]
        });
        let lattice = Mesh::over(&ends, spacing);
        let mut trends = Vec::with_capacity(lattice.nodes());
        for place in 0..lattice.nodes() {
            cancel.poll()?;
            trends.push(self.moved_at(nodes, lattice.place(place)).map(|values| Trend::of(&values)));
        }
        let mut steepest = 0.0f64;
        let mut last: Option<(f64, Vec<Point>)> = None;
        for (s, mesh) in self.meshes.iter().enumerate() {
            cancel.poll()?;
            let back: Vec<Point> = trends.iter().map(|t| [0, 1].map(|k| t[k].beyond_doubt(self.z[s]))).collect();
            for node in &mut nodes[self.first[s]..self.first[s] + mesh.nodes()] {
                let [x, y] = lattice.apply(&back, *node);
                *node = [node[0] - x, node[1] - y];
            }
            if let Some((z, before)) = last.filter(|(z, _)| *z < self.z[s]) {
                let most = back.iter().zip(&before).map(|(p, q)| (p[0] - q[0]).hypot(p[1] - q[1])).fold(0.0, f64::max);
                steepest = steepest.max(most / (self.z[s] - z));
            }
            last = Some((self.z[s], back));
        }
        Ok(steepest)
    }

    /// How far what lies at a place was bent there, by section: (z, displacement) along x and y.
    fn moved_at(&self, nodes: &[Point], to: Point) -> [Vec<(f64, f64)>; 2] {
        let mut moved = [Vec::new(), Vec::new()];
        for (s, mesh) in self.meshes.iter().enumerate() {
            let own = &nodes[self.first[s]..self.first[s] + mesh.nodes()];
            let Ok(back) = self.maps[s].inverse() else { continue };
            let Some(p) = mesh.inverse(own, to, back.apply(to)) else { continue };
            let b = &self.bounds[4 * s..4 * s + 4];
            if p[0] >= b[0] && p[1] >= b[1] && p[0] <= b[2] && p[1] <= b[3] {
                let straight = self.maps[s].apply(p);
                (0..2).for_each(|k| moved[k].push((self.z[s], to[k] - straight[k])));
            }
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_motion_is_told_from_chance() {
        let noise = |i: i32| f64::from(i * 7919 % 101) / 50.0 - 1.0;
        let over = |f: &dyn Fn(i32) -> f64| Trend::of(&(0..24).map(|i| (f64::from(i), f(i))).collect::<Vec<_>>());
        let steady = over(&|i| 1.5 * f64::from(i) + 7.0 + 0.3 * noise(i));
        let curved = over(&|i| 0.1 * (f64::from(i) - 11.5).powi(2) + 0.3 * noise(i));
        let chance = over(&|i| 8.0 * noise(i));
        for z in [0.0, 5.0, 17.0, 23.0] {
            assert!((steady.beyond_doubt(z) - 1.5 * (z - 11.5)).abs() < 0.5, "{z}");
            assert!((curved.beyond_doubt(z) - 0.1 * (z - 11.5).powi(2) + 4.79).abs() < 0.5, "{z}");
            assert_eq!(chance.beyond_doubt(z), 0.0);
        }
        assert_eq!(Trend::of(&[(0.0, 1.0), (1.0, 2.0), (2.0, 3.0)]).beyond_doubt(2.0), 0.0);
    }
}
