//! The question as it comes over the wire: tiles with their stage placements, and point matches between them.

use super::model::apply;
use kernels::error::{KernelError, Result};

/// A tile: its stage placement, and the frame that keeps the numbers well scaled.
#[derive(Debug, Clone)]
pub struct Tile {
    /// stackFromTile of the stage, AffineModel2D order.
    pub stage: [f64; 6],
    pub stage_linear: [f64; 4],
    /// Tile-space centre and half the longer side, px.
    pub centre: [f64; 2],
    pub half_side: f64,
}

impl Tile {
    /// A tile of `size` px placed by the stage.
    pub fn new(stage: [f64; 6], size: [f64; 2]) -> Self {
        Self {
            stage,
            stage_linear: [stage[0], stage[1], stage[2], stage[3]],
            centre: [size[0] / 2.0, size[1] / 2.0],
            half_side: size[0].max(size[1]) / 2.0,
        }
    }

    /// Where the stage puts the centre, stack-space px.
    pub fn stage_centre(&self) -> [f64; 2] {
        apply(&self.stage, self.centre)
    }
}

/// The same thing seen at `a` in tile `tile_a` and at `b` in tile `tile_b`, tile-space px.
#[derive(Debug, Clone, Copy)]
pub struct Match {
    pub tile_a: usize,
    pub tile_b: usize,
    pub a: [f64; 2],
    pub b: [f64; 2],
    pub weight: f64,
}

/// Reads little-endian f64.
fn numbers(bytes: &[u8], count: usize, what: &str) -> Result<Vec<f64>> {
    if bytes.len() != count * 8 {
        let wrong = format!("The {what} of a solve are {} bytes and should be {}.", bytes.len(), count * 8);
        return Err(KernelError::invalid_input(wrong));
    }
    let values: Vec<f64> =
        bytes.chunks_exact(8).map(|c| f64::from_le_bytes(c.try_into().unwrap_or_default())).collect();
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(values),
        Some(at) => Err(KernelError::invalid_input(format!("Number {at} among the {what} of a solve is not finite."))),
    }
}

/// Tiles from `priors` f64[tiles][6] and `sizes` f64[tiles][2].
pub fn read_tiles(priors: &[u8], sizes: &[u8], count: usize) -> Result<Vec<Tile>> {
    let priors = numbers(priors, count * 6, "stage placements")?;
    let sizes = numbers(sizes, count * 2, "tile sizes")?;
    let tiles = priors.as_chunks::<6>().0.iter().zip(sizes.as_chunks::<2>().0);
    tiles.map(|(&prior, &size)| check_tile(Tile::new(prior, size), size)).collect()
}

fn check_tile(tile: Tile, size: [f64; 2]) -> Result<Tile> {
    let [a, b, c, d] = tile.stage_linear;
    if size[0] < 1.0 || size[1] < 1.0 || (a * d - b * c).abs() < 1e-9 {
        let wrong =
            format!("A tile of {} x {} px with stage placement {:?} cannot be placed.", size[0], size[1], tile.stage);
        return Err(KernelError::invalid_input(wrong));
    }
    Ok(tile)
}

/// Matches from f64[matches][8]: tileA, tileB, ax, ay, bx, by, weight, link.
pub fn read_matches(bytes: &[u8], count: usize, tiles: usize) -> Result<Vec<Match>> {
    let rows = numbers(bytes, count * 8, "matches")?;
    rows.as_chunks::<8>().0.iter().map(|row| read_match(row, tiles)).collect()
}

fn read_match(&[a, b, ax, ay, bx, by, weight, _link]: &[f64; 8], tiles: usize) -> Result<Match> {
    let index = |v: f64| if v >= 0.0 && v < tiles as f64 && v.fract() == 0.0 { Some(v as usize) } else { None };
    match (index(a), index(b)) {
        (Some(tile_a), Some(tile_b)) if tile_a != tile_b && weight >= 0.0 => {
            Ok(Match { tile_a, tile_b, a: [ax, ay], b: [bx, by], weight })
        }
        _ => Err(KernelError::invalid_input(format!(
            "A match joins tiles {a} and {b} with weight {weight}; there are {tiles} tiles."
        ))),
    }
}
