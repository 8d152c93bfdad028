//! Blosc 1 (c-blosc README_CHUNK_FORMAT): 16 bytes of header, starts of blocks, blocks of one or more streams.

use super::shuffle::{bitshuffle, bitunshuffle, shuffle, unshuffle};
use super::{Room, blosclz, deflate, lz4, zstd};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::voxels::codecs::read::failed;
use crate::voxels::damaged;
use serde::Deserialize;

const HEADER_BYTES: usize = 16;
const FORMAT: u8 = 2;
const FLAG_SHUFFLE: u8 = 0x01;
const FLAG_COPIED: u8 = 0x02;
const FLAG_BITSHUFFLE: u8 = 0x04;
const FLAG_UNSPLIT: u8 = 0x10;
const MOST_SPLITS: usize = 16;
const LEAST_SPLIT_BYTES: usize = 128;
/// Of our own blocks; 32 KiB is in the first cache, and 256 KiB is what zstd gains from.
const USUAL_BLOCK: usize = 128 << 10;
const ZSTD_BLOCK: usize = 256 << 10;

/// Compressors within Blosc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compressor {
    Blosclz,
    #[default]
    Lz4,
    /// The format of LZ4; written with the same encoder as it.
    Lz4hc,
    Snappy,
    Zlib,
    Zstd,
}

/// Filters within Blosc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Filter {
    Noshuffle,
    #[default]
    Shuffle,
    Bitshuffle,
}

/// Parameters of encoding; what is decoded says them itself.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default)]
pub struct Blosc {
    cname: Compressor,
    clevel: u32,
    shuffle: Filter,
    typesize: u8,
    blocksize: usize,
}

impl Default for Blosc {
    fn default() -> Self {
        Self { cname: Compressor::default(), clevel: 5, shuffle: Filter::default(), typesize: 1, blocksize: 0 }
    }
}

/// What the header of stored bytes says.
struct Frame<'a> {
    compressor: Compressor,
    filter: Filter,
    split: bool,
    typesize: usize,
    blocksize: usize,
    stored: &'a [u8],
}

/// Decodes a chunk. Its length is checked against `room` before anything is allocated.
pub fn decode(stored: &[u8], room: Room, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    let Some(header) = stored.first_chunk::<HEADER_BYTES>() else {
        return Err(damaged(format!("has {} bytes, fewer than a Blosc header", stored.len())));
    };
    let word = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let (flags, bytes, packed) = (header[2], room.claimed(u64::from(word(4)))?, word(12) as usize);
    if header[0] == 0 || header[0] > FORMAT || header[3] == 0 || packed > stored.len() || packed < HEADER_BYTES {
        return Err(damaged("is not sound Blosc of version 1"));
    }
    let stored = &stored[..packed];
    if bytes == 0 || flags & FLAG_COPIED != 0 {
        let copied = &stored[HEADER_BYTES..];
        return Room::Exactly(bytes).check(copied.len()).map(|()| copied.to_vec());
    }
    let frame = Frame {
        compressor: compressor_of(flags >> 5)?,
        filter: filter_of(flags),
        split: flags & FLAG_UNSPLIT == 0,
        typesize: usize::from(header[3]),
        blocksize: (word(8) as usize).min(bytes),
        stored,
    };
    if frame.blocksize == 0 {
        return Err(damaged("has Blosc blocks of 0 bytes"));
    }
    frame.decode(bytes, cancel)
}

fn compressor_of(code: u8) -> Result<Compressor> {
    match code {
        0 => Ok(Compressor::Blosclz),
        1 => Ok(Compressor::Lz4),
        2 => Ok(Compressor::Snappy),
        3 => Ok(Compressor::Zlib),
        4 => Ok(Compressor::Zstd),
        _ => Err(damaged(format!("has Blosc compressor {code}, which is not known"))),
    }
}

