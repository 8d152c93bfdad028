//! Matching of pairs against known truth: goals P10 to P13 of the pipeline.

mod scene;

use assembly::correlate::{CorrelatePair, Correlated, Model, correlate};
use kernels::cancel::{Cancel, never};
use kernels::error::Tag;
use kernels::geometry::{Affine, Point};
use kernels::image::{GreyImage, Samples};
use scene::{Random, image_u8, image_u16, moved, neighbours, photographed, quantile, question, strips, tissue};
use std::sync::atomic::AtomicI32;

const SIDE: usize = 384;
const TILE: [usize; 2] = [SIDE, SIDE];

fn ask(header: &CorrelatePair, a: &GreyImage, b: &GreyImage) -> Correlated {
    correlate(header, a, b, never()).unwrap()
}

/// How far the first point is from the truth, along the worse axis: tile b's corner lies at `step` from tile a's.
fn error(found: &Correlated, step: Point) -> f64 {
    let point = found.points.first().unwrap_or_else(|| panic!("no match: {}", found.reason));
    (0..2).map(|i| (point.a[i] - point.b[i] - step[i]).abs()).fold(0.0, f64::max)
}

/// Largest distance of the points from what `b_from_a` says.
fn worst(found: &Correlated, b_from_a: &Affine) -> f64 {
    let off = found.points.iter().map(|p| {
        let [x, y] = b_from_a.apply(p.a);
        (p.b[0] - x).hypot(p.b[1] - y)
    });
    off.fold(0.0, f64::max)
}

/// Least possible SD of a place along an axis, px: the Cramer-Rao bound of two noisy pictures of one Gaussian texture of
/// known spectrum S, noise N, `1 / sum w^2 S^2 / (2 S N + N^2)` over the frequencies w of 502 x 92 px (Carter 1987). It
/// puts the median of the worse axis at 0.019 px and the largest of 200 pairs at 0.055 px for a noise of SD 25; one set of 200
/// in 50 exceeds 0.07 px, whatever the method.
const P10_BOUNDS: [(f64, f64); 3] = [(0.0, 0.004), (10.0, 0.0068), (25.0, 0.0179)];

#[test]
fn p10_strips_are_placed_as_well_as_their_noise_allows() {
    let size = [512, 102];
    for (noise, bound) in P10_BOUNDS {
        let mut random = Random::new(1);
        let (mut errors, mut squares) = (Vec::new(), 0.0);
        for _ in 0..40 {
            let (a, b, shift) = strips(&mut random, size, 3.0, noise);
            let found = ask(&question(size, moved([0.0, 0.0]), 25.0), &a, &b);
            errors.push(error(&found, shift.map(|s| -s)));
            let point = found.points[0];
            squares += (0..2).map(|i| (point.a[i] - point.b[i] + shift[i]).powi(2)).sum::<f64>() / 80.0;
        }
        let (median, most) = (quantile(&mut errors, 0.5), quantile(&mut errors, 1.0));
        assert!(median <= 0.03 && most <= 0.07, "noise {noise}: median {median}, largest {most}");
        assert!(squares.sqrt() <= 1.3 * bound, "noise {noise}: SD {} of {bound}", squares.sqrt());
    }
}

#[test]
fn p11_neighbours_are_found_through_stage_errors_and_uneven_light() {
    let mut random = Random::new(2);
    for i in 0..40 {
        let (a, b, step) = neighbours(&mut random, SIDE, i / 8);
        let stage = step.map(|s| -(s + random.range(-50.0, 50.0)));
        let found = ask(&question(TILE, moved(stage), 75.0), &a, &b);
        let error = error(&found, step);
        assert!(error < 0.5, "pair {i}: {error} px off, ncc {}", found.ncc);
    }
}

#[test]
fn p11_tissue_that_does_not_overlap_is_not_matched() {
    let mut random = Random::new(3);
    for i in 0..60 {
        let (a, ..) = neighbours(&mut random, SIDE, 2 * i);
        let (b, _, step) = neighbours(&mut random, SIDE, 2 * i + 1);
        let found = ask(&question(TILE, moved(step.map(|s| -s)), 75.0), &a, &b);
        assert!(found.points.is_empty(), "pair {i}: ncc {}, ratio {}", found.ncc, found.peak_ratio);
        assert_eq!(found.reason, "no significant peak");
    }
}

