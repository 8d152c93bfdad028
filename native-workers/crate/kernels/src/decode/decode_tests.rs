use super::*;
use crate::cancel::never;
use crate::test_files::{Folder, png_bytes};
use ::png::{BitDepth, ColorType};
use std::sync::atomic::AtomicI32;

fn bytes_to_error(bytes: &[u8]) -> KernelError {
    let source = Source { path: Path::new("tile.png"), bytes, budget: Budget::default(), cancel: never() };
    decode(&source).unwrap_err()
}

#[test]
fn files_that_are_no_tiles_are_named() {
    for (bytes, what) in [
        (&b"GIF89a"[..], "GIF"),
        (b"<html>", "text"),
        (&[0; 64], "every byte"),
        (b"PK\x03\x04", "zip"),
        (b"hello", "not a PNG, TIFF or JPEG"),
        (b"\x89PNG", "ends"),
        (b"\xff\xd8\xff", "ends inside its header"),
        (b"II\x2a\x00", "ends"),
    ] {
        let error = bytes_to_error(bytes);
        assert_eq!(error.tag, Tag::BadSource);
        assert!(error.message.contains(what) && error.message.contains("tile.png"), "{}", error.message);
    }
}

#[test]
fn missing_empty_and_oversized_files_are_told_apart() {
    let folder = Folder::new("decode-files");
    let tag = |path: &Path, budget| read_file(path, budget).unwrap_err().tag;
    assert_eq!(tag(&folder.path("none.png"), Budget::default()), Tag::NotFound);
    std::fs::write(folder.path("empty.png"), b"").unwrap();
    assert_eq!(tag(&folder.path("empty.png"), Budget::default()), Tag::BadSource);
    assert_eq!(tag(&folder.path("."), Budget::default()), Tag::BadSource);
    std::fs::write(folder.path("big.png"), [1; 100]).unwrap();
    assert_eq!(tag(&folder.path("big.png"), Budget { max_file_bytes: 99, ..Budget::default() }), Tag::OverBudget);
}

#[test]
fn a_header_that_promises_too_much_is_refused_before_any_memory_is_taken() {
    let mut png = png_bytes(4, 4, ColorType::Grayscale, BitDepth::Eight, &[0; 16]);
    png[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    let error = bytes_to_error(&png);
    assert_eq!(error.tag, Tag::OverBudget);
    assert!(error.message.contains("2147483647"), "{}", error.message);
}

#[test]
fn cancelling_stops_a_decoder() {
    let png = png_bytes(300, 300, ColorType::Grayscale, BitDepth::Eight, &[9; 90_000]);
    let (flag, beat) = (AtomicI32::new(1), AtomicI32::new(0));
    let cancel = Cancel::new(&flag, &beat);
    let source = Source { path: Path::new("tile.png"), bytes: &png, budget: Budget::default(), cancel };
    assert_eq!(decode(&source).unwrap_err().tag, Tag::Cancelled);
}

/// CRC-32 of a PNG chunk (ISO 3309), bit by bit.
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 })
    })
}
