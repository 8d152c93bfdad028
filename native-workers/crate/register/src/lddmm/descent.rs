//! Descent by limited-memory quasi-Newton steps (Nocedal 1980), in the metric of the flow, that cannot fold.

use super::Field;
use super::energy::{Point, Problem};
use super::spectrum::Spectrum;
use kernels::error::Result;

/// Steps that are remembered.
const MEMORY: usize = 5;
/// A map stretches or shrinks no place to less than this part of its volume.
pub const LEAST_DETERMINANT: f64 = 0.05;
/// Nodes that a step moves any place at most.
const FARTHEST: f64 = 0.75;
/// The least part of the decrease that the slope promises.
const DECREASE: f64 = 1e-4;
const HALVINGS: usize = 8;

/// One step, and what changed along it.
struct Step {
    moved: Spectrum,
    turned: Spectrum,
    curvature: f64,
}

/// What happened.
#[derive(Debug, Default)]
pub struct Told {
    /// After each step, the first before any.
    pub energies: Vec<f64>,
    pub data: Vec<f64>,
    /// Trials that would have folded.
    pub folds: usize,
    /// No step helps any more.
    pub converged: bool,
}

/// Descends from `point` by at most `iterations` steps, or until one gains less than `tolerance` of the energy's scale.
pub fn descend(problem: &Problem<'_>, mut point: Point, iterations: usize, tolerance: f64) -> Result<(Point, Told)> {
    let mut told = Told::default();
    let mut steps: Vec<Step> = vec![];
    told.energies.push(problem.energy(&point));
    told.data.push(point.data);
    while told.energies.len() <= iterations {
        let direction = direction(&point, &steps);
        let Some(next) = searched(problem, &point, direction, &mut told)? else {
            if steps.is_empty() {
                told.converged = true;
                break;
            }
            // What is remembered misleads: start anew.
            steps.clear();
            continue;
        };
        remember(&mut steps, &point, &next);
        let gain = problem.energy(&point) - problem.energy(&next);
        point = next;
        told.energies.push(problem.energy(&point));
        told.data.push(point.data);
        if gain < tolerance {
            told.converged = true;
            break;
        }
    }
    Ok((point, told))
}

fn remember(steps: &mut Vec<Step>, from: &Point, to: &Point) {
    let (mut moved, mut turned) = (to.spectrum.clone(), to.gradient.clone());
    moved.add(-1.0, &from.spectrum);
    turned.add(-1.0, &from.gradient);
    let curvature = moved.dot(&turned);
    if curvature > 1e-8 * (moved.dot(&moved) * turned.dot(&turned)).sqrt() {
        if steps.len() == MEMORY {
            steps.remove(0);
        }
        steps.push(Step { moved, turned, curvature });
    }
}

/// Downhill, by the two loops over the steps remembered.
fn direction(point: &Point, steps: &[Step]) -> Spectrum {
    let mut q = point.gradient.clone();
    let mut shares = vec![];
    for step in steps.iter().rev() {
        let share = step.moved.dot(&q) / step.curvature;
        q.add(-share, &step.turned);
        shares.push(share);
    }
    if let Some(last) = steps.last() {
        q = q.scaled(last.curvature / last.turned.dot(&last.turned));
    }
    for (step, share) in steps.iter().zip(shares.into_iter().rev()) {
        let back = step.turned.dot(&q) / step.curvature;
        q.add(share - back, &step.moved);
    }
    q.scaled(-1.0)
}

/// The first of halved steps that goes down enough and does not fold; none where there is none.
fn searched(problem: &Problem<'_>, from: &Point, direction: Spectrum, told: &mut Told) -> Result<Option<Point>> {
    // Spectra count each node's worth as often as there are nodes.
    let slope = direction.dot(&from.gradient) / problem.smooth.grid.count() as f64;
    if slope.is_nan() || slope >= 0.0 {
        return Ok(None);
    }
    let by = problem.smooth.fields(&direction, problem.crew)?;
    let far = farthest(&by, problem.smooth.grid.spacing_um());
    let newton = !far.is_normal() || far <= FARTHEST;
    let mut size = if newton && told.energies.len() > 1 { 1.0 } else { FARTHEST / far.max(1e-30) };
    for _ in 0..HALVINGS {
        let mut spectrum = from.spectrum.clone();
        spectrum.add(size, &direction);
        let velocities = from.velocities.iter().zip(&by).map(|(v, by)| moved(v, by, size as f32)).collect();
        match problem.at(spectrum, velocities, LEAST_DETERMINANT)? {
            Some(point) if problem.energy(&point) <= problem.energy(from) + DECREASE * size * slope => {
                return Ok(Some(point));
            }
            Some(_) => {}
            None => told.folds += 1,
        }
        size /= 2.0;
    }
    Ok(None)
}

fn moved(field: &Field, by: &Field, size: f32) -> Field {
    field.iter().zip(by).map(|(v, b)| std::array::from_fn(|k| v[k] + size * b[k])).collect()
}

/// Nodes that any place is moved at most, by the mean over all times.
fn farthest(fields: &[Field], spacing: [f64; 3]) -> f64 {
    let far = |v: &[f32; 3]| (0..3).map(|k| (f64::from(v[k]) / spacing[k]).powi(2)).sum::<f64>();
    let of = |field: &Field| field.iter().map(far).fold(0.0, f64::max).sqrt();
    fields.iter().map(of).sum::<f64>() / fields.len() as f64
}
