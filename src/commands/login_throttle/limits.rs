//! How often sign-ins may fail, and how many links may be sent by e-mail.

use std::time::Duration;

use super::key;
use crate::throttle::{Charge, Quota};

/// The limits for one kind of request.
#[derive(Debug)]
pub(super) struct Limits {
    /// Distinguishes the counters from those of another kind; empty: of sign-ins.
    kind: &'static str,
    /// A known device.
    pub device: Quota,
    pub email_and_network: Quota,
    pub network: Quota,
    /// An IPv6 customer may have 65,536 networks.
    pub wide_network: Quota,
    /// An address, over all networks.
    pub email: Quota,
}

/// Sign-ins that fail, and present passwords that are wrong.
pub(super) const SIGN_IN: Limits = Limits {
    kind: "",
    device: Quota::new(10, Duration::from_secs(90)),
    email_and_network: Quota::new(10, Duration::from_secs(90)),
    network: Quota::new(100, Duration::from_secs(6)),
    wide_network: Quota::new(300, Duration::from_secs(2)),
    // with the attempts that become free again, this allows 100 in any hour
    email: Quota::new(50, Duration::from_secs(72)),
};

/// Links that are sent to an address. A link works for an hour at least, and one more may be asked
/// for each 20 minutes: if an address has used up its limit, it got a link not long ago.
pub(super) const LINKS: Limits = Limits {
    kind: "links",
    device: Quota::new(3, Duration::from_mins(20)),
    email_and_network: Quota::new(3, Duration::from_mins(20)),
    network: Quota::new(20, Duration::from_mins(1)),
    wide_network: Quota::new(60, Duration::from_secs(20)),
    email: Quota::new(3, Duration::from_mins(20)),
};

/// Links to new addresses of one account.
pub(super) const PER_ACCOUNT_LINKS: Quota = Quota::new(5, Duration::from_mins(20));

/// Single sign-ons that begin, of one network: a whole company may be behind one address.
pub(super) const SIGN_ON: Quota = Quota::new(1_000, Duration::from_millis(500));

/// Challenges for passkeys that one network asks for, in the same way.
pub(super) const PASSKEYS: Quota = Quota::new(1_000, Duration::from_millis(500));

/// How often one account tries an identity provider out.
pub(super) const TRIES: Quota = Quota::new(20, Duration::from_secs(30));

impl Limits {
    pub fn charge(&self, counted: String, quota: Quota) -> Charge {
        let key = if self.kind.is_empty() { counted } else { key(&[self.kind, &counted]) };
        Charge { key, quota }
    }
}
