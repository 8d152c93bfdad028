//! Round trips of both tasks against a plain definition of where each voxel lies, element by element.

use crate::cancel::never;
use crate::error::Tag;
use crate::table::{Output, run};
use serde_json::{Value, json};

const TYPES: [(&str, usize); 10] = [
    ("uint8", 1),
    ("int8", 1),
    ("uint16", 2),
    ("int16", 2),
    ("uint32", 4),
    ("int32", 4),
    ("uint64", 8),
    ("int64", 8),
    ("float32", 4),
    ("float64", 8),
];

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
        (self.next() % end as u64) as usize
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let step = 1 + self.below(7);
        (0..count).map(|i| (i / step) as u8 ^ (self.next() as u8 & 3)).collect()
    }

    fn size(&mut self, most: usize) -> [usize; 5] {
        std::array::from_fn(|_| 1 + self.below(most))
    }

    fn order(&mut self) -> String {
        let mut axes: Vec<char> = "xyzct".chars().collect();
        (1..5).rev().for_each(|i| axes.swap(i, self.below(i + 1)));
        axes.into_iter().collect()
    }
}

fn call(task: &str, header: &Value, input: &[u8]) -> Output {
    run(task, &header.to_string(), &[input], never()).unwrap_or_else(|e| panic!("{task} {header}: {e}"))
}

fn refused(task: &str, header: &Value, input: &[u8]) -> Tag {
    run(task, &header.to_string(), &[input], never()).expect_err(&header.to_string()).tag
}

fn product(size: [usize; 5]) -> usize {
    size.iter().product()
}

fn index(at: [usize; 5], shape: [usize; 5], order: &str) -> usize {
    let axes = order.chars().rev().map(|c| "xyzct".find(c).unwrap());
    axes.fold(0, |index, axis| index * shape[axis] + at[axis])
}

fn places(size: [usize; 5]) -> impl Iterator<Item = [usize; 5]> {
    (0..product(size)).map(move |mut i| {
        size.map(|side| {
            let at = i % side;
            i /= side;
            at
        })
    })
}

/// The definition of `decode-voxels` without codecs.
fn plain(
    stored: &[u8],
    element: usize,
    shape: [usize; 5],
    order: &str,
    big: bool,
    at: [usize; 5],
    size: [usize; 5],
) -> Vec<u8> {
    let mut out = Vec::new();
    for place in places(size) {
        let from = index(std::array::from_fn(|a| at[a] + place[a]), shape, order) * element;
        let mut voxel = stored[from..from + element].to_vec();
        if big {
            voxel.reverse();
        }
        out.extend(voxel);
    }
    out
}

#[test]
fn any_order_type_and_part_is_that_of_the_definition() {
    let mut random = Random(1);
    for round in 0..500 {
        let (dtype, element) = TYPES[random.below(10)];
        let shape = if round % 20 == 0 { [70, 67, 35, 2, 1] } else { random.size(7) };
        let (order, big) = (random.order(), random.below(2) == 1);
        let stored = random.bytes(product(shape) * element);
        let at = shape.map(|side| random.below(side));
        let size: [usize; 5] = std::array::from_fn(|a| 1 + random.below(shape[a] - at[a]));
        let mut header =
            json!({"dtype": dtype, "shape": shape, "order": order, "endian": if big { "big" } else { "little" }});
        let whole = call("decode-voxels", &header, &stored);
        assert_eq!(whole.outputs[0], plain(&stored, element, shape, &order, big, [0; 5], shape), "{header}");
        header["crop"] = json!({"at": at, "size": size});
        let part = call("decode-voxels", &header, &stored);
        assert_eq!(part.outputs[0], plain(&stored, element, shape, &order, big, at, size), "{header}");
        assert_eq!(part.header, json!({"bytes": part.outputs[0].len()}).to_string());
    }
}

fn chunks_of(output: &Output) -> Vec<([usize; 5], &[u8])> {
    let header: Value = serde_json::from_str(&output.header).unwrap();
    let mut rest = &output.outputs[0][..];
    let chunks = header["chunks"].as_array().unwrap().iter().map(|chunk| {
        let (bytes, after) = rest.split_at(chunk["bytes"].as_u64().unwrap() as usize);
        rest = after;
        (serde_json::from_value(chunk["at"].clone()).unwrap(), bytes)
    });
    let chunks = chunks.collect();
    assert!(rest.is_empty());
    chunks
}

fn some_codecs(random: &mut Random, element: usize) -> Value {
    let names = ["zstd", "gzip", "zlib", "lz4", "lz4-blocks", "bzip2", "xz", "lzma", "packbits", "lzw", "delta"];
    let blosc =
        |cname: &str, shuffle: &str| json!({"name": "blosc", "cname": cname, "shuffle": shuffle, "typesize": element});
    match random.below(16) {
        i if i < 11 => json!([{"name": names[i]}]),
        11 => json!([]),
        12 => json!([{"name": "shuffle", "elementsize": element}, {"name": "zstd"}, {"name": "crc32c"}]),
        13 => json!([{"name": "delta"}, {"name": "lz4"}, {"name": "gzip"}]),
        _ => {
            let cname = ["blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"][random.below(6)];
            json!([blosc(cname, ["noshuffle", "shuffle", "bitshuffle"][random.below(3)]), {"name": "crc32c"}])
        }
    }
}

