//! The task `encode-block`.

use super::codecs::{Chunk, Codec};
use super::decode::{checked_bytes, layout_of};
use super::elements::{Endian, swap};
use super::fill::{Fill, fill_with};
use super::layout::{Copy, Order};
use crate::cancel::Cancel;
use crate::error::{KernelError, Result};
use crate::voxel::{Size5, VoxelType, bytes_of};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What becomes of chunks at the far edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edges {
    Cut,
    Pad,
}

/// Header of `encode-block`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Encode {
    dtype: VoxelType,
    size: Size5,
    chunk: Size5,
    edges: Edges,
    #[serde(default)]
    fill: Fill,
    #[serde(default)]
    skip_fill: bool,
    #[serde(default)]
    order: Order,
    #[serde(default)]
    endian: Endian,
    #[serde(default)]
    codecs: Vec<Codec>,
}

/// A chunk of the output: its place in the grid, and its encoded bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Placed {
    at: Size5,
    bytes: usize,
}

/// Result of `encode-block`.
#[derive(Debug, Serialize)]
pub struct Encoded {
    chunks: Vec<Placed>,
}

/// Encodes a block chunk by chunk, x fastest. Errors: `invalid-input` for voxels that do not fit the header, a fill
/// that the type does not hold, and codecs that do not take such a chunk.
pub fn encode_block(header: &Encode, voxels: &[u8], cancel: Cancel<'_>) -> Result<(Encoded, Vec<Vec<u8>>)> {
    let job = Job::of(header, voxels)?;
    let grid = [0, 1, 2, 3, 4].map(|a: usize| header.size[a].div_ceil(header.chunk[a]));
    let mut chunks = Vec::new();
    let mut out = Vec::new();
    let mut scratch = Vec::new();
    for at in places(grid) {
        cancel.poll()?;
        let part = job.part(at);
        if header.skip_fill && job.is_fill(&part) {
            continue;
        }
        let before = out.len();
        job.encode(&part, &mut scratch, &mut out, cancel)?;
        chunks.push(Placed { at, bytes: out.len() - before });
    }
    Ok((Encoded { chunks }, vec![out]))
}

fn places(grid: Size5) -> impl Iterator<Item = Size5> {
    (0..grid.iter().product::<usize>()).map(move |i| {
        let mut rest = i;
        grid.map(|count| {
            let at = rest % count;
            rest /= count;
            at
        })
    })
}

/// A header with what follows from it.
struct Job<'a> {
    header: &'a Encode,
    voxels: &'a [u8],
    order: Order,
    endian: Endian,
    /// One element in memory.
    fill: Vec<u8>,
    /// A row of chunk width.
    fill_row: Vec<u8>,
}

/// Where a chunk lies in the block: its corner, the voxels that are there, the voxels that are stored.
struct Part {
    corner: Size5,
    size: Size5,
    shape: Size5,
}

impl<'a> Job<'a> {
    fn of(header: &'a Encode, voxels: &'a [u8]) -> Result<Self> {
        let Encode { dtype, size, chunk, .. } = *header;
        if bytes_of(&size, dtype) != Some(voxels.len()) || voxels.is_empty() {
            let have = voxels.len();
            let message = format!("A block of {size:?} {dtype:?} voxels came with {have} bytes.");
            return Err(KernelError::invalid_input(message));
        }
        let widest =
            [0, 1, 2, 3, 4].map(|a: usize| if header.edges == Edges::Pad { chunk[a] } else { chunk[a].min(size[a]) });
        checked_bytes(widest, dtype.bytes())?;
        if chunk.contains(&0) {
            return Err(KernelError::invalid_input(format!("A chunk of {chunk:?} has no voxels.")));
        }
        header.codecs.iter().enumerate().try_for_each(|(i, codec)| codec.check_place(i))?;
        let (order, endian) = layout_of(&header.codecs, header.order, header.endian);
        let fill = header.fill.bytes(dtype)?;
        let fill_row = fill.repeat(chunk[0].min(size[0]));
        Ok(Self { header, voxels, order, endian, fill, fill_row })
    }

