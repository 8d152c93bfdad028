//! The frame of a picture: its components and how their blocks lie. ITU-T T.81, annexes A.1, A.2 and B.2.2.

use super::blocks::Block;
use super::unsound;
use crate::error::Result;

pub struct Component {
    id: u8,
    /// Samples of an MCU are `across` x `down` blocks.
    pub across: usize,
    pub down: usize,
    table: usize,
    /// Samples that are of the picture.
    pub width: usize,
    pub height: usize,
    /// Blocks of a row of the plane, whole MCUs.
    row_blocks: usize,
    /// Taken when its first scan begins: later ones may define the table anew.
    pub quants: Option<[u16; 64]>,
    pub plane: Vec<u8>,
    /// Of progressive pictures only.
    coefficients: Vec<Block>,
}

impl Component {
    /// Samples of a row of the plane.
    pub fn stride(&self) -> usize {
        self.row_blocks * 8
    }

    /// Rows of the plane are repeated above and below the picture.
    pub fn row(&self, y: usize) -> &[u8] {
        let start = y.min(self.height - 1) * self.stride();
        &self.plane[start..start + self.width]
    }

    /// Blocks that a scan of this component alone has.
    pub fn own_blocks(&self) -> (usize, usize) {
        (self.width.div_ceil(8), self.height.div_ceil(8))
    }

    pub fn coefficients(&mut self, x: usize, y: usize) -> &mut Block {
        &mut self.coefficients[y * self.row_blocks + x]
    }

    /// Turns a block into samples of the plane.
    pub fn put(&mut self, x: usize, y: usize, block: &Block) {
        let (stride, Some(quants)) = (self.stride(), &self.quants) else { return };
        super::idct::transform(block, quants, &mut self.plane[y * 8 * stride + x * 8..][..7 * stride + 8], stride);
    }

    /// Turns all coefficients into samples.
    pub fn put_all(&mut self) {
        for (at, block) in std::mem::take(&mut self.coefficients).iter().enumerate() {
            self.put(at % self.row_blocks, at / self.row_blocks, block);
        }
    }
}

pub struct Frame {
    pub width: usize,
    pub height: usize,
    pub is_progressive: bool,
    pub components: Vec<Component>,
    /// Blocks across and down of the MCU's largest component.
    pub most_across: usize,
    pub most_down: usize,
}

impl Frame {
    /// From a SOF segment, without its length. Nothing is allocated yet.
    pub fn parse(segment: &[u8], is_progressive: bool) -> Result<Self> {
        let Some((&[precision, h0, h1, w0, w1, count], rest)) = segment.split_first_chunk() else {
            return Err(unsound("its frame header is cut"));
        };
        let (width, height) = (usize::from(u16::from_be_bytes([w0, w1])), usize::from(u16::from_be_bytes([h0, h1])));
        if precision != 8 {
            return Err(unsound("its samples have another depth than 8 bits"));
        }
        if width == 0 || height == 0 || count == 0 || rest.len() != 3 * usize::from(count) {
            return Err(unsound("its frame header is damaged"));
        }
        let sizes = |entry: &[u8]| (usize::from(entry[1] >> 4), usize::from(entry[1] & 15));
        let is_odd = |entry: &[u8]| !(1..=4).contains(&sizes(entry).0) || !(1..=4).contains(&sizes(entry).1);
        if rest.chunks(3).any(|entry| is_odd(entry) || entry[2] > 3) {
            return Err(unsound("its components are damaged"));
        }
        let most_across = rest.chunks(3).map(|entry| sizes(entry).0).fold(1, usize::max);
        let most_down = rest.chunks(3).map(|entry| sizes(entry).1).fold(1, usize::max);
        let component = |entry: &[u8]| {
            let (across, down) = sizes(entry);
            Component {
                id: entry[0],
                across,
                down,
                table: usize::from(entry[2]),
                width: (width * across).div_ceil(most_across),
                height: (height * down).div_ceil(most_down),
                row_blocks: width.div_ceil(8 * most_across) * across,
                quants: None,
                plane: Vec::new(),
                coefficients: Vec::new(),
            }
        };
        let components = rest.chunks(3).map(component).collect();
        Ok(Self { width, height, is_progressive, components, most_across, most_down })
    }

    /// MCUs across and down.
    pub fn mcus(&self) -> (usize, usize) {
        (self.width.div_ceil(8 * self.most_across), self.height.div_ceil(8 * self.most_down))
    }

    pub fn allocate(&mut self) {
        let (_, rows) = self.mcus();
        for component in &mut self.components {
            let blocks = component.row_blocks * rows * component.down;
            component.plane = vec![0; blocks * 64];
            component.coefficients = vec![[0; 64]; if self.is_progressive { blocks } else { 0 }];
        }
    }

    /// Whether the colours are stored at different sizes by factors that are not whole.
    pub fn has_fractions(&self) -> bool {
        let is_whole =
            |c: &Component| self.most_across.is_multiple_of(c.across) && self.most_down.is_multiple_of(c.down);
        !self.components.iter().all(is_whole)
    }

    pub fn find(&self, id: u8) -> Option<usize> {
        self.components.iter().position(|component| component.id == id)
    }

    pub fn ids(&self) -> Vec<u8> {
        self.components.iter().map(|component| component.id).collect()
    }

    /// Takes the table of a component unless an earlier scan did.
    pub fn take_quants(&mut self, at: usize, tables: &[Option<[u16; 64]>; 4]) -> Result<()> {
        let component = &mut self.components[at];
        if component.quants.is_none() {
            component.quants = tables[component.table];
        }
        component.quants.map(|_| ()).ok_or_else(|| unsound("a quantization table is missing"))
    }
}
