//! Decoder of compresso, as Neuroglancer reads it (stream formats 0 and 1, 36-byte header).
//!
//! A bit a voxel says where labels end (towards greater x or y, with connectivity 6 also z). What lies between such
//! boundaries is connected and has one label of a list; boundary voxels follow a neighbour, or a list of directions.
//! After Matejek et al., "Compresso: Efficient Compression of Segmentation Data For Connectomics", MICCAI 2017, with the
//! byte layout of the PyPI edition (seung-lab/compresso, README.md).

mod regions;

use crate::element::{Element, with_type};
use crate::error::{KernelError, Result, Tag};
use crate::voxel::{VoxelType, bytes_of};
use regions::regions;

const HEADER_BYTES: usize = 36;

/// Decodes a chunk of `size` (x, y, z) labels; gives them x fastest.
///
/// `bad-source` where the bytes are not such a chunk, or one of another size or width than asked for.
pub fn decode(stored: &[u8], size: [usize; 3], dtype: VoxelType) -> Result<Vec<u8>> {
    if matches!(dtype, VoxelType::Float32 | VoxelType::Float64) || size.contains(&0) || bytes_of(&size, dtype).is_none()
    {
        return Err(KernelError::invalid_input(format!("compresso holds no {size:?} voxels of {dtype:?}.")));
    }
    let parts = Parts::read(stored, size, dtype)?;
    with_type!(dtype, T => parts.labels::<T>())
}

fn damaged(what: impl std::fmt::Display) -> KernelError {
    KernelError::new(
        Tag::BadSource,
        format!("A chunk in compresso cannot be read: {what}."),
        "Fetch the chunk again; if it stays so, the volume is damaged there: ask its owner for an intact copy.",
    )
}

/// The sections of a stream, their lengths checked.
struct Parts<'a> {
    size: [usize; 3],
    /// Of the windows that the boundary bits are cut into.
    step: [usize; 3],
    /// Whether regions and boundaries reach through z (connectivity 6).
    through_z: bool,
    /// A label a region, in the order of their first voxels.
    ids: &'a [u8],
    /// Boundary bits of a window, for each number that stands for such a window.
    windows: Vec<u64>,
    /// Directions (0 to 5), 6 and a label, or 7 + a label, for boundary voxels that have no usable neighbour.
    locations: &'a [u8],
    /// Numbers of windows shifted by one, and runs of windows 0 with the lowest bit set.
    runs: Vec<u64>,
}

impl<'a> Parts<'a> {
    fn read(stored: &'a [u8], size: [usize; 3], dtype: VoxelType) -> Result<Self> {
        let Some((header, rest)) = stored.split_at_checked(HEADER_BYTES) else {
            return Err(damaged(format_args!("{} bytes are too few for a header", stored.len())));
        };
        let number = |at: usize, bytes: usize| little(&header[at..at + bytes]);
        if header[..4] != *b"cpso" || header[4] > 1 {
            return Err(damaged(format_args!("it begins with {:02x?}, not 'cpso' and 0 or 1", &header[..5])));
        }
        let has = [6, 8, 10].map(|at| number(at, 2) as usize);
        if has != size || usize::from(header[5]) != dtype.bytes() {
            let width = header[5];
            return Err(damaged(format_args!("it holds {has:?} voxels of {width} bytes, not {size:?} of {dtype:?}")));
        }
        let step = [12, 13, 14].map(|at| usize::from(header[at]));
        let window = match step.iter().product::<usize>() {
            1..=8 => 1,
            9..=16 => 2,
            17..=32 => 4,
            33..=64 => 8,
            _ => return Err(damaged(format_args!("its windows have {step:?} voxels"))),
        };
        let through_z = match header[35] {
            4 => false,
            6 => true,
            other => return Err(damaged(format_args!("its connectivity is {other}, not 4 or 6"))),
        };
        let mut sections = Sections(rest);
        let ids = sections.take(number(15, 8), dtype.bytes())?;
        let windows = sections.take(number(23, 4), window)?;
        let locations = sections.take(number(27, 8), dtype.bytes())?;
        // Format 1 ends with an index of slices, which reading all of them does not need.
        let index = if header[4] == 1 { 2 * size[2] * index_width(size) } else { 0 };
        let Some(runs) = sections.0.len().checked_sub(index) else {
            return Err(damaged(format_args!("its index of {} slices is cut short", size[2])));
        };
        let numbers = |bytes: &[u8]| bytes.chunks_exact(window).map(little).collect();
        let (windows, runs) = (numbers(windows), numbers(&sections.0[..runs]));
        Ok(Self { size, step, through_z, ids, windows, locations, runs })
    }

    fn labels<T: Element>(&self) -> Result<Vec<u8>> {
        let boundary = self.boundaries()?;
        let slice = self.size[0] * self.size[1];
        let mut labels = vec![T::default(); boundary.len()];
        let mut ids = self.ids.chunks_exact(T::BYTES);
        // Regions end with their slice, unless they reach through z.
        let at_once = if self.through_z { boundary.len() } else { slice };
        for (boundary, labels) in boundary.chunks(at_once).zip(labels.chunks_mut(at_once)) {
            let (regions, count) = regions(boundary, self.size[0], slice);
            let own: Vec<T> = ids.by_ref().take(count).map(T::from_le).collect();
            if own.len() < count {
                return Err(damaged(format_args!("it has more regions than its {} labels", self.ids.len() / T::BYTES)));
            }
            for (label, region) in labels.iter_mut().zip(regions) {
                if region > 0 {
                    *label = own[region as usize - 1];
                }
            }
        }
        self.follow(&boundary, &mut labels)?;
        let mut bytes = vec![0; labels.len() * T::BYTES];
        bytes.chunks_exact_mut(T::BYTES).zip(labels).for_each(|(to, label)| label.put_le(to));
        Ok(bytes)
    }