    fn part(&self, at: Size5) -> Part {
        let Encode { size: block, chunk, edges, .. } = *self.header;
        let corner = [0, 1, 2, 3, 4].map(|a: usize| at[a] * chunk[a]);
        let size = [0, 1, 2, 3, 4].map(|a: usize| chunk[a].min(block[a] - corner[a]));
        Part { corner, size, shape: if edges == Edges::Cut { size } else { chunk } }
    }

    fn element(&self) -> usize {
        self.header.dtype.bytes()
    }

    /// Byte offset in the block of the part's corner moved by `by` (y, z, channel, time).
    fn offset(&self, part: &Part, by: [usize; 4]) -> usize {
        let strides = Order::MEMORY.strides(self.header.size);
        let moved = (0..5).map(|a| (part.corner[a] + if a == 0 { 0 } else { by[a - 1] }) * strides[a]);
        moved.sum::<usize>() * self.element()
    }

    /// Stops at the first row with anything else in it.
    fn is_fill(&self, part: &Part) -> bool {
        let bytes = part.size[0] * self.element();
        let [_, y, z, c, t] = part.size;
        places([1, y, z, c, t]).all(|[_, y, z, c, t]| {
            let at = self.offset(part, [y, z, c, t]);
            self.voxels[at..at + bytes] == self.fill_row[..bytes]
        })
    }

    fn encode(&self, part: &Part, scratch: &mut Vec<u8>, out: &mut Vec<u8>, cancel: Cancel<'_>) -> Result<()> {
        let Encode { dtype, size: block, codecs, .. } = self.header;
        let bytes = checked_bytes(part.shape, self.element())?;
        let chunk =
            Chunk { dtype: *dtype, stored_as: None, element: self.element(), shape: part.shape, endian: self.endian };
        let as_it_lies = part.shape == *block
            && self.order.same_as(Order::MEMORY, *block)
            && (self.endian == Endian::Little || self.element() == 1);
        if as_it_lies {
            append(out, encoded(codecs, Cow::Borrowed(self.voxels), &chunk, cancel)?);
            return Ok(());
        }
        if codecs.is_empty() {
            let start = out.len();
            out.resize(start + bytes, 0);
            return self.lay_out(part, &mut out[start..]);
        }
        scratch.resize(bytes, 0);
        self.lay_out(part, scratch)?;
        append(out, encoded(codecs, Cow::Borrowed(scratch), &chunk, cancel)?);
        Ok(())
    }

    /// The part as it is stored: in its order and byte order, padded.
    fn lay_out(&self, part: &Part, to: &mut [u8]) -> Result<()> {
        if part.size != part.shape {
            fill_with(to, &self.fill);
        }
        let copy = Copy {
            size: part.size,
            from_strides: Order::MEMORY.strides(self.header.size),
            from_at: self.offset(part, [0; 4]) / self.element(),
            to_strides: self.order.strides(part.shape),
            to_at: 0,
        };
        copy.run(self.voxels, to, self.element())?;
        if self.endian == Endian::Big {
            swap(to, self.element());
        }
        Ok(())
    }
}

fn append(out: &mut Vec<u8>, bytes: Cow<'_, [u8]>) {
    match bytes {
        Cow::Owned(bytes) if out.is_empty() => {
            // Encoders have room for the worst case; the rest is given back.
            *out = bytes;
            out.shrink_to_fit();
        }
        bytes => out.extend_from_slice(&bytes),
    }
}

fn encoded<'a>(codecs: &[Codec], raw: Cow<'a, [u8]>, chunk: &Chunk, cancel: Cancel<'_>) -> Result<Cow<'a, [u8]>> {
    codecs.iter().try_fold(raw, |data, codec| {
        cancel.poll()?;
        codec.encode(data, chunk, cancel)
    })
}