#[test]
fn blocks_come_back_whatever_their_chunks_edges_and_codecs() {
    let mut random = Random(2);
    for _ in 0..500 {
        let (dtype, element) = TYPES[random.below(8)];
        let (size, chunk, order) = (random.size(6), random.size(5), random.order());
        let (cut, endian) = (random.below(2) == 0, ["little", "big"][random.below(2)]);
        let voxels = random.bytes(product(size) * element);
        let codecs = some_codecs(&mut random, element);
        let header = json!({"dtype": dtype, "size": size, "chunk": chunk, "edges": if cut { "cut" } else { "pad" },
            "fill": 77, "order": order, "endian": endian, "codecs": codecs});
        let encoded = call("encode-block", &header, &voxels);
        let chunks = chunks_of(&encoded);
        let grid: [usize; 5] = std::array::from_fn(|a| size[a].div_ceil(chunk[a]));
        assert!(chunks.iter().map(|(at, _)| *at).eq(places(grid)), "{header}");
        for (at, bytes) in chunks {
            let there: [usize; 5] = std::array::from_fn(|a| chunk[a].min(size[a] - at[a] * chunk[a]));
            let shape = if cut { there } else { chunk };
            let decode = json!({"dtype": dtype, "shape": shape, "order": order, "endian": endian, "codecs": codecs});
            let back = call("decode-voxels", &decode, bytes);
            for place in places(shape) {
                let voxel = &back.outputs[0][index(place, shape, "xyzct") * element..][..element];
                let inside = (0..5).all(|a| place[a] < there[a]);
                let from = index(std::array::from_fn(|a| at[a] * chunk[a] + place[a]), size, "xyzct") * element;
                let mut fill = vec![0; element];
                fill[0] = 77;
                let want = if inside { &voxels[from..from + element] } else { &fill };
                assert_eq!(voxel, want, "{header} {at:?} {place:?}");
            }
        }
    }
}

#[test]
fn chunks_of_nothing_but_fill_are_left_out() {
    let mut voxels = vec![9u8; 4 * 4 * 2];
    voxels[31] = 1;
    let header = json!({"dtype": "uint8", "size": [4, 4, 2, 1, 1], "chunk": [3, 3, 1, 1, 1], "edges": "pad", "fill": 9,
        "skipFill": true});
    let encoded = call("encode-block", &header, &voxels);
    assert_eq!(chunks_of(&encoded), [([1, 1, 1, 0, 0], &[1u8, 9, 9, 9, 9, 9, 9, 9, 9][..])]);
    let nan = f32::NAN.to_le_bytes().repeat(4);
    let header = json!({"dtype": "float32", "size": [4, 1, 1, 1, 1], "chunk": [2, 1, 1, 1, 1], "edges": "cut",
        "fill": "NaN", "skipFill": true});
    assert!(chunks_of(&call("encode-block", &header, &nan)).is_empty());
}

#[test]
fn pictures_have_their_channels_side_by_side() {
    let mut random = Random(3);
    for (channels, dtype, element) in
        [(1, "uint8", 1), (2, "uint8", 1), (3, "uint16", 2), (4, "uint16", 2), (1, "uint16", 2)]
    {
        let size = [7, 5, 3, channels, 1];
        let voxels = random.bytes(product(size) * element);
        let codecs = json!([{"name": "png"}]);
        let header = json!({"dtype": dtype, "size": size, "chunk": size, "edges": "cut", "codecs": codecs});
        let encoded = call("encode-block", &header, &voxels);
        for order in ["xyzct", "cxyzt"] {
            let decode = json!({"dtype": dtype, "shape": size, "order": order, "codecs": codecs});
            assert_eq!(call("decode-voxels", &decode, &encoded.outputs[0]).outputs[0], voxels);
        }
    }
}

#[test]
fn jpeg_is_near_and_channels_do_not_bleed() {
    let size = [64, 16, 2, 3, 1];
    let voxels: Vec<u8> =
        places(size).map(|[x, y, z, c, _]| if c == 1 { 200 } else { (x * 2 + y + 8 * z + 40 * c) as u8 }).collect();
    let codecs = json!([{"name": "jpeg", "quality": 100}]);
    let header = json!({"dtype": "uint8", "size": size, "chunk": size, "edges": "cut", "codecs": codecs});
    let encoded = call("encode-block", &header, &voxels);
    let decode = json!({"dtype": "uint8", "shape": size, "codecs": codecs});
    let back = call("decode-voxels", &decode, &encoded.outputs[0]);
    let furthest = back.outputs[0].iter().zip(&voxels).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(furthest.unwrap() <= 4, "{furthest:?}");
    let mut cut = encoded.outputs[0].to_vec();
    cut.truncate(cut.len() * 2 / 3);
    assert_eq!(refused("decode-voxels", &decode, &cut), Tag::VerificationFailed);
}

