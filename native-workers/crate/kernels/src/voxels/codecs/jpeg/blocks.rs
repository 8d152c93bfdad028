//! The coefficients of a block, as a scan codes them: ITU-T T.81, annexes F.2.2 and G.2.

use super::bits::{Bits, Huffman};
use super::unsound;
use crate::error::Result;

pub type Block = [i16; 64];

/// Where the coefficients lie in a block, in the order they are stored.
pub const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

/// Which coefficients a scan brings, and which of their bits.
#[derive(Debug, Clone, Copy)]
pub enum Pass {
    Whole,
    FirstDc { low: u32 },
    MoreDc { low: u32 },
    FirstAc { band: Band, low: u32 },
    MoreAc { band: Band, low: u32 },
}

/// The first and the last coefficient, in zigzag order.
#[derive(Debug, Clone, Copy)]
pub struct Band {
    pub first: usize,
    pub last: usize,
}

impl Pass {
    pub fn needs_dc(self) -> bool {
        matches!(self, Self::Whole | Self::FirstDc { .. })
    }

    pub fn needs_ac(self) -> bool {
        matches!(self, Self::Whole | Self::FirstAc { .. } | Self::MoreAc { .. })
    }
}

/// What a block takes over from those before it, until the next restart.
#[derive(Default)]
pub struct Carried {
    /// By component of the scan.
    pub dc: [i32; 4],
    /// Blocks still to come that bring nothing new.
    pub empty: u32,
}

/// Codes of a component. Tables that its pass needs are there.
#[derive(Clone, Copy)]
pub struct Tables<'a> {
    pub dc: Option<&'a Huffman>,
    pub ac: Option<&'a Huffman>,
}

impl<'a> Tables<'a> {
    fn dc(self) -> Result<&'a Huffman> {
        self.dc.ok_or_else(|| unsound("a table is missing"))
    }

    fn ac(self) -> Result<&'a Huffman> {
        self.ac.ok_or_else(|| unsound("a table is missing"))
    }
}

/// Adds to `block` what the pass brings for it. `component`: its place in the scan.
#[inline]
pub fn read_block(
    pass: Pass,
    bits: &mut Bits,
    tables: Tables,
    carried: &mut Carried,
    component: usize,
    block: &mut Block,
) -> Result<()> {
    let dc = &mut carried.dc[component];
    match pass {
        Pass::Whole => {
            block[0] = next_dc(bits, tables.dc()?, dc)? as i16;
            whole_ac(bits, tables.ac()?, block)
        }
        Pass::FirstDc { low } => {
            block[0] = (next_dc(bits, tables.dc()?, dc)? << low) as i16;
            Ok(())
        }
        Pass::MoreDc { low } => {
            block[0] |= (bits.number(1)? << low) as i16;
            Ok(())
        }
        Pass::FirstAc { band, low } => first_ac(bits, tables.ac()?, band, low, &mut carried.empty, block),
        Pass::MoreAc { band, low } => more_ac(bits, tables.ac()?, band, low, &mut carried.empty, block),
    }
}

#[inline]
fn next_dc(bits: &mut Bits, table: &Huffman, before: &mut i32) -> Result<i32> {
    let size = bits.symbol(table)?;
    if size > 15 {
        return Err(unsound("a difference is too large"));
    }
    *before = before.wrapping_add(bits.signed(u32::from(size))?);
    Ok(*before)
}

#[inline]
fn place(index: usize) -> Result<usize> {
    ZIGZAG.get(index).map(|&at| usize::from(at)).ok_or_else(|| unsound("a block has too many coefficients"))
}

#[inline]
fn whole_ac(bits: &mut Bits, table: &Huffman, block: &mut Block) -> Result<()> {
    let mut index = 1;
    while index < 64 {
        let symbol = bits.symbol(table)?;
        let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 {
            if run < 15 {
                return Ok(());
            }
            index += 16;
            continue;
        }
        index += run;
        block[place(index)?] = bits.signed(size)? as i16;
        index += 1;
    }
    Ok(())
}

fn first_ac(bits: &mut Bits, table: &Huffman, band: Band, low: u32, empty: &mut u32, block: &mut Block) -> Result<()> {
    if *empty > 0 {
        *empty -= 1;
        return Ok(());
    }
    let mut index = band.first;
    while index <= band.last {
        let symbol = bits.symbol(table)?;
        let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if size > 0 {
            index += run;
            block[place(index)?] = (bits.signed(size)? << low) as i16;
            index += 1;
        } else if run == 15 {
            index += 16;
        } else {
            *empty = empties(bits, run)? - 1;
            return Ok(());
        }
    }
    Ok(())
}

/// Blocks without more in this band, this one among them.
fn empties(bits: &mut Bits, run: usize) -> Result<u32> {
    Ok((1 << run) + bits.number(run as u32)? as u32)
}

/// One more bit for coefficients that are not 0, and a sign and a place for those that were: annex G.1.2.3.
fn more_ac(bits: &mut Bits, table: &Huffman, band: Band, low: u32, empty: &mut u32, block: &mut Block) -> Result<()> {
    let mut index = band.first;
    while *empty == 0 && index <= band.last {
        let symbol = bits.symbol(table)?;
        let (run, size) = (usize::from(symbol >> 4), symbol & 15);
        let new = match size {
            0 if run < 15 => {
                *empty = empties(bits, run)?;
                break;
            }
            0 => 0,
            1 if bits.number(1)? == 1 => 1 << low,
            1 => -1 << low,
            _ => return Err(unsound("a correction is too large")),
        };
        index = refine(bits, band, low, index, Some(run), block)?;
        if new != 0 {
            block[place(index)?] = new as i16;
        }
        index += 1;
    }
    if *empty > 0 {
        refine(bits, band, low, index, None, block)?;
        *empty -= 1;
    }
    Ok(())
}

/// Refines up to the place of the zero that comes after `zeros` others, or up to the end of the band.
fn refine(
    bits: &mut Bits,
    band: Band,
    low: u32,
    from: usize,
    zeros: Option<usize>,
    block: &mut Block,
) -> Result<usize> {
    let mut left = zeros;
    for index in from..=band.last {
        let coefficient = &mut block[place(index)?];
        if *coefficient != 0 {
            let more = (bits.number(1)? << low) as i16;
            if *coefficient & (1 << low) == 0 {
                *coefficient = coefficient.wrapping_add(if *coefficient < 0 { -more } else { more });
            }
        } else if left == Some(0) {
            return Ok(index);
        } else {
            left = left.map(|zeros| zeros - 1);
        }
    }
    Ok(band.last + 1)
}
