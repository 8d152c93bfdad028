//! Affine maps of space.

use super::{Mat3, Vec3};

pub const IDENTITY: Mat3 = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// x to linear x + shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Map {
    pub linear: Mat3,
    pub shift: Vec3,
}

impl Map {
    /// Of 3 x 4 numbers, rows first.
    pub fn of(m: [f64; 12]) -> Self {
        let linear = std::array::from_fn(|i| std::array::from_fn(|j| m[4 * i + j]));
        Self { linear, shift: [m[3], m[7], m[11]] }
    }

    /// 3 x 4 numbers, rows first.
    pub fn rows(&self) -> [f64; 12] {
        std::array::from_fn(|k| if k % 4 == 3 { self.shift[k / 4] } else { self.linear[k / 4][k % 4] })
    }

    pub fn apply(&self, x: Vec3) -> Vec3 {
        let y = times_vector(&self.linear, x);
        std::array::from_fn(|k| y[k] + self.shift[k])
    }

    /// None where it is flat, or not finite.
    pub fn inverse(&self) -> Option<Self> {
        let linear = inverse(&self.linear)?;
        let shift = times_vector(&linear, self.shift).map(|v| -v);
        shift.iter().all(|v| v.is_finite()).then_some(Self { linear, shift })
    }
}

/// A map about a point of the fixed volume: x to linear (x - from) + to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    pub linear: Mat3,
    pub from: Vec3,
    pub to: Vec3,
}

impl Pose {
    /// `map` about `from`.
    pub fn about(from: Vec3, map: &Map) -> Self {
        Self { linear: map.linear, from, to: map.apply(from) }
    }

    /// The same within planes of constant z, which stay where they are.
    pub fn in_plane(mut self) -> Self {
        for (k, row) in IDENTITY.iter().enumerate() {
            (self.linear[2][k], self.linear[k][2]) = (IDENTITY[2][k], row[2]);
        }
        self.to[2] = self.from[2];
        self
    }

    pub fn map(&self) -> Map {
        let back = times_vector(&self.linear, self.from);
        Map { linear: self.linear, shift: std::array::from_fn(|k| self.to[k] - back[k]) }
    }
}

pub fn times(a: &Mat3, b: &Mat3) -> Mat3 {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
}

pub fn times_vector(a: &Mat3, x: Vec3) -> Vec3 {
    a.map(|row| row[0] * x[0] + row[1] * x[1] + row[2] * x[2])
}

pub fn transposed(a: &Mat3) -> Mat3 {
    std::array::from_fn(|i| std::array::from_fn(|j| a[j][i]))
}

pub fn scaled(a: &Mat3, by: f64) -> Mat3 {
    a.map(|row| row.map(|v| v * by))
}

fn cross(a: Vec3, b: Vec3) -> Vec3 {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub fn determinant(a: &Mat3) -> f64 {
    let c = cross(a[1], a[2]);
    a[0][0] * c[0] + a[0][1] * c[1] + a[0][2] * c[2]
}

fn inverse(a: &Mat3) -> Option<Mat3> {
    let det = determinant(a);
    let size = a.iter().flatten().map(|v| v * v).sum::<f64>().sqrt();
    if !(det.abs() > 1e-9 * size.powi(3) && det.is_finite()) {
        return None;
    }
    Some(transposed(&[cross(a[1], a[2]), cross(a[2], a[0]), cross(a[0], a[1])].map(|row| row.map(|v| v / det))))
}

/// The turn by |w| radians about w (Rodrigues).
pub fn turn(w: Vec3) -> Mat3 {
    let angle = w.iter().map(|v| v * v).sum::<f64>().sqrt();
    let (a, b) = if angle < 1e-6 {
        (1.0 - angle * angle / 6.0, 0.5 - angle * angle / 24.0)
    } else {
        (angle.sin() / angle, (1.0 - angle.cos()) / (angle * angle))
    };
    let k = [[0.0, -w[2], w[1]], [w[2], 0.0, -w[0]], [-w[1], w[0], 0.0]];
    let square = times(&k, &k);
    std::array::from_fn(|i| std::array::from_fn(|j| IDENTITY[i][j] + a * k[i][j] + b * square[i][j]))
}

/// Values and unit vectors (columns) of a symmetric matrix, by Jacobi's turns.
pub fn eigen(mut a: Mat3) -> (Vec3, Mat3) {
    let mut vectors = IDENTITY;
    for _ in 0..12 {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if a[p][q].abs() < 1e-300 {
                continue;
            }
            let angle = 0.5 * (2.0 * a[p][q]).atan2(a[q][q] - a[p][p]);
            let mut r = IDENTITY;
            (r[p][p], r[q][q], r[p][q], r[q][p]) = (angle.cos(), angle.cos(), angle.sin(), -angle.sin());
            a = times(&transposed(&r), &times(&a, &r));
            vectors = times(&vectors, &r);
        }
    }
    ([a[0][0], a[1][1], a[2][2]], vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: &Mat3, b: &Mat3) -> bool {
        a.iter().flatten().zip(b.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-12)
    }

    #[test]
    fn maps_and_their_inverses_undo_each_other() {
        let map = Map::of([1.1, 0.2, -0.1, 5.0, -0.3, 0.9, 0.05, -7.0, 0.0, 0.1, 1.2, 3.0]);
        let x = [3.0, -2.0, 8.0];
        let back = map.inverse().unwrap().apply(map.apply(x));
        assert!((0..3).all(|k| (back[k] - x[k]).abs() < 1e-12));
        assert_eq!(Map::of(map.rows()), map);
        assert!(Map::of([1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]).inverse().is_none());
        let pose = Pose::about(x, &map).map();
        assert!((0..3).all(|k| (pose.shift[k] - map.shift[k]).abs() < 1e-12));
    }

    #[test]
    fn turns_and_eigenvectors_are_orthogonal() {
        let t = turn([0.3, -1.2, 0.7]);
        assert!(near(&times(&t, &transposed(&t)), &IDENTITY) && (determinant(&t) - 1.0).abs() < 1e-12);
        assert!(near(&turn([0.0, 0.0, std::f64::consts::FRAC_PI_2]), &[[0., -1., 0.], [1., 0., 0.], [0., 0., 1.]]));
        let a = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]];
        let (values, v) = eigen(a);
        let diagonal = std::array::from_fn(|i| std::array::from_fn(|j| if i == j { values[i] } else { 0.0 }));
        assert!(near(&times(&v, &times(&diagonal, &transposed(&v))), &a));
    }
}