fn filter_of(flags: u8) -> Filter {
    match (flags & FLAG_SHUFFLE != 0, flags & FLAG_BITSHUFFLE != 0) {
        (true, _) => Filter::Shuffle,
        (false, true) => Filter::Bitshuffle,
        (false, false) => Filter::Noshuffle,
    }
}

impl Frame<'_> {
    fn decode(&self, bytes: usize, cancel: Cancel<'_>) -> Result<Vec<u8>> {
        let starts = bytes.div_ceil(self.blocksize);
        let Some(starts) = self.stored[HEADER_BYTES..].get(..4 * starts) else {
            return Err(damaged("ends inside its Blosc block starts"));
        };
        let mut out = vec![0; bytes];
        let mut filtered = vec![0; if self.filter == Filter::Noshuffle { 0 } else { self.blocksize }];
        for (start, block) in starts.as_chunks::<4>().0.iter().zip(out.chunks_mut(self.blocksize)) {
            cancel.poll()?;
            let start = u32::from_le_bytes(*start) as usize;
            match self.filter {
                Filter::Noshuffle => self.decode_block(start, block)?,
                Filter::Shuffle | Filter::Bitshuffle => {
                    let filtered = &mut filtered[..block.len()];
                    self.decode_block(start, filtered)?;
                    let undo = if self.filter == Filter::Shuffle { unshuffle } else { bitunshuffle };
                    undo(filtered, block, self.typesize);
                }
            }
        }
        Ok(out)
    }

    /// The streams of a block: one for each byte of an element where it is split.
    fn decode_block(&self, start: usize, block: &mut [u8]) -> Result<()> {
        let streams = if self.is_split(block.len()) { self.typesize } else { 1 };
        let stream_bytes = block.len() / streams;
        let mut rest = self.stored.get(start..).unwrap_or_default();
        for out in block.chunks_exact_mut(stream_bytes).take(streams) {
            let cut = || damaged("ends inside a Blosc block");
            let (size, after) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
            let size = u32::from_le_bytes(*size) as usize;
            let (stream, next) = after.split_at_checked(size).ok_or_else(cut)?;
            if size == out.len() {
                out.copy_from_slice(stream);
            } else {
                Room::Exactly(out.len()).check(self.decode_stream(stream, out)?)?;
            }
            rest = next;
        }
        Ok(())
    }

    /// Last blocks that are cut short are never split, nor (before there was a flag for it) are wide elements.
    fn is_split(&self, block_bytes: usize) -> bool {
        self.split
            && self.typesize <= MOST_SPLITS
            && block_bytes == self.blocksize
            && block_bytes / self.typesize >= LEAST_SPLIT_BYTES
            && block_bytes.is_multiple_of(self.typesize)
    }

    fn decode_stream(&self, stream: &[u8], out: &mut [u8]) -> Result<usize> {
        match self.compressor {
            Compressor::Blosclz => blosclz::decode_into(stream, out),
            Compressor::Lz4 | Compressor::Lz4hc => lz4::decode_into(stream, out),
            Compressor::Zlib => deflate::decode_zlib_into(stream, out),
            Compressor::Zstd => zstd::decode_into(stream, out),
            Compressor::Snappy => {
                let sound = |e: snap::Error| damaged(format!("is not sound Snappy ({e})"));
                Room::Exactly(out.len()).check(snap::raw::decompress_len(stream).map_err(sound)?)?;
                snap::raw::Decoder::new().decompress(stream, out).map_err(sound)
            }
        }
    }
}

