use super::*;
use crate::cancel::never;

const TYPES: [VoxelType; 10] = [
    VoxelType::Uint8,
    VoxelType::Int8,
    VoxelType::Uint16,
    VoxelType::Int16,
    VoxelType::Uint32,
    VoxelType::Int32,
    VoxelType::Uint64,
    VoxelType::Int64,
    VoxelType::Float32,
    VoxelType::Float64,
];

fn run(
    dtype: VoxelType,
    size: [usize; 3],
    channels: usize,
    factor: [usize; 3],
    method: Method,
    voxels: &[u8],
) -> Vec<u8> {
    // The number of threads changes nothing.
    let threads = 1 + size.iter().sum::<usize>() % 3;
    let header = Downsample { dtype, size_xyz: size, channels, factor_xyz: factor, method, threads };
    let (about, mut out) = downsample(&header, voxels, never()).unwrap();
    assert_eq!(about.size_xyz, [0, 1, 2].map(|a: usize| size[a].div_ceil(factor[a])));
    out.remove(0).to_vec()
}

/// The same by the definition, block by block: the exact value of a block, as its bytes.
fn expected(dtype: VoxelType, block: &[&[u8]], method: Method) -> Vec<u8> {
    if method == Method::Mode {
        let count = |value: &[u8]| block.iter().filter(|other| ***other == *value).count();
        let most = block.iter().map(|value| count(value)).max().unwrap();
        return block.iter().find(|value| count(value) == most).unwrap().to_vec();
    }
    match dtype {
        VoxelType::Float32 | VoxelType::Float64 => expected_float(dtype, block, method),
        _ => expected_integer(dtype, block, method),
    }
}

fn expected_integer(dtype: VoxelType, block: &[&[u8]], method: Method) -> Vec<u8> {
    let signed = matches!(dtype, VoxelType::Int8 | VoxelType::Int16 | VoxelType::Int32 | VoxelType::Int64);
    let values = block.iter().map(|bytes| {
        let wide = bytes.iter().rev().fold(0i128, |n, &b| n << 8 | i128::from(b));
        if signed && wide >> (8 * bytes.len() - 1) == 1 { wide - (1 << (8 * bytes.len())) } else { wide }
    });
    let values: Vec<i128> = values.collect();
    let count = values.len() as i128;
    let value = match method {
        Method::Min => *values.iter().min().unwrap(),
        Method::Max => *values.iter().max().unwrap(),
        _ => (2 * values.iter().sum::<i128>() + count).div_euclid(2 * count),
    };
    value.to_le_bytes()[..dtype.bytes()].to_vec()
}

fn expected_float(dtype: VoxelType, block: &[&[u8]], method: Method) -> Vec<u8> {
    let read = |bytes: &&[u8]| match dtype {
        VoxelType::Float32 => f64::from(f32::from_le(bytes)),
        _ => f64::from_le(bytes),
    };
    let values: Vec<f64> = block.iter().map(read).filter(|v| !v.is_nan()).collect();
    let value = match method {
        _ if values.is_empty() => f64::NAN,
        Method::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
        Method::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        _ => values.iter().sum::<f64>() / values.len() as f64,
    };
    if dtype == VoxelType::Float32 { (value as f32).to_le_bytes().to_vec() } else { value.to_le_bytes().to_vec() }
}

fn is_nan(dtype: VoxelType, bytes: &[u8]) -> bool {
    match dtype {
        VoxelType::Float32 => f32::from_le(bytes).is_nan(),
        VoxelType::Float64 => f64::from_le(bytes).is_nan(),
        _ => false,
    }
}

/// Few or many different values, extremes among them; floats are small multiples of 1/8, so that sums are exact.
fn voxels(dtype: VoxelType, count: usize, kinds: u64, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut out = Vec::new();
    for _ in 0..count {
        let kind = next() % kinds;
        let bits = kind.wrapping_mul(0xd6e8_feb8_6659_fd93) ^ if kind == 1 { u64::MAX } else { 0 };
        let small = (kind % 97) as f64 / 8.0 - 3.0;
        match dtype {
            VoxelType::Float32 if kind == 2 => out.extend(f32::NAN.to_le_bytes()),
            VoxelType::Float32 => out.extend((small as f32).to_le_bytes()),
            VoxelType::Float64 if kind == 2 => out.extend(f64::NAN.to_le_bytes()),
            VoxelType::Float64 => out.extend(small.to_le_bytes()),
            _ => out.extend(&bits.to_le_bytes()[8 - dtype.bytes()..]),
        }
    }
    out
}

