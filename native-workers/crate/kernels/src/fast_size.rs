//! Sizes that Fourier transforms are fast at.

/// The least size of at least `n` that is even and has no prime factor over 5: fast to transform.
pub fn fast_size(n: usize) -> usize {
    let smooth = |mut m: usize| {
        for p in [2, 3, 5] {
            while m.is_multiple_of(p) {
                m /= p;
            }
        }
        m == 1
    };
    (n.max(2)..).find(|&m| m.is_multiple_of(2) && smooth(m)).unwrap_or(n)
}

#[cfg(test)]
mod tests {
    use super::fast_size;

    #[test]
    fn sizes_grow_to_the_next_fast_one() {
        assert_eq!([1, 2, 7, 101, 152, 577, 2048].map(fast_size), [2, 2, 8, 108, 160, 600, 2048]);
    }
}
