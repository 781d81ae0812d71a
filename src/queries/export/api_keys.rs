//! The API keys, the newest first. No cell has a key.

use super::{List, Part};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{access::StaffAdmin, id::ApiKeyId, time::Timestamp},
    queries::api_keys::{self, ApiKeyRecord},
};

#[derive(Debug)]
pub struct ApiKeys {
    now: Timestamp,
}

impl ApiKeys {
    /// With the states that the keys have now.
    pub fn new(_admin: &StaffAdmin, now: Timestamp) -> Self {
        Self { now }
    }
}

impl List for ApiKeys {
    type Row = ApiKeyRecord;
    type Key = ApiKeyId;

    fn reach(&self) -> Reach<'_> {
        Reach::Installation
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<Self::Key>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        Ok(api_keys::part(tx, behind.as_ref(), most, self.now).await?)
    }
}