fn check(dtype: VoxelType, size: [usize; 3], channels: usize, factor: [usize; 3], method: Method, voxels: &[u8]) {
    let out = run(dtype, size, channels, factor, method, voxels);
    let coarse = [0, 1, 2].map(|a: usize| size[a].div_ceil(factor[a]));
    for (i, got) in out.chunks_exact(dtype.bytes()).enumerate() {
        let at = [i % coarse[0], i / coarse[0] % coarse[1], i / coarse[0] / coarse[1] % coarse[2]];
        let channel = i / coarse.iter().product::<usize>();
        let range = |a: usize| at[a] * factor[a]..((at[a] + 1) * factor[a]).min(size[a]);
        let mut block = Vec::new();
        for z in range(2) {
            for y in range(1) {
                for x in range(0) {
                    let from = (((channel * size[2] + z) * size[1] + y) * size[0] + x) * dtype.bytes();
                    block.push(&voxels[from..from + dtype.bytes()]);
                }
            }
        }
        let want = expected(dtype, &block, method);
        let same = *got == *want || is_nan(dtype, got) && is_nan(dtype, &want);
        assert!(same, "{dtype:?} {method:?} {size:?} {factor:?} at {at:?}: {got:?}, not {want:?} of {block:?}");
    }
}

#[test]
fn agrees_with_the_definition_for_all_types_methods_factors_and_edges() {
    let mut round = 0;
    for dtype in TYPES {
        for method in [Method::Mean, Method::Mode, Method::Min, Method::Max] {
            for factor in [
                [1, 1, 1],
                [2, 2, 2],
                [2, 2, 1],
                [1, 2, 2],
                [2, 1, 1],
                [3, 3, 3],
                [4, 4, 4],
                [4, 1, 3],
                [2, 3, 4],
                [1, 1, 4],
            ] {
                for (size, channels) in
                    [([1, 1, 1], 1), ([5, 4, 3], 2), ([67, 3, 2], 1), ([130, 5, 5], 3), ([3, 7, 9], 1)]
                {
                    round += 1;
                    let kinds = [1, 2, 3, 5, 1 << 40][round % 5];
                    let voxels = voxels(dtype, size.iter().product::<usize>() * channels, kinds, round as u64);
                    check(dtype, size, channels, factor, method, &voxels);
                }
            }
        }
    }
}

#[test]
fn means_round_half_up_also_below_zero() {
    let of = |a: i8, b: i8| run(VoxelType::Int8, [2, 1, 1], 1, [2, 1, 1], Method::Mean, &[a as u8, b as u8])[0] as i8;
    assert_eq!((of(0, 1), of(0, -1), of(-2, -1), of(-128, -127), of(127, 126)), (1, 0, -1, -127, 127));
}

#[test]
fn sums_of_large_labels_do_not_wrap() {
    let voxels = u64::MAX.to_le_bytes().repeat(64);
    assert_eq!(run(VoxelType::Uint64, [4, 4, 4], 1, [4, 4, 4], Method::Mean, &voxels), u64::MAX.to_le_bytes());
    let voxels = i64::MIN.to_le_bytes().repeat(64);
    assert_eq!(run(VoxelType::Int64, [4, 4, 4], 1, [4, 4, 4], Method::Mean, &voxels), i64::MIN.to_le_bytes());
}

#[test]
fn the_first_of_equally_frequent_values_is_the_mode() {
    let mode = |voxels: &[u8]| run(VoxelType::Uint8, [2, 2, 2], 1, [2, 2, 2], Method::Mode, voxels);
    assert_eq!(mode(&[3, 1, 1, 3, 2, 2, 0, 0]), [3]);
    assert_eq!(mode(&[3, 1, 2, 2, 1, 0, 1, 3]), [1]);
}

#[test]
fn wrong_sizes_and_factors_are_refused() {
    let ask = |size_xyz, factor_xyz, bytes: usize| {
        let header =
            Downsample { dtype: VoxelType::Uint8, size_xyz, channels: 1, factor_xyz, method: Method::Mean, threads: 1 };
        downsample(&header, &vec![0; bytes], never()).is_err()
    };
    assert!(ask([2, 2, 1], [2, 2, 1], 5) && ask([2, 2, 1], [5, 1, 1], 4) && ask([2, 2, 1], [0, 1, 1], 4));
    assert!(ask([usize::MAX, 2, 2], [1, 1, 1], 4) && ask([0, 1, 1], [1, 1, 1], 0));
}
