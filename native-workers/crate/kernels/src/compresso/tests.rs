use super::*;

/// uint32, {}
const A: &str = "6370736f01040900070003000404011c00000000000000100000005e0000000000000004ae25a3fbdff3c1ffe4e237cce9d1ad989ddb45\
ffa2cabbcba7b931980000000005ef75cc0adeeb98dff3c1ffe4e237ccc3d6f9cbc8c56f989ddb45ffa7b93198b9f80d33bee783ffc3d6\
f9cb98eccf32a2cabbcb77e091327ccf07ff81be7dcb56d453325bc3c9fe60b23fcb0ed8e2c610001100f603ff03ff05fe0af60cf70c11\
101011fff3fef5f2f7f3fef4fefcfeb525a3fbba1419c8ba1419c8ba1419c8bf038f94bf038f94bf038f9407000000070000000cef75cc\
0cef75ccba1419c811deeb9811deeb9811deeb98941965fb9908dbc7941965fbe6f3c1ffebe237cc9908dbc7730d27fbc5e783ffc5e783\
ffcad6f9cbcad6f9cb78fc9cc7cfc56f98cfc56f98cfc56f98730d27fb730d27fb730d27fb78fc9cc778fc9cc778fc9cc77deb12947deb\
12947deb12945201e9fa57f05ec70cef75cc07000000ba1419c80cef75cc941965fb01000000f0d1ad989ef75094f0d1ad98e6f3c1ffe6\
f3c1ff9908dbc7ebe237ccf0d1ad98f0d1ad989ef75094c5e783ff730d27fbc5e783ff7deb1294c5e783ffc5e783ffc5e783ffcad6f9cb\
cfc56f98a9cabbcb57f05ec7a9cabbcb01000000c0f80d33730d27fbc5e783ff78fc9cc79feccf32a4db45ff5201e9faa4db45ff010000\
004d12732e9feccf32a4db45ffa4db45ffa4db45ff57f05ec72c06352e88be7dcb36e420c77ee091327ee0913283cf07ff88be7dcb88be\
7dcb10e96cfa1600140010000800060002001c001a0012000e00040003001e00180010000c000a00030007090c00291c";
/// uint64, {'steps': (8, 8, 1), 'random_access_z_index': False}
const B: &str = "6370736f00080900070003000808011c00000000000000060000005e0000000000000004ae25a3fbd38ce98ddff3c1ff99f98c32e4e237\
cca4f0eb12e9d1ad98afe74af39ddb45ffcdeca697a2cabbcbd8e30578a7b93198e3da6458000000000000000005ef75cc0af75ee00ade\
eb9815eebdc0dff3c1ff99f98c32e4e237cca4f0eb12c3d6f9cb3eea7845c8c56f9849e1d7259ddb45ffcdeca697a7b93198e3da6458b9\
f80d3329fcba84bee783ff33f31965c3d6f9cb3eea784598eccf32c3f547b7a2cabbcbd8e3057877e091325defd4e97ccf07ff67e633ca\
81be7dcb72dd92aa56d45332f7e8611c5bc3c9fe01e0c0fc60b23fcb0cd71fdd0ed8e2c6e063096b010100010001000000010101000100\
000101000101010000feff35ffffff350034ffeeff67ff3c002cff7effe6ffac00b525a3fbd38ce98dba1419c8de83486eba1419c8de83\
486eba1419c8de83486ebf038f94e97aa74ebf038f94e97aa74ebf038f94e97aa74e070000000000000007000000000000000cef75cc0a\
f75ee00cef75cc0af75ee0ba1419c8de83486e11deeb9815eebdc011deeb9815eebdc011deeb9815eebdc0941965fb6d8676c09908dbc7\
787dd5a0941965fb6d8676c0e6f3c1ff99f98c32ebe237cca4f0eb129908dbc7787dd5a0730d27fb078003f3c5e783ff33f31965c5e783\
ff33f319650500000000000000050000000000000078fc9cc7127762d3cfc56f9849e1d72505000000000000000500000000000000730d\
27fb078003f3730d27fb078003f3730d27fb078003f378fc9cc7127762d378fc9cc7127762d378fc9cc7127762d37deb12941d6ec1b37d\
eb12941d6ec1b37deb12941d6ec1b35201e9faa179902557f05ec7ac70ef050cef75cc0af75ee00700000000000000ba1419c8de83486e\
0cef75cc0af75ee0941965fb6d8676c0010000000000000004000000000000009ef75094837434810400000000000000e6f3c1ff99f98c\
32e6f3c1ff99f98c329908dbc7787dd5a0ebe237cca4f0eb12f0d1ad98afe74af3f0d1ad98afe74af39ef7509483743481c5e783ff33f3\
1965730d27fb078003f3c5e783ff33f319657deb12941d6ec1b3c5e783ff33f31965c5e783ff33f31965c5e783ff33f31965cad6f9cb3e\
ea7845cfc56f9849e1d725040000000000000057f05ec7ac70ef05a9cabbcbd8e305780100000000000000c0f80d3329fcba84730d27fb\
078003f3c5e783ff33f3196578fc9cc7127762d39feccf32c3f547b7a4db45ffcdeca6975201e9faa1799025a4db45ffcdeca697010000\
00000000004d12732e978231459feccf32c3f547b7a4db45ffcdeca697a4db45ffcdeca697a4db45ffcdeca69757f05ec7ac70ef052c06\
352e317cbe7788be7dcb72dd92aa36e420c7466a7c387ee091325defd4e97ee091325defd4e983cf07ff67e633ca88be7dcb72dd92aa88\
be7dcb72dd92aa10e96cfad56caa8a06000000000000000400000000000000080000000000000002000000000000000a00000000000000\
0300000000000000";
/// uint8, {'random_access_z_index': False}
const C: &str = "6370736f0001060005000300040401030000000000000004000000820000000000000004fb01fb01000f003333ffff0806fb0806fb0806\
fb06fb0806fb0806fb080806fb0806fb0806fb06fb0806fb0806fb080806fb0806fb0806fb0806fb0806fb080806fb0806fb0806fb06fb\
0806fb0806fb080806fb0806fb0806fb06fb0806fb0806fb0806fb0806fb0806fb06fb0806fb0806fb080806fb0806fb0806fb06fb0806\
fb0806fb080806fb0806fb08060004000200030006000400020003000600040002000300";
/// uint16, {'connectivity': 6, 'random_access_z_index': False}
const D: &str = "6370736f000209000700030004040113000000000000000f0000007c0000000000000006dff3e4e2e9d1e9d19ddba2caa7b9b9f8bee7c3\
d698eca2ca77e07ccf81be56d45bc360b20ed8100011001101ff03ff05fe0af60cff0f11101111fff5f2f7fffbfcfeffffb525b525b525\
ba14ba14ba14bf03bf03bf03b525070007000cef0cefba1411de11de11de941999089419e6f3ebe29908f0d1730dc5e7c5e7cad6cad678\
fccfc5cfc5cfc5730d730d730d78fc78fc78fc7deb7deb7deb520157f00700070007000cef0cef0cef11de11de11de0700070007000cef\
ba140cef11de11de11dee6f39419ebe2ebe29ef7e6f3e6f3e6f39908ebe2ebe2f0d1f0d19ef7c5e7730dc5e7cad6cad6cad67debcfc5cf\
c5c5e7c5e7c5e7cad6cad6cad6cfc5cfc5cfc5a4dba4db57f0a9ca0100c0f8730dc5e778fc9feca4db5201a4db01004d129feca4dba4db\
a4db57f02c0688be36e47ee07ee083cf88be88be10e91400180010000800060002001c001c0012000e000e0004001a00160010000c000a\
000300";
/// uint8, {}
const E: &str = "6370736f0101050004000300040401030000000000000002000000550000000000000004fb01fb1101ffff0806fb0806fb0806fb0806fb\
0806fb0806fb0806fb0806fb0806fb0806fb0806fb0806fb0806fb0806fb0806fb0806fb0806fb0806fb0806fb0806fb0806fb0806fb08\
06fb0806fb0806fb0806fb0806fb0806fb08020003000200030002000300010101001c1d";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// The volumes that PyPI's compresso 3.3.3 encoded above: odd shapes of few labels, or a chessboard.
fn volume([width, height, depth]: [usize; 3], dtype: VoxelType, chess: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for z in 0..depth {
        for y in 0..height {
            for x in 0..width {
                let small = if chess {
                    (x + y + z) % 2 * 250 + 1
                } else {
                    (x / 3 * 7 + y / 2 * 5 + z / 2 * 3 + if (x * y + z) % 5 == 0 { 90 } else { 0 }) % 256
                } as u64;
                let label = if dtype.bytes() > 1 { small.wrapping_mul(0xd6e8_feb8_6659_fd93) } else { small };
                out.extend(&label.to_le_bytes()[..dtype.bytes()]);
            }
        }
    }
    out
}

