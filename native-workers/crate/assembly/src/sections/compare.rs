//! The task `compare-sections`: how alike two sections are where maps lay them over each other.

use super::links::read_numbers;
use super::mesh::Mesh;
use super::picture::{Contrast, Frame, Picture};
use kernels::cancel::Cancel;
use kernels::error::{KernelError, Result};
use kernels::geometry::{Affine, Point};
use serde::{Deserialize, Serialize};

/// Smoothing before comparing: pixel noise is no disagreement.
const SIGMA: f64 = 1.0;
const LEAST_PIXELS: f64 = 100.0;

/// Where a section comes to: by an affine map, or by the nodes of a mesh (an input).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SectionMap {
    affine: Affine,
    mesh: Option<MeshIn>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MeshIn {
    origin_px: Point,
    spacing_px: f64,
    columns: usize,
    rows: usize,
}

/// Header of `compare-sections`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Compare {
    a: Frame,
    b: Frame,
    #[serde(default)]
    contrast: Contrast,
    map_a: SectionMap,
    map_b: SectionMap,
}

/// Result of `compare-sections`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Compared {
    /// -1 to 1, of the pixels that both have.
    ncc: f64,
    /// Those, as a part of the smaller picture.
    overlap: f64,
}

/// Compares by inputs: pictures a and b (8 bits, 0 = nothing there), nodes f64[n][2] of the meshes of a and b (or nothing).
pub fn compare_sections(header: &Compare, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<(Compared, Vec<Vec<u8>>)> {
    let [a, b, nodes_a, nodes_b] = inputs else {
        return Err(KernelError::invalid_input(format!("Comparing takes four inputs, not {}.", inputs.len())));
    };
    let picture = |bytes, frame: &Frame| -> Result<Picture> {
        let seen = Picture::read(bytes, frame.size_px)?.seen_as(header.contrast);
        let radius = (seen.width.max(seen.height) / 10).max(8);
        Ok(seen.normalised(radius).blurred(SIGMA))
    };
    let (a, b) = (picture(a, &header.a)?, picture(b, &header.b)?);
    let (map_a, map_b) = (Laid::of(&header.map_a, nodes_a)?, Laid::of(&header.map_b, nodes_b)?);
    let (from_a, to_b) = (header.a.section_from_picture(), header.b.picture_from_section());
    let mut sums = [0.0; 6];
    for y in 0..a.height {
        cancel.poll()?;
        let mut start = None;
        for x in 0..a.width {
            let at = y * a.width + x;
            if a.mask[at] == 0.0 {
                continue;
            }
            let aligned = map_a.forward(from_a.apply([x as f64 + 0.5, y as f64 + 0.5]));
            let Some(found) = map_b.back(aligned, start) else { continue };
            start = Some(found);
            let Some(q) = b.sample(to_b.apply(found)) else { continue };
            let (p, q) = (f64::from(a.levels[at]), f64::from(q));
            sums.iter_mut().zip([1.0, p, q, p * p, q * q, p * q]).for_each(|(s, v)| *s += v);
        }
    }
    let [n, p, q, pp, qq, pq] = sums;
    let smaller = (a.covered() * a.mask.len() as f64).min(b.covered() * b.mask.len() as f64).max(1.0);
    let (vp, vq) = (pp - p * p / n, qq - q * q / n);
    let ncc = if n >= LEAST_PIXELS && vp > 1e-6 && vq > 1e-6 { (pq - p * q / n) / (vp * vq).sqrt() } else { 0.0 };
    Ok((Compared { ncc, overlap: (n / smaller).min(1.0) }, Vec::new()))
}

struct Laid {
    affine: Affine,
    back: Affine,
    mesh: Option<(Mesh, Vec<Point>)>,
}

impl Laid {
    fn of(map: &SectionMap, nodes: &[u8]) -> Result<Self> {
        let mesh = match &map.mesh {
            None => None,
            Some(m) => {
                let nodes: Vec<Point> = read_numbers(nodes)?.chunks_exact(2).map(|p| [p[0], p[1]]).collect();
                if m.columns < 4
                    || m.rows < 4
                    || m.columns.saturating_mul(m.rows) != nodes.len()
                    || m.spacing_px.is_nan()
                {
                    return Err(KernelError::invalid_input(format!("{} nodes do not fit their mesh.", nodes.len())));
                }
                Some((Mesh { origin: m.origin_px, spacing: m.spacing_px, columns: m.columns, rows: m.rows }, nodes))
            }
        };
        Ok(Self { affine: map.affine, back: map.affine.inverse()?, mesh })
    }

    fn forward(&self, p: Point) -> Point {
        self.mesh.as_ref().map_or_else(|| self.affine.apply(p), |(mesh, nodes)| mesh.apply(nodes, p))
    }

    fn back(&self, to: Point, start: Option<Point>) -> Option<Point> {
        let from = start.unwrap_or_else(|| self.back.apply(to));
        match &self.mesh {
            None => Some(self.back.apply(to)),
            Some((mesh, nodes)) => mesh.inverse(nodes, to, from),
        }
    }
}
