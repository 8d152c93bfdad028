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
    /// How much more firmly than usual the tile is held to its prior; infinite: it stays there exactly.
    pub hold: f64,
}

impl Tile {
    /// A tile of `size` px placed by the stage, held as usual.
    pub fn new(stage: [f64; 6], size: [f64; 2]) -> Self {
        Self {
            stage,
            stage_linear: [stage[0], stage[1], stage[2], stage[3]],
            centre: [size[0] / 2.0, size[1] / 2.0],
            half_side: size[0].max(size[1]) / 2.0,
            hold: 1.0,
        }
    }

    /// Where the stage puts the centre, stack-space px.
    pub fn stage_centre(&self) -> [f64; 2] {
        apply(&self.stage, self.centre)
    }

    pub fn is_fixed(&self) -> bool {
        self.hold.is_infinite()
    }

    /// Whether somebody said where the tile belongs, so that its prior is more than the stage's word.
    pub fn is_held(&self) -> bool {
        self.hold > 1.0
    }
}

/// The same thing seen at `a` in one tile and at `b` in another, tile-space px.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    pub a: [f64; 2],
    pub b: [f64; 2],
    pub weight: f64,
}

/// A match as it is given: between the tiles `tile_a` and `tile_b`.
#[derive(Debug, Clone, Copy)]
pub struct Match {
    pub tile_a: usize,
    pub tile_b: usize,
    pub point: Point,
}

/// All matches, those of a pair of tiles one after the other.
pub struct Matches {
    /// (first, second) with first < second, rising; `a` of a point lies in the first.
    pub pairs: Vec<(u32, u32)>,
    /// Where the points of each pair start, and the end of the last.
    pub start: Vec<usize>,
    pub points: Vec<Point>,
    /// Which of the given matches each point is.
    given: Vec<u32>,
}

impl Matches {
    /// Sorts `count` matches, which `of` gives by their number.
    pub fn gather(count: usize, of: impl Fn(usize) -> Match) -> Self {
        let key = |m: &Match| (m.tile_a.min(m.tile_b) as u32, m.tile_a.max(m.tile_b) as u32);
        let mut given: Vec<u32> = (0..count as u32).collect();
        given.sort_by_cached_key(|&i| key(&of(i as usize)));
        let mut matches = Self { pairs: vec![], start: vec![], points: Vec::with_capacity(count), given };
        for at in 0..count {
            let m = of(matches.given[at] as usize);
            if matches.pairs.last() != Some(&key(&m)) {
                matches.pairs.push(key(&m));
                matches.start.push(at);
            }
            let Point { a, b, weight } = m.point;
            matches.points.push(if m.tile_a < m.tile_b { m.point } else { Point { a: b, b: a, weight } });
        }
        matches.start.push(count);
        matches
    }

    pub fn of_pair(&self, pair: usize) -> std::ops::Range<usize> {
        self.start[pair]..self.start[pair + 1]
    }

    /// Values of the points in the order in which the matches were given.
    pub fn as_given<T: Copy + Default>(&self, values: &[T]) -> Vec<T> {
        let mut given = vec![T::default(); values.len()];
        for (&at, &value) in self.given.iter().zip(values) {
            given[at as usize] = value;
        }
        given
    }
}

fn checked<'a>(bytes: &'a [u8], count: usize, what: &str) -> Result<&'a [[u8; 8]]> {
    if bytes.len() == count * 8 {
        return Ok(bytes.as_chunks::<8>().0);
    }
    let wrong = format!("The {what} of a solve are {} bytes and should be {}.", bytes.len(), count * 8);
    Err(KernelError::invalid_input(wrong))
}

/// Reads little-endian f64.
fn numbers(bytes: &[u8], count: usize, what: &str) -> Result<Vec<f64>> {
    let values: Vec<f64> = checked(bytes, count, what)?.iter().map(|b| f64::from_le_bytes(*b)).collect();
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

/// Holds each tile as f64[tiles] say: 1 as usual, more for more firmly, infinity for exactly.
pub fn read_holds(bytes: &[u8], tiles: &mut [Tile]) -> Result<()> {
    let holds = checked(bytes, tiles.len(), "holds")?;
    for (tile, bytes) in tiles.iter_mut().zip(holds) {
        tile.hold = f64::from_le_bytes(*bytes);
        if tile.hold.is_nan() || tile.hold <= 0.0 {
            return Err(KernelError::invalid_input(format!("A tile is held {} times; 1 is usual.", tile.hold)));
        }
    }
    Ok(())
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
pub fn read_matches(bytes: &[u8], count: usize, tiles: usize) -> Result<Matches> {
    let rows = checked(bytes, count * 8, "matches")?.as_chunks::<8>().0;
    if u32::try_from(count).is_err() || u32::try_from(tiles).is_err() {
        return Err(KernelError::invalid_input(format!(
            "{count} matches of {tiles} tiles are too many for one solve."
        )));
    }
    for row in rows {
        check_match(&row.map(f64::from_le_bytes), tiles)?;
    }
    Ok(Matches::gather(count, |at| {
        let [a, b, ax, ay, bx, by, weight, _link] = rows[at].map(f64::from_le_bytes);
        Match { tile_a: a as usize, tile_b: b as usize, point: Point { a: [ax, ay], b: [bx, by], weight } }
    }))
}

fn check_match(row: &[f64; 8], tiles: usize) -> Result<()> {
    let [a, b, .., weight, _link] = *row;
    let is_index = |v: f64| v >= 0.0 && v < tiles as f64 && v.fract() == 0.0;
    if row.iter().all(|v| v.is_finite()) && is_index(a) && is_index(b) && a != b && weight >= 0.0 {
        return Ok(());
    }
    Err(KernelError::invalid_input(format!(
        "A match joins tiles {a} and {b} with weight {weight}; there are {tiles} tiles, and all its numbers are to be finite."
    )))
}
