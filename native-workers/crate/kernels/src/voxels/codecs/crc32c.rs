//! CRC-32C (RFC 3720), 4 bytes little-endian after the data, as Zarr v3 says it.

use crate::error::Result;
use crate::voxels::damaged;
use std::borrow::Cow;

/// Bytes of the sum.
pub const BYTES: usize = 4;

/// The data without its sum. Errors: `verification-failed` where it is another.
pub fn decode(stored: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>> {
    let Some((data, sum)) = stored.split_last_chunk::<BYTES>() else {
        return Err(damaged(format!("has only {} bytes", stored.len())));
    };
    if crc32c::crc32c(data) != u32::from_le_bytes(*sum) {
        return Err(damaged("fails its checksum"));
    }
    let length = data.len();
    Ok(match stored {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[..length]),
        Cow::Owned(mut bytes) => {
            bytes.truncate(length);
            Cow::Owned(bytes)
        }
    })
}

/// The data and its sum.
pub fn encode(mut data: Vec<u8>) -> Vec<u8> {
    let sum = crc32c::crc32c(&data);
    data.extend_from_slice(&sum.to_le_bytes());
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_rfc_3720() {
        assert_eq!(encode(vec![0; 32])[32..], 0x8a91_36aau32.to_le_bytes());
        assert_eq!(encode(b"123456789".to_vec())[9..], 0xe306_9283u32.to_le_bytes());
    }

    #[test]
    fn any_changed_bit_is_told() {
        let good = encode(vec![5; 40]);
        assert_eq!(decode(Cow::Borrowed(&good)).unwrap(), [5; 40].as_slice());
        for at in 0..8 * good.len() {
            let mut bad = good.clone();
            bad[at / 8] ^= 1 << (at % 8);
            assert!(decode(Cow::Owned(bad)).is_err());
        }
        assert!(decode(Cow::Borrowed(&[1, 2, 3])).is_err());
    }
}
