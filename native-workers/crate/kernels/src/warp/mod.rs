//! Volumes seen through maps: `warp-points` leads points through a chain of maps, `sample-points` reads voxels there.
//!
//! `main/engine/transforms/` has the same maps in TypeScript, for points that are few; a test holds both together.

mod field;
mod lattice;
mod sample;
mod spline;
mod through;

pub use sample::{SamplePoints, sample_points};
pub use through::{WarpBox, warp_box};

use crate::cancel::Cancel;
use crate::error::{KernelError, Result};
use crate::output::{OutBytes, output_to_fill};
use field::Field;
use lattice::{Grid, fill_smooth};
use serde::{Deserialize, Serialize};
use spline::Spline;

pub(crate) type Point = [f64; 3];
/// 3 rows of 4, row after row.
pub(crate) type Affine = [f64; 12];

pub(crate) fn apply(m: &Affine, p: Point) -> Point {
    let row = |i: usize| m[i] * p[0] + m[i + 1] * p[1] + m[i + 2] * p[2] + m[i + 3];
    [row(0), row(4), row(8)]
}

pub(crate) const NOWHERE: Point = [f64::NAN; 3];
/// Leads every point to itself.
const SAME: Affine = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0];

/// Points between two polls.
const BLOCK: usize = 1 << 12;

/// Header of `warp-points`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WarpPoints {
    /// Where the points are those of a grid; the first input has them where it is absent.
    #[serde(default)]
    grid: Option<Grid>,
    steps: Vec<StepHeader>,
    tolerance_nm: f64,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum StepHeader {
    Affine { matrix: Affine },
    Spline(spline::SplineHeader),
    Field(field::FieldHeader),
}

/// Result of `warp-points`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Warped {
    /// Least and largest x, y, z of the points that lead somewhere; `None` where none does.
    bounds: Option<[f64; 6]>,
    /// Points whose search left the part of a field that was given.
    left_field: usize,
}

enum Step<'a> {
    Affine(Affine),
    Spline(Spline),
    Field(Field<'a>),
}

/// Leads points through a chain. Smooth steps at its start are worked out on a lattice, refined until between its nodes
/// they are within the tolerance.
pub fn warp_points(header: &WarpPoints, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Warped, Vec<OutBytes>)> {
    let mut inputs = inputs.iter().copied();
    let given = match header.grid {
        Some(_) => None,
        None => Some(inputs.next().ok_or_else(|| KernelError::invalid_input("There are no points."))?),
    };
    let steps = take_steps(&header.steps, &mut inputs)?;
    if inputs.next().is_some() {
        return Err(KernelError::invalid_input("There are more inputs than the steps take."));
    }
    let smooth = steps.iter().position(|step| matches!(step, Step::Field(_))).unwrap_or(steps.len());
    let (first, rest) = steps.split_at(smooth);
    let through = |p: Point| first.iter().fold(p, |p, step| smooth_step(step, p));
    let mut points = match (&header.grid, given) {
        (Some(grid), _) => fill_smooth(grid, &through, &nodes_of(first), header.tolerance_nm, cancel)?,
        (None, Some(bytes)) => points_of(bytes)?.into_iter().map(through).collect(),
        (None, None) => Vec::new(),
    };
    let left_field = walk(rest, &mut points, header.tolerance_nm, cancel)?;
    let bounds = bounds_of(&points);
    let mut out = output_to_fill(points.len() * 24);
    for (out, point) in out.as_chunks_mut::<24>().0.iter_mut().zip(&points) {
        for (out, value) in out.as_chunks_mut::<8>().0.iter_mut().zip(point) {
            *out = value.to_le_bytes();
        }
    }
    Ok((Warped { bounds, left_field }, vec![out]))
}

fn take_steps<'a>(headers: &[StepHeader], inputs: &mut impl Iterator<Item = &'a [u8]>) -> Result<Vec<Step<'a>>> {
    headers
        .iter()
        .map(|header| {
            let mut next = || inputs.next().ok_or_else(|| KernelError::invalid_input("An input of a step is missing."));
            Ok(match header {
                StepHeader::Affine { matrix } => Step::Affine(*matrix),
                StepHeader::Spline(spline) => Step::Spline(Spline::new(spline, next()?, next()?)?),
                StepHeader::Field(field) => Step::Field(Field::new(field, next()?)?),
            })
        })
        .collect()
}