#[test]
fn label_codecs_have_the_order_of_memory() {
    let size = [9, 8, 5, 2, 1];
    let voxels: Vec<u8> = (0..product(size) as u64).flat_map(|i| (i / 40 * 0x1_0000_0001).to_le_bytes()).collect();
    let codecs = json!([{"name": "compressed_segmentation", "blockXyz": [4, 4, 4]}, {"name": "gzip"}]);
    let header = json!({"dtype": "uint64", "size": size, "chunk": size, "edges": "cut", "codecs": codecs});
    let encoded = call("encode-block", &header, &voxels);
    let decode = json!({"dtype": "uint64", "shape": size, "codecs": codecs});
    assert_eq!(call("decode-voxels", &decode, &encoded.outputs[0]).outputs[0], voxels);
}

#[test]
fn predictors_undo_what_they_do() {
    let mut random = Random(4);
    for round in 0..60 {
        let (dtype, element) = TYPES[random.below(10)];
        let size = [5 + random.below(9), 1 + random.below(5), 1, 1 + random.below(3), 1];
        let voxels = random.bytes(product(size) * element);
        let kind = if round % 2 == 0 { "horizontal" } else { "float" };
        let codecs =
            json!([{"name": "predictor", "kind": kind, "width": size[0], "samples": size[3]}, {"name": "lzw"}]);
        for endian in ["little", "big"] {
            let mut header = json!({"dtype": dtype, "size": size, "chunk": size, "edges": "cut", "order": "cxyzt",
                "endian": endian, "codecs": codecs});
            let encoded = call("encode-block", &header, &voxels);
            header["shape"] = json!(size);
            assert_eq!(call("decode-voxels", &header, &encoded.outputs[0]).outputs[0], voxels, "{header}");
        }
    }
}

#[test]
fn stored_kinds_come_out_as_their_types() {
    let halves = [0x3c00u16, 0xc000, 0x7c00].map(u16::to_be_bytes).concat();
    let header = json!({"dtype": "float32", "storedAs": "float16", "shape": [3, 1, 1, 1, 1], "endian": "big"});
    let want = [1.0f32, -2.0, f32::INFINITY].map(f32::to_le_bytes).concat();
    assert_eq!(call("decode-voxels", &header, &halves).outputs[0], want);
    let header = json!({"dtype": "uint8", "storedAs": "bool", "shape": [2, 1, 1, 1, 1]});
    assert_eq!(call("decode-voxels", &header, &[0, 7]).outputs[0], [0, 1]);
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let decode = |extra: Value, stored: &[u8]| {
        let mut header = json!({"dtype": "uint16", "shape": [4, 1, 1, 1, 1]});
        header.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        refused("decode-voxels", &header, stored)
    };
    assert_eq!(decode(json!({}), &[0; 7]), Tag::VerificationFailed);
    assert_eq!(decode(json!({}), &[0; 9]), Tag::VerificationFailed);
    assert_eq!(decode(json!({"shape": [4, 0, 1, 1, 1]}), &[]), Tag::InvalidInput);
    assert_eq!(decode(json!({"shape": [1 << 30, 1 << 30, 1 << 30, 9, 9]}), &[]), Tag::OverBudget);
    assert_eq!(decode(json!({"shape": [1 << 28, 2, 1, 1, 1]}), &[]), Tag::OverBudget);
    assert_eq!(decode(json!({"crop": {"at": [2, 0, 0, 0, 0], "size": [3, 1, 1, 1, 1]}}), &[0; 8]), Tag::InvalidInput);
    assert_eq!(decode(json!({"order": "xyzcc"}), &[0; 8]), Tag::InvalidInput);
    assert_eq!(decode(json!({"storedAs": "bool"}), &[0; 8]), Tag::InvalidInput);
    assert_eq!(decode(json!({"codecs": [{"name": "gzip"}, {"name": "png"}]}), &[0; 8]), Tag::InvalidInput);
    assert_eq!(decode(json!({"codecs": [{"name": "rar"}]}), &[0; 8]), Tag::InvalidInput);
    let encode = |extra: Value, voxels: &[u8]| {
        let mut header = json!({"dtype": "uint8", "size": [4, 1, 1, 1, 1], "chunk": [4, 1, 1, 1, 1], "edges": "cut"});
        header.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        refused("encode-block", &header, voxels)
    };
    assert_eq!(encode(json!({}), &[0; 3]), Tag::InvalidInput);
    assert_eq!(encode(json!({"fill": 256}), &[0; 4]), Tag::InvalidInput);
    assert_eq!(encode(json!({"chunk": [0, 1, 1, 1, 1]}), &[0; 4]), Tag::InvalidInput);
    assert_eq!(encode(json!({"codecs": [{"name": "jxl"}]}), &[0; 4]), Tag::InvalidInput);
    assert_eq!(encode(json!({"edges": "pad", "chunk": [1 << 30, 1, 1, 1, 1]}), &[0; 4]), Tag::OverBudget);
}
