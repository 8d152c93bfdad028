//! LZ4 as lz4-java's `LZ4BlockOutputStream` writes it and N5 stores it. Each block: "LZ4Block", a token (method, and
//! the power of two of the block size less 10), stored size, decoded size, 28 bits of the XXH32 of the decoded bytes
//! (seed 0x9747b28c), all little-endian; then the bytes. An empty block ends the stream.

use super::Room;
use super::lz4::{append_block, decode_into};
use crate::error::Result;
use crate::voxels::damaged;
use twox_hash::XxHash32;

const MAGIC: &[u8; 8] = b"LZ4Block";
const HEADER_BYTES: usize = 21;
const SEED: u32 = 0x9747_b28c;
const SUM_BITS: u32 = 0x0fff_ffff;
const METHOD_RAW: u8 = 0x10;
const METHOD_LZ4: u8 = 0x20;
/// 64 KiB, the writer's usual block.
const LEVEL: u8 = 6;
const SMALLEST_POWER: u8 = 10;

/// One block's header.
struct Block {
    method: u8,
    stored: usize,
    decoded: usize,
    sum: u32,
}

impl Block {
    /// Errors: anything that the writer does not write; sizes are within the block size of the token.
    fn parse(header: &[u8; HEADER_BYTES]) -> Result<Self> {
        let word = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let (token, sum) = (header[8], word(17));
        let (stored, decoded) = (word(9) as usize, word(13) as usize);
        let method = token & 0xf0;
        let most = 1usize << (SMALLEST_POWER + (token & 0x0f));
        let sizes = decoded <= most && (method != METHOD_RAW || stored == decoded) && (stored == 0) == (decoded == 0);
        if !header.starts_with(MAGIC) || !matches!(method, METHOD_RAW | METHOD_LZ4) || !sizes {
            return Err(damaged("has a block header that no LZ4 block stream has"));
        }
        Ok(Self { method, stored, decoded, sum })
    }
}

/// Decodes block after block. A stream that stops between two blocks counts as ended.
pub fn decode(stored: &[u8], room: Room) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(if let Room::Exactly(n) = room { n } else { 0 });
    let mut rest = stored;
    while let Some((header, after)) = rest.split_first_chunk::<HEADER_BYTES>() {
        let block = Block::parse(header)?;
        if block.decoded == 0 {
            rest = &[];
            break;
        }
        let Some((bytes, next)) = after.split_at_checked(block.stored) else {
            return Err(damaged("ends inside an LZ4 block"));
        };
        append_decoded(&block, bytes, &mut out, room)?;
        rest = next;
    }
    if !rest.is_empty() {
        return Err(damaged("ends inside the header of an LZ4 block"));
    }
    room.check(out.len())?;
    Ok(out)
}

fn append_decoded(block: &Block, bytes: &[u8], out: &mut Vec<u8>, room: Room) -> Result<()> {
    let start = out.len();
    let end = start + block.decoded;
    Room::AtMost(room.most()).check(end)?;
    if block.method == METHOD_RAW {
        out.extend_from_slice(bytes);
    } else {
        out.resize(end, 0);
        Room::Exactly(block.decoded).check(decode_into(bytes, &mut out[start..])?)?;
    }
    let sum = XxHash32::oneshot(SEED, &out[start..]) & SUM_BITS;
    if sum == block.sum { Ok(()) } else { Err(damaged("fails the checksum of an LZ4 block")) }
}

/// Blocks of 64 KiB and the empty one.
pub fn encode(raw: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(raw.len() / 2 + 2 * HEADER_BYTES);
    let mut packed = Vec::new();
    for block in raw.chunks(1 << (SMALLEST_POWER + LEVEL)) {
        packed.clear();
        append_block(block, &mut packed)?;
        let (method, bytes) = if packed.len() < block.len() { (METHOD_LZ4, &packed[..]) } else { (METHOD_RAW, block) };
        append_header(&mut out, method, bytes.len(), block.len(), XxHash32::oneshot(SEED, block) & SUM_BITS);
        out.extend_from_slice(bytes);
    }
    append_header(&mut out, METHOD_RAW, 0, 0, 0);
    Ok(out)
}

fn append_header(out: &mut Vec<u8>, method: u8, stored: usize, decoded: usize, sum: u32) {
    out.extend_from_slice(MAGIC);
    out.push(method | LEVEL);
    for word in [stored as u32, decoded as u32, sum] {
        out.extend_from_slice(&word.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_specification() {
        assert_eq!(XxHash32::oneshot(0, b""), 0x02cc_5d05);
        assert_eq!(XxHash32::oneshot(0, b"Nobody inspects the spammish repetition"), 0xe229_3b2f);
    }

    #[test]
    fn streams_come_back_and_end_with_an_empty_block() {
        for raw in [vec![], vec![3; 200_000], (0..70_000u32).map(|i| (i.wrapping_mul(i) >> 5) as u8).collect()] {
            let stored = encode(&raw).unwrap();
            assert_eq!(decode(&stored, Room::Exactly(raw.len())).unwrap(), raw);
            assert_eq!(decode(&stored[..stored.len() - HEADER_BYTES], Room::Exactly(raw.len())).unwrap(), raw);
            assert!(decode(&stored[..stored.len() - 1], Room::Exactly(raw.len())).is_err());
            assert!(decode(&stored, Room::Exactly(raw.len() + 1)).is_err());
        }
    }
}