fn smooth_step(step: &Step<'_>, p: Point) -> Point {
    match step {
        Step::Affine(matrix) => apply(matrix, p),
        Step::Spline(spline) => spline.at(p),
        Step::Field(_) => p,
    }
}

/// The first spline's nodes decide where a lattice is always refined: what lies before it is affine.
fn nodes_of(steps: &[Step<'_>]) -> Option<(Affine, Vec<Point>)> {
    let mut before = SAME;
    for step in steps {
        match step {
            Step::Affine(matrix) => before = compose(matrix, &before),
            Step::Spline(spline) => return Some((compose(&spline.frame, &before), spline.nodes.clone())),
            Step::Field(_) => return None,
        }
    }
    None
}

fn compose(outer: &Affine, inner: &Affine) -> Affine {
    let mut out = [0.0; 12];
    for row in 0..3 {
        for column in 0..4 {
            let sum: f64 = (0..3).map(|k| outer[row * 4 + k] * inner[k * 4 + column]).sum();
            out[row * 4 + column] = sum + if column == 3 { outer[row * 4 + 3] } else { 0.0 };
        }
    }
    out
}

fn walk(steps: &[Step<'_>], points: &mut [Point], tolerance_nm: f64, cancel: Cancel<'_>) -> Result<usize> {
    let mut left = 0;
    for block in points.chunks_mut(BLOCK) {
        cancel.poll()?;
        for point in block {
            for step in steps {
                *point = match step {
                    Step::Field(field) => field.at(*point, tolerance_nm, &mut left),
                    smooth => smooth_step(smooth, *point),
                };
            }
        }
    }
    Ok(left)
}

fn bounds_of(points: &[Point]) -> Option<[f64; 6]> {
    let none = [f64::INFINITY, f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let bounds = points.iter().filter(|p| p.iter().all(|v| v.is_finite())).fold(none, |mut b, p| {
        for k in 0..3 {
            b[k] = b[k].min(p[k]);
            b[k + 3] = b[k + 3].max(p[k]);
        }
        b
    });
    bounds[0].is_finite().then_some(bounds)
}

pub(crate) fn points_of(bytes: &[u8]) -> Result<Vec<Point>> {
    let (points, rest) = bytes.as_chunks::<24>();
    if !rest.is_empty() {
        return Err(KernelError::invalid_input(format!("{} bytes are no whole number of points.", bytes.len())));
    }
    let value = |p: &[u8; 24], at: usize| {
        let mut own = [0; 8];
        own.copy_from_slice(&p[at..at + 8]);
        f64::from_le_bytes(own)
    };
    Ok(points.iter().map(|p| [value(p, 0), value(p, 8), value(p, 16)]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::never;
    use serde_json::{Value, json};

    fn bytes(values: &[f64]) -> Vec<u8> {
        values.iter().flat_map(|v| v.to_le_bytes()).collect()
    }

    fn warped(header: Value, inputs: &[&[u8]]) -> (Value, Vec<Point>) {
        let (about, out) = warp_points(&serde_json::from_value(header).unwrap(), inputs, never()).unwrap();
        (serde_json::to_value(about).unwrap(), points_of(&out[0]).unwrap())
    }

    #[test]
    fn points_of_a_grid_are_where_an_affine_map_leads() {
        let grid = json!({"size": [3, 2, 1], "first": [10.0, 20.0, 30.0], "step": [1.0, 2.0, 3.0]});
        let steps = json!([{"type": "affine", "matrix": [2, 0, 0, 5, 0, 1, 0, 0, 0, 0, 1, -30]}]);
        let (about, points) = warped(json!({"grid": grid, "steps": steps, "toleranceNm": 0.01}), &[]);
        assert_eq!(points[5], [29.0, 22.0, 0.0]);
        assert_eq!(about["bounds"], json!([25.0, 20.0, 0.0, 29.0, 22.0, 0.0]));
    }

    #[test]
    fn a_lattice_is_within_the_tolerance_of_the_spline_itself() {
        let nodes = [0.2, 0.1, -0.4, -0.7, 0.3, 0.5, 0.9, -0.6, 0.2, -0.1, -0.8, -0.3, 0.4, 0.7, 0.6];
        let weights =
            [300.0, -120.0, 40.0, -250.0, 200.0, 10.0, 60.0, -90.0, 150.0, -70.0, 30.0, -180.0, -40.0, -20.0, -20.0];
        let frame = [0.001, 0.0, 0.0, -1.0, 0.0, 0.001, 0.0, -1.0, 0.0, 0.0, 0.001, -1.0];
        let step = json!({"type": "spline", "kernel": "r", "affine": SAME, "frame": frame, "nodes": 5});
        let (node_bytes, weight_bytes) = (bytes(&nodes), bytes(&weights));
        let grid = json!({"size": [64, 64, 64], "first": [1.0, 2.0, 3.0], "step": [31.0, 31.0, 31.0]});
        let inputs: [&[u8]; 2] = [&node_bytes, &weight_bytes];
        let (_, quick) = warped(json!({"grid": grid, "steps": [step], "toleranceNm": 0.5}), &inputs);
        let mut worst = 0.0f64;
        let starts: Vec<f64> = (0..64 * 64 * 64)
            .flat_map(|i| [i % 64, i / 64 % 64, i / 4096].map(|n| n as f64 * 31.0))
            .enumerate()
            .map(|(i, v)| v + [1.0, 2.0, 3.0][i % 3])
            .collect();
        let start_bytes = bytes(&starts);
        let (_, exact) =
            warped(json!({"steps": [step], "toleranceNm": 0.5}), &[&start_bytes, &node_bytes, &weight_bytes]);
        for (a, b) in quick.iter().zip(&exact) {
            worst = worst.max((0..3).map(|k| (a[k] - b[k]).abs()).fold(0.0, f64::max));
        }
        assert!(worst <= 1.0 && worst > 0.0, "{worst} nm");
    }

    #[test]
    fn a_field_moves_what_lies_in_it_and_its_inverse_moves_it_back() {
        // Displacements along x that grow with x: d(i) = 3 i of voxels of 10 nm, over 8 x 1 x 1.
        let vectors: Vec<f64> = (0..24).map(|i| if i < 8 { 3.0 * f64::from(i) } else { 0.0 }).collect();
        let vectors = bytes(&vectors);
        let field = |inverse: bool| {
            json!({"type": "field", "grid": [8, 1, 1], "min": [0, 0, 0], "size": [8, 1, 1], "wide": true,
                "indexFromPoint": [0.1, 0, 0, -0.5, 0, 0.1, 0, -0.5, 0, 0, 0.1, -0.5], "nmFromVector": SAME,
                "holds": "displacement", "interpolation": "linear", "inverse": inverse})
        };
        let starts = bytes(&[25.0, 5.0, 5.0, 30.0, 5.0, 5.0, 500.0, 5.0, 5.0, f64::NAN, 0.0, 0.0]);
        let there = |inverse: bool, from: &[u8]| {
            warped(json!({"steps": [field(inverse)], "toleranceNm": 0.001}), &[from, &vectors]).1
        };
        let moved = there(false, &starts);
        assert_eq!(moved[0], [31.0, 5.0, 5.0]);
        assert_eq!(moved[1], [37.5, 5.0, 5.0]);
        assert_eq!(moved[2], [500.0, 5.0, 5.0]);
        assert!(moved[3][0].is_nan());
        let back = there(true, &bytes(&moved.iter().flatten().copied().collect::<Vec<_>>()));
        assert!((back[0][0] - 25.0).abs() < 0.001 && (back[1][0] - 30.0).abs() < 0.001 && back[2][0] == 500.0);
    }

    #[test]
    fn wrong_calls_are_refused() {
        let fails = |header: Value, inputs: &[&[u8]]| {
            warp_points(&serde_json::from_value(header).unwrap(), inputs, never()).is_err()
        };
        assert!(fails(json!({"steps": [], "toleranceNm": 1.0}), &[]));
        assert!(fails(json!({"steps": [], "toleranceNm": 1.0}), &[&[0; 23]]));
        assert!(fails(json!({"steps": [], "toleranceNm": 1.0}), &[&[0; 24], &[0; 24]]));
        let spline = json!({"type": "spline", "kernel": "r", "affine": SAME, "frame": SAME, "nodes": 2});
        assert!(fails(json!({"steps": [spline], "toleranceNm": 1.0}), &[&[0; 24], &[0; 24], &[0; 48]]));
        let grid = json!({"size": [70_000, 70_000, 70_000], "first": [0, 0, 0], "step": [1, 1, 1]});
        assert!(fails(json!({"grid": grid, "steps": [], "toleranceNm": 1.0}), &[]));
    }
}
