//! The attributes of users that the updates of a transaction say. No seat depends on them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Error, SeatTransaction};
use crate::{
    db::Tx,
    domain::{
        attribute::{Attributes, KeptAttributes},
        directory_user::Version,
        id::{DirectoryUserId, OrganizationId},
    },
    store::attributes,
};

type User = (OrganizationId, DirectoryUserId);

#[derive(Debug, Default)]
pub(super) struct SaidAttributes {
    of_users: BTreeMap<User, (Attributes, Version)>,
}

impl SaidAttributes {
    fn add(&mut self, user: User, said: (Attributes, Version)) {
        let known = self.of_users.get(&user);
        if known.is_none_or(|(_, known)| said.1 > *known) {
            self.of_users.insert(user, said);
        }
    }

    /// A placeholder has the id of a user from now on.
    pub fn rename(&mut self, placeholder: &User, id: &User) {
        if let Some(said) = self.of_users.remove(placeholder) {
            self.add(id.clone(), said);
        }
    }

    /// Call it after the users are saved.
    pub async fn write(self, tx: &mut Tx) -> sqlx::Result<WrittenAttributes> {
        let said: Vec<_> = self.of_users.into_iter().collect();
        let users: Vec<User> = said.iter().map(|(user, _)| user.clone()).collect();
        let mut stored: BTreeMap<User, (Attributes, Version)> =
            attributes::said(tx, &users).await?.into_iter().collect();
        attributes::save(tx, &said).await?;
        let mut written = WrittenAttributes::default();
        for (user, (said, version)) in said {
            let now = match stored.remove(&user) {
                Some((newer, at)) if version <= at => newer,
                old => {
                    if said != old.map(|(old, _)| old).unwrap_or_default() {
                        written.changed.insert(user.clone());
                    }
                    said
                }
            };
            written.now.insert(user, now);
        }
        Ok(written)
    }
}

/// The attributes of the users about whose attributes a transaction said something.
#[derive(Debug, Default)]
pub(super) struct WrittenAttributes {
    /// Those whose attributes are others than before.
    pub changed: BTreeSet<User>,
    /// As they are stored now.
    now: BTreeMap<User, Attributes>,
}

impl WrittenAttributes {
    /// What events say about the attributes of these users: `None` is too much for an event, and a
    /// user who is left out has none. What this transaction said is not read again.
    pub async fn in_events(
        &self,
        tx: &mut Tx,
        kept: &KeptAttributes,
        users: &[User],
    ) -> sqlx::Result<BTreeMap<User, Option<Attributes>>> {
        if *kept == KeptAttributes::None {
            return Ok(BTreeMap::new());
        }
        let unsaid = users.iter().filter(|user| !self.now.contains_key(*user));
        let unsaid: Vec<User> = unsaid.cloned().collect();
        let mut told = attributes::for_events(tx, &unsaid).await?;
        for attributes in told.values_mut() {
            *attributes = attributes.as_ref().and_then(|attributes| kept.in_event(attributes));
        }
        for user in users {
            if let Some(now) = self.now.get(user) {
                told.insert(user.clone(), kept.in_event(now));
            }
        }
        Ok(told)
    }
}

impl SeatTransaction<'_> {
    /// The attributes that the installation keeps.
    pub async fn kept_attributes(&mut self) -> sqlx::Result<KeptAttributes> {
        Ok(self.settings().await?.kept_attributes.clone())
    }

    /// An update says the attributes of a user, who is known by now. Those that are not kept are
    /// left out here.
    pub async fn record_attributes(
        &mut self,
        organization: &OrganizationId,
        user: &DirectoryUserId,
        said: Option<&Attributes>,
        version: Version,
    ) -> Result<(), Error> {
        let Some(said) = said else { return Ok(()) };
        let kept = self.kept_attributes().await?.of(Some(said));
        let is_known = self.organization(organization)?.roster.person(user).is_some();
        if let Some(kept) = kept.filter(|_| is_known) {
            self.attributes.add((organization.clone(), user.clone()), (kept, version));
        }
        Ok(())
    }
}
