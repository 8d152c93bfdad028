//! The ways that the axes of a volume can lie.

use super::Mat3;
use super::header::Orientations;

const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
const NAMES: [[&str; 2]; 3] = [["+x", "-x"], ["+y", "-y"], ["+z", "-z"]];

/// For each axis of the fixed volume: the axis of the moving one that runs along it, and whether backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orientation {
    pub axis: [usize; 3],
    pub back: [bool; 3],
}

pub const AS_IS: Orientation = Orientation { axis: [0, 1, 2], back: [false; 3] };

impl Orientation {
    /// All that are allowed, as they lie first.
    pub fn all(allowed: Orientations) -> Vec<Self> {
        if allowed == Orientations::AsIs {
            return vec![AS_IS];
        }
        let signs = |axis| (0..8).map(move |s: u8| Self { axis, back: [s & 1 > 0, s & 2 > 0, s & 4 > 0] });
        let all = ORDERS.into_iter().flat_map(signs);
        all.filter(|o| allowed == Orientations::Axes48 || !o.mirrored()).collect()
    }

    /// z stays z.
    pub fn in_plane(&self) -> bool {
        self.axis[2] == 2 && !self.back[2]
    }

    /// Moving from fixed.
    pub fn matrix(&self) -> Mat3 {
        let mut m = [[0.0; 3]; 3];
        for k in 0..3 {
            m[self.axis[k]][k] = if self.back[k] { -1.0 } else { 1.0 };
        }
        m
    }

    pub fn mirrored(&self) -> bool {
        super::map::determinant(&self.matrix()) < 0.0
    }

    pub fn names(&self) -> [&'static str; 3] {
        std::array::from_fn(|k| NAMES[self.axis[k]][usize::from(self.back[k])])
    }

    /// The one that lies nearest to a linear map, moving from fixed, of the map's own handedness.
    pub fn nearest(linear: &Mat3) -> Self {
        let mirrored = super::map::determinant(linear) < 0.0;
        let near = |o: &Self| (0..3).map(|k| linear[o.axis[k]][k] * if o.back[k] { -1.0 } else { 1.0 }).sum::<f64>();
        let all = Self::all(Orientations::Axes48).into_iter().filter(|o| o.mirrored() == mirrored);
        all.max_by(|a, b| near(a).total_cmp(&near(b))).unwrap_or(AS_IS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_24_turns_and_as_many_mirrored_and_each_is_its_own_nearest() {
        let turns = Orientation::all(Orientations::Axes24);
        let all = Orientation::all(Orientations::Axes48);
        assert_eq!((turns.len(), all.len(), turns[0], all[0]), (24, 48, AS_IS, AS_IS));
        assert!(turns.iter().all(|o| !o.mirrored()));
        assert!(all.iter().all(|o| Orientation::nearest(&o.matrix()) == *o));
        let distinct = all.iter().enumerate().all(|(i, o)| !all[..i].contains(o));
        assert!(distinct);
    }
}
