//! Zstandard (RFC 8878). The contexts of a thread are used again, as setting them up costs as much as a small chunk.

use super::Room;
use super::read::{failed, write_all};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::voxels::damaged;
use std::cell::RefCell;
use zstd::stream::write::Encoder;
use zstd::zstd_safe::{CCtx, DCtx, compress_bound, get_error_name};

/// Above this, setting up a context costs nothing beside the work, and the work is long enough to be cancelled.
const LARGE: usize = 4 << 20;

thread_local! {
    static COMPRESSOR: RefCell<CCtx<'static>> = RefCell::new(CCtx::create());
    static DECOMPRESSOR: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
}

/// One frame or several.
pub fn decode(stored: &[u8], room: Room) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(room.most());
    DECOMPRESSOR.with_borrow_mut(|context| context.decompress(&mut out, stored)).map_err(|code| sound(room, code))?;
    room.check(out.len())?;
    Ok(out)
}

/// Fills `out`; as [`decode`], for a part of a chunk.
pub fn decode_into(stored: &[u8], out: &mut [u8]) -> Result<usize> {
    let room = Room::Exactly(out.len());
    DECOMPRESSOR.with_borrow_mut(|context| context.decompress(out, stored)).map_err(|code| sound(room, code))
}

fn sound(room: Room, code: usize) -> crate::error::KernelError {
    damaged(format!("is not sound Zstandard of {} bytes ({})", room.most(), get_error_name(code)))
}

/// One frame that says its content size, so that a reader can allocate once. Level 0 is the library's own, 3.
pub fn encode(raw: &[u8], level: u32, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    if raw.len() > LARGE {
        return encode_large(raw, level, cancel);
    }
    let mut out = Vec::with_capacity(compress_bound(raw.len()));
    let compress = |context: &mut CCtx<'_>| context.compress(&mut out, raw, level as i32);
    COMPRESSOR.with_borrow_mut(compress).map_err(|code| failed(get_error_name(code)))?;
    Ok(out)
}

fn encode_large(raw: &[u8], level: u32, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    let mut encoder = Encoder::new(Vec::with_capacity(raw.len() / 2), level as i32).map_err(failed)?;
    encoder.set_pledged_src_size(Some(raw.len() as u64)).map_err(failed)?;
    encoder.include_contentsize(true).map_err(failed)?;
    write_all(&mut encoder, raw, cancel)?;
    encoder.finish().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::never;
    use zstd::zstd_safe::get_frame_content_size;

    #[test]
    fn the_frame_tells_its_content_size() {
        let stored = encode(&[7; 70_000], 1, never()).unwrap();
        assert_eq!(get_frame_content_size(&stored).unwrap(), Some(70_000));
    }

    #[test]
    fn large_chunks_are_frames_of_the_same_kind() {
        let raw: Vec<u8> = (0..LARGE as u32 + 5).map(|i| (i / 9) as u8).collect();
        let stored = encode(&raw, 1, never()).unwrap();
        assert_eq!(get_frame_content_size(&stored).unwrap(), Some(raw.len() as u64));
        assert!(decode(&stored, Room::Exactly(raw.len())).unwrap() == raw);
    }

    #[test]
    fn other_lengths_are_refused() {
        let stored = encode(&[7; 1000], 3, never()).unwrap();
        assert_eq!(decode(&stored, Room::Exactly(1000)).unwrap(), [7; 1000]);
        assert_eq!(decode(&stored, Room::AtMost(5000)).unwrap(), [7; 1000]);
        for room in [Room::Exactly(999), Room::Exactly(1001), Room::AtMost(999), Room::Exactly(0)] {
            assert!(decode(&stored, room).is_err(), "{room:?}");
        }
    }

    #[test]
    fn frames_follow_one_another() {
        let two = [encode(&[1; 10], 1, never()).unwrap(), encode(&[2; 10], 1, never()).unwrap()].concat();
        assert_eq!(decode(&two, Room::Exactly(20)).unwrap()[9..11], [1, 2]);
        assert_eq!(decode(&two, Room::AtMost(50)).unwrap().len(), 20);
    }
}
