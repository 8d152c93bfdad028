//! Connected regions of a picture or volume of bits, by union and find.

/// Numbers the connected regions of voxels that are no boundary from 1, in the order of their first voxels; boundary
/// voxels are 0. Neighbours along x and y, and z where there is more than one slice.
pub(super) fn regions(boundary: &[u8], width: usize, slice: usize) -> (Vec<u32>, usize) {
    let mut region = vec![0u32; boundary.len()];
    // parent[n] <= n; 0 is the boundary.
    let mut parent = vec![0u32];
    for at in 0..boundary.len() {
        if boundary[at] != 0 {
            continue;
        }
        let left = if at % width > 0 { region[at - 1] } else { 0 };
        let up = if at % slice >= width { region[at - width] } else { 0 };
        let below = if at >= slice { region[at - slice] } else { 0 };
        let mut own = 0;
        for near in [left, up, below] {
            own = match (own, near) {
                (own, 0) => own,
                (0, near) => near,
                (own, near) if own == near => own,
                (own, near) => join(&mut parent, own, near),
            };
        }
        if own == 0 {
            own = parent.len() as u32;
            parent.push(own);
        }
        region[at] = own;
    }
    let mut number = vec![0u32; parent.len()];
    let mut count = 0;
    for n in 1..parent.len() {
        let root = root_of(&mut parent, n as u32) as usize;
        if root == n {
            count += 1;
            number[n] = count;
        } else {
            number[n] = number[root];
        }
    }
    region.iter_mut().for_each(|region| *region = number[*region as usize]);
    (region, count as usize)
}

fn root_of(parent: &mut [u32], mut n: u32) -> u32 {
    while parent[n as usize] != n {
        let above = parent[parent[n as usize] as usize];
        parent[n as usize] = above;
        n = above;
    }
    n
}

/// The lesser root becomes that of both, so that a root is the number of its region's first voxel.
fn join(parent: &mut [u32], a: u32, b: u32) -> u32 {
    let (a, b) = (root_of(parent, a), root_of(parent, b));
    let (least, other) = (a.min(b), a.max(b));
    parent[other as usize] = least;
    least
}