#[test]
fn p12_gain_and_offset_change_nothing() {
    let step = [300.25, 4.5];
    let (a, b) = (tissue(1, TILE, moved([0.0, 0.0])), tissue(1, TILE, moved(step)));
    let header = question(TILE, moved([-310.0, 0.0]), 40.0);
    // As in high-offset EM: mean 180, SD 12, over a depth of 16 bits.
    let shown = |levels: &[f64], gain: f64, offset: f64| {
        image_u16(TILE, levels.iter().map(|v| (v * 8.0).round() * gain + offset))
    };
    let plain = ask(&header, &shown(&a, 1.0, 0.0), &shown(&b, 1.0, 0.0));
    for (gain, offset) in [(1.0, 50_000.0), (7.0, 0.0), (3.0, 40_000.0)] {
        let found = ask(&header, &shown(&a, gain, offset), &shown(&b, 1.0, 0.0));
        assert!((found.ncc - plain.ncc).abs() <= 1e-6, "{} {}", found.ncc, plain.ncc);
        assert!((error(&found, step) - error(&plain, step)).abs() < 1e-3);
    }
}

#[test]
fn p13_blank_tiles_are_said_to_have_no_texture() {
    let mut random = Random::new(4);
    let mut blank = || photographed(&mut random, TILE, &vec![180.0; SIDE * SIDE]);
    let (a, b) = (blank(), blank());
    let found = ask(&question(TILE, moved([-300.0, 0.0]), 40.0), &a, &b);
    assert_eq!((found.points.len(), found.reason), (0, "no texture"));
    let flat = image_u8(TILE, std::iter::repeat_n(7.0, SIDE * SIDE));
    let found = ask(&question(TILE, moved([-300.0, 0.0]), 40.0), &flat, &flat);
    assert_eq!((found.points.len(), found.reason), (0, "no texture"));
}

#[test]
fn a_known_rotation_and_scale_are_undone_before_matching() {
    let (sin, cos) = 3f64.to_radians().sin_cos();
    // Tile b is turned by 3 degrees and 1 % larger, 300 px to the right; the stage is 12 and 9 px off.
    let stack_from_b = Affine([1.01 * cos, 1.01 * sin, -1.01 * sin, 1.01 * cos, 290.0, -5.0]);
    let (a, b) = (tissue(1, TILE, Affine::IDENTITY), tissue(1, TILE, stack_from_b));
    let (a, b) = (image_u8(TILE, a.into_iter()), image_u8(TILE, b.into_iter()));
    let truth = stack_from_b.inverse().unwrap();
    let said = moved([12.0, -9.0]).after(&truth);
    for model in [Model::Translation, Model::Rigid, Model::Affine] {
        let header = CorrelatePair { model, ..question(TILE, said, 30.0) };
        let found = ask(&header, &a, &b);
        let (count, off) = (found.points.len(), worst(&found, &truth));
        assert!(off < 0.12 && count >= if model == Model::Translation { 1 } else { 3 }, "{count} points, {off} px");
    }
}

#[test]
fn an_unknown_rotation_is_found_along_the_overlap() {
    for degrees in [0.3f64, 1.0, 2.5] {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let size = [640, 640];
        let stack_from_b = Affine([cos, sin, -sin, cos, 530.0, -5.0]);
        let (a, b) = (tissue(2, size, Affine::IDENTITY), tissue(2, size, stack_from_b));
        let (a, b) = (image_u8(size, a.into_iter()), image_u8(size, b.into_iter()));
        let header = CorrelatePair { model: Model::Affine, ..question(size, moved([-525.0, 0.0]), 50.0) };
        let found = ask(&header, &a, &b);
        let (count, off) = (found.points.len(), worst(&found, &stack_from_b.inverse().unwrap()));
        assert!(count >= 3 && off < 0.5, "{degrees} degrees: {count} points, {off} px, {}", found.reason);
    }
}

fn halved(image: &GreyImage) -> GreyImage {
    let Samples::U8(v) = &image.samples else { panic!() };
    let (w, h) = (image.width / 2, image.height / 2);
    let mean = |i: usize| {
        let at = 2 * (i / w) * image.width + 2 * (i % w);
        let sum: f64 = [at, at + 1, at + image.width, at + image.width + 1].iter().map(|&j| f64::from(v[j])).sum();
        sum / 4.0
    };
    image_u8([w, h], (0..w * h).map(mean))
}