    /// 1 for each voxel that lies on a boundary.
    fn boundaries(&self) -> Result<Vec<u8>> {
        let windows = self.expand_runs()?;
        let [width, height, depth] = self.size;
        let [wx, wy, wz] = self.step;
        let count = [width.div_ceil(wx), height.div_ceil(wy)];
        let mut boundary = Vec::with_capacity(width * height * depth);
        for z in 0..depth {
            for y in 0..height {
                let row = &windows[(z / wz * count[1] + y / wy) * count[0]..][..count[0]];
                let shift = wx * (y % wy + wy * (z % wz));
                let end = boundary.len() + width;
                for window in row {
                    let bits = window >> shift;
                    boundary.extend((0..wx).map(|x| (bits >> x & 1) as u8));
                }
                boundary.truncate(end);
            }
        }
        Ok(boundary)
    }

    /// The bits of every window of the volume.
    fn expand_runs(&self) -> Result<Vec<u64>> {
        let count = [0, 1, 2].map(|axis: usize| self.size[axis].div_ceil(self.step[axis])).iter().product();
        let usual = self.windows.first().copied().unwrap_or(0);
        let mut windows = vec![usual; count];
        let mut at = 0usize;
        for &run in &self.runs {
            if run & 1 == 1 {
                at = at.saturating_add((run >> 1) as usize);
                continue;
            }
            let bits = usize::try_from(run >> 1).ok().and_then(|number| self.windows.get(number));
            // A stream without any window has no boundaries.
            let bits = bits.or((run == 0 && self.windows.is_empty()).then_some(&0));
            match (windows.get_mut(at), bits) {
                (Some(window), Some(bits)) => *window = *bits,
                _ => {
                    return Err(damaged(format_args!(
                        "window {at} of {count} is number {} of {}",
                        run >> 1,
                        self.windows.len()
                    )));
                }
            }
            at += 1;
        }
        if at > count {
            return Err(damaged(format_args!("its runs make {at} windows, not {count}")));
        }
        Ok(windows)
    }

    /// Gives boundary voxels the labels of those that they follow.
    fn follow<T: Element>(&self, boundary: &[u8], labels: &mut [T]) -> Result<()> {
        let [width, height, depth] = self.size;
        let slice = width * height;
        let mut locations = self.locations.chunks_exact(T::BYTES);
        for z in 0..depth {
            for y in 0..height {
                for x in 0..width {
                    let at = z * slice + y * width + x;
                    if boundary[at] == 0 {
                        continue;
                    }
                    let from = if x > 0 && boundary[at - 1] == 0 {
                        at - 1
                    } else if y > 0 && boundary[at - width] == 0 {
                        at - width
                    } else if self.through_z && z > 0 && boundary[at - slice] == 0 {
                        at - slice
                    } else {
                        let next = locations.next().ok_or_else(|| damaged("its list of directions is too short"))?;
                        match little(next) {
                            0 if x > 0 => at - 1,
                            1 if x + 1 < width => at + 1,
                            2 if y > 0 => at - width,
                            3 if y + 1 < height => at + width,
                            4 if z > 0 => at - slice,
                            5 if z + 1 < depth => at + slice,
                            6 => {
                                let own =
                                    locations.next().ok_or_else(|| damaged("its list of directions is too short"))?;
                                labels[at] = T::from_le(own);
                                continue;
                            }
                            0..=5 => return Err(damaged(format_args!("voxel ({x}, {y}, {z}) follows one outside"))),
                            label => {
                                labels[at] = T::from_le(&(label - 7).to_le_bytes()[..T::BYTES]);
                                continue;
                            }
                        }
                    };
                    labels[at] = labels[from];
                }
            }
        }
        Ok(())
    }
}

/// What is not yet read.
struct Sections<'a>(&'a [u8]);

impl<'a> Sections<'a> {
    fn take(&mut self, count: u64, width: usize) -> Result<&'a [u8]> {
        let bytes = usize::try_from(count).ok().and_then(|count| count.checked_mul(width));
        let Some((section, rest)) = bytes.and_then(|bytes| self.0.split_at_checked(bytes)) else {
            let left = self.0.len();
            return Err(damaged(format_args!(
                "a section of {count} x {width} bytes is longer than the {left} bytes left"
            )));
        };
        self.0 = rest;
        Ok(section)
    }
}

/// A number of 1 to 8 bytes.
fn little(bytes: &[u8]) -> u64 {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(wide)
}

/// The least width that holds 2 x y.
fn index_width(size: [usize; 3]) -> usize {
    match 2 * size[0] * size[1] {
        0..0x100 => 1,
        0x100..0x1_0000 => 2,
        0x1_0000..0x1_0000_0000 => 4,
        _ => 8,
    }
}

#[cfg(test)]
mod tests;
