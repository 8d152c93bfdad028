use super::*;
use crate::cancel::never;
use crate::image::Samples;
use crate::synth::{SynthesizeTile, draw};
use crate::test_files::{Folder, write_png};

fn inspected(folder: &Folder, image: &GreyImage) -> (Inspected, Vec<u8>) {
    let path = folder.path("tile.png");
    write_png(&path, image);
    let (about, mut out) =
        inspect_tile(&InspectTile { path, thumbnail_px: 32, budget: Budget::default() }, never()).unwrap();
    (about, out.remove(0))
}

fn tissue(change: &str) -> GreyImage {
    let header =
        format!(r#"{{"path":"","seed":3,"section":1,"sizePx":[256,192],"tissueFromTile":[1,0,0,1,70,30]{change}}}"#);
    draw(&serde_json::from_str::<SynthesizeTile>(&header).unwrap(), never()).unwrap()
}

fn mapped(image: &GreyImage, f: impl Fn(f64) -> f64) -> GreyImage {
    let Samples::U8(v) = &image.samples else { panic!() };
    let samples = Samples::U16(v.iter().map(|&s| f(f64::from(s)).round() as u16).collect());
    GreyImage { samples, ..*image }
}

fn blurred(image: &GreyImage) -> GreyImage {
    let Samples::U8(v) = &image.samples else { panic!() };
    let (w, h) = (image.width, image.height);
    let mean = |x: usize, y: usize| {
        let near = |c: usize, n: usize| c.saturating_sub(1)..(c + 2).min(n);
        let all: Vec<u32> =
            near(y, h).flat_map(|j| near(x, w).map(move |i| j * w + i)).map(|i| u32::from(v[i])).collect();
        ((all.iter().sum::<u32>() as f64 / all.len() as f64) + 0.5) as u8
    };
    GreyImage { width: w, height: h, samples: Samples::U8((0..w * h).map(|i| mean(i % w, i / w)).collect()) }
}

#[test]
fn statistics_are_exact() {
    let folder = Folder::new("inspect-exact");
    let pixels: Vec<u8> = (0..100)
        .map(|i| {
            if i < 10 {
                0
            } else if i < 40 {
                100
            } else {
                255
            }
        })
        .collect();
    let (got, thumbnail) =
        inspected(&folder, &GreyImage { width: 20, height: 5, samples: Samples::U8(pixels.clone()) });
    let mean = (30.0 * 100.0 + 60.0 * 255.0) / 100.0;
    let variance = pixels.iter().map(|&p| (f64::from(p) - mean).powi(2)).sum::<f64>() / 100.0;
    assert!((got.mean - mean).abs() < 1e-9 && (got.sd - variance.sqrt()).abs() < 1e-9);
    assert_eq!((got.min, got.max, got.percentiles), (0, 255, [0.0, 255.0, 255.0]));
    assert_eq!((got.black, got.saturated), (0.1, 0.6));
    assert_eq!((got.histogram[0], got.histogram[100], got.histogram[255]), (10, 30, 60));
    assert_eq!((got.thumbnail_size, thumbnail), ([20, 5], pixels));
    let bytes = std::fs::read(folder.path("tile.png")).unwrap();
    assert_eq!((got.file_bytes, got.sha256), (bytes.len(), hex(&Sha256::digest(&bytes))));
}

#[test]
fn the_same_pixels_have_the_same_hash_in_another_file_format() {
    let folder = Folder::new("inspect-hash");
    let image = tissue("");
    let (png, _) = inspected(&folder, &image);
    let mut tiff = std::io::Cursor::new(Vec::new());
    let Samples::U8(pixels) = &image.samples else { panic!() };
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut tiff).unwrap();
    encoder.write_image::<tiff::encoder::colortype::Gray8>(256, 192, pixels).unwrap();
    let path = folder.path("tile.tif");
    std::fs::write(&path, tiff.into_inner()).unwrap();
    let header = InspectTile { path, thumbnail_px: 32, budget: Budget::default() };
    let (other, _) = inspect_tile(&header, never()).unwrap();
    assert_eq!(png.pixel_sha256, other.pixel_sha256);
    assert_ne!(png.sha256, other.sha256);
    let deeper = inspected(&folder, &mapped(&image, |v| v)).0;
    assert_ne!(png.pixel_sha256, deeper.pixel_sha256);
}

#[test]
fn focus_falls_with_blur_and_stays_under_gain_and_offset() {
    let folder = Folder::new("inspect-focus");
    let sharp = tissue("");
    let soft = blurred(&sharp);
    let softer = blurred(&blurred(&soft));
    let focus = |image: &GreyImage| inspected(&folder, image).0.focus;
    let (f0, f1, f2) = (focus(&sharp), focus(&soft), focus(&softer));
    assert!(f0 > 1.3 * f1 && f1 > 1.3 * f2 && f2 > 0.0, "{f0} {f1} {f2}");
    let moved = focus(&mapped(&sharp, |v| 97.0 * v + 5000.0));
    assert!((moved / f0 - 1.0).abs() < 0.01, "{moved} {f0}");
}

#[test]
fn blank_tiles_are_told_from_textured_ones_at_any_noise() {
    let folder = Folder::new("inspect-blank");
    let measure = |change: &str| {
        let got = inspected(&folder, &tissue(change)).0;
        (got.blankness, got.focus)
    };
    for noise in [0, 1, 3, 12, 25] {
        let shading = format!(r#","noiseSd":{noise},"vignette":0.2"#);
        let (blankness, focus) = measure(&format!(r#"{shading},"kind":"blank""#));
        assert!(blankness > 0.95 && focus < 0.05, "blank at {noise}: {blankness} {focus}");
        let (blankness, focus) = measure(&shading);
        // At the strongest noise the plain insides of some neurites drown in it.
        let most = if noise > 20 { 0.2 } else { 0.03 };
        assert!(blankness < most && focus > 0.05, "tissue at {noise}: {blankness} {focus}");
    }
}

#[test]
fn camera_depths_saturate_at_their_own_top() {
    let folder = Folder::new("inspect-top");
    let at = |levels: Vec<u16>| {
        let image = GreyImage { width: levels.len(), height: 1, samples: Samples::U16(levels) };
        inspected(&folder, &image).0.saturated
    };
    assert_eq!(at(vec![4095, 4095, 7, 9]), 0.5);
    assert_eq!(at(vec![65_535, 4095, 7, 9]), 0.25);
    assert_eq!(at(vec![4000, 4000, 7, 9]), 0.0);
}

#[test]
fn sixteen_bit_thumbnails_are_stretched() {
    let folder = Folder::new("inspect-thumb");
    let image = mapped(&tissue(""), |v| 1000.0 + v);
    let (got, thumbnail) = inspected(&folder, &image);
    assert_eq!((got.thumbnail_size, thumbnail.len()), ([32, 24], 32 * 24));
    assert!(thumbnail.iter().min() < Some(&100) && thumbnail.iter().max() > Some(&170));
    assert_eq!(got.histogram.iter().sum::<u64>(), 256 * 192);
}
