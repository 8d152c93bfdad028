use super::*;
use crate::cancel::never;
use crate::decode::Budget;
use crate::error::Tag;
use crate::image::Samples;
use std::io::Cursor;
use std::path::Path;
use tiff::encoder::colortype::{self, ColorType as Kind};
use tiff::encoder::{Compression, TiffEncoder, TiffValue};

fn decoded(bytes: &[u8]) -> Result<Decoded> {
    decode(&Source { path: Path::new("tile.tif"), bytes, budget: Budget::default(), cancel: never() })
}

fn encoded<C: Kind>(size: [u32; 2], rows: u32, compression: Compression, data: &[C::Inner]) -> Vec<u8>
where
    [C::Inner]: TiffValue,
{
    let mut out = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut out).unwrap().with_compression(compression);
    let mut image = encoder.new_image::<C>(size[0], size[1]).unwrap();
    image.rows_per_strip(rows).unwrap();
    image.write_data(data).unwrap();
    out.into_inner()
}

fn noise8(count: usize) -> Vec<u8> {
    (0..count as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 22) as u8).collect()
}

fn all_compressions() -> [Compression; 4] {
    [Compression::Uncompressed, Compression::Lzw, Compression::Deflate(Default::default()), Compression::Packbits]
}

#[test]
fn strips_of_every_compression_and_depth_are_exact() {
    let (shallow, deep): (Vec<u8>, Vec<u16>) = (noise8(600), (0..600u16).map(|i| i * 109).collect());
    for compression in all_compressions() {
        let got = decoded(&encoded::<colortype::Gray8>([30, 20], 7, compression, &shallow)).unwrap();
        assert_eq!(got.image.samples, Samples::U8(shallow.clone()));
        let got = decoded(&encoded::<colortype::Gray16>([30, 20], 7, compression, &deep)).unwrap();
        assert_eq!((got.image.samples, got.truncated), (Samples::U16(deep.clone()), false));
    }
}

#[test]
fn colour_becomes_luminance() {
    let got = decoded(&encoded::<colortype::RGB8>([2, 1], 1, Compression::Lzw, &[255, 0, 0, 5, 5, 5])).unwrap();
    assert_eq!((got.image.samples, got.channels), (Samples::U8(vec![76, 5]), 3));
    let got = decoded(&encoded::<colortype::RGB16>([1, 1], 1, Compression::Lzw, &[0, 65_535, 0])).unwrap();
    assert_eq!(got.image.samples, Samples::U16(vec![38_469]));
}

#[test]
fn further_pages_are_noticed_and_smaller_copies_are_not() {
    let pages = |reduced: bool| {
        let mut out = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut out).unwrap();
        encoder.write_image::<colortype::Gray8>(2, 1, &[1, 2]).unwrap();
        let mut second = encoder.new_image::<colortype::Gray8>(1, 1).unwrap();
        if reduced {
            second.encoder().write_tag(tiff::tags::Tag::NewSubfileType, 1u32).unwrap();
        }
        second.write_data(&[3]).unwrap();
        decoded(&out.into_inner()).unwrap()
    };
    assert_eq!((pages(false).more_pictures, pages(true).more_pictures), (true, false));
    assert_eq!(pages(false).image.samples, Samples::U8(vec![1, 2]));
}

/// A little-endian TIFF by hand: one directory of (tag, type, count, value) after the data.
fn by_hand(data: &[u8], tags: &[(u16, u16, u32, u32)]) -> Vec<u8> {
    let mut bytes = b"II\x2a\x00".to_vec();
    bytes.extend_from_slice(&(8 + data.len() as u32).to_le_bytes());
    bytes.extend_from_slice(data);
    bytes.extend_from_slice(&(tags.len() as u16).to_le_bytes());
    for &(tag, kind, count, value) in tags {
        bytes.extend_from_slice(&tag.to_le_bytes());
        bytes.extend_from_slice(&kind.to_le_bytes());
        bytes.extend_from_slice(&count.to_le_bytes());
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes
}

fn grey_tags(width: u32, height: u32, bits: u32, photometric: u32, bytes: u32) -> Vec<(u16, u16, u32, u32)> {
    vec![
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, bits),
        (259, 3, 1, 1),
        (262, 3, 1, photometric),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, bytes),
    ]
}

