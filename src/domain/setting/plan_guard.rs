//! When a plan of a resync waits until a person confirms it.

/// When a plan of a resync waits until a person confirms it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanGuard {
    /// A plan may deactivate or remove this many users.
    pub removed: i64,
    /// The same as a share of all users; it counts above three users.
    pub removed_percent: i64,
    /// A plan may always add this many users.
    pub added: i64,
    /// Above `added`, it may add this share of all users.
    pub added_percent: i64,
}

impl Default for PlanGuard {
    fn default() -> Self {
        Self { removed: 50, removed_percent: 10, added: 50, added_percent: 50 }
    }
}
