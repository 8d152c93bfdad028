//! The way in: a task's name, its header as JSON and its inputs, to its header and outputs.

use crate::cancel::Cancel;
use crate::error::{KernelError, Result};
use crate::output::OutBytes;
use crate::{decode, display, downsample, histogram, inspect, labels, synth, voxels, warp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a task gives.
#[derive(Debug)]
pub struct Output {
    /// JSON, as the task table says.
    pub header: String,
    /// Byte outputs, in the table's order.
    pub outputs: Vec<OutBytes>,
}

/// Runs one task of this crate to its end.
pub fn run(task: &str, header: &str, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<Output> {
    guarded(task, || dispatch(task, header, inputs, cancel))
}

/// A panic of a kernel becomes the error `internal`; it never leaves the crate.
pub fn guarded(task: &str, kernel: impl FnOnce() -> Result<Output>) -> Result<Output> {
    let attempt = catch_unwind(AssertUnwindSafe(kernel));
    attempt.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned());
        Err(KernelError::internal(text).with("task", task))
    })
}

fn dispatch(task: &str, header: &str, inputs: &[&[u8]], cancel: Cancel<'_>) -> Result<Output> {
    cancel.poll()?;
    match task {
        "inspect-tile" => with(header, |h| inspect::inspect_tile(&h, cancel)),
        "decode-tile" => with(header, |h| decode::task::decode_tile(&h, cancel)),
        "synthesize-tile" => with(header, |h| synth::synthesize_tile(&h, cancel)),
        "downsample-voxels" => with(header, |h| downsample::downsample(&h, one(inputs)?, cancel)),
        "voxel-histogram" => with(header, |h| histogram::histogram(&h, one(inputs)?, cancel)),
        "display-voxels" => with(header, |h| display::display(&h, one(inputs)?, cancel)),
        "index-labels" => with(header, |h| labels::index_labels(&h, one(inputs)?, cancel)),
        "decode-voxels" => with(header, |h| voxels::decode::decode_voxels(&h, one(inputs)?, cancel)),
        "read-box" => with(header, |h| voxels::read_box::read_box(&h, cancel)),
        "encode-block" => with(header, |h| voxels::encode::encode_block(&h, one(inputs)?, cancel)),
        "warp-points" => with(header, |h| warp::warp_points(&h, inputs, cancel)),
        "warp-box" => with(header, |h| warp::warp_box(&h, inputs, cancel)),
        "sample-points" => with(header, |h| warp::sample_points(&h, inputs, cancel)),
        _ => Err(KernelError::invalid_input(format!("There is no kernel named '{task}'.")).with("task", task)),
    }
}

/// Calls a kernel with its header read, and its answer written, as JSON.
pub fn with<H: DeserializeOwned, O: Serialize, B: Into<OutBytes>>(
    header: &str,
    kernel: impl FnOnce(H) -> Result<(O, Vec<B>)>,
) -> Result<Output> {
    let header = serde_json::from_str(header)
        .map_err(|e| KernelError::invalid_input(format!("The header of a kernel does not fit the task table: {e}.")))?;
    let (out, outputs) = kernel(header)?;
    let header = serde_json::to_string(&out).map_err(|e| KernelError::internal(format!("a header: {e}")))?;
    Ok(Output { header, outputs: outputs.into_iter().map(Into::into).collect() })
}

/// The input of a kernel that takes one.
pub fn one<'a>(inputs: &[&'a [u8]]) -> Result<&'a [u8]> {
    match inputs {
        [input] => Ok(input),
        _ => Err(KernelError::invalid_input(format!("This kernel takes one input, not {}.", inputs.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::never;
    use crate::error::Tag;

    fn tag(task: &str, header: &str, inputs: &[&[u8]]) -> Tag {
        run(task, header, inputs, never()).unwrap_err().tag
    }

    const CHUNK: &str = r#"{"dtype":"uint8","shape":[5000,1,1,1,1]}"#;

    #[test]
    fn calls_that_the_table_does_not_allow_are_refused() {
        assert_eq!(tag("nothing", "{}", &[]), Tag::InvalidInput);
        assert_eq!(tag("decode-voxels", "{", &[b"x"]), Tag::InvalidInput);
        assert_eq!(tag("decode-voxels", "{}", &[b"x"]), Tag::InvalidInput);
        assert_eq!(tag("decode-voxels", CHUNK, &[]), Tag::InvalidInput);
        assert_eq!(tag("decode-voxels", CHUNK, &[b"x", b"y"]), Tag::InvalidInput);
    }

    #[test]
    fn defaults_are_those_of_the_table() {
        let size = "[5000,1,1,1,1]";
        let header = format!(r#"{{"dtype":"uint8","size":{size},"chunk":{size},"edges":"pad"}}"#);
        let out = run("encode-block", &header, &[&[1; 5000]], never()).unwrap();
        let header: serde_json::Value = serde_json::from_str(&out.header).unwrap();
        assert_eq!(header["chunks"][0]["bytes"], out.outputs[0].len());
        let back = run("decode-voxels", CHUNK, &[&out.outputs[0]], never()).unwrap();
        assert_eq!(back.outputs[0], [1; 5000]);
    }
}
