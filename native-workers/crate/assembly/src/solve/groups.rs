//! Groups of tiles that hang together strongly: what the coarser levels of the solve treat as one.

use super::matrix::{BlockMatrix, NOWHERE};
use kernels::cancel::Cancel;
use kernels::error::Result;

/// Two tiles go together where their link is at least this share of the strongest of either.
const STRONG: f64 = 0.25;

/// The group of each row, and how many there are: pairs of pairs by strength (Notay 2010). Rows without any link belong
/// to none.
pub fn grouped<const B: usize>(matrix: &BlockMatrix<B>, cancel: Cancel<'_>) -> Result<(Vec<u32>, usize)> {
    let strengths = strengths_of(matrix);
    let (pair, pairs) = paired(&strengths);
    let of_pairs = strengths.of_groups(&pair, pairs, |_| [[1.0]], cancel)?;
    let (second, groups) = paired(&of_pairs);
    // A pair whose links all lie within it has nobody to go with, but is a group all the same.
    let mut named = groups;
    let mut of_pair = second;
    for group in of_pair.iter_mut().filter(|g| **g == NOWHERE) {
        *group = named as u32;
        named += 1;
    }
    let group = pair.iter().map(|&p| if p == NOWHERE { NOWHERE } else { of_pair[p as usize] }).collect();
    Ok((group, named))
}

/// How strongly rows pull at each other: the share of the first unknown, the place along x.
fn strengths_of<const B: usize>(matrix: &BlockMatrix<B>) -> BlockMatrix<1> {
    BlockMatrix {
        pattern: matrix.pattern.clone(),
        diagonal: vec![[[0.0]]; matrix.rows()],
        blocks: matrix.blocks.iter().map(|block| [[-block[0][0]]]).collect(),
    }
}

/// Joins each row with its strongest partner that is still free; who finds none goes with its strongest neighbour.
fn paired(strengths: &BlockMatrix<1>) -> (Vec<u32>, usize) {
    let pattern = &strengths.pattern;
    let strongest: Vec<f64> = (0..pattern.rows())
        .map(|row| pattern.row(row).map(|at| strengths.blocks[at][0][0]).fold(0.0, f64::max))
        .collect();
    let mut group = vec![NOWHERE; pattern.rows()];
    let mut groups = 0;
    let mut late = Vec::new();
    for row in 0..pattern.rows() {
        if group[row] != NOWHERE || strongest[row] <= 0.0 {
            continue;
        }
        let mut best: Option<(f64, usize)> = None;
        for at in pattern.row(row) {
            let (other, strength) = (pattern.column[at] as usize, strengths.blocks[at][0][0]);
            let strong = strength >= STRONG * strongest[row];
            if strong && group[other] == NOWHERE && best.is_none_or(|(most, _)| strength > most) {
                best = Some((strength, other));
            }
        }
        let Some((_, other)) = best else {
            late.push(row);
            continue;
        };
        group[row] = groups as u32;
        group[other] = groups as u32;
        groups += 1;
    }
    for row in late {
        if group[row] == NOWHERE {
            group[row] = group_of_strongest(strengths, row, &group).unwrap_or_else(|| {
                groups += 1;
                groups as u32 - 1
            });
        }
    }
    (group, groups)
}

fn group_of_strongest(strengths: &BlockMatrix<1>, row: usize, group: &[u32]) -> Option<u32> {
    let pattern = &strengths.pattern;
    let joined = pattern.row(row).filter(|&at| group[pattern.column[at] as usize] != NOWHERE);
    let best = joined.max_by(|&a, &b| strengths.blocks[a][0][0].total_cmp(&strengths.blocks[b][0][0]))?;
    Some(group[pattern.column[best] as usize])
}
