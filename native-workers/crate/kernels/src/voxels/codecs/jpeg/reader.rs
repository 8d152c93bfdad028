//! The segments of a JPEG: baseline, extended and progressive pictures of 8 bits. ITU-T T.81, annexes B and G.1.1.1.

use super::bits::{Bits, Huffman, next_marker};
use super::blocks::{Band, Carried, Pass, Tables, ZIGZAG, read_block};
use super::frame::Frame;
use super::{START, picture, unsound};
use crate::error::Result;

/// Fewer than any encoder writes; so many that a small file can't keep a reader busy.
const MOST_SCANS: usize = 500;
const MOST_BLOCKS_IN_MCU: usize = 10;

/// Width, height and components are shown to `check` before anything of their size is allocated.
pub fn decode(stored: &[u8], check: impl FnOnce(usize, usize, usize) -> Result<usize>) -> Result<Vec<u8>> {
    if !stored.starts_with(&START) {
        return Err(unsound("it has no start"));
    }
    let mut reader = Reader { stored, at: START.len(), ..Reader::default() };
    reader.read_segments(Some(check))?;
    let Some(mut frame) = reader.frame else { return Err(unsound("it has no frame header")) };
    if frame.components.iter().any(|component| component.quants.is_none()) {
        return Err(unsound("a component is missing"));
    }
    frame.components.iter_mut().for_each(super::frame::Component::put_all);
    let is_ycbcr = reader.marks.is_ycbcr(&frame);
    Ok(picture::pixels(&frame, is_ycbcr))
}

/// What tells which colours three components are.
#[derive(Default)]
struct Marks {
    has_jfif: bool,
    /// The transform of Adobe's segment.
    adobe: Option<u8>,
}

impl Marks {
    /// The guess of the IJG's library.
    fn is_ycbcr(&self, frame: &Frame) -> bool {
        match self.adobe {
            _ if self.has_jfif => true,
            Some(transform) => transform != 0,
            None => frame.ids() != *b"RGB",
        }
    }
}

#[derive(Default)]
struct Reader<'a> {
    stored: &'a [u8],
    at: usize,
    quants: [Option<[u16; 64]>; 4],
    dc: [Option<Box<Huffman>>; 4],
    ac: [Option<Box<Huffman>>; 4],
    frame: Option<Frame>,
    /// MCUs between restart markers; 0: there are none.
    restarts: usize,
    marks: Marks,
}

impl<'a> Reader<'a> {
    fn read_segments(&mut self, mut check: Option<impl FnOnce(usize, usize, usize) -> Result<usize>>) -> Result<()> {
        let mut scans = 0;
        loop {
            let (marker, after) = next_marker(self.stored, self.at)?;
            self.at = after;
            match marker {
                0xd9 => return Ok(()),
                0x01 | 0xd0..=0xd7 => continue,
                0xd8 => return Err(unsound("it starts twice")),
                _ => {}
            }
            let segment = self.segment()?;
            match marker {
                0xc0..=0xc2 => {
                    let check = check.take().ok_or_else(|| unsound("it has two frame headers"))?;
                    self.read_frame(segment, marker == 0xc2, check)?;
                }
                0xc4 => self.read_codes(segment)?,
                0xc3 | 0xc5..=0xcb | 0xcd..=0xcf => return Err(unsound("it is of a kind that is not read")),
                0xdb => self.read_quants(segment)?,
                0xdd => self.restarts = usize::from(u16::from_be_bytes(exactly(segment)?)),
                0xda if scans == MOST_SCANS => return Err(unsound("it has too many scans")),
                0xda => {
                    scans += 1;
                    self.read_scan(segment)?;
                }
                0xe0 if segment.starts_with(b"JFIF\0") => self.marks.has_jfif = true,
                0xee if segment.starts_with(b"Adobe") => {
                    self.marks.adobe = segment.get(11).copied().or(self.marks.adobe);
                }
                _ => {}
            }
        }
    }

    fn read_frame(
        &mut self,
        segment: &[u8],
        is_progressive: bool,
        check: impl FnOnce(usize, usize, usize) -> Result<usize>,
    ) -> Result<()> {
        let mut frame = Frame::parse(segment, is_progressive)?;
        check(frame.width, frame.height, frame.components.len())?;
        if frame.has_fractions() {
            return Err(unsound("its colours are stored at sizes that are no whole parts"));
        }
        frame.allocate();
        self.frame = Some(frame);
        Ok(())
    }

