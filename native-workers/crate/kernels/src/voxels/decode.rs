//! The task `decode-voxels`.

use super::codecs::{Chunk, Codec, Room};
use super::elements::{Endian, StoredAs, given_out, stored_bytes, swap};
use super::layout::{Copy, Order};
use super::{MOST_BYTES, over_budget};
use crate::cancel::Cancel;
use crate::error::{KernelError, Result};
use crate::voxel::{Size5, VoxelType};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Header of `decode-voxels`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decode {
    dtype: VoxelType,
    stored_as: Option<StoredAs>,
    shape: Size5,
    #[serde(default)]
    order: Order,
    #[serde(default)]
    endian: Endian,
    #[serde(default)]
    codecs: Vec<Codec>,
    crop: Option<Crop>,
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
pub fn decode_voxels(header: &Decode, stored: &[u8], cancel: Cancel<'_>) -> Result<(Decoded, Vec<Vec<u8>>)> {
    let element = stored_bytes(header.dtype, header.stored_as)?;
    let bytes = checked_bytes(header.shape, element)?;
    let crop = header.crop.unwrap_or(Crop { at: [0; 5], size: header.shape });
    checked_crop(crop, header)?;
    let chunk =
        Chunk { dtype: header.dtype, stored_as: header.stored_as, element, shape: header.shape, endian: header.endian };
    let raw = decoded(&header.codecs, Cow::Borrowed(stored), bytes, &chunk, cancel)?;
    let (order, endian) = layout_of(&header.codecs, header.order, header.endian);
    let mut voxels = cropped(raw, &chunk, order, crop)?;
    if endian == Endian::Big {
        swap(&mut voxels, element);
    }
    let voxels = given_out(voxels, header.stored_as);
    Ok((Decoded { bytes: voxels.len() }, vec![voxels]))
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

fn checked_crop(crop: Crop, header: &Decode) -> Result<()> {
    let within = (0..5)
        .all(|a| crop.size[a] > 0 && crop.at[a].checked_add(crop.size[a]).is_some_and(|end| end <= header.shape[a]));
    let (Crop { at, size }, shape) = (crop, header.shape);
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
    let rooms = codecs.iter().scan(Room::Exactly(bytes), |room, codec| {
        let here = *room;
        *room = codec.room_of_stored(here);
        Some(here)
    });
    let rooms: Vec<Room> = rooms.collect();
    let mut data = stored;
    for (i, (codec, room)) in codecs.iter().zip(rooms).enumerate().rev() {
        cancel.poll()?;
        codec.check_place(i)?;
        data = codec.decode(data, room, chunk, cancel)?;
    }
    Room::Exactly(bytes).check(data.len())?;
    cancel.poll()?;
    Ok(data)
}

fn cropped(raw: Cow<'_, [u8]>, chunk: &Chunk, order: Order, crop: Crop) -> Result<Vec<u8>> {
    if crop.size == chunk.shape && order.same_as(Order::MEMORY, chunk.shape) {
        return Ok(raw.into_owned());
    }
    let strides = order.strides(chunk.shape);
    let copy = Copy {
        size: crop.size,
        from_strides: strides,
        from_at: (0..5).map(|a| crop.at[a] * strides[a]).sum(),
        to_strides: Order::MEMORY.strides(crop.size),
        to_at: 0,
    };
    let mut voxels = vec![0; crop.size.iter().product::<usize>() * chunk.element];
    copy.run(&raw, &mut voxels, chunk.element)?;
    Ok(voxels)
}
