//! BloscLZ, the byte-wise LZ77 of Blosc (c-blosc, blosclz.c): heads of literals below 32, else of matches.

use crate::error::Result;
use crate::voxels::damaged;

/// Distances from here on have two more bytes.
const FAR: usize = 8191;
const MOST_DISTANCE: usize = FAR + 0xffff;
const MOST_LITERALS: usize = 32;
const HASH_BITS: u32 = 14;
const LEAST_MATCH: usize = 4;
/// Near matches of this length or more need further bytes of length.
const LONG: usize = 9;

/// Fills `out` and gives the bytes written.
pub fn decode_into(stored: &[u8], out: &mut [u8]) -> Result<usize> {
    let mut input = Input { rest: stored };
    let mut written = 0;
    let Some(first) = input.next() else { return Ok(0) };
    let mut head = first & 31;
    loop {
        if head < 32 {
            let count = usize::from(head) + 1;
            let target = out.get_mut(written..written + count).ok_or_else(unsound)?;
            target.copy_from_slice(input.take(count).ok_or_else(unsound)?);
            written += count;
        } else {
            let (length, distance) = input.read_match(head).ok_or_else(unsound)?;
            if distance > written || length > out.len() - written {
                return Err(unsound());
            }
            repeat(out, written, distance, length);
            written += length;
        }
        match input.next() {
            Some(next) => head = next,
            None => return Ok(written),
        }
    }
}

fn unsound() -> crate::error::KernelError {
    damaged("is not sound BloscLZ")
}

/// Copies from `distance` back; where that overlaps, what was copied is copied on.
fn repeat(out: &mut [u8], at: usize, distance: usize, length: usize) {
    let mut done = 0;
    while done < length {
        let step = (length - done).min(distance + done);
        out.copy_within(at - distance..at - distance + step, at + done);
        done += step;
    }
}

struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn next(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// Length and distance (1 and more).
    fn read_match(&mut self, head: u8) -> Option<(usize, usize)> {
        let mut length = usize::from(head >> 5) + 2;
        let high = usize::from(head & 31) << 8;
        if length == LONG {
            loop {
                let more = self.next()?;
                length += usize::from(more);
                if more != 255 {
                    break;
                }
            }
        }
        let low = usize::from(self.next()?);
        if high + low < FAR {
            return Some((length, high + low + 1));
        }
        let far = usize::from(self.next()?) << 8 | usize::from(self.next()?);
        Some((length, FAR + far + 1))
    }
}

/// Appends `raw` packed, greedily. May be longer than it.
pub fn append(raw: &[u8], out: &mut Vec<u8>) {
    let mut table = vec![0u32; 1 << HASH_BITS];
    let mut literal = 0;
    let mut at = 1;
    // Readers want a literal at the start and at the end.
    while at + LEAST_MATCH < raw.len() {
        let word = u32::from_le_bytes([raw[at], raw[at + 1], raw[at + 2], raw[at + 3]]);
        let slot = &mut table[(word.wrapping_mul(2_654_435_761) >> (32 - HASH_BITS)) as usize];
        let from = std::mem::replace(slot, at as u32) as usize;
        let distance = at - from;
        let length = if distance <= MOST_DISTANCE { matching(raw, from, at) } else { 0 };
        if length < LEAST_MATCH + 2 * usize::from(distance >= FAR) {
            at += 1 + (at - literal) / 64;
            continue;
        }
        append_literals(&raw[literal..at], out);
        append_match(length, distance, out);
        at += length;
        literal = at;
    }
    append_literals(&raw[literal..], out);
}

/// Equal bytes, short of the last of all.
fn matching(raw: &[u8], from: usize, at: usize) -> usize {
    let most = raw.len() - 1 - at;
    raw[from..from + most].iter().zip(&raw[at..at + most]).take_while(|(a, b)| a == b).count()
}

fn append_literals(bytes: &[u8], out: &mut Vec<u8>) {
    for run in bytes.chunks(MOST_LITERALS) {
        out.push((run.len() - 1) as u8);
        out.extend_from_slice(run);
    }
}

fn append_match(length: usize, distance: usize, out: &mut Vec<u8>) {
    let back = distance - 1;
    let near = back.min(FAR);
    out.push(((length.min(LONG) - 2) << 5) as u8 | (near >> 8) as u8);
    if length >= LONG {
        let more = length - LONG;
        out.resize(out.len() + more / 255, 255);
        out.push((more % 255) as u8);
    }
    out.push(near as u8);
    if back >= FAR {
        out.extend_from_slice(&((back - FAR) as u16).to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(raw: &[u8]) -> usize {
        let mut stored = Vec::new();
        append(raw, &mut stored);
        let mut back = vec![0; raw.len()];
        assert_eq!(decode_into(&stored, &mut back).unwrap(), raw.len());
        assert_eq!(back, raw);
        stored.len()
    }

    #[test]
    fn runs_repeats_near_and_far_and_noise_come_back() {
        let noise: Vec<u8> = (0..30_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert!(there_and_back(&noise) <= 31_000);
        assert!(there_and_back(&[7; 100_000]) < 500);
        assert!(there_and_back(&[&noise[..], &noise[..]].concat()) < 32_000);
        for length in 1..40 {
            there_and_back(&noise[..length]);
            there_and_back(&vec![1; length]);
        }
        for gap in [8185, 8190, 8191, 8192, 8193, 8200] {
            there_and_back(&[&noise[..100], &noise[1000..1000 + gap - 100], &noise[..100], &[1, 2, 3]].concat());
        }
    }
}
