//! JPEG, baseline and progressive, 8 bit. Grey and YCbCr give their luma plane as stored; RGB and CMYK are converted.

use super::luminance::grey_u8;
use super::{Decoded, Format, Source};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::image::{GreyImage, Samples};
use std::cell::Cell;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::{ZByteIoError, ZByteReaderTrait, ZCursor, ZSeekFrom};
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Level that the decoder leaves where a scan was cut off.
const UNREACHED: u8 = 128;
/// Bytes that programs are known to leave after the end marker.
const MOST_TRAILING: usize = 1024;

/// Decodes a JPEG file.
///
/// A truncated baseline file keeps its rows so far (the rest is zero); a truncated progressive file keeps the whole
/// picture as coarse as its scans so far make it. Damaged entropy data is told only where it stops the decoder.
pub fn decode(source: &Source<'_>) -> Result<Decoded> {
    let overran = Cell::new(false);
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX));
    let stream = PollingBytes { inner: ZCursor::new(source.bytes), reads: 0, cancel: source.cancel, overran: &overran };
    let mut decoder = JpegDecoder::new_with_options(stream, options);
    decoder.decode_headers().map_err(|e| source.failed(header_failure(&e, overran.get())))?;
    let (width, height) = decoder.dimensions().ok_or_else(|| source.failed("it has no frame header"))?;
    source.check_pixels(width as u64, height as u64)?;
    let stored = decoder.input_colorspace().unwrap_or(ColorSpace::Luma);
    let wanted = match stored {
        ColorSpace::Luma | ColorSpace::YCbCr => ColorSpace::Luma,
        _ => ColorSpace::RGB,
    };
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    let mut pixels = vec![0u8; width * height * wanted.num_components()];
    let outcome = decoder.decode_into(&mut pixels);
    source.cancel.poll()?;
    let truncated = !ends_with_its_marker(source.bytes);
    if let Err(e) = outcome
        && !truncated
    {
        return Err(source.failed(damage(&e)));
    }
    let grey: Vec<u8> = if wanted == ColorSpace::RGB { pixels.chunks_exact(3).map(grey_u8).collect() } else { pixels };
    let mut image = GreyImage { width, height, samples: Samples::U8(grey) };
    let reached = rows_reached(&image);
    if !truncated && reached < height {
        check_strictly(source)?;
    }
    let rows = if truncated { reached } else { height };
    image.samples.clear_from(rows * width);
    let decoded_fraction = rows as f64 / height as f64;
    Ok(Decoded {
        image,
        format: Format::Jpeg,
        channels: stored.num_components() as u32,
        truncated,
        decoded_fraction,
        more_pictures: false,
    })
}

/// Rows down to the last that a scan may have reached: those below are wholly 0 or wholly the fill level.
fn rows_reached(image: &GreyImage) -> usize {
    let Samples::U8(pixels) = &image.samples else { return image.height };
    let reached = |row: &[u8]| row.iter().any(|&p| p != row[0]) || (row[0] != UNREACHED && row[0] != 0);
    pixels.chunks_exact(image.width).rposition(reached).map_or(0, |last| last + 1)
}

/// The picture ends in a level that a broken scan leaves too: refuse it where a strict decoder does.
fn check_strictly(source: &Source<'_>) -> Result<()> {
    let options = DecoderOptions::default().set_strict_mode(true).jpeg_set_out_colorspace(ColorSpace::Luma);
    let options = options.set_max_width(usize::from(u16::MAX)).set_max_height(usize::from(u16::MAX));
    let outcome = JpegDecoder::new_with_options(ZCursor::new(source.bytes), options).decode();
    source.cancel.poll()?;
    outcome.map(|_| ()).map_err(|e| source.failed(damage(&e)))
}

fn damage(error: &impl std::fmt::Debug) -> String {
    format!("the JPEG data is damaged ({error:?})")
}

fn header_failure(error: &impl std::fmt::Debug, overran: bool) -> String {
    if overran {
        "the file ends inside its header".to_owned()
    } else {
        format!("the JPEG header is damaged or of a kind that is not read ({error:?})")
    }
}

/// Whether the file ends in its end-of-image marker; a little after it, or zeros, may follow. (Far from the end the
/// marker is that of a thumbnail in the header.)
fn ends_with_its_marker(bytes: &[u8]) -> bool {
    let Some(last) = bytes.windows(2).rposition(|pair| pair == [0xff, 0xd9]) else { return false };
    let after = &bytes[last + 2..];
    after.len() <= MOST_TRAILING || after.iter().all(|&b| b == 0)
}

/// The file's bytes; notes a read past the end, and reads nothing more once the kernel is cancelled.
struct PollingBytes<'a> {
    inner: ZCursor<&'a [u8]>,
    reads: u32,
    cancel: Cancel<'a>,
    overran: &'a Cell<bool>,
}

impl PollingBytes<'_> {
    /// True once cancelled; looks every 4,096 reads.
    fn stopped(&mut self) -> bool {
        self.reads = self.reads.wrapping_add(1);
        self.reads.is_multiple_of(4096) && self.cancel.poll().is_err()
    }
}

impl ZByteReaderTrait for PollingBytes<'_> {
    fn read_byte_no_error(&mut self) -> u8 {
        if self.stopped() {
            let _ = self.inner.z_seek(ZSeekFrom::End(0));
        }
        self.inner.read_byte_no_error()
    }

    fn read_exact_bytes(&mut self, buf: &mut [u8]) -> Result<(), ZByteIoError> {
        let outcome = self.inner.read_exact_bytes(buf);
        self.overran.set(self.overran.get() || outcome.is_err());
        outcome
    }

    fn read_bytes(&mut self, buf: &mut [u8]) -> Result<usize, ZByteIoError> {
        self.inner.read_bytes(buf)
    }

    fn peek_bytes(&mut self, buf: &mut [u8]) -> Result<usize, ZByteIoError> {
        self.inner.peek_bytes(buf)
    }

    fn peek_exact_bytes(&mut self, buf: &mut [u8]) -> Result<(), ZByteIoError> {
        self.inner.peek_exact_bytes(buf)
    }

    fn z_seek(&mut self, from: ZSeekFrom) -> Result<u64, ZByteIoError> {
        self.inner.z_seek(from)
    }

    fn is_eof(&mut self) -> Result<bool, ZByteIoError> {
        let end = self.inner.is_eof()?;
        self.overran.set(self.overran.get() || end);
        Ok(end)
    }

    fn z_position(&mut self) -> Result<u64, ZByteIoError> {
        self.inner.z_position()
    }

    fn read_remaining(&mut self, sink: &mut Vec<u8>) -> Result<usize, ZByteIoError> {
        self.inner.read_remaining(sink)
    }
}

#[cfg(test)]
#[path = "jpeg_tests.rs"]
mod tests;
