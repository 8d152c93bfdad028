use super::*;
use crate::cancel::never;
use crate::decode::{Budget, decode_file};
use crate::test_files::Folder;

fn header(change: &str) -> SynthesizeTile {
    let text = format!(
        r#"{{"path":"","seed":1,"section":2,"sizePx":[96,64],"tissueFromTile":[1,0,0,1,1000,-500],"noiseSd":0{change}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn pixels(header: &SynthesizeTile) -> Vec<u8> {
    match draw(header, never()).unwrap().samples {
        Samples::U8(v) => v,
        Samples::U16(_) => panic!("16 bit"),
    }
}

fn at(x: f64, y: f64) -> SynthesizeTile {
    SynthesizeTile { tissue_from_tile: Affine([1.0, 0.0, 0.0, 1.0, x, y]), ..header("") }
}

#[test]
fn large_tiles_show_what_small_ones_do() {
    let large = pixels(&SynthesizeTile { size_px: [700, 600], ..at(1000.0, -500.0) });
    for [left, top] in [[0, 0], [230, 240], [480, 500], [604, 100]] {
        let small = pixels(&at(1000.0 + left as f64, -500.0 + top as f64));
        for i in 0..96 * 64 {
            let same = large[(top + i / 96) * 700 + left + i % 96];
            assert!(small[i].abs_diff(same) <= 1, "{left} {top}: {} {}", i % 96, i / 96);
        }
    }
}

#[test]
fn overlapping_tiles_show_the_same_tissue() {
    let (a, b) = (pixels(&at(1000.0, -500.0)), pixels(&at(1033.0, -490.0)));
    for y in 10..64 {
        for x in 33..96 {
            assert!(a[y * 96 + x].abs_diff(b[(y - 10) * 96 + x - 33]) <= 1, "{x} {y}");
        }
    }
}

#[test]
fn the_bytes_never_change() {
    // Written down once: they may only change together with the kernel's version in the task table.
    let sum = |h: &SynthesizeTile| pixels(h).iter().fold(0u64, |s, &p| s.wrapping_mul(31).wrapping_add(u64::from(p)));
    let clean = SynthesizeTile { size_px: [300, 280], ..header("") };
    let noisy = SynthesizeTile { noise_sd: 5.0, gain: 0.9, vignette: 0.2, ..clean.clone() };
    assert_eq!([sum(&clean), sum(&noisy)], [GOLDEN_CLEAN, GOLDEN_NOISY]);
}

const GOLDEN_CLEAN: u64 = 1_658_272_954_145_477_260;
const GOLDEN_NOISY: u64 = 18_272_157_627_766_013_659;

#[test]
fn sections_go_on_from_one_to_the_next() {
    let section = |section| pixels(&SynthesizeTile { section, size_px: [256, 256], ..header("") });
    let correlation = |a: &[u8], b: &[u8]| {
        let mean = |v: &[u8]| v.iter().map(|&p| f64::from(p)).sum::<f64>() / v.len() as f64;
        let (ma, mb) = (mean(a), mean(b));
        let dot = |u: &[u8], mu: f64, v: &[u8], mv: f64| {
            u.iter().zip(v).map(|(&p, &q)| (f64::from(p) - mu) * (f64::from(q) - mv)).sum::<f64>()
        };
        dot(a, ma, b, mb) / (dot(a, ma, a, ma) * dot(b, mb, b, mb)).sqrt()
    };
    let (here, next, far) = (section(5), section(6), section(60));
    let (near, distant) = (correlation(&here, &next), correlation(&here, &far));
    assert!(near > 0.15 && distant.abs() < 0.05, "{near} {distant}");
}

#[test]
fn noise_is_independent_of_the_tissue_and_grows_with_the_light() {
    let noisy =
        |noise_seed| SynthesizeTile { kind: Kind::Blank, noise_sd: 6.0, noise_seed, size_px: [200, 200], ..header("") };
    let (a, b) = (pixels(&noisy(1)), pixels(&noisy(2)));
    assert_ne!(a, b);
    let mean = a.iter().map(|&p| f64::from(p)).sum::<f64>() / a.len() as f64;
    let sd = (a.iter().map(|&p| (f64::from(p) - mean).powi(2)).sum::<f64>() / a.len() as f64).sqrt();
    let want = 6.0 * (f64::from(RESIN) / 128.0).sqrt();
    assert!((mean - f64::from(RESIN)).abs() < 0.2 && (sd - want).abs() < 0.15, "{mean} {sd} {want}");
}

#[test]
fn written_files_decode_to_what_was_drawn() {
    let folder = Folder::new("synth-write");
    for dtype in ["uint8", "uint16"] {
        let mut header = header(&format!(r#","dtype":"{dtype}""#));
        header.path = folder.path("tile.png");
        let (about, _) = synthesize_tile(&header, never()).unwrap();
        let got = decode_file(&header.path, Budget::default(), never()).unwrap();
        assert_eq!(got.image, draw(&header, never()).unwrap());
        assert_eq!(about.sha256.len(), 64);
        assert_eq!(std::fs::read_dir(folder.path(".")).unwrap().count(), 1);
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let mut header = header("");
    header.path = "/nonexistent/folder/tile.png".into();
    let error = synthesize_tile(&header, never()).unwrap_err();
    assert!(error.message.contains("/nonexistent/folder/tile.png"));
}
