use super::*;
use crate::error::Tag;

/// xorshift64*: seeded, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 11) as usize % end
    }
}

/// Labels in runs, out of `kinds` kinds that need all bits of the type.
fn labels(random: &mut Random, count: usize, kinds: usize, dtype: VoxelType) -> Vec<u8> {
    let ids: Vec<u64> = (0..kinds).map(|_| random.next()).collect();
    let mut bytes = Vec::new();
    while bytes.len() < count * dtype.bytes() {
        let id = ids[random.below(kinds)].to_le_bytes();
        for _ in 0..=random.below(12) {
            bytes.extend_from_slice(&id[..dtype.bytes()]);
        }
    }
    bytes.truncate(count * dtype.bytes());
    bytes
}

#[test]
fn what_is_encoded_decodes_to_the_same() {
    let mut random = Random(7);
    for dtype in [VoxelType::Uint32, VoxelType::Uint64] {
        for (block, kinds) in
            [([8, 8, 8], 1), ([8, 8, 8], 2), ([8, 8, 8], 4), ([8, 8, 8], 9), ([8, 8, 8], 40)].into_iter().chain([
                ([8, 8, 8], 500),
                ([8, 8, 8], 5000),
                ([4, 2, 3], 6),
                ([1, 1, 1], 3),
                ([16, 16, 16], 3),
                ([64, 64, 8], 90_000),
            ])
        {
            for size in [[16, 8, 8, 1], [17, 9, 10, 1], [5, 3, 1, 2], [1, 1, 1, 3], [24, 16, 9, 2], [64, 64, 40, 1]] {
                let voxels = labels(&mut random, size.iter().product(), kinds, dtype);
                let stored = encode(&voxels, size, block, dtype).unwrap();
                assert!(decode(&stored, size, block, dtype).unwrap() == voxels, "{dtype:?} {block:?} {kinds} {size:?}");
            }
        }
    }
}

#[test]
fn the_layout_is_that_of_neuroglancer() {
    // Two blocks of 2 x 1 x 1: labels 7 9 | 7; the second shares the table of the first.
    let voxels: Vec<u8> = [7u32, 9, 7].iter().flat_map(|v| v.to_le_bytes()).collect();
    let stored = encode(&voxels, [3, 1, 1, 1], [2, 1, 1], VoxelType::Uint32).unwrap();
    let words: Vec<u32> = stored.as_chunks().0.iter().map(|w| u32::from_le_bytes(*w)).collect();
    assert_eq!(words, [1, 5 | 1 << 24, 4, 5, 7, 0b10, 7, 9]);
}

#[test]
fn blocks_share_tables() {
    let voxels: Vec<u8> = (0..64u64 * 64 * 64).flat_map(|i| (i % 2 * 5 + 1).to_le_bytes()).collect();
    let stored = encode(&voxels, [64, 64, 64, 1], [8, 8, 8], VoxelType::Uint64).unwrap();
    assert_eq!(stored.len(), 4 + 512 * (8 + 64) + 16);
}

#[test]
fn wrong_calls_are_refused() {
    let tag = |error: KernelError| error.tag;
    assert_eq!(tag(encode(&[0; 4], [1, 1, 1, 1], [8, 8, 8], VoxelType::Float32).unwrap_err()), Tag::InvalidInput);
    assert_eq!(tag(encode(&[0; 4], [2, 1, 1, 1], [8, 8, 8], VoxelType::Uint32).unwrap_err()), Tag::InvalidInput);
    assert_eq!(tag(encode(&[], [0, 1, 1, 1], [8, 8, 8], VoxelType::Uint32).unwrap_err()), Tag::InvalidInput);
    assert_eq!(tag(encode(&[0; 4], [1, 1, 1, 1], [8, 0, 8], VoxelType::Uint32).unwrap_err()), Tag::InvalidInput);
    let huge = usize::MAX / 2;
    assert_eq!(tag(decode(&[0; 4], [huge, huge, 1, 1], [8, 8, 8], VoxelType::Uint32).unwrap_err()), Tag::InvalidInput);
    assert_eq!(
        tag(decode(&[0; 4], [1 << 20, 1 << 20, 1, 1], [8, 8, 8], VoxelType::Uint32).unwrap_err()),
        Tag::BadSource
    );
    assert_eq!(tag(decode(&[], [1, 1, 1, 1], [8, 8, 8], VoxelType::Uint32).unwrap_err()), Tag::BadSource);
}

#[test]
fn damaged_chunks_are_refused_or_decode_to_something() {
    let mut random = Random(11);
    let (size, block) = ([17, 16, 9, 2], [8, 8, 8]);
    let mut refused = 0;
    for round in 0..5000 {
        let dtype = if round % 2 == 0 { VoxelType::Uint32 } else { VoxelType::Uint64 };
        let kinds = 1 + random.below(40);
        let voxels = labels(&mut random, size.iter().product(), kinds, dtype);
        let mut stored = encode(&voxels, size, block, dtype).unwrap();
        for _ in 0..=random.below(4) {
            let at =
                if random.below(2) == 0 { random.below(stored.len()) } else { random.below(200.min(stored.len())) };
            stored[at] = random.next() as u8;
        }
        if random.below(4) == 0 {
            stored.truncate(random.below(stored.len() + 1));
        }
        match decode(&stored, size, block, dtype) {
            Ok(out) => assert_eq!(out.len(), voxels.len()),
            Err(error) => {
                assert_eq!(error.tag, Tag::BadSource);
                refused += 1;
            }
        }
    }
    assert!(refused > 1000, "{refused}");
}
