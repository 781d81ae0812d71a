//! The endpoints of outgoing webhooks, the oldest first. Of each address the list has the scheme
//! and the host alone, as the page of the endpoints.

use super::{List, Part};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::access::StaffAdmin,
    queries::webhook_endpoints::EndpointRecord,
    store::webhook_endpoints,
};

#[derive(Debug)]
pub struct WebhookEndpoints;

impl WebhookEndpoints {
    pub fn new(_admin: &StaffAdmin) -> Self {
        Self
    }
}

impl List for WebhookEndpoints {
    type Row = EndpointRecord;
    /// There are so few that one part has all of them.
    type Key = ();

    fn reach(&self) -> Reach<'_> {
        Reach::Installation
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        _behind: Option<Self::Key>,
        _most: i64,
    ) -> Result<Part<Self>, Error> {
        let all = webhook_endpoints::all(tx).await?;
        let row = |endpoint| EndpointRecord::from(endpoint).without_secrets();
        Ok((all.into_iter().map(row).collect(), None))
    }
}
