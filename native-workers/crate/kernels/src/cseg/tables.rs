//! Tables of labels that blocks share.

use super::{Label, WORD};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Where tables lie that blocks may share, by a hash of their labels.
#[derive(Default)]
pub(super) struct Tables {
    places: HashMap<u64, usize, BuildHasherDefault<Given>>,
}

impl Tables {
    /// Words from the channel's start to a table of these labels; written at the end where there is none yet.
    #[inline(always)]
    pub(super) fn place<T: Label>(&mut self, labels: &[T], out: &mut Vec<u8>, base: usize) -> usize {
        let key = hash(labels);
        if let Some(&at) = self.places.get(&key) {
            let stored = out[base + at * WORD..].chunks_exact(T::BYTES).map(T::from_le);
            if stored.take(labels.len()).eq(labels.iter().copied()) {
                return at;
            }
        }
        let at = (out.len() - base) / WORD;
        for (i, label) in labels.iter().enumerate() {
            let end = out.len();
            out.resize(end + T::BYTES, 0);
            label.put_le(&mut out[end..]);
            self.places.entry(hash(&[*label])).or_insert(at + i * T::BYTES / WORD);
        }
        self.places.insert(key, at);
        at
    }
}

/// FNV-like over labels, each finished as in splitmix64.
fn hash<T: Label>(labels: &[T]) -> u64 {
    labels.iter().fold(labels.len() as u64, |hash, label| {
        let mut h = (hash ^ label.wide()).wrapping_add(0x9e37_79b9_7f4a_7c15);
        h = (h ^ h >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        h = (h ^ h >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        h ^ h >> 31
    })
}

/// Takes a key that is a hash already.
#[derive(Default)]
struct Given(u64);

impl Hasher for Given {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}