impl Blosc {
    /// One chunk of blocks that are not split; stored as it is where that is no longer.
    pub fn encode(&self, raw: &[u8], cancel: Cancel<'_>) -> Result<Vec<u8>> {
        let typesize = usize::from(self.typesize.max(1));
        let blocksize = self.block_of(raw.len(), typesize);
        let mut out = self.header(raw.len(), blocksize);
        let starts = raw.len().div_ceil(blocksize.max(1));
        out.resize(HEADER_BYTES + 4 * starts, 0);
        let mut filtered = vec![0; blocksize];
        if self.clevel > 0 {
            for (i, block) in raw.chunks(blocksize.max(1)).enumerate() {
                cancel.poll()?;
                let start = (out.len() as u32).to_le_bytes();
                out[HEADER_BYTES + 4 * i..][..4].copy_from_slice(&start);
                self.append_block(block, &mut filtered[..block.len()], &mut out, cancel)?;
            }
        }
        if self.clevel == 0 || out.len() >= HEADER_BYTES + raw.len() {
            out.truncate(HEADER_BYTES);
            out[2] |= FLAG_COPIED;
            out.extend_from_slice(raw);
        }
        let packed = (out.len() as u32).to_le_bytes();
        out[12..16].copy_from_slice(&packed);
        Ok(out)
    }

    /// Whole elements in groups of 8, so that every block can be bit-shuffled.
    fn block_of(&self, bytes: usize, typesize: usize) -> usize {
        let usual = if self.cname == Compressor::Zstd { ZSTD_BLOCK } else { USUAL_BLOCK };
        let wanted = if self.blocksize > 0 { self.blocksize } else { usual };
        let group = 8 * typesize;
        (wanted / group * group).max(group).min(bytes)
    }

    fn header(&self, bytes: usize, blocksize: usize) -> Vec<u8> {
        let (code, version) = match self.cname {
            Compressor::Blosclz => (0, 1),
            Compressor::Lz4 | Compressor::Lz4hc => (1, 1),
            Compressor::Snappy => (2, 1),
            Compressor::Zlib => (3, 1),
            Compressor::Zstd => (4, 1),
        };
        let filter = match self.shuffle {
            Filter::Shuffle if self.typesize > 1 => FLAG_SHUFFLE,
            Filter::Bitshuffle => FLAG_BITSHUFFLE,
            _ => 0,
        };
        let mut header = vec![FORMAT, version, filter | FLAG_UNSPLIT | (code << 5), self.typesize.max(1)];
        for word in [bytes as u32, blocksize as u32, 0] {
            header.extend_from_slice(&word.to_le_bytes());
        }
        header
    }

    fn append_block(&self, block: &[u8], filtered: &mut [u8], out: &mut Vec<u8>, cancel: Cancel<'_>) -> Result<()> {
        let typesize = usize::from(self.typesize.max(1));
        let block = match self.shuffle {
            Filter::Shuffle if typesize > 1 => {
                shuffle(block, filtered, typesize);
                filtered
            }
            Filter::Bitshuffle => {
                bitshuffle(block, filtered, typesize);
                filtered
            }
            _ => block,
        };
        let size_at = out.len();
        out.extend_from_slice(&[0; 4]);
        self.append_stream(block, out, cancel)?;
        if out.len() - size_at - 4 >= block.len() {
            out.truncate(size_at + 4);
            out.extend_from_slice(block);
        }
        let size = ((out.len() - size_at - 4) as u32).to_le_bytes();
        out[size_at..size_at + 4].copy_from_slice(&size);
        Ok(())
    }

    fn append_stream(&self, block: &[u8], out: &mut Vec<u8>, cancel: Cancel<'_>) -> Result<()> {
        match self.cname {
            Compressor::Blosclz => blosclz::append(block, out),
            Compressor::Lz4 | Compressor::Lz4hc => lz4::append_block(block, out)?,
            Compressor::Snappy => {
                out.extend(snap::raw::Encoder::new().compress_vec(block).map_err(failed)?);
            }
            Compressor::Zlib => out.extend(deflate::encode_zlib(block, self.clevel, cancel)?),
            Compressor::Zstd => {
                let level = if self.clevel < 9 { 2 * self.clevel - 1 } else { 19 };
                out.extend(zstd::encode(block, level, cancel)?);
            }
        }
        Ok(())
    }
}
