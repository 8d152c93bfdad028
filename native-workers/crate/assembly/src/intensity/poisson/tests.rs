use super::*;
use kernels::cancel::never;

/// Conjugate gradients in double, to the last digits: shares nothing with the multigrid but the equation.
fn oracle(level: &Level) -> Vec<f64> {
    let stride = level.stride();
    let apply = |u: &[f64]| -> Vec<f64> {
        let mut out = vec![0.0; u.len()];
        for at in 0..u.len() {
            out[at] += f64::from(level.mass[at]) * u[at];
            for (to, w) in [(at + 1, level.right[at]), (at + stride, level.below[at])] {
                if w != 0.0 {
                    let flow = f64::from(w) * (u[at] - u[to]);
                    out[at] += flow;
                    out[to] -= flow;
                }
            }
        }
        out
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut r: Vec<f64> = level.b.iter().map(|&b| f64::from(b)).collect();
    let (mut u, mut p, mut rr) = (vec![0.0; r.len()], r.clone(), dot(&r, &r));
    let goal = rr * 1e-24;
    while rr > goal {
        let q = apply(&p);
        let step = rr / dot(&p, &q);
        for i in 0..u.len() {
            u[i] += step * p[i];
            r[i] -= step * q[i];
        }
        let next = dot(&r, &r);
        for i in 0..u.len() {
            p[i] = r[i] + next / rr * p[i];
        }
        rr = next;
    }
    u
}

fn error_of(solved: &Level, truth: &[f64]) -> f64 {
    let there = |i: &usize| solved.mass[*i] > 0.0;
    let wrong: f64 = (0..truth.len()).filter(there).map(|i| (f64::from(solved.u[i]) - truth[i]).powi(2)).sum();
    let all: f64 = (0..truth.len()).filter(there).map(|i| truth[i].powi(2)).sum();
    (wrong / all).sqrt()
}

/// Jumps between squares of cells, as seams of tiles put them in.
fn with_seams(mut level: Level, tile: usize) -> Level {
    let step = |x: usize, y: usize| ((x / tile * 31 + y / tile * 17) % 13) as f32 - 6.0;
    let stride = level.stride();
    for y in 0..level.height {
        for x in 0..level.width {
            let at = level.index(x, y);
            for (to, w, jump) in [
                (at + 1, level.right[at], step(x + 1, y) - step(x, y)),
                (at + stride, level.below[at], step(x, y + 1) - step(x, y)),
            ] {
                level.b[at] += w * jump;
                level.b[to] -= w * jump;
            }
        }
    }
    level
}

fn error_after(level: Level, cycles: usize) -> f64 {
    let truth = oracle(&level);
    let mut grids = Multigrid::new(level, never()).unwrap();
    let left = grids.solve(cycles, never()).unwrap();
    assert!((0.0..1e-2).contains(&left), "{left} of the right side is left");
    error_of(&grids.into_finest(), &truth)
}

#[test]
fn two_cycles_are_within_a_thousandth_of_the_exact_solution() {
    for (width, height, tile) in [(128, 128, 16), (133, 97, 20), (300, 7, 12), (96, 64, 24)] {
        for screen in [1e-2, 1e-4, 1e-6] {
            let level = with_seams(Level::of_cells(width, height, screen, |_, _| true), tile);
            let error = error_after(level, 2);
            assert!(error < 1e-3, "{width} x {height}, screen {screen}: {error}");
        }
    }
}

#[test]
fn holes_ragged_edges_and_islands_are_solved_too() {
    let is_there = |x: usize, y: usize| {
        let hole = (x as i64 - 40).pow(2) + (y as i64 - 60).pow(2) < 300;
        let slanted = x + y / 7 < 118 && y > 3 + x / 9;
        let gap = (90..94).contains(&y);
        !hole && slanted && !gap
    };
    let problem = || with_seams(Level::of_cells(128, 128, 1e-5, is_there), 16);
    assert!(!problem().rim.is_empty());
    let (first, more) = (error_after(problem(), 1), error_after(problem(), 2));
    assert!(first < 0.05 && more < 1e-3, "{first} then {more}");
}

#[test]
fn nothing_to_do_and_nothing_there_are_both_zero() {
    for level in [Level::of_cells(40, 30, 1e-4, |_, _| true), Level::of_cells(40, 30, 1e-4, |_, _| false)] {
        let mut grids = Multigrid::new(level, never()).unwrap();
        assert!(grids.solve(2, never()).unwrap() == 0.0);
        assert!(grids.into_finest().u.iter().all(|&u| u == 0.0));
    }
}
