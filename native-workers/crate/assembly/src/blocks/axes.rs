//! Three projections to one shift: each axis is seen by two of them.

use super::Vec3;
use super::peak::Peak;
use super::project::PLANES;

/// Two projections that differ by more than this, voxels, and by more than their errors explain, disagree.
const AGREE_WITHIN: f64 = 1.5;

/// What the projections say of one axis together.
#[derive(Debug, Clone, Copy)]
pub struct Axis {
    pub shift: f64,
    pub variance: f64,
    /// Both projections saw it, and agree.
    pub agreed: bool,
    pub peak: f64,
    pub width: i64,
}

/// Fuses what two projections say of an axis by inverse variance; where they disagree the sharper is believed.
pub fn fuse_axes(peaks: &[Option<Peak>; 3]) -> [Option<Axis>; 3] {
    std::array::from_fn(|axis| {
        let seen: Vec<Axis> = sightings(peaks, axis).collect();
        match seen[..] {
            [] => None,
            [one] => Some(one),
            [one, two, ..] => Some(fused(one, two)),
        }
    })
}

fn sightings(peaks: &[Option<Peak>; 3], axis: usize) -> impl Iterator<Item = Axis> {
    PLANES.iter().zip(peaks).filter_map(move |(plane, peak)| {
        let peak = peak.as_ref()?;
        let side = plane.kept.iter().position(|&k| k == axis)?;
        let variance = if peak.at_edge { peak.variance[side] * 100.0 } else { peak.variance[side] };
        Some(Axis { shift: peak.shift[side], variance, agreed: false, peak: peak.ncc, width: peak.width[side] })
    })
}

fn fused(one: Axis, two: Axis) -> Axis {
    let apart = (one.shift - two.shift).abs();
    let (wa, wb) = (1.0 / one.variance, 1.0 / two.variance);
    if apart <= AGREE_WITHIN.max(3.0 * (one.variance + two.variance).sqrt()) {
        let sharper = if wa >= wb { one } else { two };
        let shift = (one.shift * wa + two.shift * wb) / (wa + wb);
        return Axis { shift, variance: 1.0 / (wa + wb), agreed: true, ..sharper };
    }
    let sharpness = |a: &Axis| a.peak / a.width as f64;
    let believed = if sharpness(&one) >= sharpness(&two) { one } else { two };
    Axis { variance: believed.variance + apart * apart / 4.0, ..believed }
}

/// All whole shifts that the projections speak for, at most eight: which of them is true, voxels decide.
pub fn candidates(peaks: &[Option<Peak>; 3], expected: [i64; 3]) -> Vec<[i64; 3]> {
    let said = |axis: usize| {
        let mut values: Vec<i64> = sightings(peaks, axis).map(|a| a.shift.round() as i64).collect();
        values.dedup();
        if values.is_empty() { vec![expected[axis]] } else { values }
    };
    let [xs, ys, zs] = [said(0), said(1), said(2)];
    let mut all = Vec::with_capacity(8);
    for &z in &zs {
        for &y in &ys {
            all.extend(xs.iter().map(|&x| [x, y, z]));
        }
    }
    all
}

/// Where an axis was fused, else the whole shift.
pub fn place(axes: &[Option<Axis>; 3], whole: [i64; 3]) -> Vec3 {
    std::array::from_fn(|k| match axes[k] {
        Some(axis) if (axis.shift - whole[k] as f64).abs() <= 1.0 => axis.shift,
        _ => whole[k] as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peak(shift: [f64; 2], variance: f64, ncc: f64) -> Option<Peak> {
        Some(Peak { shift, ncc, width: [3, 3], variance: [variance; 2], ratio: 2.0, at_edge: false })
    }

    #[test]
    fn agreeing_projections_are_weighed_by_their_variance() {
        let peaks = [peak([4.0, -3.0], 0.01, 0.9), peak([4.4, 7.0], 0.03, 0.8), peak([-3.0, 7.2], 0.01, 0.9)];
        let [x, y, z] = fuse_axes(&peaks).map(Option::unwrap);
        assert!((x.shift - 4.1).abs() < 1e-9 && x.agreed && (x.variance - 0.0075).abs() < 1e-9);
        assert!((y.shift + 3.0).abs() < 1e-9 && (z.shift - 7.15).abs() < 1e-9);
        assert_eq!(candidates(&peaks, [0; 3]), [[4, -3, 7]]);
    }

    #[test]
    fn a_projection_gone_wrong_is_told_and_leaves_candidates() {
        let peaks = [peak([4.0, -3.0], 0.01, 0.9), peak([-20.0, 11.0], 0.01, 0.3), peak([-3.0, 7.0], 0.01, 0.9)];
        let axes = fuse_axes(&peaks);
        let x = axes[0].unwrap();
        assert!(!x.agreed && x.shift == 4.0 && x.variance > 100.0);
        assert!(candidates(&peaks, [0; 3]).contains(&[4, -3, 7]));
        assert!(fuse_axes(&[None, None, None]).iter().all(Option::is_none));
        assert_eq!(candidates(&[None, None, None], [1, 2, 3]), [[1, 2, 3]]);
    }
}
