//! The entropy-coded bits of a scan and the tables of their prefix codes: ITU-T T.81, annexes C and F.2.2.

use super::unsound;
use crate::error::Result;

const LOOKED_UP: u32 = 9;
const LONGEST: usize = 16;

/// Bits up to the next marker, without the zero bytes stuffed after 0xff.
pub struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bit is the highest; past the end come zeros.
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, held: 0, count: 0 }
    }

    /// Holds 32 bits or more, or all that are left: the longest code and the longest number after it.
    #[inline(always)]
    fn fill(&mut self) {
        if self.count >= 32 {
            return;
        }
        if let Some(&next) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            let word = u64::from_be_bytes(next);
            let has_marker = (!word).wrapping_sub(0x0101_0101_0101_0101) & word & 0x8080_8080_8080_8080 != 0;
            if !has_marker {
                let whole = (64 - self.count) / 8;
                self.held |= word >> self.count;
                self.count += whole * 8;
                self.at += whole as usize;
                return;
            }
        }
        self.fill_by_bytes();
    }

    #[cold]
    fn fill_by_bytes(&mut self) {
        while self.count <= 56 {
            let Some(&byte) = self.bytes.get(self.at) else { return };
            if byte == 0xff {
                let fills = self.bytes[self.at..].iter().take_while(|&&b| b == 0xff).count();
                if self.bytes.get(self.at + fills) != Some(&0) {
                    return;
                }
                self.at += fills;
            }
            self.at += 1;
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    #[inline(always)]
    fn skip(&mut self, count: u32) -> Result<()> {
        if count > self.count {
            return Err(unsound("its data ends early"));
        }
        self.held <<= count;
        self.count -= count;
        Ok(())
    }

    /// An unsigned number of 0 to 16 bits.
    #[inline(always)]
    pub fn number(&mut self, bits: u32) -> Result<i32> {
        self.fill();
        self.filled_number(bits)
    }

    #[inline(always)]
    fn filled_number(&mut self, bits: u32) -> Result<i32> {
        let value = (self.held >> 1 >> (63 - bits)) as i32;
        self.skip(bits)?;
        Ok(value)
    }

    /// What comes right after a symbol: a number with its sign, as figure F.12 extends it.
    #[inline(always)]
    pub fn signed(&mut self, bits: u32) -> Result<i32> {
        let value = self.filled_number(bits)?;
        // Numbers whose first bit is 0 are negative: all bits of the mask are set for them, none for others.
        let mask = (value >> bits.saturating_sub(1)) - 1;
        Ok(value + (mask & (1 - (1 << bits))))
    }

    #[inline(always)]
    pub fn symbol(&mut self, table: &Huffman) -> Result<u8> {
        self.fill();
        let found = table.looked_up[(self.held >> (64 - LOOKED_UP)) as usize];
        if found != 0 {
            self.skip(u32::from(found >> 8))?;
            return Ok(found as u8);
        }
        self.long_symbol(table)
    }

    #[cold]
    fn long_symbol(&mut self, table: &Huffman) -> Result<u8> {
        for length in LOOKED_UP as usize + 1..=LONGEST {
            let code = (self.held >> (64 - length)) as i32;
            if code < table.ends[length] {
                self.skip(length as u32)?;
                return Ok(table.symbols[(code + table.offsets[length]) as usize]);
            }
        }
        Err(unsound("a code is in no table"))
    }

    /// Drops the bits that fill the last byte, and passes the restart marker of that number.
    pub fn restart(&mut self, number: u8) -> Result<()> {
        (self.held, self.count) = (0, 0);
        let (marker, after) = next_marker(self.bytes, self.at)?;
        if marker != 0xd0 + number {
            return Err(unsound("a restart marker is missing"));
        }
        self.at = after;
        Ok(())
    }

    /// No further than the next marker.
    pub fn position(&self) -> usize {
        self.at
    }
}

/// The next marker and what comes after it, past whatever lies between.
pub fn next_marker(bytes: &[u8], from: usize) -> Result<(u8, usize)> {
    let rest = bytes.get(from..).unwrap_or_default();
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff);
    let found = rest.windows(2).position(is_marker).ok_or_else(|| unsound("it ends early"))?;
    Ok((rest[found + 1], from + found + 2))
}

/// A table of prefix codes.
pub struct Huffman {
    /// Length and symbol of the code that the next bits begin with; 0 where it is longer.
    looked_up: [u16; 1 << LOOKED_UP],
    /// By length: one more than the last code, or -1; and what leads from a code to its symbol.
    ends: [i32; LONGEST + 1],
    offsets: [i32; LONGEST + 1],
    symbols: [u8; 256],
}

impl Huffman {
    /// `counts`: how many codes there are of 1 to 16 bits. Errors: more codes than fit.
    pub fn new(counts: &[u8; LONGEST], given: &[u8]) -> Result<Self> {
        let mut table = Self {
            looked_up: [0; 1 << LOOKED_UP],
            ends: [-1; LONGEST + 1],
            offsets: [0; LONGEST + 1],
            symbols: [0; 256],
        };
        table.symbols.get_mut(..given.len()).ok_or_else(|| unsound("a table is too long"))?.copy_from_slice(given);
        let (mut code, mut used) = (0i32, 0i32);
        for (length, &count) in (1..).zip(counts) {
            table.offsets[length] = used - code;
            for _ in 0..count {
                table.look_up(length as u32, code, given[used as usize]);
                (code, used) = (code + 1, used + 1);
            }
            if code > 1 << length {
                return Err(unsound("a table has too many codes"));
            }
            table.ends[length] = if count > 0 { code } else { -1 };
            code <<= 1;
        }
        Ok(table)
    }

    fn look_up(&mut self, length: u32, code: i32, symbol: u8) {
        if length > LOOKED_UP {
            return;
        }
        let spare = LOOKED_UP - length;
        let from = (code as usize) << spare;
        // Codes too many are refused when all of their length are counted.
        let entries = self.looked_up.get_mut(from..from + (1 << spare)).unwrap_or_default();
        entries.fill((length as u16) << 8 | u16::from(symbol));
    }
}
