//! The task `voxel-histogram`: extremes and histogram of voxels.

use crate::cancel::Cancel;
use crate::element::{Element, with_type};
use crate::error::{KernelError, Result};
use crate::voxel::VoxelType;
use crate::wide::with_wide_vectors;
use serde::{Deserialize, Serialize};

/// Voxels between two polls.
const BLOCK: usize = 1 << 16;
/// Lanes of a block's extremes, and counters side by side, so that no add waits for the one before.
const LANES: usize = 16;
const MOST_BINS: usize = 65_536;

/// Header of `voxel-histogram`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Histogram {
    dtype: VoxelType,
    #[serde(default)]
    range: Option<[f64; 2]>,
    #[serde(default = "usual_bins")]
    bins: usize,
    #[serde(default)]
    ignore: Option<f64>,
}

fn usual_bins() -> usize {
    256
}

/// Result of `voxel-histogram`.
#[derive(Debug, Serialize)]
pub struct Counted {
    /// Voxels that were counted, and those left out: NaN, infinite, or `ignore`.
    count: u64,
    left: u64,
    extremes: Option<[f64; 2]>,
    counts: Vec<u64>,
}

/// Counts voxels. A bin holds `range[0] + i * width <= v < range[0] + (i + 1) * width`; what lies outside falls into the
/// first or last bin. Values are compared as doubles: of 64-bit integers only the first 53 bits count.
pub fn histogram(header: &Histogram, voxels: &[u8], cancel: Cancel<'_>) -> Result<(Counted, Vec<Vec<u8>>)> {
    if !voxels.len().is_multiple_of(header.dtype.bytes()) {
        let (dtype, have) = (header.dtype, voxels.len());
        return Err(KernelError::invalid_input(format!("{have} bytes are no whole number of {dtype:?} voxels.")));
    }
    if !(1..=MOST_BINS).contains(&header.bins) {
        return Err(KernelError::invalid_input(format!("A histogram has 1 to {MOST_BINS} bins, not {}.", header.bins)));
    }
    let bins = match header.range {
        Some([least, most]) if least < most && (most - least).is_finite() => Some(Bins::new(least, most, header.bins)),
        Some(range) => return Err(KernelError::invalid_input(format!("A histogram cannot have the range {range:?}."))),
        None => None,
    };
    let mut state = State { count: 0, least: f64::INFINITY, most: f64::NEG_INFINITY, counts: Vec::new() };
    let width = header.dtype.bytes();
    match (&bins, width) {
        // So few values that counting each is quicker than placing each.
        (_, 1 | 2) => count_values(header, voxels, bins.as_ref(), &mut state, cancel)?,
        _ => {
            state.counts = vec![0; bins.as_ref().map_or(0, |bins| bins.count)];
            for block in voxels.chunks(BLOCK * width) {
                cancel.poll()?;
                with_type!(header.dtype, T => count_block::<T>(block, header.ignore, bins.as_ref(), &mut state));
            }
        }
    }
    let State { count, least, most, counts } = state;
    let left = (voxels.len() / width) as u64 - count;
    Ok((Counted { count, left, extremes: (count > 0).then_some([least, most]), counts }, Vec::new()))
}

struct State {
    count: u64,
    least: f64,
    most: f64,
    counts: Vec<u64>,
}

#[derive(Clone, Copy)]
struct Bins {
    least: f64,
    per_unit: f64,
    count: usize,
}

impl Bins {
    fn new(least: f64, most: f64, count: usize) -> Self {
        Self { least, per_unit: count as f64 / (most - least), count }
    }

    /// Clipped to the first and last bin.
    #[inline(always)]
    fn place(&self, value: f64) -> usize {
        let place = ((value - self.least) * self.per_unit).clamp(0.0, (self.count - 1) as f64);
        place as usize
    }
}

/// 8 and 16 bit: a table of how often each value occurs gives everything.
fn count_values(
    header: &Histogram,
    voxels: &[u8],
    bins: Option<&Bins>,
    state: &mut State,
    cancel: Cancel<'_>,
) -> Result<()> {
    let width = header.dtype.bytes();
    let mut values = vec![0u64; 1 << (8 * width)];
    for block in voxels.chunks(BLOCK * width) {
        cancel.poll()?;
        match width {
            1 => count_bytes(block, &mut values),
            _ => block.as_chunks().0.iter().for_each(|v| values[usize::from(u16::from_le_bytes(*v))] += 1),
        }
    }
    state.counts = vec![0; bins.map_or(0, |bins| bins.count)];
    for (bits, &times) in values.iter().enumerate().filter(|&(_, &times)| times > 0) {
        let value = match header.dtype {
            VoxelType::Int8 => f64::from(bits as u8 as i8),
            VoxelType::Int16 => f64::from(bits as u16 as i16),
            _ => bits as f64,
        };
        if Some(value) == header.ignore {
            continue;
        }
        state.count += times;
        state.least = state.least.min(value);
        state.most = state.most.max(value);
        if let Some(bins) = bins {
            state.counts[bins.place(value)] += times;
        }
    }
    Ok(())
}

/// Four tables: runs of one grey level do not wait for their own counter.
fn count_bytes(block: &[u8], values: &mut [u64]) {
    let mut tables = [[0u32; 256]; 4];
    let (fours, rest) = block.as_chunks::<4>();
    for four in fours {
        for (table, &value) in tables.iter_mut().zip(four) {
            table[usize::from(value)] += 1;
        }
    }
    rest.iter().for_each(|&value| tables[0][usize::from(value)] += 1);
    for (value, total) in values.iter_mut().enumerate() {
        *total += tables.iter().map(|table| u64::from(table[value])).sum::<u64>();
    }
}

