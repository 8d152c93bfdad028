use super::*;
use crate::test_files::{Folder, write_png};
use kernels::cancel::never;
use kernels::image::{GreyImage, Samples};

fn ramp(width: usize, height: usize) -> GreyImage {
    let pixels = (0..width * height).map(|i| ((i % width) * 3 + (i / width) * 5) as u8).collect();
    GreyImage { width, height, samples: Samples::U8(pixels) }
}

fn placed(folder: &Folder, name: &str, image: &GreyImage, at: [f64; 2]) -> PlacedTile {
    let path = folder.path(name);
    write_png(&path, image);
    let size_px = [image.width as f64, image.height as f64];
    let image = TileImage { path, scale: 1.0, size_px };
    PlacedTile {
        image,
        stack_from_tile: Affine([1.0, 0.0, 0.0, 1.0, at[0], at[1]]),
        intensity: None,
        mask: None,
        correction: None,
        lattice: None,
    }
}

fn region(tiles: Vec<PlacedTile>, origin_px: Point, size_px: [usize; 2]) -> RenderRegion {
    RenderRegion { tiles, origin_px, size_px, step_px: 1.0, dtype: Dtype::Uint8, blend: Blend::Feather }
}

fn pixels(header: &RenderRegion) -> (usize, Vec<u8>) {
    pixels_with(header, &[])
}

fn pixels_with(header: &RenderRegion, inputs: &[&[u8]]) -> (usize, Vec<u8>) {
    let (about, out) = render_region(header, inputs, never()).unwrap();
    (about.covered_px, out[0].to_vec())
}

#[test]
fn a_tile_on_whole_pixels_is_copied_and_the_rest_is_zero() {
    let folder = Folder::new("render-copy");
    let image = ramp(20, 10);
    let tile = placed(&folder, "a.png", &image, [100.0, 50.0]);
    let (covered, out) = pixels(&region(vec![tile], [98.0, 49.0], [24, 12]));
    assert_eq!(covered, 200);
    let Samples::U8(source) = &image.samples else { unreachable!() };
    for y in 0..12 {
        for x in 0..24 {
            let inside = (2..22).contains(&x) && (1..11).contains(&y);
            let want = if inside { source[(y - 1) * 20 + x - 2] } else { 0 };
            assert_eq!(out[y * 24 + x], want, "{x} {y}");
        }
    }
}

#[test]
fn half_a_pixel_off_gives_the_mean_rounded_half_up() {
    let folder = Folder::new("render-half");
    let tile = placed(&folder, "a.png", &ramp(20, 10), [0.5, 0.0]);
    let (_, out) = pixels(&region(vec![tile], [0.0, 0.0], [20, 10]));
    // Between columns 4 and 5 of row 2: (22 + 25) / 2 = 23.5.
    assert_eq!(out[2 * 20 + 5], 24);
}

#[test]
fn seams_fade_from_one_tile_to_the_other() {
    let folder = Folder::new("render-feather");
    let flat = |v: u8| GreyImage { width: 40, height: 40, samples: Samples::U8(vec![v; 1600]) };
    let a = placed(&folder, "a.png", &flat(100), [0.0, 0.0]);
    let b = placed(&folder, "b.png", &flat(200), [20.0, 0.0]);
    let mut header = region(vec![a, b], [0.0, 0.0], [60, 40]);
    let (covered, out) = pixels(&header);
    assert_eq!(covered, 2400);
    let row = &out[20 * 60..21 * 60];
    assert!(row[..20].iter().all(|&v| v == 100) && row[40..].iter().all(|&v| v == 200));
    assert!(row.windows(2).all(|w| w[0] <= w[1] && w[1] - w[0] <= 8));
    header.blend = Blend::NearestCentre;
    let (_, out) = pixels(&header);
    assert!((0..60).all(|x| out[20 * 60 + x] == if x < 30 { 100 } else { 200 }));
}

#[test]
fn a_mipmap_level_stands_for_its_tile() {
    let folder = Folder::new("render-scale");
    let mut tile = placed(&folder, "a.png", &ramp(20, 10), [0.0, 0.0]);
    (tile.image.scale, tile.image.size_px) = (2.0, [40.0, 20.0]);
    let mut header = region(vec![tile], [0.0, 0.0], [20, 10]);
    header.step_px = 2.0;
    let (covered, out) = pixels(&header);
    let Samples::U8(source) = ramp(20, 10).samples else { unreachable!() };
    assert_eq!((covered, out), (200, source));
}

