//! The tasks `tile-light` and `compare-light`: how bright tiles are, cell by cell.

use super::grid::le_bytes;
use crate::render::frame::Frame;
use kernels::cancel::Cancel;
use kernels::decode::{Budget, CachedTile, tile_cache};
use kernels::error::{KernelError, Result};
use kernels::geometry::{Affine, Point, TileImage};
use kernels::image::{GreyImage, Samples};
use serde::{Deserialize, Serialize};

/// Header of `tile-light`.
#[derive(Debug, Deserialize)]
pub struct TileLight {
    pub image: TileImage,
    /// Cells along x and y.
    pub columns: usize,
    pub rows: usize,
}

/// Result of `tile-light`.
#[derive(Debug, Serialize)]
pub struct Lit {
    /// Mean over the cells that are there, grey levels.
    mean: f64,
    cells: usize,
}

/// Pixels of a cell that its median is taken of, about, at most.
const MEDIAN_OF: usize = 1024;

/// Mean level of each cell of a tile, its SD and its median (three outputs, f32, x fastest); NaN where the picture shows
/// nothing.
pub fn tile_light(header: &TileLight, cancel: Cancel<'_>) -> Result<(Lit, Vec<Vec<u8>>)> {
    let (columns, rows) = (header.columns, header.rows);
    let picture = Picture::open(&header.image, cancel)?;
    if columns == 0 || rows == 0 || columns > picture.image.width || rows > picture.image.height {
        return Err(KernelError::invalid_input(format!(
            "A picture of {} x {} pixels has no {columns} x {rows} cells.",
            picture.image.width, picture.image.height
        )));
    }
    let (mut sums, mut counts) = (vec![[0.0f64; 2]; columns * rows], vec![0u32; columns * rows]);
    let (mut medians, mut of_row) = (vec![f32::NAN; columns * rows], vec![Vec::new(); columns]);
    let whole = (picture.image.width / columns * (picture.image.height / rows)) as u32;
    // Odd, so that not always the same columns of pixels are taken.
    let every = (whole / MEDIAN_OF as u32) | 1;
    let mut line = vec![0.0f32; picture.image.width];
    for y in 0..picture.image.height {
        cancel.poll()?;
        picture.image.row_f32(y, &mut line);
        let row = y * rows / picture.image.height * columns;
        for (x, &level) in line.iter().enumerate() {
            if picture.shows([x as f64 + 0.5, y as f64 + 0.5]) {
                let column = x * columns / picture.image.width;
                let cell = row + column;
                sums[cell][0] += f64::from(level);
                sums[cell][1] += f64::from(level * level);
                if counts[cell] % every == 0 {
                    of_row[column].push(level);
                }
                counts[cell] += 1;
            }
        }
        if (y + 1) * rows / picture.image.height * columns != row {
            medians[row..row + columns].iter_mut().zip(&mut of_row).for_each(|(m, levels)| *m = middle_of(levels));
        }
    }
    let is_there = |count: u32| count * 2 >= whole.max(1);
    let cell_of = |([sum, square], &n): (&[f64; 2], &u32)| {
        let mean = sum / f64::from(n);
        let sd = (square / f64::from(n) - mean * mean).max(0.0).sqrt();
        if is_there(n) { (mean as f32, sd as f32) } else { (f32::NAN, f32::NAN) }
    };
    let (means, sds): (Vec<f32>, Vec<f32>) = sums.iter().zip(&counts).map(cell_of).unzip();
    medians.iter_mut().zip(&counts).filter(|(_, n)| !is_there(**n)).for_each(|(m, _)| *m = f32::NAN);
    let there = means.iter().filter(|m| !m.is_nan());
    let cells = there.clone().count();
    let mean = there.map(|&m| f64::from(m)).sum::<f64>() / cells.max(1) as f64;
    Ok((Lit { mean, cells }, vec![le_bytes(&means), le_bytes(&sds), le_bytes(&medians)]))
}

/// The middle of some levels, which are forgotten; NaN for none. Levels are whole numbers, and those of a dark cell are
/// few: the middle is told finer by how many lie on either side of it.
fn middle_of(levels: &mut Vec<f32>) -> f32 {
    if levels.is_empty() {
        return f32::NAN;
    }
    let half = levels.len() / 2;
    let level = *levels.select_nth_unstable_by(half, f32::total_cmp).1;
    let (below, same) = levels.iter().fold((0, 0), |(b, s), &v| (b + i32::from(v < level), s + i32::from(v == level)));
    let into = (0.5 * levels.len() as f32 - below as f32) / same as f32;
    levels.clear();
    level + into - 0.5
}

