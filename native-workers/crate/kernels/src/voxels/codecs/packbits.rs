//! PackBits, as TIFF 6.0 (section 9) says it.

use super::Room;
use crate::error::Result;
use crate::voxels::damaged;

/// Bytes that one head byte can stand for.
const MOST_RUN: usize = 128;

/// Stops once there are enough bytes: writers pad.
pub fn decode(stored: &[u8], room: Room) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(if let Room::Exactly(n) = room { n } else { 0 });
    let mut rest = stored;
    while let (Some((&head, after)), true) = (rest.split_first(), out.len() < room.most()) {
        rest = after;
        let head = i16::from(head as i8);
        if head == -128 {
            continue;
        }
        let (count, taken) = if head >= 0 { (head as usize + 1, head as usize + 1) } else { ((1 - head) as usize, 1) };
        let Some((bytes, next)) = rest.split_at_checked(taken) else {
            return Err(damaged("ends inside a run of PackBits"));
        };
        Room::AtMost(room.most()).check(out.len() + count)?;
        if head >= 0 {
            out.extend_from_slice(bytes);
        } else {
            out.resize(out.len() + count, bytes[0]);
        }
        rest = next;
    }
    room.check(out.len())?;
    Ok(out)
}

/// Runs of three and more bytes are packed.
pub fn encode(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + raw.len() / MOST_RUN + 1);
    let mut literal = 0;
    let mut at = 0;
    while at < raw.len() {
        let run = raw[at..].iter().take(MOST_RUN).take_while(|&&b| b == raw[at]).count();
        if run >= 3 {
            append_literal(&mut out, &raw[literal..at]);
            out.extend([(1 - run as i16) as u8, raw[at]]);
            literal = at + run;
        }
        at += run;
    }
    append_literal(&mut out, &raw[literal..]);
    out
}

fn append_literal(out: &mut Vec<u8>, bytes: &[u8]) {
    for part in bytes.chunks(MOST_RUN) {
        out.push((part.len() - 1) as u8);
        out.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Apple's technical note 1023.
    const PACKED: [u8; 15] = [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa];
    const PLAIN: [u8; 24] = [
        0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0x22, 0xaa, 0xaa, 0xaa, 0xaa,
        0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
    ];

    #[test]
    fn the_published_example_both_ways() {
        assert_eq!(decode(&PACKED, Room::Exactly(24)).unwrap(), PLAIN);
        assert_eq!(encode(&PLAIN), PACKED);
    }

    #[test]
    fn padding_is_left_and_wrong_lengths_are_refused() {
        let padded = [&PACKED[..], &[0x80, 0]].concat();
        assert_eq!(decode(&padded, Room::Exactly(24)).unwrap(), PLAIN);
        for wanted in [23, 25] {
            assert!(decode(&PACKED, Room::Exactly(wanted)).is_err());
        }
        assert!(decode(&PACKED[..14], Room::Exactly(24)).is_err());
    }
}