#[test]
fn rotation_and_intensity_follow_the_formula() {
    let folder = Folder::new("render-affine");
    let mut tile = placed(&folder, "a.png", &ramp(36, 26), [0.0, 0.0]);
    tile.stack_from_tile = Affine([0.96, 0.28, -0.28, 0.96, 12.0, 3.0]);
    tile.intensity = Some([10.0, 210.0]);
    let mut header = region(vec![tile.clone()], [5.0, 5.0], [40, 40]);
    header.dtype = Dtype::Uint16;
    let (_, out) = pixels(&header);
    let inverse = tile.stack_from_tile.inverse().unwrap();
    for (i, pair) in out.chunks_exact(2).enumerate() {
        let [x, y] = inverse.apply([5.5 + (i % 40) as f64, 5.5 + (i / 40) as f64]);
        let v = f64::from(u16::from_le_bytes([pair[0], pair[1]]));
        if x > 0.5 && x < 35.5 && y > 0.5 && y < 25.5 {
            // The ramp is linear, so bilinear samples are exact.
            let level = (x - 0.5) * 3.0 + (y - 0.5) * 5.0;
            let want = ((level - 10.0) / 200.0 * 65_535.0).clamp(0.0, 65_535.0);
            assert!((v - want).abs() < 1.0, "{v} {want}");
        }
    }
}

#[test]
fn tiles_elsewhere_are_not_even_opened() {
    let image = TileImage { path: "/nowhere/tile.png".into(), scale: 1.0, size_px: [10.0, 10.0] };
    let far = PlacedTile {
        image,
        stack_from_tile: Affine([1.0, 0.0, 0.0, 1.0, 500.0, 0.0]),
        intensity: None,
        mask: None,
        correction: None,
        lattice: None,
    };
    assert_eq!(pixels(&region(vec![far.clone()], [0.0, 0.0], [20, 20])).0, 0);
    assert!(render_region(&region(vec![far], [495.0, 0.0], [20, 20]), &[], never()).is_err());
}

fn flat(level: u8) -> GreyImage {
    GreyImage { width: 40, height: 40, samples: Samples::U8(vec![level; 1600]) }
}

/// White to the left of a column, black from there on.
fn mask(folder: &Folder, name: &str, column: usize, level: u8) -> Mask {
    let pixels = (0..1600).map(|i| if i % 40 < column { level } else { 0 }).collect();
    let path = folder.path(name);
    write_png(&path, &GreyImage { width: 40, height: 40, samples: Samples::U8(pixels) });
    Mask { path, scale: 1.0 }
}

#[test]
fn what_a_mask_hides_is_not_there() {
    let folder = Folder::new("render-mask");
    let below = placed(&folder, "a.png", &flat(100), [0.0, 0.0]);
    let mut above = placed(&folder, "b.png", &flat(200), [0.0, 0.0]);
    above.mask = Some(mask(&folder, "m.png", 15, 255));
    for blend in [Blend::Feather, Blend::NearestCentre, Blend::Top] {
        let header = RenderRegion { blend, ..region(vec![above.clone()], [0.0, 0.0], [40, 40]) };
        let (covered, out) = pixels(&header);
        assert_eq!((covered, out[20 * 40 + 14], out[20 * 40 + 15]), (600, 200, 0), "{blend:?}");
    }
    let mut header = region(vec![below, above], [0.0, 0.0], [40, 40]);
    header.blend = Blend::Top;
    let (covered, out) = pixels(&header);
    assert_eq!((covered, out[20 * 40 + 14], out[20 * 40 + 15]), (1600, 200, 100));
    // A mask of 51 is a fifth: 100 + (200 - 100) / 5 on top; 100 * 1 and 200 * 0.2 weigh in where both feather.
    header.tiles[1].mask = Some(mask(&folder, "n.png", 15, 51));
    assert_eq!(pixels(&header).1[20 * 40 + 14], 120);
    header.blend = Blend::Feather;
    assert_eq!(pixels(&header).1[20 * 40 + 14], 117);
}

#[test]
fn the_last_tile_lies_on_top() {
    let folder = Folder::new("render-top");
    let (a, b) = (placed(&folder, "a.png", &flat(100), [0.0, 0.0]), placed(&folder, "b.png", &flat(200), [20.0, 0.0]));
    let mut header = region(vec![a, b], [0.0, 0.0], [60, 40]);
    header.blend = Blend::Top;
    let (_, out) = pixels(&header);
    assert!((0..60).all(|x| out[20 * 60 + x] == if x < 20 { 100 } else { 200 }));
}

