use super::*;
use crate::cancel::never;
use crate::decode::Budget;
use crate::error::Tag;
use jpeg_encoder::{ColorType, Encoder};
use std::path::Path;

const SIZE: [u16; 2] = [160, 120];

fn smooth(x: usize, y: usize) -> u8 {
    (40 + (x * x / 190 + y * y / 140 + x * y / 300) % 200) as u8
}

fn picture(channels: usize) -> Vec<u8> {
    let pixels = (0..usize::from(SIZE[0]) * usize::from(SIZE[1])).map(|i| smooth(i % 160, i / 160));
    pixels.flat_map(|v| std::iter::repeat_n(v, channels)).collect()
}

fn encoded(colour: ColorType, channels: usize, progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 95);
    encoder.set_progressive(progressive);
    encoder.encode(&picture(channels), SIZE[0], SIZE[1], colour).unwrap();
    bytes
}

fn decoded(bytes: &[u8]) -> Result<Decoded> {
    decode(&Source { path: Path::new("tile.jpg"), bytes, budget: Budget::default(), cancel: never() })
}

fn worst_error(got: &Decoded, rows: usize) -> u8 {
    let Samples::U8(pixels) = &got.image.samples else { panic!() };
    pixels.iter().zip(picture(1)).take(rows * 160).map(|(a, b)| a.abs_diff(b)).max().unwrap()
}

#[test]
fn grey_and_colour_baseline_and_progressive_give_their_luma() {
    for (colour, channels, progressive) in
        [(ColorType::Luma, 1, false), (ColorType::Rgb, 3, false), (ColorType::Luma, 1, true), (ColorType::Rgb, 3, true)]
    {
        let got = decoded(&encoded(colour, channels, progressive)).unwrap();
        assert_eq!((got.image.width, got.image.height, got.channels as usize), (160, 120, channels));
        assert!(!got.truncated && worst_error(&got, 120) <= 12, "{}", worst_error(&got, 120));
    }
}

#[test]
fn rows_before_the_end_of_a_truncated_file_are_kept() {
    let whole = encoded(ColorType::Luma, 1, false);
    let got = decoded(&whole[..whole.len() * 7 / 10]).unwrap();
    assert!(got.truncated && (0.2..0.95).contains(&got.decoded_fraction), "{}", got.decoded_fraction);
    let rows = (got.decoded_fraction * 120.0).round() as usize;
    assert!(worst_error(&got, rows - 16) <= 12);
    let Samples::U8(pixels) = got.image.samples else { panic!() };
    assert!(pixels[rows * 160..].iter().all(|&p| p == 0));
}

#[test]
fn a_file_that_ends_in_its_header_is_bad() {
    let whole = encoded(ColorType::Luma, 1, false);
    for length in [3, 20, 100, 200] {
        assert_eq!(decoded(&whole[..length]).unwrap_err().tag, Tag::BadSource);
    }
}
