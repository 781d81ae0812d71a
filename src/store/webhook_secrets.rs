//! Which secrets of an endpoint sign, without the secrets themselves.

use sqlx::FromRow;

use crate::{
    db::{Tx, sql},
    domain::{id::WebhookEndpointId, time::Timestamp},
};

/// A secret that signs.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Signing {
    pub created_at: i64,
    /// `None`: it is not replaced.
    pub ends_at: Option<i64>,
}

/// The secrets that sign now, the newest first.
pub async fn signing(
    tx: &mut Tx,
    endpoint: &WebhookEndpointId,
    now: Timestamp,
) -> sqlx::Result<Vec<Signing>> {
    sql!(
        all(tx),
        r"
        select created_at, ends_at
        from webhook_secrets
        where endpoint_id = $1 and (ends_at is null or ends_at > $2)
        order by created_at desc
        limit 8
        ",
        endpoint.as_str(),
        now.nanos(),
    )
}