    /// What follows a marker and the two bytes of its length.
    fn segment(&mut self) -> Result<&'a [u8]> {
        let rest = &self.stored[self.at..];
        let length = rest.first_chunk().map_or(0, |&two| usize::from(u16::from_be_bytes(two)));
        self.at += length;
        rest.get(2..length).ok_or_else(|| unsound("a segment is cut"))
    }

    fn read_quants(&mut self, mut segment: &[u8]) -> Result<()> {
        while let Some((&head, rest)) = segment.split_first() {
            let width = 1 + usize::from(head >> 4);
            let table = self.quants.get_mut(usize::from(head & 15)).filter(|_| width <= 2);
            let (table, values) = table.zip(rest.get(..64 * width)).ok_or_else(|| unsound("a table is damaged"))?;
            let quants = table.insert([0; 64]);
            for (&at, value) in ZIGZAG.iter().zip(values.chunks(width)) {
                quants[usize::from(at)] = value.iter().fold(0, |all, &byte| all << 8 | u16::from(byte));
            }
            segment = &rest[64 * width..];
        }
        Ok(())
    }

    fn read_codes(&mut self, mut segment: &[u8]) -> Result<()> {
        let cut = || unsound("a table is cut");
        while let Some((&head, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or_else(cut)?;
            let total = counts.iter().map(|&count| usize::from(count)).sum();
            let (symbols, rest) = rest.split_at_checked(total).ok_or_else(cut)?;
            let tables = if head >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            let table = tables.get_mut(usize::from(head & 15)).filter(|_| head >> 4 <= 1).ok_or_else(cut)?;
            *table = Some(Box::new(Huffman::new(counts, symbols)?));
            segment = rest;
        }
        Ok(())
    }

    fn read_scan(&mut self, segment: &[u8]) -> Result<()> {
        let frame = self.frame.as_mut().ok_or_else(|| unsound("it has no frame header"))?;
        let (parts, pass) = scan_header(segment, frame)?;
        for part in &parts {
            frame.take_quants(part.component, &self.quants)?;
            let lacks = |table: &Option<_>, needed: bool| needed && table.is_none();
            if lacks(&self.dc[part.dc], pass.needs_dc()) || lacks(&self.ac[part.ac], pass.needs_ac()) {
                return Err(unsound("a table is missing"));
            }
        }
        let tables = |part: &Part| Tables { dc: self.dc[part.dc].as_deref(), ac: self.ac[part.ac].as_deref() };
        let parts: Vec<_> = parts.iter().map(|part| (part.component, tables(part))).collect();
        let mut bits = Bits::new(self.stored, self.at);
        read_mcus(frame, &parts, pass, self.restarts, &mut bits)?;
        self.at = bits.position();
        Ok(())
    }
}

fn exactly(segment: &[u8]) -> Result<[u8; 2]> {
    segment.try_into().map_err(|_| unsound("a segment is cut"))
}

/// A component of a scan, and which tables it uses.
struct Part {
    component: usize,
    dc: usize,
    ac: usize,
}

fn scan_header(segment: &[u8], frame: &Frame) -> Result<(Vec<Part>, Pass)> {
    let damaged = || unsound("a scan's header is damaged");
    let (&count, rest) = segment.split_first().ok_or_else(damaged)?;
    let (entries, rest) = rest.split_at_checked(2 * usize::from(count)).ok_or_else(damaged)?;
    let &[first, last, bits] = rest else { return Err(damaged()) };
    let part = |entry: &[u8]| {
        let (dc, ac) = (usize::from(entry[1] >> 4), usize::from(entry[1] & 15));
        let component = frame.find(entry[0]).filter(|_| dc < 4 && ac < 4)?;
        Some(Part { component, dc, ac })
    };
    let parts: Vec<Part> = entries.chunks(2).map(part).collect::<Option<_>>().ok_or_else(damaged)?;
    let size = |part: &Part| frame.components[part.component].across * frame.components[part.component].down;
    let is_twice = (1..parts.len()).any(|i| parts[..i].iter().any(|part| part.component == parts[i].component));
    if parts.is_empty() || is_twice || parts.len() > 1 && parts.iter().map(size).sum::<usize>() > MOST_BLOCKS_IN_MCU {
        return Err(damaged());
    }
    if !frame.is_progressive {
        return Ok((parts, Pass::Whole));
    }
    let (high, low) = (u32::from(bits >> 4), u32::from(bits & 15));
    let band = Band { first: usize::from(first), last: usize::from(last) };
    let is_sound = low <= 13 && (high == 0 || high == low + 1);
    let pass = match (first, last, high) {
        (0, 0, 0) => Pass::FirstDc { low },
        (0, 0, _) => Pass::MoreDc { low },
        (1..=63, 1..=63, 0) if first <= last && count == 1 => Pass::FirstAc { band, low },
        (1..=63, 1..=63, _) if first <= last && count == 1 => Pass::MoreAc { band, low },
        _ => return Err(damaged()),
    };
    if is_sound { Ok((parts, pass)) } else { Err(damaged()) }
}

fn read_mcus(frame: &mut Frame, parts: &[(usize, Tables)], pass: Pass, restarts: usize, bits: &mut Bits) -> Result<()> {
    let is_alone = parts.len() == 1;
    let (across, down) = if is_alone { frame.components[parts[0].0].own_blocks() } else { frame.mcus() };
    let mut carried = Carried::default();
    for mcu in 0..across * down {
        if restarts > 0 && mcu > 0 && mcu % restarts == 0 {
            bits.restart(((mcu / restarts - 1) % 8) as u8)?;
            carried = Carried::default();
        }
        let (x, y) = (mcu % across, mcu / across);
        for (place, &(component, tables)) in parts.iter().enumerate() {
            let component = &mut frame.components[component];
            let (wide, high) = if is_alone { (1, 1) } else { (component.across, component.down) };
            for (inner_y, inner_x) in (0..high).flat_map(|y| (0..wide).map(move |x| (y, x))) {
                let (x, y) = (x * wide + inner_x, y * high + inner_y);
                if let Pass::Whole = pass {
                    let mut block = [0; 64];
                    read_block(pass, bits, tables, &mut carried, place, &mut block)?;
                    component.put(x, y, &block);
                } else {
                    read_block(pass, bits, tables, &mut carried, place, component.coefficients(x, y))?;
                }
            }
        }
    }
    Ok(())
}
