//! Climbing the information: BFGS over the motions that a model allows, all in µm of shift, so that a turn, a stretch
//! and a move of the same length count alike.

use super::header::Model;
use super::map::{Pose, determinant, scaled, times, transposed, turn};
use super::metric::{Metric, Value};
use super::{Mat3, Vec3};
use kernels::cancel::Cancel;
use kernels::error::Result;

/// How far and how long.
#[derive(Debug, Clone, Copy)]
pub struct Climb {
    pub model: Model,
    /// Only within planes of constant z.
    pub planar: bool,
    pub iterations: usize,
    /// The first and the longest step, µm.
    pub first_um: f64,
    pub most_um: f64,
    /// Steps below end it, µm.
    pub least_um: f64,
}

/// The small motions of a model from wherever a pose is.
pub struct Motions {
    model: Model,
    planar: bool,
    /// µm that a unit of turn or of stretch along each axis moves samples by.
    radius: Vec3,
}

impl Motions {
    pub fn new(model: Model, planar: bool, radius: Vec3) -> Self {
        Self { model, planar, radius }
    }

    fn reach(&self) -> f64 {
        self.radius.iter().map(|r| r * r).sum::<f64>().sqrt()
    }

    /// Derivatives by each motion: moves along x, y, z, then turns (and scale), or the nine of the linear part.
    pub fn gradient(&self, value: &Value, pose: &Pose) -> Vec<f64> {
        let mut g = self.in_space(value, pose);
        if self.planar {
            let across: &[usize] = if self.model == Model::Affine { &[2, 5, 8, 9, 10, 11] } else { &[2, 3, 4] };
            across.iter().for_each(|k| g[*k] = 0.0);
        }
        g
    }

    fn in_space(&self, value: &Value, pose: &Pose) -> Vec<f64> {
        let mut g = value.by_shift.to_vec();
        if self.model == Model::Affine {
            g.extend((0..9).map(|k| value.by_linear[k / 3][k % 3] / self.radius[k % 3]));
            return g;
        }
        let m = times(&value.by_linear, &transposed(&pose.linear));
        let turns = [m[2][1] - m[1][2], m[0][2] - m[2][0], m[1][0] - m[0][1]];
        g.extend(turns.map(|v| v / self.reach()));
        if self.model == Model::Similarity {
            g.push((m[0][0] + m[1][1] + m[2][2]) / self.reach());
        }
        g
    }

    /// `pose` moved by a step in the order of the gradient.
    pub fn moved(&self, pose: &Pose, step: &[f64]) -> Pose {
        let to = std::array::from_fn(|k| pose.to[k] + step[k]);
        let linear: Mat3 = if self.model == Model::Affine {
            std::array::from_fn(|i| std::array::from_fn(|j| pose.linear[i][j] + step[3 + 3 * i + j] / self.radius[j]))
        } else {
            let reach = self.reach();
            let grown = step.get(6).map_or(1.0, |s| (s / reach).exp());
            scaled(&times(&turn([step[3], step[4], step[5]].map(|w| w / reach)), &pose.linear), grown)
        };
        let moved = Pose { linear, from: pose.from, to };
        if self.planar { moved.in_plane() } else { moved }
    }
}

/// The best pose found from `start`, and its value.
pub fn climb(
    metric: &mut Metric<'_>,
    radius: Vec3,
    start: Pose,
    how: &Climb,
    cancel: Cancel<'_>,
) -> Result<(Pose, Value)> {
    let motions = Motions::new(how.model, how.planar, radius);
    let (mut pose, mut value) = (start, metric.at(&start, cancel)?);
    let mut gradient = motions.gradient(&value, &pose);
    let mut curvature = Curvature::new(gradient.len());
    let mut short = 0;
    for _ in 0..how.iterations {
        let learned = curvature.known;
        let mut step = curvature.step(&gradient, how.first_um);
        let length = norm(&step);
        if length <= 0.0 || length.is_nan() {
            break;
        }
        let most = (how.most_um / length).min(1.0);
        step.iter_mut().for_each(|s| *s *= most);
        let Some(next) = search(metric, &motions, (&pose, &value), &gradient, step, how, cancel)? else {
            // Kinks between voxels can spoil what was learned: straight uphill once more, before this counts as the top.
            if !learned {
                break;
            }
            curvature.known = false;
            continue;
        };
        let new_gradient = motions.gradient(&next.value, &next.pose);
        curvature.learn(&next.step, &gradient, &new_gradient);
        (pose, value, gradient) = (next.pose, next.value, new_gradient);
        short = if norm(&next.step) < how.least_um { short + 1 } else { 0 };
        if short == 2 {
            break;
        }
    }
    Ok((pose, value))
}