/// Stream, size, type, chess.
fn samples() -> Vec<(Vec<u8>, [usize; 3], VoxelType, bool)> {
    vec![
        (bytes(A), [9, 7, 3], VoxelType::Uint32, false),
        (bytes(B), [9, 7, 3], VoxelType::Uint64, false),
        (bytes(C), [6, 5, 3], VoxelType::Uint8, true),
        (bytes(D), [9, 7, 3], VoxelType::Uint16, false),
        (bytes(E), [5, 4, 3], VoxelType::Uint8, true),
    ]
}

#[test]
fn reads_what_the_reference_wrote() {
    for (stored, size, dtype, chess) in samples() {
        assert!(decode(&stored, size, dtype).unwrap() == volume(size, dtype, chess), "{size:?} {dtype:?}");
    }
}

#[test]
fn another_size_type_or_kind_is_refused() {
    let tag = |stored: &[u8], size, dtype| decode(stored, size, dtype).unwrap_err().tag;
    let stored = bytes(A);
    assert_eq!(tag(&stored, [9, 7, 2], VoxelType::Uint32), Tag::BadSource);
    assert_eq!(tag(&stored, [9, 7, 3], VoxelType::Uint64), Tag::BadSource);
    assert_eq!(tag(&stored, [9, 7, 3], VoxelType::Float32), Tag::InvalidInput);
    assert_eq!(tag(&stored[..35], [9, 7, 3], VoxelType::Uint32), Tag::BadSource);
    assert_eq!(tag(&stored[..stored.len() - 40], [9, 7, 3], VoxelType::Uint32), Tag::BadSource);
    assert_eq!(tag(b"not such a stream, but longer than a header", [9, 7, 3], VoxelType::Uint32), Tag::BadSource);
}

#[test]
fn damaged_streams_are_refused_or_decode_to_something() {
    let samples = samples();
    let mut state = 5u64;
    let mut below = |end: usize| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 33) as usize % end
    };
    let mut refused = 0;
    for round in 0..5000 {
        let (stored, size, dtype, _) = &samples[round % samples.len()];
        let mut stored = stored.clone();
        for _ in 0..=below(4) {
            let at = if below(3) == 0 { below(HEADER_BYTES) } else { below(stored.len()) };
            stored[at] = below(256) as u8;
        }
        if below(4) == 0 {
            stored.truncate(below(stored.len() + 1));
        }
        match decode(&stored, *size, *dtype) {
            Ok(out) => assert_eq!(out.len(), size.iter().product::<usize>() * dtype.bytes()),
            Err(error) => {
                assert_eq!(error.tag, Tag::BadSource);
                refused += 1;
            }
        }
    }
    assert!(refused > 1000, "{refused}");
}
