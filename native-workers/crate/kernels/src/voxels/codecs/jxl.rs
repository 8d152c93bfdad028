//! JPEG XL, read only.

use super::{Chunk, check_picture};
use crate::error::{KernelError, Result};
use crate::voxel::VoxelType;
use crate::voxels::{MOST_BYTES, damaged};
use jxl_oxide::{AllocTracker, InitializeResult, JxlImage, JxlThreadPool};

/// Bytes fed before the header is looked at again.
const STEP: usize = 1 << 10;
/// A decoder works in 4 bytes a sample, in a few copies.
const MEMORY_FACTOR: usize = 64;
const LEAST_MEMORY: usize = 32 << 20;

/// Channels side by side, alpha the last. The first frame of the picture.
pub fn decode(stored: &[u8], chunk: &Chunk) -> Result<Vec<u8>> {
    let sound = |e: Box<dyn std::error::Error + Send + Sync>| damaged(format!("is not sound JPEG XL ({e})"));
    let samples = chunk.shape.iter().product::<usize>();
    let memory = (samples * MEMORY_FACTOR).clamp(LEAST_MEMORY, MOST_BYTES);
    let mut image = open(stored, memory, |image| {
        check_picture(chunk, image.width() as usize, image.height() as usize, image.pixel_format().channels())
    })?;
    image.finalize().map_err(sound)?;
    let render = image.render_frame(0).map_err(sound)?;
    let mut stream = render.stream();
    check_picture(chunk, stream.width() as usize, stream.height() as usize, stream.channels() as usize)?;
    match chunk.dtype {
        VoxelType::Uint8 => {
            let mut pixels = vec![0u8; samples];
            stream.write_to_buffer(&mut pixels);
            Ok(pixels)
        }
        VoxelType::Uint16 => {
            let mut pixels = vec![0u16; samples];
            stream.write_to_buffer(&mut pixels);
            Ok(pixels.into_iter().flat_map(u16::to_le_bytes).collect())
        }
        other => Err(KernelError::invalid_input(format!("JPEG XL holds uint8 or uint16, not {other:?}."))),
    }
}

/// Feeds the header alone at first, so that its size is known good before frames are read.
fn open(stored: &[u8], memory: usize, check: impl Fn(&JxlImage) -> Result<usize>) -> Result<JxlImage> {
    let sound = |e: Box<dyn std::error::Error + Send + Sync>| damaged(format!("is not sound JPEG XL ({e})"));
    let builder = JxlImage::builder().pool(JxlThreadPool::none()).alloc_tracker(AllocTracker::with_limit(memory));
    let mut waiting = builder.build_uninit();
    let mut rest = stored;
    while !rest.is_empty() {
        let (step, after) = rest.split_at(STEP.min(rest.len()));
        waiting.feed_bytes(step).map_err(sound)?;
        rest = after;
        match waiting.try_init().map_err(sound)? {
            InitializeResult::NeedMoreData(more) => waiting = more,
            InitializeResult::Initialized(mut image) => {
                check(&image)?;
                image.feed_bytes(rest).map_err(sound)?;
                return Ok(image);
            }
        }
    }
    Err(damaged("is JPEG XL that ends inside its header"))
}
