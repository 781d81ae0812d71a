//! Invitations and their links. A link is stored as the hash of its token.

use sqlx::FromRow;

use super::{
    columns, exactly_one,
    rows::{Keyed, Stored, Text},
};
use crate::{
    db::{Tx, sql},
    domain::{
        access::Role,
        id::{InvitationId, OrganizationId},
        invitation::{Invitation, InvitationState},
        time::Timestamp,
    },
};

#[derive(FromRow)]
struct Row {
    organization_id: String,
    id: String,
    email: String,
    role: Text<Role>,
    invited_by: String,
    invited_at: i64,
    expires_at: i64,
    sending: i64,
    state: Text<InvitationState>,
}

impl Stored for Row {
    const TABLE: &'static str = "invitations";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

impl From<Row> for Invitation {
    fn from(row: Row) -> Self {
        Self {
            organization: columns::organization(row.organization_id),
            id: InvitationId::new(row.id),
            email: row.email,
            role: row.role.0,
            invited_by: row.invited_by,
            invited_at: Timestamp::from_nanos(row.invited_at),
            expires_at: Timestamp::from_nanos(row.expires_at),
            sending: row.sending,
            state: row.state.0,
        }
    }
}

/// An invitation with one of its links.
#[derive(FromRow)]
struct LinkRow {
    #[sqlx(flatten)]
    invitation: Row,
    link_sending: i64,
}

impl Stored for LinkRow {
    const TABLE: &'static str = "invitations";
    const KEY: &'static [&'static str] = &["organization_id", "id"];
}

pub async fn add(tx: &mut Tx, new: &Invitation, email_key: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into invitations (
          organization_id, id, email, email_key, role, invited_by, invited_at, expires_at, sending,
          state
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ",
        columns::from_organization(new.organization.as_ref()),
        new.id.as_str(),
        new.email.as_str(),
        email_key,
        new.role.as_str(),
        new.invited_by.as_str(),
        new.invited_at.nanos(),
        new.expires_at.nanos(),
        new.sending,
        new.state.as_str(),
    )
    .and_then(exactly_one)
}

/// The open invitation of an address, also one that has expired.
pub async fn open_of(
    tx: &mut Tx,
    organization: Option<&OrganizationId>,
    email_key: &str,
) -> sqlx::Result<Option<Invitation>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select organization_id, id, email, role, invited_by, invited_at, expires_at, sending, state
        from invitations
        where organization_id = $1 and email_key = $2 and state = 'open'
        ",
        columns::from_organization(organization),
        email_key,
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// The invitation. Its row is locked, so that only one of several acts on it counts.
pub async fn lock(
    tx: &mut Tx,
    organization: Option<&OrganizationId>,
    id: &InvitationId,
) -> sqlx::Result<Option<Invitation>> {
    let row: Option<Keyed<Row>> = sql!(
        optional(tx),
        r"
        select organization_id, id, email, role, invited_by, invited_at, expires_at, sending, state
        from invitations
        where organization_id = $1 and id = $2
        for update
        ",
        columns::from_organization(organization),
        id.as_str(),
    )?;
    Ok(row.map(|Keyed(row)| row.into()))
}

/// The invitation that a link leads to, and which sending the link is from.
pub async fn by_token(tx: &mut Tx, token_hash: &str) -> sqlx::Result<Option<(Invitation, i64)>> {
    let row: Option<Keyed<LinkRow>> = sql!(
        optional(tx),
        r"
        select i.organization_id, i.id, i.email, i.role, i.invited_by, i.invited_at, i.expires_at,
          i.sending, i.state, l.sending as link_sending
        from invitation_links l
        join invitations i on i.organization_id = l.organization_id and i.id = l.invitation_id
        where l.token_hash = $1
        order by l.organization_id
        limit 1
        ",
        token_hash,
    )?;
    Ok(row.map(|Keyed(row)| (row.invitation.into(), row.link_sending)))
}

/// Adds a link of the present sending.
pub async fn add_link(tx: &mut Tx, of: &Invitation, token_hash: &str) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        insert into invitation_links (organization_id, token_hash, invitation_id, sending)
        values ($1, $2, $3, $4)
        ",
        columns::from_organization(of.organization.as_ref()),
        token_hash,
        of.id.as_str(),
        of.sending,
    )
    .and_then(exactly_one)
}

/// Begins the next sending: the links so far work no more.
pub async fn resend(tx: &mut Tx, invitation: &Invitation) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update invitations
        set invited_by = $3, invited_at = $4, expires_at = $5, sending = $6
        where organization_id = $1 and id = $2 and state = 'open'
        ",
        columns::from_organization(invitation.organization.as_ref()),
        invitation.id.as_str(),
        invitation.invited_by.as_str(),
        invitation.invited_at.nanos(),
        invitation.expires_at.nanos(),
        invitation.sending,
    )
    .and_then(exactly_one)
}

/// Ends an open invitation.
pub async fn end(tx: &mut Tx, invitation: &Invitation, state: InvitationState) -> sqlx::Result<()> {
    sql!(
        execute(tx),
        r"
        update invitations
        set state = $3
        where organization_id = $1 and id = $2 and state = 'open'
        ",
        columns::from_organization(invitation.organization.as_ref()),
        invitation.id.as_str(),
        state.as_str(),
    )
    .and_then(exactly_one)
}

/// The open invitations to an organization or to the staff, also expired ones, the newest first.
pub async fn open(
    tx: &mut Tx,
    organization: Option<&OrganizationId>,
    most: i64,
) -> sqlx::Result<Vec<Invitation>> {
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, id, email, role, invited_by, invited_at, expires_at, sending, state
        from invitations
        where organization_id = $1 and state = 'open'
        order by id desc
        limit $2
        ",
        columns::from_organization(organization),
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The open invitations of the whole installation, also expired ones, the newest first.
pub async fn all_open(
    tx: &mut Tx,
    before: Option<&InvitationId>,
    most: i64,
) -> sqlx::Result<Vec<Invitation>> {
    // an id of a later time than any other one
    let before = before.map_or("inv_z", InvitationId::as_str);
    let rows: Vec<Keyed<Row>> = sql!(
        all(tx),
        r"
        select organization_id, id, email, role, invited_by, invited_at, expires_at, sending, state
        from invitations
        where id < $1 and state = 'open'
        order by id desc
        limit $2
        ",
        before,
        most,
    )?;
    Ok(rows.into_iter().map(|Keyed(row)| row.into()).collect())
}

/// The organization of an open invitation, for the command line; `None`: there is none.
pub async fn organization_of(
    tx: &mut Tx,
    id: &InvitationId,
) -> sqlx::Result<Option<Option<OrganizationId>>> {
    let row: Option<(String,)> = sql!(
        optional(tx),
        r"
        select organization_id
        from invitations
        where id = $1 and state = 'open'
        order by organization_id
        limit 1
        ",
        id.as_str(),
    )?;
    Ok(row.map(|(organization,)| columns::organization(organization)))
}

/// Deletes the invitations that expired before, whatever became of them, with their links. Gives
/// the number of rows.
pub async fn remove_old(tx: &mut Tx, before: Timestamp) -> sqlx::Result<u64> {
    let links = sql!(
        execute(tx),
        r"
        delete from invitation_links
        where (organization_id, invitation_id) in (
            select organization_id, id
            from invitations
            where expires_at < $1
          )
        ",
        before.nanos(),
    )?;
    let invitations = sql!(
        execute(tx),
        r"
        delete from invitations
        where expires_at < $1
        ",
        before.nanos(),
    )?;
    Ok(links + invitations)
}
