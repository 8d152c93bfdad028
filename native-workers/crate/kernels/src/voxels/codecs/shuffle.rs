//! Bytes or bits of elements put together by their place in the element: numcodecs' Shuffle, and Blosc's two filters.

/// Puts the bytes of elements back. Bytes after the last whole element stay where they are.
pub fn decode(stored: &[u8], element: usize) -> Vec<u8> {
    let mut out = vec![0; stored.len()];
    unshuffle(stored, &mut out, element);
    out
}

/// Puts first bytes first, then second bytes, and so on.
pub fn encode(raw: &[u8], element: usize) -> Vec<u8> {
    let mut out = vec![0; raw.len()];
    shuffle(raw, &mut out, element);
    out
}

/// As [`encode`], into memory that is there; both are as long.
pub fn shuffle(from: &[u8], to: &mut [u8], element: usize) {
    fn typed<const N: usize>(from: &[u8], to: &mut [u8], count: usize) {
        let (elements, _) = from.as_chunks::<N>();
        for (i, plane) in to.chunks_exact_mut(count).take(N).enumerate() {
            plane.iter_mut().zip(elements).for_each(|(byte, element)| *byte = element[i]);
        }
    }
    match whole(from, to, element) {
        None => {}
        Some((2, count)) => typed::<2>(from, to, count),
        Some((4, count)) => typed::<4>(from, to, count),
        Some((8, count)) => typed::<8>(from, to, count),
        Some((element, count)) => {
            for (i, plane) in to.chunks_exact_mut(count).take(element).enumerate() {
                plane.iter_mut().zip(from[i..].iter().step_by(element)).for_each(|(to, from)| *to = *from);
            }
        }
    }
}

/// As [`decode`], into memory that is there; both are as long.
pub fn unshuffle(from: &[u8], to: &mut [u8], element: usize) {
    fn typed<const N: usize>(from: &[u8], to: &mut [u8], count: usize) {
        let planes: [&[u8]; N] = std::array::from_fn(|i| &from[i * count..(i + 1) * count]);
        let (elements, _) = to.as_chunks_mut::<N>();
        for (at, element) in elements.iter_mut().enumerate().take(count) {
            *element = std::array::from_fn(|i| planes[i][at]);
        }
    }
    match whole(from, to, element) {
        None => {}
        Some((2, count)) => typed::<2>(from, to, count),
        Some((4, count)) => typed::<4>(from, to, count),
        Some((8, count)) => typed::<8>(from, to, count),
        Some((element, count)) => {
            for (i, plane) in from.chunks_exact(count).take(element).enumerate() {
                to[i..].iter_mut().step_by(element).zip(plane).for_each(|(to, from)| *to = *from);
            }
        }
    }
}

/// Copies what stays where it is. Gives the element size and number of whole elements where there are any to move.
fn whole(from: &[u8], to: &mut [u8], element: usize) -> Option<(usize, usize)> {
    let count = from.len() / element.max(1);
    let moved = if element > 1 { count * element } else { 0 };
    to[moved..].copy_from_slice(&from[moved..]);
    (moved > 0).then_some((element, count))
}

/// Blosc's bitshuffle: row `8 i + b` has bit `b` of byte `i` of every element, the first element in the lowest bit.
/// Blocks whose number of elements is not a multiple of 8 stay as they are.
pub fn bitshuffle(from: &[u8], to: &mut [u8], element: usize) {
    let Some((row, moved)) = bit_rows(from, to, element) else { return };
    for byte in 0..element {
        for at in 0..row {
            let gathered: [u8; 8] = std::array::from_fn(|k| from[(8 * at + k) * element + byte]);
            for (bit, value) in transposed(gathered).into_iter().enumerate() {
                to[(8 * byte + bit) * row + at] = value;
            }
        }
    }
    to[moved..].copy_from_slice(&from[moved..]);
}

/// The inverse of [`bitshuffle`].
pub fn bitunshuffle(from: &[u8], to: &mut [u8], element: usize) {
    let Some((row, moved)) = bit_rows(from, to, element) else { return };
    for byte in 0..element {
        for at in 0..row {
            let gathered: [u8; 8] = std::array::from_fn(|bit| from[(8 * byte + bit) * row + at]);
            for (k, value) in transposed(gathered).into_iter().enumerate() {
                to[(8 * at + k) * element + byte] = value;
            }
        }
    }
    to[moved..].copy_from_slice(&from[moved..]);
}

/// Bytes of a row of bits, and bytes of all rows; copies blocks that stay as they are.
fn bit_rows(from: &[u8], to: &mut [u8], element: usize) -> Option<(usize, usize)> {
    let count = from.len() / element.max(1);
    if count == 0 || !count.is_multiple_of(8) {
        to.copy_from_slice(from);
        return None;
    }
    Some((count / 8, count * element))
}

/// Bits of 8 x 8 turned over their diagonal (Hacker's Delight, 7-3).
fn transposed(rows: [u8; 8]) -> [u8; 8] {
    let mut x = u64::from_le_bytes(rows);
    for (shift, mask) in [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)] {
        let swapped = (x ^ (x >> shift)) & mask;
        x ^= swapped ^ (swapped << shift);
    }
    x.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_by_their_place() {
        assert_eq!(encode(&[1, 2, 3, 4, 5, 6, 7], 2), [1, 3, 5, 2, 4, 6, 7]);
        assert_eq!(encode(&[1, 2, 3, 4, 5, 6], 3), [1, 4, 2, 5, 3, 6]);
    }

    #[test]
    fn all_filters_come_back_for_any_element_and_length() {
        for element in [1, 2, 3, 4, 8, 12, 16, 255] {
            for length in [0, 1, 7, 64, 255, 1000, 4096] {
                let raw: Vec<u8> = (0..length).map(|i| (i * 37 % 251) as u8).collect();
                assert_eq!(decode(&encode(&raw, element), element), raw);
                let (mut there, mut back) = (vec![0; length], vec![0; length]);
                bitshuffle(&raw, &mut there, element);
                bitunshuffle(&there, &mut back, element);
                assert_eq!(back, raw, "{element} {length}");
            }
        }
    }

    #[test]
    fn bits_go_by_their_place() {
        let mut rows = [0; 8];
        bitshuffle(&[1, 0, 0, 0, 0, 0, 0, 0x81], &mut rows, 1);
        assert_eq!(rows, [0x81, 0, 0, 0, 0, 0, 0, 0x80]);
    }
}
