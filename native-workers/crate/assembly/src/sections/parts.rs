//! Which sections matches join, and how much each pair of them counts.

use super::links::Match;

/// Matches of a pair, together, count as at most this many.
const MOST_OF_PAIR: f64 = 60.0;
/// Least matches that join two sections.
const LEAST_OF_PAIR: usize = 4;

/// The matches of one pair share the weight of at most `MOST_OF_PAIR`; pairs with too few count for nothing.
pub fn share_weights(matches: &mut [Match]) {
    let mut counts = std::collections::BTreeMap::new();
    matches.iter().for_each(|m| *counts.entry(m.sections).or_insert(0usize) += 1);
    for m in matches {
        let count = counts[&m.sections];
        m.weight *= if count < LEAST_OF_PAIR { 0.0 } else { (MOST_OF_PAIR / count as f64).min(1.0) };
    }
}

/// Parts that matches join, numbered in order; `None` for a section that none does.
pub fn components(sections: usize, matches: &[Match]) -> Vec<Option<usize>> {
    let mut parent: Vec<usize> = (0..sections).collect();
    fn root(parent: &mut [usize], mut s: usize) -> usize {
        while parent[s] != s {
            parent[s] = parent[parent[s]];
            s = parent[s];
        }
        s
    }
    let mut joined = vec![false; sections];
    for m in matches.iter().filter(|m| m.weight > 0.0) {
        let [a, b] = m.sections.map(|s| root(&mut parent, s));
        parent[a.max(b)] = a.min(b);
        m.sections.iter().for_each(|&s| joined[s] = true);
    }
    let mut numbers = std::collections::BTreeMap::new();
    (0..sections)
        .map(|s| {
            let root = root(&mut parent, s);
            let next = numbers.len();
            joined[s].then(|| *numbers.entry(root).or_insert(next))
        })
        .collect()
}
