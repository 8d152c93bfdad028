//! Time, memory and accuracy of large solves: `cargo bench -p assembly --bench solve -- affine 100 100 1 20 robust 1` is
//! the affine model on 100 x 100 tiles of one section with 20 points a link and a lambda of 1. Without words: 1,000 to 100,000 tiles.

use assembly::solve::{Solve, solve_stack};
use kernels::cancel::never;
use std::time::Instant;

const SIDE: f64 = 2048.0;
const PITCH: f64 = 1843.0;
const NOISE_PX: f64 = 0.3;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// A block of sections: places with a stage error of 5 px, tiles turned by 0.2 degrees and sheared by 0.2 %, links to
/// the right, below and to the next section.
struct Block {
    priors: Vec<u8>,
    sizes: Vec<u8>,
    matches: Vec<u8>,
    count: usize,
}

fn block(columns: usize, rows: usize, sections: usize, points: usize) -> Block {
    let mut random = Random(7);
    let tiles = columns * rows * sections;
    let mut linear = || 0.0035 * random.normal();
    let truth: Vec<[f64; 6]> = (0..tiles)
        .map(|t| {
            let (x, y) = ((t % columns) as f64 * PITCH, (t / columns % rows) as f64 * PITCH);
            [1.0 + linear(), linear(), linear(), 1.0 + linear(), x, y]
        })
        .collect();
    let mut made = Block { priors: vec![], sizes: vec![], matches: vec![], count: 0 };
    let put = |to: &mut Vec<u8>, values: &[f64]| to.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    for t in &truth {
        put(&mut made.priors, &[1.0, 0.0, 0.0, 1.0, t[4] + 5.0 * random.normal(), t[5] + 5.0 * random.normal()]);
        put(&mut made.sizes, &[SIDE, SIDE]);
    }
    for t in 0..tiles {
        let (x, y, z) = (t % columns, t / columns % rows, t / (columns * rows));
        let ends = [(x + 1 < columns, 1), (y + 1 < rows, columns), (z + 1 < sections, columns * rows)];
        for (_, step) in ends.into_iter().filter(|(is, _)| *is) {
            for _ in 0..points {
                let (a, b) = (&truth[t], &truth[t + step]);
                let left = a[4].max(b[4]);
                let top = a[5].max(b[5]);
                let world = [
                    left + random.unit() * (SIDE - (a[4] - b[4]).abs()),
                    top + random.unit() * (SIDE - (a[5] - b[5]).abs()),
                ];
                let (p, q) = (into_tile(a, world), into_tile(b, world));
                let noisy = [q[0] + NOISE_PX * random.normal(), q[1] + NOISE_PX * random.normal()];
                put(&mut made.matches, &[t as f64, (t + step) as f64, p[0], p[1], noisy[0], noisy[1], 1.0, 0.0]);
                made.count += 1;
            }
        }
    }
    made
}

fn into_tile(m: &[f64; 6], world: [f64; 2]) -> [f64; 2] {
    let (x, y, det) = (world[0] - m[4], world[1] - m[5], m[0] * m[3] - m[1] * m[2]);
    [(m[3] * x - m[2] * y) / det, (m[0] * y - m[1] * x) / det]
}

fn row(model: &str, [columns, rows, sections, points]: [usize; 4], robust: bool, lambda: f64) {
    let made = block(columns, rows, sections, points);
    let tiles = columns * rows * sections;
    let header = format!(
        r#"{{"model":"{model}","tiles":{tiles},"matches":{},"stageSigmaPx":10,"robust":{robust},"lambda":{lambda}}}"#,
        made.count
    );
    let header: Solve = serde_json::from_str(&header).expect("a header");
    let start = Instant::now();
    let (solved, outputs) =
        solve_stack(&header, &[&made.priors, &made.sizes, &made.matches], never()).expect("a solvable block");
    let seconds = start.elapsed().as_secs_f64();
    let residuals = outputs[1].as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b));
    let rms = (residuals.map(|r| r * r).sum::<f64>() / made.count as f64).sqrt();
    println!(
        "{model} {columns} x {rows} x {sections}, {} matches, robust {robust}: {seconds:.2} s, RMS {rms:.4} px, {}; peak {} MiB",
        made.count,
        serde_json::to_string(&solved).expect("JSON"),
        peak_mib()
    );
}

/// Largest memory of the process so far; 0 where the system does not say.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|w| w != "--bench").collect();
    if let [model, columns, rows, sections, points, how, rest @ ..] = &words[..] {
        let size = [columns, rows, sections, points].map(|w| w.parse().expect("a number"));
        let lambda = rest.first().map_or(1.0, |w| w.parse().expect("a number"));
        return row(model, size, how == "robust", lambda);
    }
    for size in [[32, 32, 1, 20], [100, 100, 1, 20], [30, 30, 12, 20], [320, 313, 1, 20]] {
        row("affine", size, false, 1.0);
        row("affine", size, true, 1.0);
    }
}
