//! How long an account stays signed in: the limit without use, and the limit in total.

use std::time::Duration;

use super::{access::Role, time::Timestamp};

/// The limits of every session. They also apply to sessions that already exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// The longest time without use, for our own staff.
    pub staff_idle: Duration,
    /// The longest time without use, for customers.
    pub tenant_idle: Duration,
    /// The longest time in total, even if the session is used.
    pub absolute: Duration,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            staff_idle: Duration::from_mins(30),
            tenant_idle: Duration::from_hours(8),
            absolute: Duration::from_hours(12),
        }
    }
}

impl SessionLimits {
    /// When the session ends if it is not used again.
    pub fn end(&self, role: Role, created_at: Timestamp, used_at: Timestamp) -> Timestamp {
        let idle = if role.is_staff() { self.staff_idle } else { self.tenant_idle };
        used_at.plus(idle).min(created_at.plus(self.absolute))
    }

    /// The longest idle limit of all roles.
    pub fn longest_idle(&self) -> Duration {
        self.staff_idle.max(self.tenant_idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGUN: Timestamp = Timestamp::from_seconds(1_790_000_000);

    #[test]
    fn staff_are_signed_out_sooner_than_customers() {
        let limits = SessionLimits::default();
        let used = BEGUN.plus(Duration::from_hours(1));

        assert_eq!(limits.end(Role::StaffAdmin, BEGUN, used), used.plus(Duration::from_mins(30)));
        assert_eq!(limits.end(Role::Staff, BEGUN, used), used.plus(Duration::from_mins(30)));
        assert_eq!(limits.end(Role::TenantAdmin, BEGUN, used), used.plus(Duration::from_hours(8)));
        assert_eq!(limits.end(Role::TenantViewer, BEGUN, used), used.plus(Duration::from_hours(8)));
    }

    #[test]
    fn use_does_not_move_the_absolute_limit() {
        let limits = SessionLimits::default();
        let used = BEGUN.plus(Duration::from_hours(11));

        for role in [Role::TenantAdmin, Role::TenantViewer] {
            assert_eq!(limits.end(role, BEGUN, used), BEGUN.plus(Duration::from_hours(12)));
        }
        let late = used.plus(Duration::from_mins(59));
        assert_eq!(limits.end(Role::Staff, BEGUN, late), BEGUN.plus(Duration::from_hours(12)));
    }
}