/// 32 and 64 bit: extremes in lanes, then each voxel's bin.
fn count_block<T: Element>(block: &[u8], ignore: Option<f64>, bins: Option<&Bins>, state: &mut State) {
    let found = extremes_of::<T>(block, ignore.unwrap_or(f64::NAN));
    state.count += found.0;
    state.least = state.least.min(found.1);
    state.most = state.most.max(found.2);
    let Some(bins) = bins else { return };
    let mut places = [0u32; 64];
    for voxels in block.chunks(places.len() * T::BYTES) {
        let count = places_of::<T>(voxels, ignore.unwrap_or(f64::NAN), bins, &mut places);
        for &place in &places[..count] {
            if let Some(bin) = state.counts.get_mut(place as usize) {
                *bin += 1;
            }
        }
    }
}

/// Whether a voxel counts: it is finite, and not what is to be ignored (NaN: nothing).
#[inline(always)]
fn counts(value: f64, ignore: f64) -> bool {
    value.abs() < f64::INFINITY && value != ignore
}

with_wide_vectors! {
    /// How many voxels count, and their extremes.
    fn extremes_of<T: Element>(block: &[u8], ignore: f64) -> (u64, f64, f64) {
        let (mut count, mut least, mut most) = ([0u64; LANES], [f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
        for voxels in block.chunks(LANES * T::BYTES) {
            for (lane, voxel) in voxels.chunks_exact(T::BYTES).enumerate() {
                let value = T::from_le(voxel).to_f64();
                let counted = counts(value, ignore);
                count[lane] += u64::from(counted);
                least[lane] = if counted && value < least[lane] { value } else { least[lane] };
                most[lane] = if counted && value > most[lane] { value } else { most[lane] };
            }
        }
        (count.iter().sum(), least.into_iter().fold(f64::INFINITY, f64::min), most.into_iter().fold(f64::NEG_INFINITY, f64::max))
    }
}

with_wide_vectors! {
    /// The bin of each voxel, behind the last where it does not count; gives how many.
    fn places_of<T: Element>(voxels: &[u8], ignore: f64, bins: &Bins, places: &mut [u32; 64]) -> usize {
        for (place, voxel) in places.iter_mut().zip(voxels.chunks_exact(T::BYTES)) {
            let value = T::from_le(voxel).to_f64();
            let bin = ((value - bins.least) * bins.per_unit).clamp(0.0, (bins.count - 1) as f64);
            // NaN becomes 0 here, and is left out by the mark.
            *place = if counts(value, ignore) { bin as i32 as u32 } else { u32::MAX };
        }
        voxels.len() / T::BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::never;
    use serde_json::{Value, json};

    fn of(header: Value, voxels: &[u8]) -> Value {
        let header = serde_json::from_value(header).unwrap();
        serde_json::to_value(histogram(&header, voxels, never()).unwrap().0).unwrap()
    }

    #[test]
    fn counts_what_is_finite_and_not_ignored() {
        let voxels: Vec<u8> =
            [0.0f32, 1.0, f32::NAN, 2.5, f32::INFINITY, -9.0, 0.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        let got = of(json!({"dtype": "float32", "range": [0.0, 3.0], "bins": 3, "ignore": 0}), &voxels);
        assert_eq!(got, json!({"count": 3, "left": 4, "extremes": [-9.0, 2.5], "counts": [1, 1, 1]}));
    }

    #[test]
    fn without_range_only_the_extremes() {
        let got = of(json!({"dtype": "int8"}), &[0xff, 3, 0x80]);
        assert_eq!(got, json!({"count": 3, "left": 0, "extremes": [-128.0, 3.0], "counts": []}));
        let got = of(json!({"dtype": "uint64", "ignore": 0}), &[0; 16]);
        assert_eq!(got, json!({"count": 0, "left": 2, "extremes": null, "counts": []}));
        assert_eq!(of(json!({"dtype": "uint8"}), &[])["extremes"], Value::Null);
    }

    #[test]
    fn agrees_with_counting_one_by_one() {
        let bytes: Vec<u8> = (0..8 * 9001u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8).collect();
        for dtype in ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"] {
            let kind: VoxelType = serde_json::from_value(json!(dtype)).unwrap();
            let values: Vec<f64> = with_type!(kind, T => bytes.chunks_exact(T::BYTES).map(|v| <T as Element>::from_le(v).to_f64()).collect());
            let [least, most] =
                [-77.5, 0.7 * values.iter().copied().filter(|v| v.is_finite()).fold(1.0, f64::max).min(1e30)];
            let mut counts = vec![0; 100];
            let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite() && *v != 3.0).collect();
            for v in &finite {
                counts[((v - least) * (100.0 / (most - least))).clamp(0.0, 99.0) as usize] += 1;
            }
            let got = of(json!({"dtype": dtype, "range": [least, most], "bins": 100, "ignore": 3}), &bytes);
            let extremes = [
                finite.iter().copied().fold(f64::INFINITY, f64::min),
                finite.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            ];
            let left = values.len() - finite.len();
            assert_eq!(
                got,
                json!({"count": finite.len(), "left": left, "extremes": extremes, "counts": counts}),
                "{dtype}"
            );
        }
    }

    #[test]
    fn wrong_calls_are_refused() {
        let fails = |header: Value, bytes: usize| {
            histogram(&serde_json::from_value(header).unwrap(), &vec![0; bytes], never()).is_err()
        };
        assert!(fails(json!({"dtype": "uint16"}), 3) && fails(json!({"dtype": "uint8", "range": [1.0, 1.0]}), 3));
        assert!(fails(json!({"dtype": "uint8", "bins": 0}), 3) && fails(json!({"dtype": "uint8", "bins": 65_537}), 3));
    }
}
