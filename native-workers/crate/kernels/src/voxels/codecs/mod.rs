//! The codecs of stored chunks, a file each. They are listed in the order of encoding; decoding undoes the last first.

mod blosc;
mod blosclz;
mod bzip2;
mod crc32c;
mod deflate;
mod delta;
mod jpeg;
mod jxl;
mod labels;
mod lz4;
mod lz4_blocks;
mod lzw;
mod packbits;
mod png;
mod predictor;
mod read;
mod shuffle;
mod xz;
mod zstd;

use super::elements::{Endian, StoredAs};
use super::{MOST_BYTES, damaged, over_budget};
use crate::cancel::Cancel;
use crate::error::{KernelError, Result};
use crate::voxel::{Size5, VoxelType};
use serde::Deserialize;
use std::borrow::Cow;

pub use blosc::Blosc;
pub use jpeg::Jpeg;
pub use predictor::Predictor;

/// What a codec may need to know of the chunk beneath all codecs.
#[derive(Debug, Clone, Copy)]
pub struct Chunk {
    pub dtype: VoxelType,
    pub stored_as: Option<StoredAs>,
    /// Bytes of a stored element.
    pub element: usize,
    /// x, y, z, channel, time.
    pub shape: Size5,
    pub endian: Endian,
}

/// How many bytes a step of decoding gives: known beneath the first codec that compresses, bounded above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    Exactly(usize),
    AtMost(usize),
}

impl Room {
    /// The most bytes that may come.
    pub fn most(self) -> usize {
        match self {
            Self::Exactly(n) | Self::AtMost(n) => n,
        }
    }

    /// Refuses any other number of bytes.
    pub fn check(self, got: usize) -> Result<()> {
        match self {
            Self::Exactly(n) if got != n => Err(damaged(format!("decodes to {got} bytes instead of {n}"))),
            Self::AtMost(n) if got > n => Err(damaged(format!("decodes to {got} bytes, more than {n}"))),
            _ => Ok(()),
        }
    }

    /// A length that stored bytes claim, before anything is allocated for it.
    pub fn claimed(self, bytes: u64) -> Result<usize> {
        let bytes = usize::try_from(bytes).map_err(|_| over_budget(bytes))?;
        self.check(bytes).map(|()| bytes)
    }
}

fn one() -> u32 {
    1
}

fn six() -> u32 {
    6
}

fn eight_cubed() -> [usize; 3] {
    [8; 3]
}

/// A step of how a chunk is stored; `voxel-tasks.ts` says what each means.
#[derive(Debug, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Codec {
    Crc32c,
    Zstd {
        #[serde(default = "one")]
        level: u32,
    },
    Gzip {
        #[serde(default = "six")]
        level: u32,
    },
    Zlib {
        #[serde(default = "six")]
        level: u32,
    },
    Lz4,
    Lz4Blocks,
    Bzip2 {
        #[serde(default = "six")]
        level: u32,
    },
    Xz {
        #[serde(default = "six")]
        level: u32,
    },
    Lzma {
        #[serde(default = "six")]
        level: u32,
    },
    Blosc(Blosc),
    Shuffle {
        elementsize: usize,
    },
    Delta,
    Jpeg(Jpeg),
    Png {
        #[serde(default = "six")]
        level: u32,
    },
    Jxl,
    #[serde(rename = "compressed_segmentation")]
    CompressedSegmentation {
        #[serde(default = "eight_cubed")]
        block_xyz: [usize; 3],
    },
    Compresso,
    Packbits,
    Lzw,
    Predictor(Predictor),
}

impl Codec {
    /// Pictures: their channels lie side by side whatever the order says.
    pub fn is_picture(&self) -> bool {
        matches!(self, Self::Jpeg(_) | Self::Png { .. } | Self::Jxl)
    }

    /// Labels: they have the order of memory.
    pub fn is_labels(&self) -> bool {
        matches!(self, Self::CompressedSegmentation { .. } | Self::Compresso)
    }

    /// Codecs that give voxels rather than bytes can only be the first of a list.
    pub fn check_place(&self, index: usize) -> Result<()> {
        if index == 0 || !(self.is_picture() || self.is_labels()) {
            return Ok(());
        }
        Err(KernelError::invalid_input(format!("A codec of pictures or labels is number {index} of a list, not 0.")))
    }

    /// Bytes that this codec may have made of so many.
    pub fn room_of_stored(&self, decoded: Room) -> Room {
        match (self, decoded) {
            (Self::Shuffle { .. } | Self::Delta | Self::Predictor(_), same) => same,
            (Self::Crc32c, Room::Exactly(n)) => Room::Exactly(n + crc32c::BYTES),
            (_, room) => Room::AtMost((2 * room.most() + (1 << 16)).min(MOST_BYTES + (1 << 16))),
        }
    }

