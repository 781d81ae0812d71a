//! What became of the messages of an alert.

use super::{QueuedMessage, columns};
use crate::{
    db::{Tx, sql},
    domain::{
        alert::{Channel, Message},
        id::{AlertId, OrganizationId},
    },
};

/// What became of a message to one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Sent,
    /// It may still be sent.
    Waits,
    /// It was dropped, given up, or never written.
    NotSent,
}

/// The recipients of a message that was sent or may still be sent, each with its channel.
pub async fn notified(
    tx: &mut Tx,
    organization: &OrganizationId,
    alert: &AlertId,
    message: Message,
) -> sqlx::Result<Vec<(Channel, String)>> {
    let rows: Vec<(String, String)> = sql!(
        all(tx),
        r"
        select channel, recipient
        from outbox
        where organization_id = $1 and about_id = $2 and message = $3
          and dropped_at is null and failed_at is null
        order by channel, recipient
        ",
        organization.as_str(),
        alert.as_str(),
        message.as_str(),
    )?;
    let known = |(channel, recipient): (String, String)| {
        Channel::parse(&channel).map(|channel| (channel, recipient))
    };
    Ok(rows.into_iter().filter_map(known).collect())
}

/// Whether any message of these alerts was sent.
pub async fn is_any_sent(
    tx: &mut Tx,
    organization: &OrganizationId,
    alerts: &[&AlertId],
) -> sqlx::Result<bool> {
    for alert in alerts {
        let sent: Option<(String,)> = sql!(
            optional(tx),
            r"
            select id
            from outbox
            where organization_id = $1 and about_id = $2 and sent_at is not null
            order by id
            limit 1
            ",
            organization.as_str(),
            alert.as_str(),
        )?;
        if sent.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What became of another message of the same alert, on the same channel, to the same recipient.
pub async fn fate_of(tx: &mut Tx, queued: &QueuedMessage, message: Message) -> sqlx::Result<Fate> {
    let row: Option<(bool, bool)> = sql!(
        optional(tx),
        r"
        select sent_at is not null, failed_at is not null or dropped_at is not null
        from outbox
        where organization_id = $1 and about_id = $2 and message = $3 and channel = $4
          and recipient = $5
        ",
        columns::from_organization(queued.organization.as_ref()),
        queued.about.as_str(),
        message.as_str(),
        queued.channel.as_str(),
        queued.recipient.as_str(),
    )?;
    Ok(match row {
        Some((true, _)) => Fate::Sent,
        Some((false, false)) => Fate::Waits,
        Some((false, true)) | None => Fate::NotSent,
    })
}
