//! Stored chunks: Zstandard with the content size (RFC 8878), then a CRC-32C (RFC 3720, little-endian) where asked,
//! as the Zarr v3 codec chain `zstd`, `crc32c` writes them.

use crate::cancel::Cancel;
use crate::error::{KernelError, Result, Tag};
use serde::{Deserialize, Serialize};

/// Bytes compressed between two looks at the cancel flag.
const STEP_BYTES: usize = 1 << 16;
const CRC_BYTES: usize = 4;

fn yes() -> bool {
    true
}

fn level_one() -> i32 {
    1
}

/// Header of `encode-chunk`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Encode {
    #[serde(default = "level_one")]
    zstd_level: i32,
    #[serde(default = "yes")]
    crc32c: bool,
}

/// Header of `decode-chunk`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decode {
    decoded_bytes: usize,
    #[serde(default = "yes")]
    crc32c: bool,
}

/// Bytes of the output.
#[derive(Debug, Serialize)]
pub struct Size {
    bytes: usize,
}

/// Compresses `raw`. The frame says its content size, so that a reader can allocate once.
pub fn encode(header: &Encode, raw: &[u8], cancel: Cancel<'_>) -> Result<(Size, Vec<Vec<u8>>)> {
    let fail = |e: std::io::Error| KernelError::internal(format!("compressing {} bytes: {e}", raw.len()));
    let out = Vec::with_capacity(raw.len() / 2 + 64);
    let mut encoder = zstd::stream::write::Encoder::new(out, header.zstd_level).map_err(fail)?;
    encoder.set_pledged_src_size(Some(raw.len() as u64)).map_err(fail)?;
    encoder.include_contentsize(true).map_err(fail)?;
    for step in raw.chunks(STEP_BYTES) {
        cancel.poll()?;
        std::io::Write::write_all(&mut encoder, step).map_err(fail)?;
    }
    let mut out = encoder.finish().map_err(fail)?;
    if header.crc32c {
        let sum = crc32c::crc32c(&out);
        out.extend_from_slice(&sum.to_le_bytes());
    }
    Ok((Size { bytes: out.len() }, vec![out]))
}

/// Decompresses `stored`. Errors: `verification-failed` for a wrong checksum or length; never allocates more than
/// `decodedBytes`.
pub fn decode(header: &Decode, stored: &[u8]) -> Result<(Size, Vec<Vec<u8>>)> {
    let frame = if header.crc32c { checked(stored)? } else { stored };
    let mut out = vec![0u8; header.decoded_bytes];
    let wanted = header.decoded_bytes;
    let got = zstd::bulk::decompress_to_buffer(frame, &mut out[..])
        .map_err(|e| damaged(format!("does not decompress to {wanted} bytes ({e})")))?;
    if got != wanted {
        return Err(damaged(format!("decompresses to {got} bytes instead of {wanted}")));
    }
    Ok((Size { bytes: got }, vec![out]))
}

fn checked(stored: &[u8]) -> Result<&[u8]> {
    let Some(split) = stored.len().checked_sub(CRC_BYTES) else {
        return Err(damaged(format!("has only {} bytes", stored.len())));
    };
    let (frame, sum) = stored.split_at(split);
    if crc32c::crc32c(frame).to_le_bytes() == sum { Ok(frame) } else { Err(damaged("fails its checksum")) }
}

fn damaged(what: impl std::fmt::Display) -> KernelError {
    let hint = "The copy on disk is damaged: make this part again, or fetch it again.";
    KernelError::new(Tag::VerificationFailed, format!("A stored chunk {what}."), hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::never;

    fn stored(crc32c: bool, raw: &[u8]) -> Vec<u8> {
        encode(&Encode { zstd_level: 3, crc32c }, raw, never()).unwrap().1.remove(0)
    }

    #[test]
    fn chunks_come_back_whole_with_and_without_a_checksum() {
        let raw: Vec<u8> = (0..300_000u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
        for crc32c in [false, true] {
            for raw in [&raw[..], &raw[..1], &[]] {
                let (size, out) = decode(&Decode { decoded_bytes: raw.len(), crc32c }, &stored(crc32c, raw)).unwrap();
                assert_eq!((size.bytes, &out[0][..]), (raw.len(), raw));
            }
        }
    }

    #[test]
    fn the_frame_tells_its_content_size() {
        let bytes = stored(false, &[7; 70_000]);
        assert_eq!(zstd::zstd_safe::get_frame_content_size(&bytes).unwrap(), Some(70_000));
    }

    #[test]
    fn crc32c_is_the_one_of_rfc_3720() {
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
    }

    #[test]
    fn damage_and_wrong_lengths_are_refused() {
        let good = stored(true, &[5; 1000]);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            let error = decode(&Decode { decoded_bytes: 1000, crc32c: true }, &bad).unwrap_err();
            assert_eq!(error.tag, Tag::VerificationFailed);
        }
        for decoded_bytes in [0, 999, 1001] {
            assert!(decode(&Decode { decoded_bytes, crc32c: true }, &good).is_err());
        }
        assert!(decode(&Decode { decoded_bytes: 0, crc32c: true }, &[1, 2, 3]).is_err());
    }
}