/// Header of `compare-light`.
#[derive(Debug, Deserialize)]
pub struct CompareLight {
    pub a: TileImage,
    pub b: TileImage,
}

/// Result of `compare-light`.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// Cells that both tiles show.
    cells: usize,
}

/// A cell of tile a, `[x0, y0, x1, y1]` in its level-0 pixels, and the map from there to tile b.
const CELL: usize = 80;
/// Most places of a cell that are looked at, along each axis.
const MOST_PLACES: usize = 48;
/// A cell that fewer places of both tiles show says nothing.
const LEAST_PLACES: f64 = 64.0;

/// What two tiles show at the same places. Input: f64[n][10], cells of tile a with the map to tile b. Output: f64[n][5],
/// mean of a, mean of b, SD of a, SD of b, places; all 0 where too few places are shown by both. Places where either is
/// black or white to the end of its range are left out.
pub fn compare_light(header: &CompareLight, cells: &[u8], cancel: Cancel<'_>) -> Result<(Compared, Vec<Vec<u8>>)> {
    let (cells, rest) = cells.as_chunks::<CELL>();
    if !rest.is_empty() {
        return Err(KernelError::invalid_input("Cells are ten numbers each."));
    }
    let (a, b) = (Picture::open(&header.a, cancel)?, Picture::open(&header.b, cancel)?);
    let mut out = Vec::with_capacity(cells.len() * 40);
    let mut compared = 0;
    for cell in cells {
        cancel.poll()?;
        let value = |i: usize| f64::from_le_bytes(std::array::from_fn(|k| cell[8 * i + k]));
        let map = Affine(std::array::from_fn(|i| value(4 + i)));
        let row = compare_cell(&a, &b, std::array::from_fn(value), &map);
        compared += usize::from(row[4] > 0.0);
        out.extend(row.iter().flat_map(|v| v.to_le_bytes()));
    }
    Ok((Compared { cells: compared }, vec![out]))
}

fn compare_cell(a: &Picture, b: &Picture, [x0, y0, x1, y1]: [f64; 4], b_from_a: &Affine) -> [f64; 5] {
    let places = |low: f64, high: f64| ((high - low) / a.scale).ceil().clamp(1.0, MOST_PLACES as f64) as usize;
    let (across, down) = (places(x0, x1), places(y0, y1));
    let (mut n, mut sums, mut squares) = (0.0, [0.0f64; 2], [0.0f64; 2]);
    for j in 0..down {
        let y = y0 + (j as f64 + 0.5) / down as f64 * (y1 - y0);
        for i in 0..across {
            let place = [x0 + (i as f64 + 0.5) / across as f64 * (x1 - x0), y];
            let levels = [a.level(place), b.level(b_from_a.apply(place))];
            let [Some(p), Some(q)] = levels else { continue };
            n += 1.0;
            for (k, v) in [p, q].into_iter().enumerate() {
                sums[k] += v;
                squares[k] += v * v;
            }
        }
    }
    if n < LEAST_PLACES.min((across * down) as f64 / 2.0) || n < 1.0 {
        return [0.0; 5];
    }
    let mean = sums.map(|s| s / n);
    let sd = |k: usize| (squares[k] / n - mean[k] * mean[k]).max(0.0).sqrt();
    [mean[0], mean[1], sd(0), sd(1), n]
}

/// A decoded tile with what of it shows something.
struct Picture {
    image: CachedTile,
    frame: Option<Frame>,
    scale: f64,
    most: f32,
}

impl Picture {
    fn open(about: &TileImage, cancel: Cancel<'_>) -> Result<Self> {
        let image = tile_cache().get(&about.path, Budget::default(), cancel)?;
        let frame = Frame::of(&image);
        let most = image.samples.dtype().max();
        Ok(Self { image, frame, scale: about.scale, most })
    }

    /// Whether a place in stored pixels is not on an empty band.
    fn shows(&self, [x, y]: Point) -> bool {
        self.frame.as_ref().is_none_or(|frame| frame.inset(x, y) > 0.0)
    }

    /// The level at a place in level-0 pixels, bilinear; None outside and where it is cut off.
    fn level(&self, [x, y]: Point) -> Option<f64> {
        let [x, y] = [x / self.scale, y / self.scale];
        let image: &GreyImage = &self.image;
        let inside = x >= 0.5 && y >= 0.5 && x <= image.width as f64 - 0.5 && y <= image.height as f64 - 0.5;
        if !inside || !self.shows([x, y]) {
            return None;
        }
        let level = match &image.samples {
            Samples::U8(pixels) => bilinear(pixels, image, x - 0.5, y - 0.5),
            Samples::U16(pixels) => bilinear(pixels, image, x - 0.5, y - 0.5),
        };
        (level > 0.0 && level < self.most).then_some(f64::from(level))
    }
}

