//! API keys: what a program shows instead of a session. A key has a name, says what it may do, and
//! reaches the whole installation or one organization.

use std::{collections::BTreeSet, fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    access::{Role, Viewer},
    id::{AccountId, ApiKeyId, OrganizationId},
    refusal::{ApiKeyRefusal, Refusal},
    time::Timestamp,
};

/// One thing that a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyScope {
    Read,
    /// It may read, too.
    Write,
    /// It may bring people in, and nothing else.
    Import,
}

impl KeyScope {
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Import];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Import => "import",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// What a key may do: at least one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyScopes(BTreeSet<KeyScope>);

impl KeyScopes {
    /// Reads `read,import`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let parts = text.split(',').map(|part| KeyScope::parse(part.trim()));
        let scopes = parts.collect::<Option<BTreeSet<_>>>().ok_or(ApiKeyRefusal::Scopes)?;
        Ok(Self(scopes))
    }

    pub fn iter(&self) -> impl Iterator<Item = KeyScope> + '_ {
        self.0.iter().copied()
    }

    /// A key that may write may read what was written.
    pub fn allow(&self, scope: KeyScope) -> bool {
        self.0.contains(&scope) || (scope == KeyScope::Read && self.0.contains(&KeyScope::Write))
    }
}

/// `read,import`.
impl fmt::Display for KeyScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|scope| scope.as_str()).collect();
        f.write_str(&words.join(","))
    }
}

/// A key as it stands in the database. Its secret is nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    /// `None`: the whole installation.
    pub organization: Option<OrganizationId>,
    pub name: String,
    pub scopes: KeyScopes,
    /// The name of the person who made it.
    pub created_by: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub replaced_by: Option<ApiKeyId>,
    /// To the minute.
    pub last_used_at: Option<Timestamp>,
}

/// Whether a key opens anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    Works,
    /// It works until its end, because another one has taken its place.
    Replaced,
    Expired,
    Revoked,
}

impl KeyState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Replaced => "replaced",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    pub fn works(self) -> bool {
        matches!(self, Self::Works | Self::Replaced)
    }
}

impl ApiKey {
    /// The longest life of a key with an end, in days.
    pub const MOST_DAYS: u64 = 3_650;
    /// How long the old key works after a rotation, in hours.
    pub const OVERLAP_HOURS: u64 = 24;
    /// And at most.
    pub const MOST_OVERLAP_HOURS: u64 = 720;
    /// A use is noted at most so often.
    pub const NOTED_EVERY: Duration = Duration::from_mins(1);

    pub fn state(&self, now: Timestamp) -> KeyState {
        if self.revoked_at.is_some() {
            KeyState::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            KeyState::Expired
        } else if self.replaced_by.is_some() {
            KeyState::Replaced
        } else {
            KeyState::Works
        }
    }

    /// The key as a viewer: staff, or an admin or a viewer of its organization. It is no staff
    /// admin, so it reaches no account and no setting. In the place of the account is its own id,
    /// which no account has.
    pub fn viewer(&self) -> Viewer {
        let may_write = self.scopes.allow(KeyScope::Write);
        let role = match (&self.organization, may_write) {
            (None, _) => Role::Staff,
            (Some(_), true) => Role::TenantAdmin,
            (Some(_), false) => Role::TenantViewer,
        };
        Viewer {
            account: AccountId::new(self.id.as_str()),
            name: self.called(),
            email: String::new(),
            role,
            organizations: self.organization.iter().map(|id| (id.clone(), role)).collect(),
            view_as: None,
        }
    }

    /// `API key Billing`: the name of an actor.
    pub fn called(&self) -> String {
        format!("API key {}", self.name)
    }

    /// The end of a key that is made now and lasts so many days; an empty text: it has no end.
    pub fn parse_days(text: &str, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
        match text.trim() {
            "" => Ok(None),
            text => {
                let days = number(text, 1..=Self::MOST_DAYS).ok_or(ApiKeyRefusal::Days)?;
                Ok(Some(now.plus(Duration::from_hours(24 * days))))
            }
        }
    }

