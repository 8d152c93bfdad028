//! The task `decode-voxels`.

use super::codecs::{Chunk, Codec, Room};
use super::elements::{Endian, StoredAs, given_out, stored_bytes, swap};
use super::layout::{Copy, Order};
use super::{MOST_BYTES, over_budget};
use crate::cancel::Cancel;
use crate::error::{KernelError, Result};
use crate::output::{OutBytes, output_to_fill};
use crate::voxel::{Size5, VoxelType};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Header of `decode-voxels`.
#[derive(Debug, Deserialize)]
pub struct DecodeVoxels {
    dtype: VoxelType,
    shape: Size5,
    #[serde(flatten)]
    stored: Stored,
    crop: Option<Crop>,
}

/// How chunks of an array are stored.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored {
    stored_as: Option<StoredAs>,
    #[serde(default)]
    order: Order,
    #[serde(default)]
    endian: Endian,
    #[serde(default)]
    codecs: Vec<Codec>,
}

/// One chunk to decode.
#[derive(Debug, Clone, Copy)]
pub struct Decode<'a> {
    pub dtype: VoxelType,
    pub shape: Size5,
    pub stored: &'a Stored,
}

impl Decode<'_> {
    /// Whether the stored bytes are the voxels in memory order.
    pub fn is_plain(&self) -> bool {
        self.stored.codecs.is_empty() && self.is_in_memory_order()
    }

    /// Whether what lies beneath the codecs are the voxels in memory order.
    fn is_in_memory_order(&self) -> bool {
        let (order, endian) = layout_of(&self.stored.codecs, self.stored.order, self.stored.endian);
        let little = endian == Endian::Little || self.dtype.bytes() == 1;
        self.stored.stored_as.is_none() && little && order.same_as(Order::MEMORY, self.shape)
    }

    /// Undoes the codecs, the first of them straight into `voxels`.
    fn straight_into(&self, stored: &[u8], voxels: &mut [u8], cancel: Cancel<'_>) -> Result<()> {
        let Stored { stored_as, endian, codecs, .. } = self.stored;
        let element = self.dtype.bytes();
        let chunk = Chunk { dtype: self.dtype, stored_as: *stored_as, element, shape: self.shape, endian: *endian };
        let data = undone(codecs, 1, Cow::Borrowed(stored), voxels.len(), &chunk, cancel)?;
        match codecs.first() {
            Some(first) => first.decode_into(data, voxels, &chunk, cancel)?,
            None => {
                Room::Exactly(voxels.len()).check(data.len())?;
                voxels.copy_from_slice(&data);
            }
        }
        cancel.poll()
    }

    /// The order of the elements beneath the codecs.
    pub fn order(&self) -> Order {
        layout_of(&self.stored.codecs, self.stored.order, self.stored.endian).0
    }

    /// The elements as they lie beneath the codecs, little-endian, as they are stored.
    fn elements<'d>(&self, stored: Cow<'d, [u8]>, cancel: Cancel<'_>) -> Result<Cow<'d, [u8]>> {
        let element = stored_bytes(self.dtype, self.stored.stored_as)?;
        let bytes = checked_bytes(self.shape, element)?;
        let Stored { stored_as, order, endian, codecs } = self.stored;
        let chunk = Chunk { dtype: self.dtype, stored_as: *stored_as, element, shape: self.shape, endian: *endian };
        let raw = decoded(codecs, stored, bytes, &chunk, cancel)?;
        let (_, endian) = layout_of(codecs, *order, *endian);
        if endian == Endian::Little || element == 1 {
            return Ok(raw);
        }
        let mut little = raw.into_owned();
        swap(&mut little, element);
        Ok(Cow::Owned(little))
    }
}

/// A part of a chunk.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Crop {
    at: Size5,
    size: Size5,
}

/// Bytes of the output.
#[derive(Debug, Serialize)]
pub struct Decoded {
    bytes: usize,
}

/// Decodes a chunk. Errors: `verification-failed` where the bytes are not what the header says, `over-budget` for
/// chunks above 512 MiB.
pub fn decode_voxels(header: &DecodeVoxels, stored: &[u8], cancel: Cancel<'_>) -> Result<(Decoded, Vec<OutBytes>)> {
    let DecodeVoxels { dtype, shape, .. } = *header;
    let decode = Decode { dtype, shape, stored: &header.stored };
    let stored_as = header.stored.stored_as;
    let element = stored_bytes(dtype, stored_as)?;
    checked_bytes(shape, element)?;
    let crop = header.crop.unwrap_or(Crop { at: [0; 5], size: shape });
    checked_crop(crop, shape)?;
    if crop.size == shape && decode.is_in_memory_order() {
        let mut voxels = output_to_fill(checked_bytes(shape, element)?);
        decode.straight_into(stored, &mut voxels, cancel)?;
        return Ok((Decoded { bytes: voxels.len() }, vec![voxels]));
    }
    let elements = decode.elements(Cow::Borrowed(stored), cancel)?;
    let voxels = cropped(&elements, shape, element, decode.order(), crop)?;
    let voxels = if stored_as.is_some() { given_out(voxels.to_vec(), stored_as).into() } else { voxels };
    Ok((Decoded { bytes: voxels.len() }, vec![voxels]))
}

