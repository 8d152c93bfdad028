//! Where tiles without links belong.

use super::matrix::Members;
use std::collections::BTreeMap;

/// Neighbours vote against this many votes for "as the stage says".
const STAGE_VOTES: f64 = 2.0;
/// Beyond this many spacings a neighbour has no vote.
const FAR: f64 = 4.0;

/// The linked tiles by cells of a grid as wide as a neighbour's vote reaches.
pub struct Neighbours<'a> {
    /// Where the (recalibrated) stage puts each tile's centre, and where the solve does.
    expected: &'a [[f64; 2]],
    solved: &'a [[f64; 2]],
    spacing: f64,
    cells: BTreeMap<[i64; 2], usize>,
    members: Members,
}

impl<'a> Neighbours<'a> {
    pub fn new(expected: &'a [[f64; 2]], solved: &'a [[f64; 2]], component: &[i32], spacing: f64) -> Self {
        let mut cells = BTreeMap::new();
        let mut cell_of = vec![super::matrix::NOWHERE; expected.len()];
        for tile in (0..expected.len()).filter(|&t| component[t] >= 0) {
            let next = cells.len();
            cell_of[tile] = *cells.entry(cell_at(expected[tile], spacing)).or_insert(next) as u32;
        }
        let members = Members::of(&cell_of, cells.len());
        Self { expected, solved, spacing, cells, members }
    }

    /// The (recalibrated) stage place of a tile without links, moved by what its linked neighbours were moved.
    /// Neighbours count by `exp(-d^2 / 2 r^2)` with r the spacing of the tiles, against a few votes for the stage
    /// itself, so that the noise of one neighbour does not carry a tile away.
    pub fn follow(&self, tile: usize) -> [f64; 2] {
        let here = self.expected[tile];
        let (mut shift, mut votes) = ([0.0; 2], STAGE_VOTES);
        for &other in self.near(here) {
            let (stage, solved) = (self.expected[other as usize], self.solved[other as usize]);
            let d2 = (stage[0] - here[0]).powi(2) + (stage[1] - here[1]).powi(2);
            if d2 > (FAR * self.spacing).powi(2) {
                continue;
            }
            let vote = (-d2 / (2.0 * self.spacing * self.spacing)).exp();
            shift[0] += vote * (solved[0] - stage[0]);
            shift[1] += vote * (solved[1] - stage[1]);
            votes += vote;
        }
        [here[0] + shift[0] / votes, here[1] + shift[1] / votes]
    }

    fn near(&self, place: [f64; 2]) -> impl Iterator<Item = &u32> {
        let [x, y] = cell_at(place, self.spacing);
        let around = (-1..=1).flat_map(move |dy| (-1..=1).map(move |dx| [x + dx, y + dy]));
        around.filter_map(|cell| self.cells.get(&cell)).flat_map(|&cell| self.members.of_group(cell))
    }
}

fn cell_at(place: [f64; 2], spacing: f64) -> [i64; 2] {
    place.map(|v| (v / (FAR * spacing)).floor() as i64)
}
