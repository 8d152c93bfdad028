//! Writing a PNG so that a crash leaves either the old file or the whole new one.

use crate::error::{KernelError, Result};
use crate::image::{Dtype, GreyImage};
use crate::inspect::hex;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a grey image; gives the file's SHA-256, hexadecimal.
pub fn png(path: &Path, image: &GreyImage) -> Result<String> {
    let bytes = encode(image).map_err(|e| KernelError::internal(format!("PNG encoding: {e}")))?;
    write_whole(path, &bytes).map_err(|e| KernelError::writing(path, &e))?;
    Ok(hex(&Sha256::digest(&bytes)))
}

fn encode(image: &GreyImage) -> std::result::Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::with_capacity(image.byte_len());
    let mut encoder = png::Encoder::new(&mut bytes, image.width as u32, image.height as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(match image.samples.dtype() {
        Dtype::Uint8 => png::BitDepth::Eight,
        Dtype::Uint16 => png::BitDepth::Sixteen,
    });
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&image.samples.to_be_bytes())?;
    writer.finish()?;
    Ok(bytes)
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(name);
    let written = File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&part, path));
    if done.is_err() {
        let _ = fs::remove_file(&part);
    }
    done
}
