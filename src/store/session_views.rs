//! Which sessions of staff show an organization as its admin sees it. The state is in the row of
//! the session.

use super::accounts;
use crate::{
    db::{Tx, sql},
    domain::{
        id::{AccountId, OrganizationId, SessionId},
        time::Timestamp,
        view_as::ViewAs,
    },
};

type ViewColumns = (Option<String>, Option<String>, Option<i64>);

pub(super) fn view_of((organization, reason, until): ViewColumns) -> Option<ViewAs> {
    Some(ViewAs {
        organization: OrganizationId::new(organization?),
        reason: reason?,
        until: Timestamp::from_nanos(until?),
    })
}

/// Lets a session show an organization as its admin sees it, or not any more. False: the account
/// has no such session. Its open pages are notified.
pub async fn set_view(
    tx: &mut Tx,
    (account, id): (&AccountId, &SessionId),
    view: Option<&ViewAs>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    accounts::note_access_change(tx, account, now).await?;
    let hit = sql!(
        execute(tx),
        r"
        update sessions
        set view_organization = $3, view_reason = $4, view_until = $5
        where account_id = $1 and id = $2
        ",
        account.as_str(),
        id.as_str(),
        view.map(|view| view.organization.as_str()),
        view.map(|view| view.reason.as_str()),
        view.map(|view| view.until.nanos()),
    )?;
    Ok(hit == 1)
}

/// The view of a session; perhaps its time is over.
pub async fn view(tx: &mut Tx, id: &SessionId) -> sqlx::Result<Option<ViewAs>> {
    let row: Option<ViewColumns> = sql!(
        optional(tx),
        r"
        select view_organization, view_reason, view_until
        from sessions
        where id = $1
        ",
        id.as_str(),
    )?;
    Ok(row.and_then(view_of))
}

/// The sessions with a view whose time is over.
pub async fn views_over(
    tx: &mut Tx,
    now: Timestamp,
    most: i64,
) -> sqlx::Result<Vec<(AccountId, SessionId)>> {
    let rows: Vec<(String, String)> = sql!(
        all(tx),
        r"
        select account_id, id
        from sessions
        where view_until <= $1
        order by view_until, id
        limit $2
        ",
        now.nanos(),
        most,
    )?;
    Ok(rows
        .into_iter()
        .map(|(account, id)| (AccountId::new(account), SessionId::new(id)))
        .collect())
}
