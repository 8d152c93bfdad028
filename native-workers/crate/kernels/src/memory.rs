//! Memory for large outputs.

/// Below this, huge pages have no room to lie in.
#[cfg(target_os = "linux")]
const LEAST_BYTES: usize = 4 << 20;

/// Zeros, on huge pages where the system has them: touching a page for the first time costs more than filling it.
pub(crate) fn zeros(bytes: usize) -> Vec<u8> {
    let zeros = vec![0; bytes];
    prefer_huge_pages(zeros.as_ptr(), bytes);
    zeros
}

/// Asks Linux to put memory that was not yet touched on huge pages. Only a hint: contents stay as they are.
pub fn prefer_huge_pages(start: *const u8, bytes: usize) {
    #[cfg(target_os = "linux")]
    {
        use std::ffi::{c_int, c_void};
        const PAGE: usize = 4096;
        const MADV_HUGEPAGE: c_int = 14;
        unsafe extern "C" {
            fn madvise(start: *mut c_void, bytes: usize, advice: c_int) -> c_int;
        }
        let skip = start.align_offset(PAGE);
        if bytes >= LEAST_BYTES && skip < bytes {
            let length = (bytes - skip) / PAGE * PAGE;
            // SAFETY: this advice changes neither contents nor mapping, and systems refuse ranges that are not theirs.
            unsafe { madvise(start.wrapping_add(skip).cast_mut().cast(), length, MADV_HUGEPAGE) };
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (start, bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_and_small_are_zero_and_can_be_written() {
        for bytes in [0, 1, 5000, (9 << 20) + 77] {
            let mut zeros = zeros(bytes);
            assert!(zeros.len() == bytes && zeros.iter().all(|&b| b == 0));
            zeros.fill(7);
            prefer_huge_pages(zeros.as_ptr(), bytes);
            assert!(zeros.iter().all(|&b| b == 7));
        }
    }
}
