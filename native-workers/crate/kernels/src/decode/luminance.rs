//! Colour to grey. The weights are those of ITU-R BT.601, so that a JPEG's own luma plane is the same picture.

/// Luminance of an 8-bit colour, rounded to nearest.
pub fn luminance_u8(r: u8, g: u8, b: u8) -> u8 {
    let sum = 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b);
    ((sum + 500) / 1000) as u8
}

/// Luminance of a 16-bit colour, rounded to nearest.
pub fn luminance_u16(r: u16, g: u16, b: u16) -> u16 {
    let sum = 299 * u64::from(r) + 587 * u64::from(g) + 114 * u64::from(b);
    ((sum + 500) / 1000) as u16
}

/// Grey of one 8-bit pixel of `channels` samples: 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA. Alpha is left out.
pub fn grey_u8(pixel: &[u8]) -> u8 {
    match *pixel {
        [r, g, b] | [r, g, b, _] => luminance_u8(r, g, b),
        [grey, ..] => grey,
        [] => 0,
    }
}

/// Grey of one 16-bit pixel, as [`grey_u8`].
pub fn grey_u16(pixel: &[u16]) -> u16 {
    match *pixel {
        [r, g, b] | [r, g, b, _] => luminance_u16(r, g, b),
        [grey, ..] => grey,
        [] => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_channels_keep_their_level() {
        for v in 0..=255u8 {
            assert_eq!(luminance_u8(v, v, v), v);
        }
        assert_eq!(luminance_u16(65_535, 65_535, 65_535), 65_535);
    }

    #[test]
    fn weights_are_those_of_bt601() {
        assert_eq!((luminance_u8(255, 0, 0), luminance_u8(0, 255, 0), luminance_u8(0, 0, 255)), (76, 150, 29));
        assert_eq!(grey_u8(&[7, 200]), 7);
    }
}