    /// Undoes this step; what comes out is within `room`.
    pub fn decode<'a>(
        &self,
        stored: Cow<'a, [u8]>,
        room: Room,
        chunk: &Chunk,
        cancel: Cancel<'_>,
    ) -> Result<Cow<'a, [u8]>> {
        let owned = match self {
            Self::Crc32c => return crc32c::decode(stored),
            Self::Delta => delta::decode(stored.into_owned(), chunk)?,
            Self::Predictor(predictor) => predictor.decode(stored.into_owned(), chunk)?,
            Self::Zstd { .. } => zstd::decode(&stored, room)?,
            Self::Gzip { .. } => deflate::gunzip(&stored, room, cancel)?,
            Self::Zlib { .. } => deflate::decode_zlib(&stored, room, cancel)?,
            Self::Lz4 => lz4::decode(&stored, room)?,
            Self::Lz4Blocks => lz4_blocks::decode(&stored, room)?,
            Self::Bzip2 { .. } => bzip2::decode(&stored, room, cancel)?,
            Self::Xz { .. } | Self::Lzma { .. } => xz::decode(&stored, room, cancel)?,
            Self::Blosc(_) => blosc::decode(&stored, room, cancel)?,
            Self::Shuffle { elementsize } => shuffle::decode(&stored, *elementsize),
            Self::Jpeg(jpeg) => jpeg.decode(&stored, chunk)?,
            Self::Png { .. } => png::decode(&stored, chunk)?,
            Self::Jxl => jxl::decode(&stored, chunk)?,
            Self::CompressedSegmentation { block_xyz } => labels::decode_segmentation(&stored, *block_xyz, chunk)?,
            Self::Compresso => labels::decode_compresso(&stored, chunk)?,
            Self::Packbits => packbits::decode(&stored, room)?,
            Self::Lzw => lzw::decode(&stored, room)?,
        };
        room.check(owned.len())?;
        Ok(Cow::Owned(owned))
    }

    /// Undoes the step that stands first, straight into memory that is there.
    pub fn decode_into(&self, stored: Cow<'_, [u8]>, out: &mut [u8], chunk: &Chunk, cancel: Cancel<'_>) -> Result<()> {
        let room = Room::Exactly(out.len());
        match self {
            Self::Zstd { .. } => room.check(zstd::decode_into(&stored, out)?),
            Self::CompressedSegmentation { block_xyz } => {
                labels::decode_segmentation_into(&stored, *block_xyz, chunk, out)
            }
            _ => {
                let decoded = self.decode(stored, room, chunk, cancel)?;
                room.check(decoded.len())?;
                out.copy_from_slice(&decoded);
                Ok(())
            }
        }
    }

    /// Does this step.
    pub fn encode<'a>(&self, raw: Cow<'a, [u8]>, chunk: &Chunk, cancel: Cancel<'_>) -> Result<Cow<'a, [u8]>> {
        let owned = match self {
            Self::Crc32c => crc32c::encode(raw.into_owned()),
            Self::Delta => delta::encode(raw.into_owned(), chunk)?,
            Self::Predictor(predictor) => predictor.encode(raw.into_owned(), chunk)?,
            Self::Zstd { level } => zstd::encode(&raw, *level, cancel)?,
            Self::Gzip { level } => deflate::gzip(&raw, *level, cancel)?,
            Self::Zlib { level } => deflate::encode_zlib(&raw, *level, cancel)?,
            Self::Lz4 => lz4::encode(&raw)?,
            Self::Lz4Blocks => lz4_blocks::encode(&raw)?,
            Self::Bzip2 { level } => bzip2::encode(&raw, *level, cancel)?,
            Self::Xz { level } | Self::Lzma { level } => xz::encode(&raw, *level, cancel)?,
            Self::Blosc(blosc) => blosc.encode(&raw, cancel)?,
            Self::Shuffle { elementsize } => shuffle::encode(&raw, *elementsize),
            Self::Jpeg(jpeg) => jpeg.encode(&raw, chunk)?,
            Self::Png { level } => png::encode(&raw, *level, chunk, cancel)?,
            Self::CompressedSegmentation { block_xyz } => labels::encode_segmentation(&raw, *block_xyz, chunk)?,
            Self::Packbits => packbits::encode(&raw),
            Self::Lzw => lzw::encode(&raw)?,
            Self::Jxl | Self::Compresso => return Err(read_only(self)),
        };
        Ok(Cow::Owned(owned))
    }
}

fn read_only(codec: &Codec) -> KernelError {
    let message = format!("Chunks are not written as {codec:?}; it is only read.");
    KernelError::new(crate::error::Tag::InvalidInput, message, "Choose another encoding for the copy.")
}

/// Width, height and channels of the picture that a chunk is: x by y, z and time.
fn picture_of(chunk: &Chunk) -> (usize, usize, usize) {
    let [x, y, z, channels, times] = chunk.shape;
    (x, y * z * times, channels)
}

/// A picture may be cut into rows in another way, but has as many pixels and channels.
fn check_picture(chunk: &Chunk, width: usize, height: usize, channels: usize) -> Result<usize> {
    let (x, rows, wanted) = picture_of(chunk);
    if width.checked_mul(height) == Some(x * rows) && channels == wanted {
        return Ok(x * rows * channels);
    }
    Err(damaged(format!(
        "is a picture of {width} x {height} pixels and {channels} channels; {x} x {rows} and {wanted} were expected"
    )))
}
