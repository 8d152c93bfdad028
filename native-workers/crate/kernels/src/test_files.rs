//! Folders and files of the tests.

use crate::image::{Dtype, GreyImage};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of its own for a test, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("lamella-kernels-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A PNG of any colour type: `data` as the format stores it.
pub fn png_bytes(width: usize, height: usize, colour: png::ColorType, depth: png::BitDepth, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    if colour == png::ColorType::Indexed {
        encoder.set_palette(vec![0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255]);
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    bytes
}

/// Writes a grey image as PNG.
pub fn write_png(path: &Path, image: &GreyImage) {
    let depth = if image.samples.dtype() == Dtype::Uint8 { png::BitDepth::Eight } else { png::BitDepth::Sixteen };
    let data = image.samples.to_be_bytes();
    fs::write(path, png_bytes(image.width, image.height, png::ColorType::Grayscale, depth, &data)).unwrap();
}
