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

    /// Call it after the users are saved. Gives the users whose attributes are others than before.
    pub async fn write(self, tx: &mut Tx) -> sqlx::Result<BTreeSet<User>> {
        let said: Vec<_> = self.of_users.into_iter().collect();
        let users: Vec<User> = said.iter().map(|(user, _)| user.clone()).collect();
        let stored = attributes::of_users(tx, &users).await?;
        let is_other = |((_, user), (said, version)): &&attributes::Said| {
            stored.get(user).map_or(!said.is_empty(), |(old, at)| version > at && said != old)
        };
        let changed = said.iter().filter(is_other).map(|(user, _)| user.clone()).collect();
        attributes::save(tx, &said).await?;
        Ok(changed)
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
