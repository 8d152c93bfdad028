//! Running a hot loop with the widest vectors the processor has. The results are the same: lanes are written out in
//! the source, and no operation is fused or reordered.

/// Defines `fn name(args) -> R` that runs `body(args)` compiled for AVX2 where the processor has it. It may have one
/// type parameter: `fn name<T: Bound>(args)`.
#[macro_export]
macro_rules! with_wide_vectors {
    (
        $(#[$about:meta])*
        $vis:vis fn $name:ident $(<$param:ident: $bound:path>)? ($($arg:ident: $type:ty),* $(,)?) $(-> $ret:ty)? $body:block
    ) => {
        $(#[$about])*
        $vis fn $name $(<$param: $bound>)? ($($arg: $type),*) $(-> $ret)? {
            #[inline(always)]
            fn body $(<$param: $bound>)? ($($arg: $type),*) $(-> $ret)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn wide $(<$param: $bound>)? ($($arg: $type),*) $(-> $ret)? {
                    body $(::<$param>)? ($($arg),*)
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has AVX2.
                    return unsafe { wide $(::<$param>)? ($($arg),*) };
                }
            }
            body $(::<$param>)? ($($arg),*)
        }
    };
}

pub use crate::with_wide_vectors;