/// Decodes a chunk and copies a part of it to where `copy` says; its strides are those of `Decode::order`.
pub fn decode_voxels_into(
    decode: &Decode<'_>,
    stored: &[u8],
    to: &mut [u8],
    copy: Copy,
    cancel: Cancel<'_>,
) -> Result<()> {
    let elements = decode.elements(Cow::Borrowed(stored), cancel)?;
    match decode.stored.stored_as {
        None => copy.run(&elements, to, decode.dtype.bytes()),
        some => copy.run(&given_out(elements.into_owned(), some), to, decode.dtype.bytes()),
    }
}

/// The order and byte order of elements beneath the codecs: a codec of pictures or labels has its own.
pub fn layout_of(codecs: &[Codec], order: Order, endian: Endian) -> (Order, Endian) {
    match codecs.first() {
        Some(codec) if codec.is_picture() => (order.interleaved(), Endian::Little),
        Some(codec) if codec.is_labels() => (Order::MEMORY, Endian::Little),
        _ => (order, endian),
    }
}

/// Bytes of a box, within what a chunk may take.
pub fn checked_bytes(shape: Size5, element: usize) -> Result<usize> {
    let bytes = shape.iter().try_fold(element, |n, &side| n.checked_mul(side));
    match bytes {
        Some(0) => Err(KernelError::invalid_input(format!("A chunk of {shape:?} has no voxels."))),
        Some(bytes) if bytes <= MOST_BYTES => Ok(bytes),
        _ => Err(over_budget(bytes.map_or_else(|| format!("{shape:?} times {element}"), |b| b.to_string()))),
    }
}

fn checked_crop(Crop { at, size }: Crop, shape: Size5) -> Result<()> {
    let within = (0..5).all(|a| size[a] > 0 && at[a].checked_add(size[a]).is_some_and(|end| end <= shape[a]));
    let refused = || KernelError::invalid_input(format!("The part {size:?} at {at:?} leaves a chunk of {shape:?}."));
    if within { Ok(()) } else { Err(refused()) }
}

/// Undoes the codecs, the last first.
fn decoded<'a>(
    codecs: &[Codec],
    stored: Cow<'a, [u8]>,
    bytes: usize,
    chunk: &Chunk,
    cancel: Cancel<'_>,
) -> Result<Cow<'a, [u8]>> {
    let data = undone(codecs, 0, stored, bytes, chunk, cancel)?;
    Room::Exactly(bytes).check(data.len())?;
    cancel.poll()?;
    Ok(data)
}

/// Undoes the codecs from the last down to number `down_to`.
fn undone<'a>(
    codecs: &[Codec],
    down_to: usize,
    stored: Cow<'a, [u8]>,
    bytes: usize,
    chunk: &Chunk,
    cancel: Cancel<'_>,
) -> Result<Cow<'a, [u8]>> {
    let rooms = codecs.iter().scan(Room::Exactly(bytes), |room, codec| {
        let here = *room;
        *room = codec.room_of_stored(here);
        Some(here)
    });
    let rooms: Vec<Room> = rooms.collect();
    let mut data = stored;
    for (i, (codec, room)) in codecs.iter().zip(rooms).enumerate().skip(down_to).rev() {
        cancel.poll()?;
        codec.check_place(i)?;
        data = codec.decode(data, room, chunk, cancel)?;
    }
    Ok(data)
}

fn cropped(raw: &[u8], shape: Size5, element: usize, order: Order, crop: Crop) -> Result<OutBytes> {
    let strides = order.strides(shape);
    let copy = Copy {
        size: crop.size,
        from_strides: strides,
        from_at: (0..5).map(|a| crop.at[a] * strides[a]).sum(),
        to_strides: Order::MEMORY.strides(crop.size),
        to_at: 0,
    };
    let mut voxels = output_to_fill(crop.size.iter().product::<usize>() * element);
    copy.run(raw, &mut voxels, element)?;
    Ok(voxels)
}
