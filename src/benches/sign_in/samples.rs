//! The Mann–Whitney test: whether the answers of one kind tend to take longer than those of the
//! other. It asks only for the order of the times, so a few slow answers decide nothing.

/// Two kinds of answers.
pub struct Comparison {
    /// The median, in milliseconds.
    pub with: f64,
    /// The median, in milliseconds.
    pub without: f64,
    /// How many standard deviations lie between the ranks and those without a difference.
    pub z: f64,
    /// How likely a difference like this one is if there is none, two-sided.
    pub p: f64,
}

pub fn compare(with: Vec<f64>, without: Vec<f64>) -> Comparison {
    let (first, second) = (count(&with), count(&without));
    let mut all: Vec<(f64, bool)> = with
        .iter()
        .map(|time| (*time, true))
        .chain(without.iter().map(|time| (*time, false)))
        .collect();
    all.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    // a time has nanoseconds, so equal ones are too rare to matter
    let ranks = (1_u32..).map(f64::from).zip(&all);
    let sum: f64 = ranks.filter(|(_, (_, is_with))| *is_with).map(|(rank, _)| rank).sum();
    let u = sum - first * (first + 1.0) / 2.0;
    let deviation = (first * second * (first + second + 1.0) / 12.0).sqrt();
    let z = (u - first * second / 2.0) / deviation;
    Comparison { with: median(with), without: median(without), z, p: two_sided(z) }
}

fn count(times: &[f64]) -> f64 {
    times.iter().map(|_| 1.0).sum()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The share of a normal distribution beyond ±z (Abramowitz and Stegun 26.2.17, to seven digits).
fn two_sided(z: f64) -> f64 {
    let (z, t) = (z.abs(), 1.0 / (1.0 + 0.231_641_9 * z.abs()));
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let tail = [1.330_274_429, -1.821_255_978, 1.781_477_937, -0.356_563_782, 0.319_381_530]
        .into_iter()
        .fold(0.0, |sum, coefficient| (sum + coefficient) * t);
    2.0 * density * tail
}
