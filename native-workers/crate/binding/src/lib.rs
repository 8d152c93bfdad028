//! Node-API 8 binding of the kernels: `run` and `version`, nothing else.

mod wire;

use kernels::cancel::Cancel;
use kernels::error::KernelError;
use napi::Env;
use napi_derive::napi;
use std::sync::atomic::AtomicI32;
use wire::{Bytes, Ran, Words, lending};

/// Runs one kernel on the calling thread: see `native-workers/tasks.ts` for the tasks and their headers.
///
/// `inputs` and `cancel` may lie on `SharedArrayBuffer`s; nobody may write to the inputs until this returns. `cancel`
/// is an `Int32Array` of two words: `[0]` set to 1 stops the kernel, `[1]` counts its signs of life. Gives
/// `{header, outputs}` with `outputs` on fresh `ArrayBuffer`s that may be transferred. Throws an `Error` whose message
/// is the JSON of `{tag, message, hint, fields}`.
#[napi]
pub fn run(env: Env, task: String, header_json: String, inputs: Vec<Bytes>, cancel: Words) -> napi::Result<Ran> {
    let unwatched = AtomicI32::new(0);
    let (flag, beat) = match cancel.as_slice() {
        [flag, beat, ..] => (flag, beat),
        [flag] => (flag, &unwatched),
        [] => return Err(thrown(&KernelError::invalid_input("The cancel words are missing."))),
    };
    let inputs: Vec<&[u8]> = inputs.iter().map(Bytes::as_slice).collect();
    let cancel = Cancel::new(flag, beat);
    let ran = lending(env.raw(), || {
        let ran = register::run(&task, &header_json, &inputs, cancel);
        ran.unwrap_or_else(|| assembly::run(&task, &header_json, &inputs, cancel))
    });
    match ran {
        Ok(output) => Ok(Ran(output)),
        Err(error) => Err(thrown(&error)),
    }
}

/// Version of the crate.
#[napi]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

fn thrown(error: &KernelError) -> napi::Error {
    napi::Error::from_reason(serde_json::to_string(error).unwrap_or_else(|_| error.to_string()))
}