#[test]
fn white_is_zero_is_turned_over_at_every_depth() {
    let level = |bits, data: &[u8]| {
        decoded(&by_hand(data, &grey_tags(2, 1, bits, 0, data.len() as u32))).unwrap().image.samples
    };
    assert_eq!(level(8, &[0, 200]), Samples::U8(vec![255, 55]));
    assert_eq!(level(16, &[0, 0, 1, 0]), Samples::U16(vec![65_535, 65_534]));
    assert_eq!(level(1, &[0b0100_0000]), Samples::U8(vec![255, 0]));
    assert_eq!(level(4, &[0x0f]), Samples::U8(vec![255, 0]));
}

#[test]
fn tiles_beyond_the_edge_are_cut() {
    // Two 16 x 16 tiles cover 20 x 10 pixels.
    let data: Vec<u8> = (0..512).map(|i| (i % 256) as u8).collect();
    let at = 8 + data.len() as u32;
    let mut data_and_lists = data.clone();
    for value in [8u32, 8 + 256, 256, 256] {
        data_and_lists.extend_from_slice(&value.to_le_bytes());
    }
    let mut tags = grey_tags(20, 10, 8, 1, 0);
    tags.retain(|t| ![273, 278, 279].contains(&t.0));
    tags.extend([(322, 4, 1, 16), (323, 4, 1, 16), (324, 4, 2, at), (325, 4, 2, at + 8)]);
    let Samples::U8(got) = decoded(&by_hand(&data_and_lists, &tags)).unwrap().image.samples else { panic!() };
    for y in 0..10 {
        for x in 0..20 {
            assert_eq!(got[y * 20 + x], data[x / 16 * 256 + y * 16 + x % 16]);
        }
    }
}

#[test]
fn planar_colour_is_put_together() {
    let data = [255u8, 0, 9, /* green */ 0, 255, 9, /* blue */ 0, 0, 9];
    let mut all = data.to_vec();
    let lists = 8 + all.len() as u32;
    for value in [8u32, 11, 14, 3, 3, 3] {
        all.extend_from_slice(&value.to_le_bytes());
    }
    let bits = 8 + all.len() as u32;
    all.extend_from_slice(&[8, 0, 8, 0, 8, 0]);
    let mut tags = grey_tags(3, 1, 8, 2, 0);
    tags.retain(|t| ![258, 273, 277, 279].contains(&t.0));
    tags.extend([(258, 3, 3, bits), (273, 4, 3, lists), (277, 3, 1, 3), (279, 4, 3, lists + 12), (284, 3, 1, 2)]);
    tags.sort_unstable();
    let got = decoded(&by_hand(&all, &tags)).unwrap();
    assert_eq!(got.image.samples, Samples::U8(vec![76, 150, 9]));
}

#[test]
fn floats_and_signed_samples_are_named() {
    let mut tags = grey_tags(1, 1, 32, 1, 4);
    tags.push((339, 3, 1, 3));
    let error = decoded(&by_hand(&[0; 4], &tags)).unwrap_err();
    assert_eq!(error.tag, Tag::BadSource);
    assert!(error.message.contains("32-bit signed or floating point"), "{}", error.message);
}

#[test]
fn whole_rows_before_the_end_of_a_truncated_file_are_kept() {
    let data = noise8(100 * 50);
    // The directory comes first, as cameras that stream write it.
    let mut tags = grey_tags(100, 50, 8, 1, 5000);
    let directory = 8 + 2 + 12 * tags.len() as u32 + 4;
    tags[5].3 = directory;
    let mut bytes = by_hand(&[], &tags);
    bytes.extend_from_slice(&data);
    let got = decoded(&bytes[..directory as usize + 3120]).unwrap();
    assert!(got.truncated);
    assert!((got.decoded_fraction - 0.62).abs() < 1e-9);
    let Samples::U8(pixels) = got.image.samples else { panic!() };
    assert_eq!(pixels[..3100], data[..3100]);
    assert!(pixels[3120..].iter().all(|&p| p == 0));
    let end = decoded(&bytes[..40]).unwrap_err();
    assert!(end.message.contains("ends"), "{}", end.message);
}

#[test]
fn a_huge_picture_and_a_huge_tile_are_refused() {
    for tags in [grey_tags(100_000, 100_000, 8, 1, 1), {
        let mut tags = grey_tags(10, 10, 8, 1, 0);
        tags.retain(|t| ![273, 278, 279].contains(&t.0));
        tags.extend([(322, 4, 1, 1 << 20), (323, 4, 1, 1 << 20), (324, 4, 1, 8), (325, 4, 1, 1)]);
        tags
    }] {
        assert_eq!(decoded(&by_hand(&[0; 4], &tags)).unwrap_err().tag, Tag::OverBudget);
    }
}
