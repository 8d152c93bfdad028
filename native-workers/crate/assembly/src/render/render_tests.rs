use super::*;
use crate::test_files::{Folder, write_png};
use kernels::cancel::never;

fn ramp(width: usize, height: usize) -> GreyImage {
    let pixels = (0..width * height).map(|i| ((i % width) * 3 + (i / width) * 5) as u8).collect();
    GreyImage { width, height, samples: Samples::U8(pixels) }
}

fn placed(folder: &Folder, name: &str, image: &GreyImage, at: [f64; 2]) -> PlacedTile {
    let path = folder.path(name);
    write_png(&path, image);
    let size_px = [image.width as f64, image.height as f64];
    let image = TileImage { path, scale: 1.0, size_px };
    PlacedTile { image, stack_from_tile: Affine([1.0, 0.0, 0.0, 1.0, at[0], at[1]]), intensity: None }
}

fn region(tiles: Vec<PlacedTile>, origin_px: Point, size_px: [usize; 2]) -> RenderRegion {
    RenderRegion { tiles, origin_px, size_px, step_px: 1.0, dtype: Dtype::Uint8, blend: Blend::Feather }
}

fn pixels(header: &RenderRegion) -> (usize, Vec<u8>) {
    let (about, mut out) = render_region(header, never()).unwrap();
    (about.covered_px, out.remove(0))
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
    let far = PlacedTile { image, stack_from_tile: Affine([1.0, 0.0, 0.0, 1.0, 500.0, 0.0]), intensity: None };
    assert_eq!(pixels(&region(vec![far.clone()], [0.0, 0.0], [20, 20])).0, 0);
    assert!(render_region(&region(vec![far], [495.0, 0.0], [20, 20]), never()).is_err());
}
