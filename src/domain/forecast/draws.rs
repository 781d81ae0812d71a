//! Draws from a fixed seed: the same history has the same forecast, on every machine and each time.

/// `SplitMix64`, whose numbers are even enough for some thousand draws.
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn new() -> Self {
        Self(0x5EA7)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A whole number from 0 to below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % count).unwrap_or_default()
    }

    /// A number above 0 and at most 1.
    fn share(&mut self) -> f64 {
        let high = u32::try_from(self.next() >> 32).unwrap_or_default();
        (f64::from(high) + 1.0) / (f64::from(u32::MAX) + 1.0)
    }

    /// From the normal distribution, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.share().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }

    /// From Student's distribution with so many degrees of freedom.
    pub(super) fn student(&mut self, freedom: usize) -> f64 {
        let normal = self.normal();
        let squares: f64 = (0..freedom).map(|_| self.normal().powi(2)).sum();
        let freedom = f64::from(u32::try_from(freedom).unwrap_or(u32::MAX));
        normal / (squares / freedom).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_themselves_and_have_their_distribution() {
        let drawn = || {
            let mut draws = Draws::new();
            (0..20_000).map(|_| draws.student(5)).collect::<Vec<_>>()
        };
        let (first, again) = (drawn(), drawn());
        // 2.015 is the 95 % quantile for five degrees of freedom
        let above = first.iter().filter(|number| **number > 2.015).count();

        assert_eq!(first, again);
        assert!((900..1_100).contains(&above), "{above} of 20000");
    }
}
