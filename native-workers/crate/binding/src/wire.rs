//! Values that cross Node-API: typed arrays on any buffer in, an object with fresh buffers out.

use kernels::output::Holds;
use kernels::table::Output;
use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, TypeName};
use napi::{Error, Result, Status, ValueType, sys};
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_void};
use std::ptr::{NonNull, copy_nonoverlapping, null_mut};
use std::slice::from_raw_parts;
use std::sync::atomic::AtomicI32;

/// A `Uint8Array` (or `Buffer`), not copied, also where it lies on a `SharedArrayBuffer`.
pub struct Bytes {
    data: *const u8,
    length: usize,
}

/// An `Int32Array` of shared words.
pub struct Words {
    data: *const AtomicI32,
    length: usize,
}

impl Bytes {
    /// The bytes, valid while the call lasts.
    pub fn as_slice(&self) -> &[u8] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: Node keeps the array alive during the call, and the caller promises not to write to it meanwhile.
        unsafe { from_raw_parts(self.data, self.length) }
    }
}

impl Words {
    /// The words, valid while the call lasts.
    pub fn as_slice(&self) -> &[AtomicI32] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: an Int32Array is aligned to four bytes, AtomicI32 has the layout of i32, and Node keeps it alive.
        unsafe { from_raw_parts(self.data, self.length) }
    }
}

impl TypeName for Bytes {
    fn type_name() -> &'static str {
        "Uint8Array"
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl TypeName for Words {
    fn type_name() -> &'static str {
        "Int32Array"
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl FromNapiValue for Bytes {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        let (data, length) = unsafe { typed_array(env, value, sys::TypedarrayType::uint8_array) }?;
        Ok(Self { data: data.cast(), length })
    }
}

impl FromNapiValue for Words {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        let (data, length) = unsafe { typed_array(env, value, sys::TypedarrayType::int32_array) }?;
        Ok(Self { data: data.cast(), length })
    }
}

unsafe fn typed_array(env: sys::napi_env, value: sys::napi_value, wanted: i32) -> Result<(*mut c_void, usize)> {
    let (mut kind, mut length, mut data) = (0, 0, null_mut());
    let status =
        unsafe { sys::napi_get_typedarray_info(env, value, &mut kind, &mut length, &mut data, null_mut(), null_mut()) };
    check(status, "an input is not a typed array")?;
    if kind == wanted { Ok((data, length)) } else { Err(Error::new(Status::InvalidArg, "wrong kind of typed array")) }
}

/// What a kernel gave, as `{header: string, outputs: Uint8Array[]}`.
pub struct Ran(pub Output);

impl ToNapiValue for Ran {
    unsafe fn to_napi_value(env: sys::napi_env, value: Self) -> Result<sys::napi_value> {
        let Output { header, outputs } = value.0;
        let (mut object, mut list) = (null_mut(), null_mut());
        unsafe {
            check(sys::napi_create_object(env, &mut object), "the result object")?;
            check(sys::napi_create_array_with_length(env, outputs.len(), &mut list), "the list of outputs")?;
            for (i, bytes) in outputs.iter().enumerate() {
                let array = match bytes.lent_at().and_then(lent_buffer) {
                    Some(buffer) => array_on(env, buffer, bytes.len())?,
                    None => fresh_array(env, bytes)?,
                };
                check(sys::napi_set_element(env, list, i as u32, array), "an output")?;
            }
            set(env, object, c"header", String::to_napi_value(env, header)?)?;
            set(env, object, c"outputs", list)?;
        }
        Ok(object)
    }
}

thread_local! {
    static ENV: Cell<sys::napi_env> = const { Cell::new(null_mut()) };
    static LENT: RefCell<Vec<(NonNull<u8>, sys::napi_value)>> = const { RefCell::new(Vec::new()) };
}

/// Lets a task write its large outputs straight into buffers of JavaScript; they live as long as this native call.
pub fn lending<T>(env: sys::napi_env, task: impl FnOnce() -> T) -> T {
    ENV.set(env);
    LENT.take();
    kernels::output::lending(lend, task)
}

fn lend(bytes: usize, holds: Holds) -> Option<NonNull<u8>> {
    // SAFETY: `lend` is called by a task within `lending`, on the thread of its environment.
    let (data, buffer) = unsafe { new_buffer(ENV.get(), bytes, holds) }.ok()?;
    let start = NonNull::new(data)?;
    LENT.with_borrow_mut(|lent| lent.push((start, buffer)));
    Some(start)
}

fn lent_buffer(start: NonNull<u8>) -> Option<sys::napi_value> {
    LENT.with_borrow(|lent| lent.iter().find(|(at, _)| *at == start).map(|(_, buffer)| *buffer))
}

/// Copies bytes to a buffer that JavaScript owns: Electron takes no outside memory, and these can be transferred.
unsafe fn fresh_array(env: sys::napi_env, bytes: &[u8]) -> Result<sys::napi_value> {
    let (data, buffer) = unsafe { new_buffer(env, bytes.len(), Holds::Anything) }?;
    if !bytes.is_empty() {
        unsafe { copy_nonoverlapping(bytes.as_ptr(), data, bytes.len()) };
    }
    unsafe { array_on(env, buffer, bytes.len()) }
}

unsafe fn new_buffer(env: sys::napi_env, bytes: usize, holds: Holds) -> Result<(*mut u8, sys::napi_value)> {
    let (mut data, mut buffer) = (null_mut(), null_mut());
    if holds == Holds::Zeros || bytes == 0 {
        check(unsafe { sys::napi_create_arraybuffer(env, bytes, &mut data, &mut buffer) }, "an output buffer")?;
    } else {
        // Node's own Buffers are the one kind of memory of JavaScript that is not cleared first.
        let (mut array, mut length, mut offset) = (null_mut(), 0, 0);
        unsafe {
            check(sys::napi_create_buffer(env, bytes, &mut data, &mut array), "an output buffer")?;
            let status =
                sys::napi_get_typedarray_info(env, array, null_mut(), &mut length, &mut data, &mut buffer, &mut offset);
            check(status, "the memory of an output buffer")?;
        }
        if offset != 0 || length != bytes {
            return Err(Error::new(Status::GenericFailure, "an output buffer shares its memory"));
        }
    }
    if bytes > 0 {
        kernels::memory::prefer_huge_pages(data.cast(), bytes);
    }
    Ok((data.cast(), buffer))
}

unsafe fn array_on(env: sys::napi_env, buffer: sys::napi_value, bytes: usize) -> Result<sys::napi_value> {
    let (kind, mut array) = (sys::TypedarrayType::uint8_array, null_mut());
    check(unsafe { sys::napi_create_typedarray(env, kind, bytes, buffer, 0, &mut array) }, "an output array")?;
    Ok(array)
}

unsafe fn set(env: sys::napi_env, object: sys::napi_value, name: &CStr, value: sys::napi_value) -> Result<()> {
    check(unsafe { sys::napi_set_named_property(env, object, name.as_ptr(), value) }, "a property")
}

fn check(status: sys::napi_status, what: &str) -> Result<()> {
    if status == sys::Status::napi_ok {
        return Ok(());
    }
    Err(Error::new(Status::from(status), format!("Node could not take or make {what}")))
}
