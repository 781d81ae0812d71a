//! The secrets that sign outgoing webhooks: for a while an endpoint has several.

use sqlx::FromRow;

use super::exactly_one;
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
pub async fn valid(
    tx: &mut Tx,
    id: &WebhookEndpointId,
    now: Timestamp,
) -> sqlx::Result<Vec<String>> {
    sql!(
        values(tx),
        r"
        select secret
        from webhook_secrets
        where endpoint_id = $1 and (ends_at is null or ends_at > $2)
        order by created_at desc
        limit 8
        ",
        id.as_str(),
        now.nanos(),
    )
}

/// The same without the secrets themselves.
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

/// Adds a secret. The others sign until `others_end`.
pub async fn add(
    tx: &mut Tx,
    id: &WebhookEndpointId,
    secret: &str,
    (now, others_end): (Timestamp, Timestamp),
) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        delete from webhook_secrets
        where endpoint_id = $1 and ends_at <= $2
        ",
        id.as_str(),
        now.nanos(),
    )?;
    sql!(
        execute(tx),
        r"
        update webhook_secrets
        set ends_at = $2
        where endpoint_id = $1 and ends_at is null
        ",
        id.as_str(),
        others_end.nanos(),
    )?;
    sql!(
        execute(tx),
        r"
        insert into webhook_secrets (endpoint_id, created_at, secret)
        values ($1, $2, $3)
        ",
        id.as_str(),
        now.nanos(),
        secret,
    )
    .and_then(exactly_one)
}