    /// How long the old key works after a rotation; an empty text: a day.
    pub fn parse_overlap(text: &str) -> Result<Duration, Refusal> {
        let hours = match text.trim() {
            "" => Self::OVERLAP_HOURS,
            text => number(text, 0..=Self::MOST_OVERLAP_HOURS).ok_or(ApiKeyRefusal::Hours)?,
        };
        Ok(Duration::from_hours(hours))
    }
}

fn number(text: &str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
    text.parse().ok().filter(|number| range.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(organization: Option<&str>, scopes: &str) -> ApiKey {
        ApiKey {
            id: ApiKeyId::new("key_1"),
            organization: organization.map(OrganizationId::new),
            name: "Billing".into(),
            scopes: KeyScopes::parse(scopes).unwrap(),
            created_by: "Sam".into(),
            created_at: Timestamp::from_seconds(1_790_000_000),
            expires_at: None,
            revoked_at: None,
            replaced_by: None,
            last_used_at: None,
        }
    }

    #[test]
    fn a_key_that_writes_reads_and_one_that_imports_does_nothing_else() {
        let scopes = |text: &str| KeyScopes::parse(text).unwrap();
        let allowed = |text: &str| KeyScope::ALL.map(|scope| scopes(text).allow(scope));

        assert_eq!(allowed("read"), [true, false, false]);
        assert_eq!(allowed("write"), [true, true, false]);
        assert_eq!(allowed("import"), [false, false, true]);
        assert_eq!(scopes(" import, read,read").to_string(), "read,import");
        for nonsense in ["", "admin", "read,", "READ", "read import"] {
            assert_eq!(KeyScopes::parse(nonsense), Err(ApiKeyRefusal::Scopes.into()), "{nonsense}");
        }
    }

    #[test]
    fn a_key_has_the_rights_of_staff_or_of_its_organization_alone() {
        let (ours, other) = (OrganizationId::new("org_1"), OrganizationId::new("org_2"));

        let billing = key(None, "write").viewer();
        assert!(billing.staff().is_some() && billing.staff_admin().is_none());
        assert!(billing.scope(&other).is_some());

        for (scopes, role) in [("write", Role::TenantAdmin), ("read", Role::TenantViewer)] {
            let bound = key(Some("org_1"), scopes).viewer();
            assert_eq!((bound.staff(), bound.role_in(&ours)), (None, Some(role)));
            assert_eq!(bound.scope(&other), None);
        }
    }

    #[test]
    fn a_key_works_until_its_end_or_until_it_is_revoked() {
        let now = Timestamp::from_seconds(1_790_000_000);
        let end = ApiKey::parse_days("1", now).unwrap();
        let one = ApiKey { expires_at: end, ..key(None, "read") };
        let (hour, day) = (Duration::from_hours(1), Duration::from_hours(24));

        assert_eq!(one.state(now.plus(day).minus(hour)), KeyState::Works);
        assert_eq!(one.state(now.plus(day)), KeyState::Expired);
        let replaced = ApiKey { replaced_by: Some(ApiKeyId::new("key_2")), ..one.clone() };
        assert_eq!(replaced.state(now), KeyState::Replaced);
        assert_eq!(ApiKey { revoked_at: Some(now), ..replaced }.state(now), KeyState::Revoked);
        assert_eq!(ApiKey::parse_days(" ", now), Ok(None));
        assert_eq!(ApiKey::parse_overlap("0"), Ok(Duration::ZERO));
        for days in ["0", "3651", "-1", "ten"] {
            assert_eq!(ApiKey::parse_days(days, now), Err(ApiKeyRefusal::Days.into()));
        }
        assert_eq!(ApiKey::parse_overlap("721"), Err(ApiKeyRefusal::Hours.into()));
    }
}
