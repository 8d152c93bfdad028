//! Image files to grey pixels. The kind is told by the first bytes, never by the name. Every decoder checks the
//! header against the budget before it allocates, and what a truncated file still holds is kept.

mod cache;
mod jpeg;
mod luminance;
mod png;
mod reader;
mod room;
pub mod task;
mod tiff;
mod tiff_rows;

pub use cache::{CachedTile, TileCache, tile_cache};
pub use room::room;

use crate::cancel::Cancel;
use crate::error::{KernelError, Result, Tag};
use crate::image::GreyImage;
use reader::PollingCursor;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Limits that a decoder checks before it allocates.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Budget {
    /// Most pixels (width x height) of an image.
    pub max_pixels: u64,
    /// Most bytes of a file.
    pub max_file_bytes: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { max_pixels: 1 << 28, max_file_bytes: 1 << 29 }
    }
}

/// The kinds that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Png,
    Tiff,
    Jpeg,
}

/// A decoded file.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    pub image: GreyImage,
    pub format: Format,
    /// Samples a stored pixel has: 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha (or CMYK).
    pub channels: u32,
    /// The file ended before its pixels did; what is missing is zero.
    pub truncated: bool,
    /// Fraction of the pixels that the file held, 0 to 1.
    pub decoded_fraction: f64,
    /// The file holds further pictures (pages), and smaller copies of the first are not counted.
    pub more_pictures: bool,
}

/// A file's bytes with what its decoder must heed.
pub struct Source<'a> {
    pub path: &'a Path,
    pub bytes: &'a [u8],
    pub budget: Budget,
    pub cancel: Cancel<'a>,
}

impl<'a> Source<'a> {
    fn cursor(&self) -> PollingCursor<'a> {
        PollingCursor::new(self.bytes, self.cancel)
    }

    /// `bad-source`, or `cancelled` where the failure came from stopping.
    fn failed(&self, what: impl Display) -> KernelError {
        if self.cancel.is_set() { KernelError::cancelled() } else { KernelError::bad_source(self.path, what) }
    }

    /// Refuses an empty picture and one of more pixels than the budget.
    fn check_pixels(&self, width: u64, height: u64) -> Result<()> {
        if width == 0 || height == 0 {
            return Err(self.failed(format!("its header says {width} x {height} pixels")));
        }
        let pixels = width.saturating_mul(height);
        if pixels <= self.budget.max_pixels {
            return Ok(());
        }
        let (name, most) = (self.path.display().to_string(), self.budget.max_pixels);
        let message = format!("{name} says it has {width} x {height} pixels, more than the {most} allowed.");
        Err(KernelError::new(
            Tag::OverBudget,
            message,
            "Check that it is a tile; if it is, split it into smaller tiles, scale it down, or leave it out.",
        )
        .with("file", name)
        .with("widthPx", width)
        .with("heightPx", height)
        .with("maxPixels", most))
    }
}

/// Reads a whole file. Errors: `not-found`, `bad-source` (empty, a folder, unreadable), `over-budget`.
pub fn read_file(path: &Path, budget: Budget) -> Result<Vec<u8>> {
    let about = std::fs::metadata(path).map_err(|e| KernelError::reading(path, &e))?;
    if !about.is_file() {
        return Err(KernelError::bad_source(path, "it is not a file"));
    }
    if about.len() == 0 {
        return Err(KernelError::bad_source(path, "the file is empty"));
    }
    if about.len() > budget.max_file_bytes {
        let (name, most) = (path.display().to_string(), budget.max_file_bytes);
        let message = format!("{name} has {} bytes, more than the {most} allowed.", about.len());
        return Err(KernelError::new(
            Tag::OverBudget,
            message,
            "Check that it is a tile; if it is, split it into smaller tiles, compress it, or leave it out.",
        )
        .with("file", name)
        .with("bytes", about.len()));
    }
    if about.len() > HEAD_BYTES {
        refuse_other_kinds(path)?;
    }
    std::fs::read(path).map_err(|e| KernelError::reading(path, &e))
}

/// Files longer than this are looked at before they are read whole: a huge one of another kind costs nothing.
const HEAD_BYTES: u64 = 1 << 20;

fn refuse_other_kinds(path: &Path) -> Result<()> {
    let mut head = [0u8; 16];
    let mut file = std::fs::File::open(path).map_err(|e| KernelError::reading(path, &e))?;
    file.read_exact(&mut head).map_err(|e| KernelError::reading(path, &e))?;
    if decoder_of(&head).is_some() { Ok(()) } else { Err(KernelError::bad_source(path, unknown_kind(&head))) }
}

type Decoder = fn(&Source<'_>) -> Result<Decoded>;

fn decoder_of(bytes: &[u8]) -> Option<Decoder> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some(png::decode),
        [0xff, 0xd8, 0xff, ..] => Some(jpeg::decode),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(tiff::decode),
        _ => None,
    }
}

/// Decodes a file's bytes to grey, by their first bytes.
///
/// Errors: `bad-source` (unknown kind, damaged, a sample type that is not 8 or 16 bit unsigned), `over-budget`,
/// `cancelled`. A decoder that panics on damaged bytes is `bad-source` too.
pub fn decode(source: &Source<'_>) -> Result<Decoded> {
    let decoder = decoder_of(source.bytes).ok_or_else(|| source.failed(unknown_kind(source.bytes)))?;
    catch_unwind(AssertUnwindSafe(|| decoder(source)))
        .unwrap_or_else(|_| Err(source.failed("its data is damaged (the decoder gave up)")))
}

/// Reads and decodes a file.
pub fn decode_file(path: &Path, budget: Budget, cancel: Cancel<'_>) -> Result<Decoded> {
    let bytes = read_file(path, budget)?;
    let source = Source { path, bytes: &bytes, budget, cancel };
    let _share = room().enter(&source)?;
    decode(&source)
}

fn unknown_kind(bytes: &[u8]) -> String {
    let kind = match bytes {
        [b'G', b'I', b'F', b'8', ..] => "a GIF",
        [b'B', b'M', ..] => "a BMP",
        [b'R', b'I', b'F', b'F', ..] => "a RIFF (WebP)",
        [0, 0, 0, _, b'j' | b'f', ..] => "a JPEG 2000 or HEIF",
        [0x89, b'H', b'D', b'F', ..] => "an HDF5",
        [b'%', b'P', b'D', b'F', ..] => "a PDF",
        [b'P', b'K', 3, 4, ..] => "a zip",
        [b'<', ..] | [b'{', ..] => "a text",
        _ if bytes.iter().take(4096).all(|&b| matches!(b, 9..=13 | 32..=126)) => "a text",
        _ if bytes.iter().all(|&b| b == 0) => return "every byte of it is zero".to_owned(),
        _ => return "it is not a PNG, TIFF or JPEG".to_owned(),
    };
    format!("it is {kind} file, not a PNG, TIFF or JPEG")
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
