//! How much the API does for one key, as far as this process knows.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::Quota;
use crate::domain::{api_key::ApiKey, id::ApiKeyId, time::Timestamp};

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Whether one person is allowed in: a product asks it at each of its sign-ins.
    Access,
    Other,
}

impl Call {
    fn quota(self) -> Quota {
        match self {
            Self::Access => Quota::new(100_000, Duration::from_micros(20)),
            Self::Other => Quota::new(1_000, Duration::from_millis(10)),
        }
    }
}

/// What is left for a key after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    pub limit: u32,
    pub remaining: u32,
    /// After this time everything is left again.
    pub reset: Duration,
}

/// The keys that were used lately, in this process. An entry is small, and only a key that works
/// has one.
#[derive(Debug, Default)]
pub struct KeyUse(Mutex<HashMap<ApiKeyId, Used>>);

#[derive(Debug, Default)]
struct Used {
    /// When everything is left again, for [`Call::Access`] and for [`Call::Other`].
    full_at: [Option<Timestamp>; 2],
    noted_at: Option<Timestamp>,
}

impl KeyUse {
    /// Takes one request. If too many came, the error is the time after which the next one may.
    pub fn take(&self, key: &ApiKey, call: Call, now: Timestamp) -> Result<Allowance, Duration> {
        let quota = call.quota();
        let mut used = self.used();
        let full_at = &mut used.entry(key.id.clone()).or_default().full_at[call as usize];
        let next = quota.take(full_at.unwrap_or(now), now).map_err(|free| free.since(now))?;
        *full_at = Some(next);
        let reset = next.since(now);
        let taken = reset.as_nanos().div_ceil(quota.every.as_nanos().max(1));
        let remaining = quota.burst.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX));
        Ok(Allowance { limit: quota.burst, remaining, reset })
    }

    /// Whether this use of a key is noted in the database: one in a minute is.
    pub fn notes(&self, key: &ApiKey, now: Timestamp) -> bool {
        let mut used = self.used();
        let noted_at = &mut used.entry(key.id.clone()).or_default().noted_at;
        let last = (*noted_at).max(key.last_used_at);
        let is_due = last.is_none_or(|last| now.since(last) >= ApiKey::NOTED_EVERY);
        if is_due {
            *noted_at = Some(now);
        }
        is_due
    }

    fn used(&self) -> MutexGuard<'_, HashMap<ApiKeyId, Used>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::api_key::KeyScopes;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

    fn key(id: &str) -> ApiKey {
        ApiKey {
            id: ApiKeyId::new(id),
            organization: None,
            name: "Billing".into(),
            scopes: KeyScopes::parse("read").unwrap(),
            created_by: "Sam".into(),
            created_at: NOW,
            expires_at: None,
            revoked_at: None,
            replaced_by: None,
            last_used_at: None,
        }
    }

    #[test]
    fn each_key_and_each_kind_of_call_has_a_quota_of_its_own() {
        let (keys, billing, product) = (KeyUse::default(), key("key_1"), key("key_2"));
        let limit = 1_000;
        for taken in 1..=limit {
            let left = keys.take(&billing, Call::Other, NOW).unwrap();
            assert_eq!((left.limit, left.remaining), (limit, limit - taken));
        }

        let wait = Duration::from_millis(10);
        assert_eq!(keys.take(&billing, Call::Other, NOW), Err(wait));
        assert_eq!(keys.take(&billing, Call::Access, NOW).unwrap().remaining, 99_999);
        assert_eq!(keys.take(&product, Call::Other, NOW).unwrap().remaining, limit - 1);
        assert_eq!(keys.take(&billing, Call::Other, NOW.plus(wait)).unwrap().remaining, 0);
    }

    #[test]
    fn one_use_in_a_minute_is_noted() {
        let (keys, now) = (KeyUse::default(), NOW);
        let later = |seconds| now.plus(Duration::from_secs(seconds));

        assert!(keys.notes(&key("key_1"), now) && keys.notes(&key("key_2"), now));
        assert!(!keys.notes(&key("key_1"), later(59)));
        assert!(keys.notes(&key("key_1"), later(60)));
        let noted_elsewhere = ApiKey { last_used_at: Some(later(100)), ..key("key_1") };
        assert!(!keys.notes(&noted_elsewhere, later(130)));
    }
}
