//! Places that two bodies both show, as `balance-light` takes them.

use super::dense::median;
use super::grid::Nodes;
use kernels::error::{KernelError, Result};

/// Numbers of a place: body a, body b, x and y in a (0 to 1), x and y in b, means of a and b, SDs of a and b, weight.
pub const PLACE: usize = 11;

pub struct Place {
    pub bodies: [usize; 2],
    pub hats: [[(usize, f64); 4]; 2],
    pub means: [f64; 2],
    pub contrasts: [f64; 2],
    pub weight: f64,
}

pub fn read_places(bytes: &[u8], bodies: usize, nodes: &Nodes) -> Result<Vec<Place>> {
    let (rows, rest) = bytes.as_chunks::<{ PLACE * 8 }>();
    if !rest.is_empty() {
        return Err(KernelError::invalid_input(format!("{} bytes are no whole number of places.", bytes.len())));
    }
    rows.iter()
        .map(|row| {
            let v: [f64; PLACE] = std::array::from_fn(|i| f64::from_le_bytes(std::array::from_fn(|k| row[8 * i + k])));
            let (a, b) = (v[0] as usize, v[1] as usize);
            if a >= bodies || b >= bodies || a == b || !v.iter().all(|v| v.is_finite()) || v[10] < 0.0 {
                return Err(KernelError::invalid_input(format!("A place {v:?} of {bodies} bodies is none.")));
            }
            let hats = |x: f64, y: f64| nodes.hats(x, y).map(|(node, weight)| (node, f64::from(weight)));
            Ok(Place {
                bodies: [a, b],
                hats: [hats(v[2], v[3]), hats(v[4], v[5])],
                means: [v[6], v[7]],
                contrasts: [v[8], v[9]],
                weight: v[10],
            })
        })
        .collect()
}

/// Grey levels are solved for about their middle, in units of their contrast.
#[derive(Clone, Copy)]
pub struct Unit {
    pub centre: f64,
    pub scale: f64,
}

impl Unit {
    /// Of the levels and contrasts that places have.
    pub fn of(places: &[Place]) -> Self {
        let centre = median(&mut places.iter().flat_map(|p| p.means).collect::<Vec<_>>());
        let scale = median(&mut places.iter().flat_map(|p| p.contrasts).collect::<Vec<_>>());
        Self { centre: if centre.is_finite() { centre } else { 0.0 }, scale: if scale > 1e-6 { scale } else { 1.0 } }
    }
}

/// The first body of the set that each body is linked to.
pub fn sets(bodies: usize, places: &[Place]) -> Vec<usize> {
    let mut above: Vec<usize> = (0..bodies).collect();
    fn first(above: &mut [usize], mut body: usize) -> usize {
        while above[body] != body {
            above[body] = above[above[body]];
            body = above[body];
        }
        body
    }
    for place in places {
        let [a, b] = place.bodies.map(|body| first(&mut above, body));
        above[a.max(b)] = a.min(b);
    }
    (0..bodies).map(|body| first(&mut above, body)).collect()
}
