use super::*;
use crate::cancel::never;
use crate::decode::Budget;
use crate::error::Tag;
use crate::test_files::png_bytes;
use std::path::Path;

fn decoded(bytes: &[u8]) -> Result<Decoded> {
    decode(&Source { path: Path::new("tile.png"), bytes, budget: Budget::default(), cancel: never() })
}

fn levels(bytes: &[u8]) -> Vec<u8> {
    match decoded(bytes).unwrap().image.samples {
        Samples::U8(v) => v,
        Samples::U16(_) => panic!("16 bit"),
    }
}

#[test]
fn sixteen_bits_stay_exact() {
    let values: Vec<u16> = (0..30u16).map(|i| i * 2153 + 1).collect();
    let data: Vec<u8> = values.iter().flat_map(|v| v.to_be_bytes()).collect();
    let got = decoded(&png_bytes(6, 5, ColorType::Grayscale, BitDepth::Sixteen, &data)).unwrap();
    assert_eq!(got.image, GreyImage { width: 6, height: 5, samples: Samples::U16(values) });
    assert_eq!((got.channels, got.truncated, got.decoded_fraction), (1, false, 1.0));
}

#[test]
fn shallow_depths_are_stretched() {
    let png = |depth, data: &[u8]| levels(&png_bytes(4, 1, ColorType::Grayscale, depth, data));
    assert_eq!(png(BitDepth::One, &[0b1010_0000]), [255, 0, 255, 0]);
    assert_eq!(png(BitDepth::Two, &[0b0001_1011]), [0, 85, 170, 255]);
    assert_eq!(png(BitDepth::Four, &[0x0f, 0x18]), [0, 255, 17, 136]);
}

#[test]
fn colour_becomes_luminance_and_alpha_is_left_out() {
    assert_eq!(levels(&png_bytes(2, 1, ColorType::Rgb, BitDepth::Eight, &[255, 0, 0, 9, 9, 9])), [76, 9]);
    assert_eq!(levels(&png_bytes(1, 1, ColorType::Rgba, BitDepth::Eight, &[0, 255, 0, 3])), [150]);
    assert_eq!(levels(&png_bytes(2, 1, ColorType::GrayscaleAlpha, BitDepth::Eight, &[7, 0, 8, 255])), [7, 8]);
    assert_eq!(levels(&png_bytes(4, 1, ColorType::Indexed, BitDepth::Eight, &[0, 1, 2, 3])), [0, 76, 150, 29]);
    let deep = png_bytes(1, 1, ColorType::Rgb, BitDepth::Sixteen, &[0x12, 0x34, 0x12, 0x34, 0x12, 0x34]);
    assert_eq!(decoded(&deep).unwrap().image.samples, Samples::U16(vec![0x1234]));
}

/// An Adam7 PNG with stored (uncompressed) deflate blocks, written out by hand.
fn interlaced(width: usize, height: usize, level: impl Fn(usize, usize) -> u8) -> Vec<u8> {
    let mut raw = Vec::new();
    let mut last = None;
    for place in row_places(width, height, true) {
        if last != Some((place.y, place.x, place.step)) {
            raw.push(0);
        }
        last = Some((place.y, place.x, place.step));
        raw.extend((place.x..width).step_by(place.step).map(|x| level(x, place.y)));
    }
    let mut idat = vec![0x78, 0x01, 0x01];
    idat.extend_from_slice(&(raw.len() as u16).to_le_bytes());
    idat.extend_from_slice(&(!(raw.len() as u16)).to_le_bytes());
    idat.extend_from_slice(&raw);
    idat.extend_from_slice(&[0, 0, 0, 0]);
    let mut header = Vec::new();
    header.extend_from_slice(&(width as u32).to_be_bytes());
    header.extend_from_slice(&(height as u32).to_be_bytes());
    header.extend_from_slice(&[8, 0, 0, 0, 1]);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", &header), (b"IDAT", &idat), (b"IEND", &Vec::new())] {
        bytes.extend_from_slice(&(data.len() as u32).to_be_bytes());
        let body: Vec<u8> = kind.iter().chain(data).copied().collect();
        bytes.extend_from_slice(&body);
        bytes.extend_from_slice(&super::super::tests::crc32(&body).to_be_bytes());
    }
    bytes
}

#[test]
fn interlaced_pictures_come_out_in_order() {
    for (width, height) in [(1, 1), (3, 2), (8, 8), (13, 21), (5, 1)] {
        let level = |x: usize, y: usize| (x * 11 + y * 7) as u8;
        let got = levels(&interlaced(width, height, level));
        assert!((0..width * height).all(|i| got[i] == level(i % width, i / width)), "{width} x {height}");
    }
}

#[test]
fn rows_before_the_end_of_a_truncated_file_are_kept() {
    let data: Vec<u8> = (0..200 * 1000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let whole = png_bytes(200, 1000, ColorType::Grayscale, BitDepth::Eight, &data);
    let got = decoded(&whole[..whole.len() * 6 / 10]).unwrap();
    assert!(got.truncated && (0.5..0.61).contains(&got.decoded_fraction), "{}", got.decoded_fraction);
    let Samples::U8(pixels) = got.image.samples else { panic!() };
    let rows = (got.decoded_fraction * 1000.0).round() as usize;
    assert_eq!(pixels[..rows * 200], data[..rows * 200]);
    assert!(pixels[rows * 200..].iter().all(|&p| p == 0));
}

#[test]
fn damage_is_told_with_the_row() {
    let data: Vec<u8> = (0..200 * 100u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut bytes = png_bytes(200, 100, ColorType::Grayscale, BitDepth::Eight, &data);
    let middle = bytes.len() / 2;
    bytes[middle..middle + 40].fill(0xff);
    let error = decoded(&bytes).unwrap_err();
    assert_eq!(error.tag, Tag::BadSource);
    assert!(error.message.contains("damaged"), "{}", error.message);
}
