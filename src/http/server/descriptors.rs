//! File descriptors: every connection uses one, and so does every file of the database.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for other uses than public connections: the database, e-mail, the Directory API,
/// metrics.
const OTHERS: u64 = 128;
/// How many connections may be open at once by default; each takes some 10 KiB.
const MOST: usize = 4_096;

/// Raises the process's limit as far as it may, and returns the limit.
pub fn raise() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = current != maximum
        && setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).is_ok();
    (if raised { maximum } else { current }).unwrap_or(u64::MAX)
}

/// How many connections fit below this number of descriptors.
pub fn connections(wanted: Option<usize>, descriptors: u64) -> usize {
    let fit = descriptors.saturating_sub(OTHERS).max(descriptors / 2);
    wanted.unwrap_or(MOST).min(usize::try_from(fit).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_stay_below_the_descriptors() {
        assert_eq!(connections(None, 1_024), 896);
        assert_eq!(connections(None, 64), 32);
        assert_eq!(connections(None, u64::MAX), MOST);
        assert_eq!(connections(Some(20_000), 1_048_576), 20_000);
        assert_eq!(connections(Some(20_000), 1_024), 896);
    }

    #[test]
    fn a_raised_limit_stays() {
        assert_eq!(raise(), raise());
    }
}
