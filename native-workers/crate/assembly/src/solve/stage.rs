//! What the links teach about the stage: its systematic error, and where tiles without links belong.

/// The stage's systematic error is corrected only where it explains this share of the moves that the links asked for.
const EXPLAINED: f64 = 0.3;
const FEWEST_TILES: usize = 6;

/// The component of each tile under the kept links: numbered by first tile, -1 for a tile without any.
pub fn components(tiles: usize, kept_pairs: impl Iterator<Item = (u32, u32)>) -> Vec<i32> {
    let mut parent: Vec<usize> = (0..tiles).collect();
    let mut linked = vec![false; tiles];
    for (a, b) in kept_pairs.map(|(a, b)| (a as usize, b as usize)) {
        let (root_a, root_b) = (root(&mut parent, a), root(&mut parent, b));
        parent[root_a.max(root_b)] = root_a.min(root_b);
        linked[a] = true;
        linked[b] = true;
    }
    let mut number = vec![-1; tiles];
    let mut next = 0;
    let mut component = vec![-1; tiles];
    for tile in (0..tiles).filter(|&t| linked[t]) {
        let root = root(&mut parent, tile);
        if number[root] < 0 {
            number[root] = next;
            next += 1;
        }
        component[tile] = number[root];
    }
    component
}

fn root(parent: &mut [usize], mut tile: usize) -> usize {
    while parent[tile] != tile {
        parent[tile] = parent[parent[tile]];
        tile = parent[tile];
    }
    tile
}

/// A linear map about a centre: `to = l (from - middle_from) + middle_to`.
pub struct CommonMap {
    /// Rows first.
    l: [f64; 4],
    middle_from: [f64; 2],
    middle_to: [f64; 2],
}

impl CommonMap {
    pub fn apply(&self, point: [f64; 2]) -> [f64; 2] {
        let [x, y] = turned(&self.l, [point[0] - self.middle_from[0], point[1] - self.middle_from[1]]);
        [x + self.middle_to[0], y + self.middle_to[1]]
    }

    /// Its linear part, rows first.
    pub fn linear(&self) -> &[f64; 4] {
        &self.l
    }
}

fn turned(l: &[f64; 4], [x, y]: [f64; 2]) -> [f64; 2] {
    [l[0] * x + l[1] * y, l[2] * x + l[3] * y]
}

/// What a common map may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Common {
    Affine,
    Similarity,
}

/// The linear map that best takes the linked tiles' points `from` to `to`, each component about its own centroid, and
/// the share of their distances that it explains, 0 to 1. `None` where the points do not span the plane.
pub fn common_map(kind: Common, from: &[[f64; 2]], to: &[[f64; 2]], component: &[i32]) -> Option<(CommonMap, f64)> {
    let linked: Vec<usize> = (0..from.len()).filter(|&t| component[t] >= 0).collect();
    let (about, target) = (centred(from, component, &linked), centred(to, component, &linked));
    let l = match kind {
        Common::Affine => linear_map(&about, &target)?,
        Common::Similarity => similar_map(&about, &target)?,
    };
    let square = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2);
    let before: f64 = about.iter().zip(&target).map(|(f, t)| square(*f, *t)).sum();
    let after: f64 = about.iter().zip(&target).map(|(f, t)| square(turned(&l, *f), *t)).sum();
    let middle = |points: &[[f64; 2]]| mean(linked.iter().map(|&t| points[t]));
    let map = CommonMap { l, middle_from: middle(from), middle_to: middle(to) };
    Some((map, if before > 0.0 { 1.0 - after / before } else { 0.0 }))
}

/// Where a better calibrated stage would have put every tile's centre: the stage's centres under the affine map that
/// best explains the solved centres. `None` where the stage has no such systematic error (a wrong overlap or scale
/// moves tiles in proportion to their distance; noise does not).
pub fn recalibrated(stage: &[[f64; 2]], solved: &[[f64; 2]], component: &[i32]) -> Option<Vec<[f64; 2]>> {
    if component.iter().filter(|&&c| c >= 0).count() < FEWEST_TILES {
        return None;
    }
    let (map, explained) = common_map(Common::Affine, stage, solved, component)?;
    let about_stage = CommonMap { middle_to: map.middle_from, ..map };
    (explained >= EXPLAINED).then(|| stage.iter().map(|&c| about_stage.apply(c)).collect())
}

/// The centroid; the origin for no points.
pub fn mean(points: impl Iterator<Item = [f64; 2]>) -> [f64; 2] {
    let (mut sum, mut count) = ([0.0; 2], 0.0);
    for p in points {
        sum = [sum[0] + p[0], sum[1] + p[1]];
        count += 1.0;
    }
    [sum[0] / f64::max(count, 1.0), sum[1] / f64::max(count, 1.0)]
}

/// The points of the linked tiles, each about the centroid of its component.
fn centred(points: &[[f64; 2]], component: &[i32], linked: &[usize]) -> Vec<[f64; 2]> {
    let count = component.iter().copied().max().map_or(0, |last| last + 1);
    let of = |t: usize| usize::try_from(component[t]).unwrap_or_default();
    let mut sums = vec![([0.0; 2], 0.0); usize::try_from(count).unwrap_or_default()];
    for &t in linked {
        let (sum, members) = &mut sums[of(t)];
        *sum = [sum[0] + points[t][0], sum[1] + points[t][1]];
        *members += 1.0;
    }
    let about = |&t: &usize| {
        let ([x, y], members) = sums[of(t)];
        [points[t][0] - x / members, points[t][1] - y / members]
    };
    linked.iter().map(about).collect()
}

/// The 2x2 map (rows first) that best takes `from` to `to`; None where `from` does not span the plane.
fn linear_map(from: &[[f64; 2]], to: &[[f64; 2]]) -> Option<[f64; 4]> {
    let sum = |f: &dyn Fn(&[f64; 2], &[f64; 2]) -> f64| from.iter().zip(to).map(|(a, b)| f(a, b)).sum::<f64>();
    let (xx, xy, yy) = (sum(&|a, _| a[0] * a[0]), sum(&|a, _| a[0] * a[1]), sum(&|a, _| a[1] * a[1]));
    let det = xx * yy - xy * xy;
    if det <= 1e-6 * (xx + yy).powi(2) {
        return None;
    }
    let row = |to_x: f64, to_y: f64| [(to_x * yy - to_y * xy) / det, (to_y * xx - to_x * xy) / det];
    let [a, b] = row(sum(&|a, b| a[0] * b[0]), sum(&|a, b| a[1] * b[0]));
    let [c, d] = row(sum(&|a, b| a[0] * b[1]), sum(&|a, b| a[1] * b[1]));
    Some([a, b, c, d])
}

/// The rotation and scale (rows first) that best take `from` to `to`; None where `from` is one point.
fn similar_map(from: &[[f64; 2]], to: &[[f64; 2]]) -> Option<[f64; 4]> {
    let sum = |f: &dyn Fn(&[f64; 2], &[f64; 2]) -> f64| from.iter().zip(to).map(|(a, b)| f(a, b)).sum::<f64>();
    let square = sum(&|a, _| a[0] * a[0] + a[1] * a[1]);
    if square <= 0.0 {
        return None;
    }
    let re = sum(&|a, b| a[0] * b[0] + a[1] * b[1]) / square;
    let im = sum(&|a, b| a[0] * b[1] - a[1] * b[0]) / square;
    Some([re, -im, im, re])
}