#[test]
fn corrections_are_bilinear_over_the_tile_and_come_before_the_range() {
    let folder = Folder::new("render-correction");
    let mut tile = placed(&folder, "a.png", &flat(100), [0.0, 0.0]);
    tile.correction = Some(CorrectionHeader { input: 0, columns: 2, rows: 1 });
    // Gain from 1 at the left edge to 2 at the right; 10 is taken off everywhere.
    let grids: Vec<u8> = [1.0f32, 2.0, -10.0, -10.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    let mut header = region(vec![tile], [0.0, 0.0], [40, 40]);
    let (_, out) = pixels_with(&header, &[&grids]);
    for x in 0..40 {
        let want = 100.0 * (1.0 + (x as f64 + 0.5) / 40.0) - 10.0;
        assert!((f64::from(out[7 * 40 + x]) - want).abs() <= 0.501, "{x}");
    }
    header.tiles[0].intensity = Some([0.0, 510.0]);
    assert_eq!(pixels_with(&header, &[&grids]).1[7 * 40 + 20], (141.25f64 / 2.0 + 0.5) as u8);
    assert!(render_region(&header, &[&grids[4..]], never()).is_err());
}

#[test]
fn a_lattice_leads_through_a_map_that_bends() {
    let folder = Folder::new("render-lattice");
    let image = ramp(36, 26);
    let mut tile = placed(&folder, "a.png", &image, [0.0, 0.0]);
    let map = |x: f64, y: f64| [x + 0.01 * x * y, y - 0.004 * x * x];
    let (columns, rows, first, step) = (11, 9, -2.0, 4.0);
    let nodes: Vec<u8> = (0..rows * columns)
        .flat_map(|i| map(first + (i % columns) as f64 * step, first + (i / columns) as f64 * step))
        .flat_map(f64::to_le_bytes)
        .collect();
    tile.lattice = Some(LatticeHeader { input: 0, columns, rows, first_px: [first, first], step_px: step });
    let header = region(vec![tile], [0.0, 0.0], [40, 30]);
    let (covered, out) = pixels_with(&header, &[&nodes]);
    let mut inside = 0;
    for (i, &v) in out.iter().enumerate() {
        let [x, y] = map((i % 40) as f64 + 0.5, (i / 40) as f64 + 0.5);
        if x > 0.6 && x < 35.4 && y > 0.6 && y < 25.4 {
            let want = (x - 0.5) * 3.0 + (y - 0.5) * 5.0;
            // Between nodes the bent lines are straight: 0.004 * 4^2 / 8 px at most, of 5 levels a pixel.
            assert!((f64::from(v) - want).abs() < 0.6, "{i} {v} {want}");
            inside += 1;
        }
    }
    assert!(inside > 700 && covered >= inside);
}

#[test]
fn where_a_lattice_has_no_place_nothing_is_drawn() {
    let folder = Folder::new("render-fold");
    let mut tile = placed(&folder, "a.png", &flat(100), [0.0, 0.0]);
    let nodes = [[0.0, 0.0], [20.0, 0.0], [f64::NAN; 2], [0.0, 20.0], [20.0, 20.0], [40.0, 20.0]];
    let bytes: Vec<u8> = nodes.iter().flatten().flat_map(|v| v.to_le_bytes()).collect();
    tile.lattice = Some(LatticeHeader { input: 0, columns: 3, rows: 2, first_px: [0.0; 2], step_px: 20.0 });
    let (covered, out) = pixels_with(&region(vec![tile], [0.0, 0.0], [40, 40]), &[&bytes]);
    assert_eq!((covered, out[5 * 40 + 19], out[5 * 40 + 20]), (400, 100, 0));
}

#[test]
fn a_small_picture_of_a_fine_pattern_is_its_mean() {
    let folder = Folder::new("render-alias");
    // A checkerboard: any sample of it is 20 or 220, and 120 its mean.
    let squares = (0..128 * 128).map(|i| if (i % 128 + i / 128) % 2 == 0 { 20 } else { 220 }).collect();
    let board = GreyImage { width: 128, height: 128, samples: Samples::U8(squares) };
    for (step, count) in [(2.0, 64), (3.0, 42), (16.0, 8)] {
        let tile = placed(&folder, "a.png", &board, [0.3, 0.6]);
        let mut header = region(vec![tile], [1.0, 1.0], [count - 1, count - 1]);
        header.step_px = step;
        let (_, out) = pixels(&header);
        let far = out.iter().map(|v| v.abs_diff(120)).max().unwrap();
        assert!(far <= 13, "{far} at {step}");
    }
}

#[test]
fn a_region_is_the_same_whatever_the_bands() {
    let folder = Folder::new("render-bands");
    let tile = placed(&folder, "a.png", &ramp(36, 26), [0.25, 0.5]);
    // A row of 70,000 px is a band of its own; of 100 px, one band has 655 rows.
    let wide = pixels(&region(vec![tile.clone()], [0.0, 0.0], [70_000, 30])).1;
    let narrow = pixels(&region(vec![tile], [0.0, 0.0], [100, 30])).1;
    for y in 0..30 {
        assert_eq!(wide[y * 70_000..y * 70_000 + 100], narrow[y * 100..y * 100 + 100]);
    }
}
