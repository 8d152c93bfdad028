//! Hostile bytes: what other programs wrote, changed at random. No codec may panic or take more memory than its chunk
//! and its own tables need. Damage that happens to decode is no error: few of these formats have checksums.

use kernels::cancel::never;
use kernels::error::Tag;
use serde_json::{Value, json};
use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const MUTATIONS_A_CODEC: usize = 5000;
const MIB: usize = 1 << 20;

/// Counts what is held, and the most that was.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does the work; the counters are atomic.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(bytes: usize) {
    MOST.fetch_max(HELD.fetch_add(bytes, Relaxed) + bytes, Relaxed);
}

/// splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// A stored chunk and the header that decodes it.
struct Seed {
    header: Value,
    stored: Vec<u8>,
}

fn from_base64(text: &str) -> Vec<u8> {
    let digit =
        |c: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|&d| d == c);
    let digits: Vec<usize> = text.bytes().filter_map(digit).collect();
    let group = |four: &[usize]| {
        let bits = four.iter().enumerate().fold(0, |bits, (i, d)| bits | d << (18 - 6 * i));
        (bits as u32).to_be_bytes()[1..four.len()].to_vec()
    };
    digits.chunks(4).flat_map(group).collect()
}

/// By the name of the last codec: the one that meets the bytes.
fn seeds() -> BTreeMap<String, Vec<Seed>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../test/kernels/fixtures/voxel-codecs.json");
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut seeds: BTreeMap<String, Vec<Seed>> = BTreeMap::new();
    for case in cases.as_array().unwrap() {
        let header = case["header"].clone();
        let codecs = header["codecs"].as_array().unwrap();
        let Some(last) = codecs.last() else { continue };
        let stored = from_base64(case["stored"].as_str().unwrap());
        let name = last["name"].as_str().unwrap().to_owned();
        seeds.entry(name).or_default().push(Seed { header, stored });
    }
    for codecs in [
        json!([{"name": "compressed_segmentation"}]),
        json!([{"name": "predictor", "kind": "float", "width": 8, "samples": 1}]),
    ] {
        let voxels: Vec<u8> = (0..16 * 8 * 8u32).flat_map(|i| (i / 9 % 40).to_le_bytes()).collect();
        let size = [16, 8, 8, 1, 1];
        let header =
            json!({"dtype": "uint32", "size": size, "shape": size, "chunk": size, "edges": "cut", "codecs": codecs});
        let stored =
            kernels::table::run("encode-block", &header.to_string(), &[&voxels], never()).unwrap().outputs.remove(0);
        seeds.insert(codecs[0]["name"].as_str().unwrap().to_owned(), vec![Seed { header, stored: stored.to_vec() }]);
    }
    seeds
}

/// One to four changes: a bit, a byte, a word that is a likely size, a cut, a copy of a piece over another.
fn mutated(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            break;
        }
        // Most of what a decoder believes is said at the start.
        let end = if random.below(2) == 0 { bytes.len().min(40) } else { bytes.len() };
        let at = random.below(end);
        match random.below(6) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next() as u8,
            2 => {
                let word =
                    [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 24, random.next() as u32][random.below(7)];
                let word = if random.below(2) == 0 { word.to_le_bytes() } else { word.to_be_bytes() };
                bytes[at..].iter_mut().zip(word).for_each(|(to, from)| *to = from);
            }
            3 => bytes.truncate(at),
            4 => {
                let from = random.below(bytes.len());
                let count = random.below(16).min(bytes.len() - from.max(at));
                bytes.copy_within(from..from + count, at);
            }
            _ => bytes.extend((0..random.below(64)).map(|_| 0xff)),
        }
    }
    bytes
}

/// What a codec may hold beside the chunk.
fn allowance(codec: &str) -> usize {
    match codec {
        // The window that preset 9 has.
        "xz" | "lzma" => 80 * MIB,
        "jxl" => 48 * MIB,
        "bzip2" => 8 * MIB,
        _ => 2 * MIB,
    }
}

#[test]
fn no_bytes_make_a_codec_panic_or_take_more_than_its_share() {
    for (codec, seeds) in seeds() {
        let mut random = Random(codec.len() as u64);
        let started = std::time::Instant::now();
        let mut refused = 0;
        let mut most = 0;
        for round in 0..MUTATIONS_A_CODEC {
            let seed = &seeds[round % seeds.len()];
            let bytes = mutated(&seed.stored, &mut random);
            let header = seed.header.to_string();
            let before = HELD.load(Relaxed);
            MOST.store(before, Relaxed);
            let outcome = kernels::table::run("decode-voxels", &header, &[&bytes], never());
            let held = MOST.load(Relaxed) - before;
            most = most.max(held);
            assert!(held <= allowance(&codec), "{codec} took {held} bytes in round {round}: {bytes:?}");
            if let Err(error) = outcome {
                let told = matches!(error.tag, Tag::VerificationFailed | Tag::BadSource);
                assert!(told, "{codec} {round} {header} {error}: {bytes:?}");
                refused += 1;
            }
        }
        println!("{codec}: {refused} refused, {} kB at most, {:.2} s", most / 1000, started.elapsed().as_secs_f64());
        assert!(refused > 0, "{codec}");
    }
}