fn bilinear<T: Copy + Into<f32>>(pixels: &[T], image: &GreyImage, x: f64, y: f64) -> f32 {
    let (ix, iy) = ((x as usize).min(image.width - 1), (y as usize).min(image.height - 1));
    let (right, below) = ((ix + 1).min(image.width - 1), (iy + 1).min(image.height - 1));
    let (fx, fy) = ((x - ix as f64) as f32, (y - iy as f64) as f32);
    let level = |x: usize, y: usize| -> f32 { pixels[y * image.width + x].into() };
    let upper = level(ix, iy) + fx * (level(right, iy) - level(ix, iy));
    let lower = level(ix, below) + fx * (level(right, below) - level(ix, below));
    upper + fy * (lower - upper)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_files::{Folder, write_png};
    use kernels::cancel::never;
    use serde_json::json;

    fn tile(folder: &Folder, name: &str, level: impl Fn(usize, usize) -> u8) -> serde_json::Value {
        let samples = Samples::U8((0..100 * 60).map(|i| level(i % 100, i / 100)).collect());
        write_png(&folder.path(name), &GreyImage { width: 100, height: 60, samples });
        json!({"path": folder.path(name), "scale": 2, "sizePx": [200, 120]})
    }

    fn numbers(bytes: &[u8]) -> Vec<f64> {
        bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect()
    }

    #[test]
    fn cells_are_means_and_bands_of_nothing_are_none() {
        let folder = Folder::new("tile-light");
        let image = tile(&folder, "a.png", |x, y| if y < 12 { 0 } else { 50 + 2 * (x / 10) as u8 });
        let header = serde_json::from_value(json!({"image": image, "columns": 5, "rows": 5})).unwrap();
        let (about, out) = tile_light(&header, never()).unwrap();
        let cells: Vec<f32> = out[0].as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        assert!(cells[..5].iter().all(|v| v.is_nan()));
        assert!(cells[5..10].iter().zip([51.0, 55.0, 59.0, 63.0, 67.0]).all(|(a, b)| (a - b).abs() < 0.2));
        assert!(about.cells == 20 && (about.mean - 59.0).abs() < 0.1);
        let medians: Vec<f32> = out[2].as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        // Half of a cell is at 50, half at 52.
        assert!(medians[0].is_nan() && medians[5] > 50.4 && medians[5] < 51.7, "{}", medians[5]);
        let header = serde_json::from_value(json!({"image": image, "columns": 101, "rows": 5})).unwrap();
        assert!(tile_light(&header, never()).is_err());
    }

    #[test]
    fn the_same_places_are_compared_and_clipped_ones_left_out() {
        let folder = Folder::new("compare-light");
        let texture = |x: usize, y: usize| 60 + ((x * 7 + y * 13) % 41) as u8;
        let a = tile(&folder, "a.png", |x, y| if x < 50 { 255 } else { texture(x, y) });
        // Tile b shows what a does 40 stored pixels further right, twice as bright and 9 darker.
        let b = tile(&folder, "b.png", |x, y| (f64::from(texture(x + 40, y)) * 2.0 - 9.0) as u8);
        let header = serde_json::from_value(json!({"a": a, "b": b})).unwrap();
        let b_from_a = [1.0, 0.0, 0.0, 1.0, -80.0, 0.0];
        let cell = |at: [f64; 4]| at.into_iter().chain(b_from_a).flat_map(f64::to_le_bytes).collect::<Vec<u8>>();
        let cells = [cell([120.0, 20.0, 180.0, 100.0]), cell([80.0, 0.0, 98.0, 100.0]), cell([0.0, 0.0, 60.0, 60.0])];
        let (about, out) = compare_light(&header, &cells.concat(), never()).unwrap();
        let rows = numbers(&out[0]);
        assert_eq!(about.cells, 1);
        assert!((rows[1] - (2.0 * rows[0] - 9.0)).abs() < 0.1 && (rows[3] / rows[2] - 2.0).abs() < 0.01);
        assert!(rows[4] == 30.0 * 40.0 && rows[5..].iter().all(|&v| v == 0.0));
        assert!(compare_light(&header, &[1, 2], never()).is_err());
    }
}
