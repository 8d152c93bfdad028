//! Seeded randomness by hashing: the same on every platform, in any order of asking.

/// A hash of integers, by SplitMix64's finaliser (Steele et al. 2014).
#[derive(Debug, Clone, Copy)]
pub struct Hash(u64);

impl Hash {
    /// Starts from a seed and a salt that names the use.
    pub fn new(seed: i64, salt: u64) -> Self {
        Self(seed as u64).and(salt as i64)
    }

    /// Mixes in one more integer.
    #[must_use]
    pub fn and(self, value: i64) -> Self {
        let mut z = self.0 ^ (value as u64).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xd6e8_feb8_6659_fd93);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(z ^ (z >> 31))
    }

    /// All 64 bits.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// Uniform in [0, 1), from the top 24 bits: exact in f32.
    pub fn unit(self) -> f32 {
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }

    /// Uniform in [-1, 1).
    pub fn signed(self) -> f32 {
        2.0 * self.unit() - 1.0
    }

    /// Mean 0, SD 1, near Gaussian: the sum of four uniform 16-bit numbers (Irwin-Hall; ends at 3.46 SD).
    pub fn gaussian(self) -> f32 {
        let b = self.0;
        let sum = (b & 0xffff) + (b >> 16 & 0xffff) + (b >> 32 & 0xffff) + (b >> 48);
        // SD of the sum is 65,536 / sqrt(3); multiplied out, since only exact operations may be used.
        (sum as f32 - 131_070.0) * (1.732_050_8 / 65_536.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_as_they_should_be() {
        let n = 200_000;
        let draw = |i: i64| Hash::new(7, 1).and(i);
        let mean = (0..n).map(|i| f64::from(draw(i).gaussian())).sum::<f64>() / n as f64;
        let variance = (0..n).map(|i| f64::from(draw(i).gaussian()).powi(2)).sum::<f64>() / n as f64;
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.01, "{mean} {variance}");
        let half = (0..n).filter(|&i| draw(i).unit() < 0.5).count();
        assert!((half as f64 / n as f64 - 0.5).abs() < 0.01);
    }

    #[test]
    fn the_hash_never_changes() {
        assert_eq!(Hash::new(1, 2).and(3).and(-4).bits(), Hash::new(1, 2).and(3).and(-4).bits());
        assert_ne!(Hash::new(1, 2).and(3).bits(), Hash::new(1, 2).and(4).bits());
        assert_ne!(Hash::new(1, 2).bits(), Hash::new(2, 1).bits());
    }
}
