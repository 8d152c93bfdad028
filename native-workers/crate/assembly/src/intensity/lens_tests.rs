use super::*;
use kernels::cancel::never;

const SIDE: f64 = 1000.0;

/// A barrel of 6 px in the corners, off centre, with some astigmatism; without an affine part only nearly.
fn distorted([x, y]: [f64; 2]) -> [f64; 2] {
    let [u, v] = [(x - 480.0) / 500.0, (y - 510.0) / 500.0];
    let r = u * u + v * v;
    [x - 2.0 * u * r + 0.8 * u * v, y - 2.0 * v * r + 0.5 * v * v]
}

/// Points of a section of overlapping tiles: true places with the camera's distortion undone, noisy, some wrong.
fn section(across: usize, noise_px: f64) -> (Vec<u8>, Vec<u8>, usize) {
    let mut state = 99u64;
    let mut random = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as f64 / f64::from(1u32 << 31) - 0.5
    };
    // What a tile shows at x lies in tissue at distorted(x) + corner. Found by stepping back from tissue.
    let shown = |tissue: [f64; 2]| {
        (0..20).fold(tissue, |x, _| {
            let d = distorted(x);
            [x[0] + tissue[0] - d[0], x[1] + tissue[1] - d[1]]
        })
    };
    let corners: Vec<[f64; 2]> = (0..across * across)
        .map(|t| [900.0 * (t % across) as f64 + 20.0 * random(), 880.0 * (t / across) as f64 + 20.0 * random()])
        .collect();
    let maps: Vec<f64> = corners.iter().flat_map(|c| [1.0, 0.0, 0.0, 1.0, c[0] + random(), c[1] + random()]).collect();
    let mut points = Vec::new();
    for a in 0..corners.len() {
        for b in [a + 1, a + across, a + across + 1] {
            if b >= corners.len() || (b % across < a % across) {
                continue;
            }
            for k in 0..240 {
                let place = [corners[b][0] + 1000.0 * (random() + 0.5), corners[b][1] + 1000.0 * (random() + 0.5)];
                let at = [a, b].map(|t| shown([place[0] - corners[t][0], place[1] - corners[t][1]]));
                if at.iter().flatten().all(|v| (0.0..SIDE).contains(v)) {
                    let wrong = if k % 31 == 7 { 25.0 } else { noise_px };
                    points.push([
                        a as f64,
                        b as f64,
                        at[0][0],
                        at[0][1],
                        at[1][0] + wrong * random(),
                        at[1][1] + wrong * random(),
                        1.0,
                    ]);
                }
            }
        }
    }
    let bytes = |values: &mut dyn Iterator<Item = f64>| values.flat_map(f64::to_le_bytes).collect::<Vec<u8>>();
    (bytes(&mut maps.into_iter()), bytes(&mut points.into_iter().flatten()), corners.len())
}

/// RMS difference to the truth over a tile, less the affine part that tiles' places take up.
fn error_of(coefficients: &[f64], degree: usize) -> f64 {
    let all = terms(0, degree);
    let places: Vec<[f64; 2]> =
        (0..441).map(|i| [SIDE * (i % 21) as f64 / 20.0, SIDE * (i / 21) as f64 / 20.0]).collect();
    let mut sum = 0.0;
    for axis in 0..2 {
        let own = &coefficients[axis * all.len()..][..all.len()];
        let at = |[x, y]: [f64; 2]| -> f64 {
            all.iter().zip(own).map(|(&[p, q], c)| c * x.powi(p as i32) * y.powi(q as i32)).sum()
        };
        let off: Vec<f64> = places.iter().map(|&p| at(p) - distorted(p)[axis]).collect();
        let (mut matrix, mut plane) = (vec![0.0; 9], vec![0.0; 3]);
        for (p, o) in places.iter().zip(&off) {
            let row = [1.0, p[0] / SIDE, p[1] / SIDE];
            for i in 0..3 {
                plane[i] += row[i] * o;
                (0..3).for_each(|j| matrix[3 * i + j] += row[i] * row[j]);
            }
        }
        solve_symmetric(&mut matrix, &mut plane);
        let flat = |p: &[f64; 2]| plane[0] + plane[1] * p[0] / SIDE + plane[2] * p[1] / SIDE;
        sum += places.iter().zip(&off).map(|(p, o)| (o - flat(p)).powi(2)).sum::<f64>();
    }
    (sum / places.len() as f64).sqrt()
}

fn solve(across: usize, noise_px: f64, degree: usize) -> (LensFound, Vec<f64>, Vec<f64>) {
    let (maps, points, tiles) = section(across, noise_px);
    let header = SolveLens { tiles, size_px: [SIDE, SIDE], degree };
    let (about, out) = solve_lens(&header, &[&maps, &points], never()).unwrap();
    let floats = |bytes: &[u8]| bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect();
    (about, floats(&out[0]), floats(&out[1]))
}

#[test]
fn a_barrel_is_recovered_to_a_tenth_of_a_pixel_through_noise_and_wrong_points() {
    let (about, lens, shifts) = solve(6, 0.3, 3);
    let identity: Vec<f64> = (0..2 * terms(0, 3).len()).map(|i| f64::from(u8::from(i == 1 || i == 12))).collect();
    assert!(error_of(&identity, 3) > 0.8, "{}", error_of(&identity, 3));
    assert!(error_of(&lens, 3) < 0.1, "{} {about:?}", error_of(&lens, 3));
    assert!(about.rms_after_px < 0.3 * about.rms_before_px && about.uncertainty_px < 0.1, "{about:?}");
    assert!(shifts.len() == 72 && shifts.iter().all(|s| s.is_finite()));
}

#[test]
fn without_noise_it_is_exact() {
    let (_, lens, _) = solve(4, 0.0, 3);
    assert!(error_of(&lens, 3) < 0.01, "{}", error_of(&lens, 3));
}

#[test]
fn calls_without_sense_are_refused() {
    let (maps, points, tiles) = section(2, 0.1);
    let run = |tiles: usize, degree: usize, inputs: &[&[u8]]| {
        solve_lens(&SolveLens { tiles, size_px: [SIDE, SIDE], degree }, inputs, never()).is_err()
    };
    assert!(!run(tiles, 3, &[&maps, &points]));
    assert!(run(tiles, 9, &[&maps, &points]) && run(tiles, 3, &[&maps]) && run(1, 3, &[&maps[..48], &points]));
    assert!(run(tiles, 3, &[&maps[8..], &points]) && run(tiles, 3, &[&maps, &points[8..]]));
}
