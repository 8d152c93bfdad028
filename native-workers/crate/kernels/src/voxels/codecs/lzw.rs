//! LZW as TIFF 6.0 (section 13) has it: high bits first, codes widen one early.

use super::Room;
use super::read::failed;
use crate::error::Result;
use crate::voxels::damaged;
use weezl::{BitOrder, LzwStatus, decode::Configuration, encode::Encoder};

const CODE_BITS: u8 = 8;

/// Stops once there are enough bytes, as the end code is often missing.
pub fn decode(stored: &[u8], room: Room) -> Result<Vec<u8>> {
    let configuration = Configuration::with_tiff_size_switch(BitOrder::Msb, CODE_BITS).with_yield_on_full_buffer(true);
    let mut decoder = configuration.build();
    let mut out = vec![0; room.most()];
    let (mut rest, mut filled) = (stored, 0);
    while filled < out.len() {
        let result = decoder.decode_bytes(rest, &mut out[filled..]);
        filled += result.consumed_out;
        rest = &rest[result.consumed_in..];
        match result.status {
            Ok(LzwStatus::Ok) if result.consumed_in + result.consumed_out > 0 => {}
            Ok(_) => break,
            Err(e) => return Err(damaged(format!("is not sound LZW ({e})"))),
        }
    }
    out.truncate(filled);
    room.check(filled)?;
    Ok(out)
}

/// With clear code and end code.
pub fn encode(raw: &[u8]) -> Result<Vec<u8>> {
    Encoder::with_tiff_size_switch(BitOrder::Msb, CODE_BITS).encode(raw).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification() {
        // 7 7 7 8 8 7 7 6 6 -> Clear 7 258 8 8 258 6 6 End, 9 bits each.
        let codes = [256u32, 7, 258, 8, 8, 258, 6, 6, 257];
        let bits: String = codes.iter().map(|code| format!("{code:09b}")).collect();
        let bytes: Vec<u8> = bits
            .as_bytes()
            .chunks(8)
            .map(|b| {
                let text = format!("{:0<8}", String::from_utf8_lossy(b));
                u8::from_str_radix(&text, 2).unwrap()
            })
            .collect();
        assert_eq!(decode(&bytes, Room::Exactly(9)).unwrap(), [7, 7, 7, 8, 8, 7, 7, 6, 6]);
        assert!(decode(&bytes, Room::Exactly(10)).is_err());
    }
}