struct Next {
    pose: Pose,
    value: Value,
    step: Vec<f64>,
}

/// Along a step, shortened until it climbs enough (Armijo); None where no step of a length that matters does.
fn search(
    metric: &mut Metric<'_>,
    motions: &Motions,
    (pose, value): (&Pose, &Value),
    gradient: &[f64],
    mut step: Vec<f64>,
    how: &Climb,
    cancel: Cancel<'_>,
) -> Result<Option<Next>> {
    let handed = determinant(&pose.linear) > 0.0;
    for _ in 0..12 {
        let next = motions.moved(pose, &step);
        let rise: f64 = gradient.iter().zip(&step).map(|(g, s)| g * s).sum();
        let mut shorter = 0.5;
        if (determinant(&next.linear) > 0.0) == handed {
            let found = metric.at(&next, cancel)?;
            let climbed = found.score - value.score;
            if climbed > 1e-4 * rise {
                return Ok(Some(Next { pose: next, value: found, step }));
            }
            shorter = (0.5 * rise / (rise - climbed)).clamp(0.1, 0.5);
        }
        step.iter_mut().for_each(|s| *s *= shorter);
        if norm(&step) < 0.2 * how.least_um {
            break;
        }
    }
    Ok(None)
}

fn norm(v: &[f64]) -> f64 {
    v.iter().map(|v| v * v).sum::<f64>().sqrt()
}

/// The inverse of the (negative) second derivatives, learned from steps.
struct Curvature {
    n: usize,
    inverse: Vec<f64>,
    known: bool,
}

impl Curvature {
    fn new(n: usize) -> Self {
        Self { n, inverse: vec![0.0; n * n], known: false }
    }

    fn times(&self, v: &[f64]) -> Vec<f64> {
        self.inverse.chunks_exact(self.n).map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum()).collect()
    }

    /// Uphill; as long as `first` while nothing is known.
    fn step(&mut self, gradient: &[f64], first: f64) -> Vec<f64> {
        if self.known {
            let step = self.times(gradient);
            if step.iter().zip(gradient).map(|(s, g)| s * g).sum::<f64>() > 0.0 {
                return step;
            }
            self.known = false;
        }
        let length = norm(gradient);
        gradient.iter().map(|g| if length > 0.0 { g * first / length } else { 0.0 }).collect()
    }

    /// The BFGS update for a climb.
    fn learn(&mut self, step: &[f64], before: &[f64], after: &[f64]) {
        let fall: Vec<f64> = before.iter().zip(after).map(|(b, a)| b - a).collect();
        let along: f64 = step.iter().zip(&fall).map(|(s, y)| s * y).sum();
        if along.is_nan() || along <= 1e-10 * norm(step) * norm(&fall) {
            return;
        }
        let n = self.n;
        if !self.known {
            let size = along / fall.iter().map(|y| y * y).sum::<f64>();
            self.inverse = (0..n * n).map(|k| if k / n == k % n { size } else { 0.0 }).collect();
            self.known = true;
        }
        let bent = self.times(&fall);
        let factor = 1.0 + fall.iter().zip(&bent).map(|(y, b)| y * b).sum::<f64>() / along;
        for i in 0..n {
            for j in 0..n {
                self.inverse[i * n + j] += (factor * step[i] * step[j] - bent[i] * step[j] - step[i] * bent[j]) / along;
            }
        }
    }
}