#[test]
fn mipmap_levels_stand_for_their_tiles() {
    let step = [300.25, 4.5];
    let size = [512, 512];
    let tile = |at| image_u8(size, tissue(1, size, moved(at)).into_iter());
    let (a, b) = (tile([0.0, 0.0]), tile(step));
    let base = question(size, moved([-306.0, 0.0]), 40.0);
    for (scale_a, scale_b) in [(2.0, 2.0), (1.0, 2.0), (2.0, 1.0)] {
        let mut header = base.clone();
        (header.a.scale, header.b.scale) = (scale_a, scale_b);
        let stored = |image: &GreyImage, scale: f64| if scale > 1.0 { halved(image) } else { image.clone() };
        let found = ask(&header, &stored(&a, scale_a), &stored(&b, scale_b));
        let off = error(&found, step);
        assert!(off < 0.12, "{scale_a} {scale_b}: {off}");
        assert!((found.overlap_px / (211.0 * 507.0) - 1.0).abs() < 0.05, "{}", found.overlap_px);
    }
}

#[test]
fn black_frames_are_not_matched_with_each_other() {
    let step = [300.25, 4.5];
    let framed = |at: Point| {
        let mut levels = tissue(1, TILE, moved(at));
        for (i, v) in levels.iter_mut().enumerate() {
            if i % SIDE < 15 || i / SIDE < 9 || i % SIDE >= SIDE - 12 {
                *v = 0.0;
            }
        }
        image_u8(TILE, levels.into_iter())
    };
    let found = ask(&question(TILE, moved([-300.0, 0.0]), 30.0), &framed([0.0, 0.0]), &framed(step));
    let off = error(&found, step);
    assert!(off < 0.03, "{off} px off, ncc {}", found.ncc);
}

#[test]
fn too_little_overlap_is_said() {
    let image = image_u8(TILE, tissue(1, TILE, moved([0.0, 0.0])).into_iter());
    for away in [-379.0, -500.0] {
        let found = ask(&question(TILE, moved([away, 0.0]), 4.0), &image, &image);
        assert_eq!((found.points.len(), found.reason), (0, "too little overlap"));
    }
}

#[test]
fn the_answer_does_not_depend_on_which_tile_is_called_a() {
    let mut random = Random::new(5);
    let (a, b, step) = neighbours(&mut random, SIDE, 1);
    let stage = step.map(|s| s + 7.0);
    let there = ask(&question(TILE, moved(stage.map(|s| -s)), 40.0), &a, &b);
    let back = ask(&question(TILE, moved(stage), 40.0), &b, &a);
    let differ = |i: usize| (there.points[0].a[i] - there.points[0].b[i]) + (back.points[0].a[i] - back.points[0].b[i]);
    assert!(differ(0).abs() < 0.03 && differ(1).abs() < 0.03, "{} {}", differ(0), differ(1));
}

#[test]
fn cancelling_stops_a_match() {
    let image = image_u8(TILE, tissue(1, TILE, moved([0.0, 0.0])).into_iter());
    let (flag, beat) = (AtomicI32::new(1), AtomicI32::new(0));
    let outcome = correlate(&question(TILE, moved([-300.0, 0.0]), 40.0), &image, &image, Cancel::new(&flag, &beat));
    assert_eq!(outcome.unwrap_err().tag, Tag::Cancelled);
}

#[test]
fn texture_that_repeats_itself_is_ambiguous() {
    let mut random = Random::new(6);
    for period in [9.0, 24.0, 40.0] {
        let mut tile = |at: Point| {
            let wave = |v: f64| (std::f64::consts::TAU * v / period).sin();
            let levels = (0..SIDE * SIDE).map(|i| {
                let (x, y) = ((i % SIDE) as f64 + at[0], (i / SIDE) as f64 + at[1]);
                128.0 + 40.0 * wave(x) + 40.0 * wave(y) + 4.0 * random.gaussian()
            });
            image_u8(TILE, levels)
        };
        let (a, b) = (tile([0.0, 0.0]), tile([290.0, 0.0]));
        let found = ask(&question(TILE, moved([-290.0, 0.0]), 60.0), &a, &b);
        assert_eq!((found.points.len(), found.reason), (0, "several places fit alike"), "period {period}");
    }
}
