//! The kernels that bend volumes onto each other; [`run`] is the one way in.

pub mod lddmm;
mod threads;

use kernels::cancel::Cancel;
use kernels::error::Result;
use kernels::table::{Output, guarded, with};

/// Runs one task of this crate to its end; none where the task is another crate's.
pub fn run(task: &str, header: &str, inputs: &[&[u8]], cancel: Cancel<'_>) -> Option<Result<Output>> {
    Some(match task {
        "register-lddmm" => guarded(task, || with(header, |h| lddmm::register_lddmm(&h, inputs, cancel))),
        "lddmm-maps" => guarded(task, || with(header, |h| lddmm::lddmm_maps(&h, inputs, cancel))),
        _ => return None,
    })
}
