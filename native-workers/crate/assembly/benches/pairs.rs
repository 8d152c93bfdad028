//! Accuracy, reliability and time of matching, on more pairs than the tests take: `cargo bench -p assembly`.
//! `cargo bench -p assembly -- 0.1` takes a tenth of the pairs.

#[path = "../tests/scene/mod.rs"]
mod scene;

use assembly::correlate::{CorrelatePair, Correlated, correlate};
use kernels::cancel::never;
use kernels::geometry::Point;
use kernels::image::GreyImage;
use scene::{Random, image_u8, moved, neighbours, quantile, question, strips, tissue};
use std::time::Instant;

/// Matches a pair; gives the answer and the time it took, milliseconds.
fn timed(header: &CorrelatePair, a: &GreyImage, b: &GreyImage) -> (Correlated, f64) {
    let start = Instant::now();
    let found = correlate(header, a, b, never()).expect("a pair in memory");
    (found, start.elapsed().as_secs_f64() * 1e3)
}

/// Distance from the truth along the worse axis, pixels.
fn error(found: &Correlated, step: Point) -> Option<f64> {
    let point = found.points.first()?;
    Some((0..2).map(|i| (point.a[i] - point.b[i] - step[i]).abs()).fold(0.0, f64::max))
}

fn strips_of_known_place(count: usize) {
    println!("512 x 102 px, quarter-pixel truth, texture SD 25 of {count} pairs: error of the worse axis, px");
    for noise in [0.0, 10.0, 25.0] {
        let mut random = Random::new(11);
        let (mut errors, mut times) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let (a, b, shift) = strips(&mut random, [512, 102], 3.0, noise);
            let (found, time) = timed(&question([512, 102], moved([0.0, 0.0]), 25.0), &a, &b);
            errors.push(error(&found, shift.map(|s| -s)).unwrap_or(f64::INFINITY));
            times.push(time);
        }
        let [median, p95, most] = [0.5, 0.95, 1.0].map(|p| quantile(&mut errors, p));
        let time = quantile(&mut times, 0.5);
        println!("  noise SD {noise:>2}: median {median:.3}, 95 % {p95:.3}, largest {most:.3}; {time:.2} ms a pair");
    }
}

fn large_strips(count: usize, size: [usize; 2]) {
    let (mut errors, mut times) = (Vec::new(), Vec::new());
    let mut random = Random::new(14);
    for _ in 0..count {
        let (a, b, shift) = strips(&mut random, size, 3.0, 10.0);
        let (found, time) = timed(&question(size, moved([0.0, 0.0]), 25.0), &a, &b);
        errors.push(error(&found, shift.map(|s| -s)).unwrap_or(f64::INFINITY));
        times.push(time);
    }
    let [median, most] = [0.5, 1.0].map(|p| quantile(&mut errors, p));
    let time = quantile(&mut times, 0.5);
    println!("{} x {} px, noise SD 10: median {median:.3}, largest {most:.3}; {time:.2} ms a pair", size[0], size[1]);
}

fn neighbours_through_cameras(count: usize, side: usize) {
    let mut random = Random::new(12);
    let (mut good, mut missed, mut wrong, mut times) = (0, 0, 0, Vec::new());
    for i in 0..count {
        let (a, b, step) = neighbours(&mut random, side, i / 8);
        let stage = step.map(|s| -(s + random.range(-50.0, 50.0)));
        let (found, time) = timed(&question([side, side], moved(stage), 75.0), &a, &b);
        times.push(time);
        match error(&found, step) {
            None => missed += 1,
            Some(e) if e <= 0.5 => good += 1,
            Some(_) => wrong += 1,
        }
    }
    let time = quantile(&mut times, 0.5);
    println!("{count} neighbours of {side} px, overlap 5-30 %, stage error 50 px, uneven light:");
    println!("  within 0.5 px {good}, missed {missed}, wrong {wrong}; {time:.2} ms a pair");
}

fn unrelated(count: usize, side: usize) {
    let mut random = Random::new(13);
    let (mut accepted, mut nccs) = (0, Vec::new());
    for i in 0..count {
        let (a, _, step) = neighbours(&mut random, side, 2 * i);
        let (b, ..) = neighbours(&mut random, side, 2 * i + 1);
        let (found, _) = timed(&question([side, side], moved(step.map(|s| -s)), 75.0), &a, &b);
        accepted += usize::from(!found.points.is_empty());
        nccs.push(found.ncc);
    }
    let largest = quantile(&mut nccs, 1.0);
    println!("{count} pairs of {side} px that do not overlap: accepted {accepted}, largest ncc {largest:.2}");
}

fn whole_tiles(count: usize) {
    let size = [2048, 2048];
    let tile = |at: Point| image_u8(size, tissue(5, size, moved(at)).into_iter());
    let (a, b) = (tile([0.0, 0.0]), tile([33.25, -20.5]));
    let mut times: Vec<f64> = (0..count).map(|_| timed(&question(size, moved([0.0, 0.0]), 64.0), &a, &b).1).collect();
    println!("2048 x 2048 px, whole: {:.0} ms", quantile(&mut times, 0.5));
}

fn main() {
    let part: f64 = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1.0);
    let count = |n: usize| ((n as f64 * part).ceil() as usize).max(1);
    strips_of_known_place(count(200));
    large_strips(count(40), [512, 512]);
    large_strips(count(40), [256, 2160]);
    whole_tiles(count(9));
    neighbours_through_cameras(count(500), 512);
    unrelated(count(1000), 512);
}
