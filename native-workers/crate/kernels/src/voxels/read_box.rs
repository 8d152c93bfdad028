//! The task `read-box`: chunks that are files of this machine, or parts of them, read, decoded and put together.
//!
//! One call reads many chunks, so that a box costs one message to a worker and no copy row by row outside it.

use super::decode::{Decode, Stored, checked_bytes, decode_voxels_into};
use super::layout::{Copy, Order};
use super::{MOST_BYTES, damaged};
use crate::cancel::Cancel;
use crate::error::{KernelError, Result};
use crate::output::{OutBytes, output};
use crate::voxel::{Size5, VoxelType};
use serde::{Deserialize, Serialize};
use std::fs::{File, metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::thread;

/// Header of `read-box`.
#[derive(Debug, Deserialize)]
pub struct ReadBox {
    dtype: VoxelType,
    size: [usize; 3],
    stored: Stored,
    chunks: Vec<ChunkFile>,
    #[serde(default = "one")]
    threads: usize,
}

/// More would only wait for the disk.
const MOST_THREADS: usize = 16;

fn one() -> usize {
    1
}

/// Where a chunk lies, which part of it is wanted, and where that goes in the box.
#[derive(Debug, Deserialize)]
struct ChunkFile {
    path: PathBuf,
    /// Of its bytes in the file; without `bytes` they are all of the file.
    #[serde(default)]
    offset: u64,
    bytes: Option<u64>,
    shape: Size5,
    from: Size5,
    size: [usize; 3],
    at: [usize; 3],
}

/// Which chunks have no file.
#[derive(Debug, Serialize)]
pub struct Missing {
    missing: Vec<usize>,
}

/// Reads the chunks of a box; what none of them covers is 0. The box is cut along z where no chunk is, a slab for each
/// thread. Errors: `bad-source` for files that can't be read, `verification-failed` for chunks that are empty, short,
/// long or damaged, `over-budget` above 512 MiB.
pub fn read_box(header: &ReadBox, cancel: Cancel<'_>) -> Result<(Missing, Vec<OutBytes>)> {
    let [x, y, z] = header.size;
    let mut voxels = output(checked_bytes([x, y, z, 1, 1], header.dtype.bytes())?);
    let slabs = header.slabs()?;
    let mut rest = &mut voxels[..];
    let found: Vec<Result<Vec<usize>>> = thread::scope(|scope| {
        let mut running = Vec::new();
        for slab in &slabs {
            let (to, after) = std::mem::take(&mut rest).split_at_mut(slab.depth * x * y * header.dtype.bytes());
            rest = after;
            running.push(scope.spawn(move || slab.read(header, to, cancel)));
        }
        running
            .into_iter()
            .map(|one| one.join().unwrap_or_else(|_| Err(KernelError::internal("a reading thread"))))
            .collect()
    });
    let mut missing: Vec<usize> = found.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    missing.sort_unstable();
    Ok((Missing { missing }, vec![voxels]))
}

/// Planes of the box that no chunk shares with other planes, and the chunks in them.
#[derive(Debug)]
struct Slab {
    z: usize,
    depth: usize,
    chunks: Vec<usize>,
}

impl ReadBox {
    fn slabs(&self) -> Result<Vec<Slab>> {
        let mut order: Vec<usize> = (0..self.chunks.len()).collect();
        order.sort_by_key(|&i| self.chunks[i].at[2]);
        let share = self.size[2].div_ceil(self.threads.clamp(1, MOST_THREADS));
        let mut slabs = vec![Slab { z: 0, depth: 0, chunks: Vec::new() }];
        for i in order {
            let chunk = &self.chunks[i];
            let end = chunk.at[2].checked_add(chunk.size[2]).filter(|&end| end <= self.size[2]);
            let end = end.ok_or_else(|| KernelError::invalid_input("A part of a chunk leaves the box."))?;
            let last = slabs.len() - 1;
            let (from, depth) = (slabs[last].z, slabs[last].depth);
            if depth >= share && chunk.at[2] >= from + depth {
                slabs[last].depth = chunk.at[2] - from;
                slabs.push(Slab { z: chunk.at[2], depth: end - chunk.at[2], chunks: vec![i] });
            } else {
                slabs[last].depth = depth.max(end - from);
                slabs[last].chunks.push(i);
            }
        }
        let last = slabs.len() - 1;
        slabs[last].depth = self.size[2] - slabs[last].z;
        Ok(slabs)
    }
}

impl Slab {
    /// Reads into the slab's planes; gives the chunks that have no file.
    fn read(&self, header: &ReadBox, to: &mut [u8], cancel: Cancel<'_>) -> Result<Vec<usize>> {
        let mut scratch = Vec::new();
        let mut missing = Vec::new();
        for &i in &self.chunks {
            cancel.poll()?;
            if !header.chunks[i].read(header, self, &mut scratch, to, cancel)? {
                missing.push(i);
            }
        }
        Ok(missing)
    }
}

impl ChunkFile {
    /// False where there is no such file.
    fn read(
        &self,
        header: &ReadBox,
        slab: &Slab,
        scratch: &mut Vec<u8>,
        to: &mut [u8],
        cancel: Cancel<'_>,
    ) -> Result<bool> {
        let failed = |error: io::Error| KernelError::reading(&self.path, &error);
        // Before it is opened: opening a pipe waits for its other end.
        let found = match metadata(&self.path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed(error)),
        };
        if !found.is_file() {
            return Err(damaged("is no ordinary file"));
        }
        let mut file = File::open(&self.path).map_err(failed)?;
        let length = found.len();
        let bytes = self.bytes.unwrap_or_else(|| length.saturating_sub(self.offset));
        if bytes == 0 {
            return Err(damaged("is empty"));
        }
        if self.offset.checked_add(bytes).is_none_or(|end| end > length) {
            return Err(damaged("ends before its bytes do"));
        }
        let decode = self.decode(header);
        let copy = self.place(header, slab)?;
        if decode.is_plain() {
            self.check_plain(bytes, header.dtype)?;
            let (first, last) = self.planes(header.dtype);
            fill(&mut file, self.offset + first as u64, last - first, scratch).map_err(failed)?;
            let near = Copy { from_at: copy.from_at - first / header.dtype.bytes(), ..copy };
            near.run(scratch, to, header.dtype.bytes())?;
            return Ok(true);
        }
        let most = 2 * checked_bytes(self.shape, header.dtype.bytes())? as u64 + (1 << 20);
        if bytes > most {
            return Err(damaged("is larger than a chunk can be"));
        }
        fill(&mut file, self.offset, bytes as usize, scratch).map_err(failed)?;
        decode_voxels_into(&decode, scratch, to, copy, cancel)?;
        Ok(true)
    }

    fn decode<'a>(&self, header: &'a ReadBox) -> Decode<'a> {
        Decode { dtype: header.dtype, shape: self.shape, stored: &header.stored }
    }

    /// The copy from the chunk, laid out as it is stored, to the slab of the box.
    fn place(&self, header: &ReadBox, slab: &Slab) -> Result<Copy> {
        let size = [self.size[0], self.size[1], self.size[2], 1, 1];
        let inside = (0..5)
            .all(|a| size[a] > 0 && self.from[a].checked_add(size[a]).is_some_and(|e| e <= self.shape[a]))
            && (0..3).all(|a| self.at[a].checked_add(self.size[a]).is_some_and(|e| e <= header.size[a]));
        if !inside {
            return Err(KernelError::invalid_input("A part of a chunk leaves the chunk or the box."));
        }
        let from_strides = self.decode(header).order().strides(self.shape);
        let [x, y, z] = header.size;
        let to_strides = Order::MEMORY.strides([x, y, z, 1, 1]);
        Ok(Copy {
            size,
            from_strides,
            from_at: (0..5).map(|a| self.from[a] * from_strides[a]).sum(),
            to_strides,
            to_at: (0..3).map(|a| self.at[a] * to_strides[a]).sum::<usize>() - slab.z * to_strides[2],
        })
    }

    fn check_plain(&self, bytes: u64, dtype: VoxelType) -> Result<()> {
        let wanted = checked_bytes(self.shape, dtype.bytes())? as u64;
        if bytes == wanted {
            Ok(())
        } else {
            Err(damaged(format!("holds {bytes} bytes, not the {wanted} of its voxels")))
        }
    }

    /// The first and last byte (left out) of a chunk in memory order that the part touches.
    fn planes(&self, dtype: VoxelType) -> (usize, usize) {
        let strides = Order::MEMORY.strides(self.shape);
        let size = [self.size[0], self.size[1], self.size[2], 1, 1];
        let first: usize = (0..5).map(|a| self.from[a] * strides[a]).sum();
        let last: usize = (0..5).map(|a| (self.from[a] + size[a] - 1) * strides[a]).sum();
        (first * dtype.bytes(), (last + 1) * dtype.bytes())
    }
}

/// Reads into a buffer that grows and is used again, so that it is cleared once.
fn fill(file: &mut File, offset: u64, bytes: usize, scratch: &mut Vec<u8>) -> io::Result<()> {
    debug_assert!(bytes <= 3 * MOST_BYTES);
    scratch.resize(bytes, 0);
    if offset > 0 {
        file.seek(SeekFrom::Start(offset))?;
    }
    file.read_exact(scratch)
}
