//! Digests: one message instead of many. A digest is written once for each account and period, and
//! composed when it leaves.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{Composed, Error, enqueue};
use crate::{
    channels::email::templates::{Digest, DigestSection},
    clock::{Generate, secret_bytes},
    db::Tx,
    domain::{
        access::{OrganizationScope, Role, Viewer},
        alert::{Channel, Message},
        forecast::Forecast,
        id::{DigestId, OrganizationId},
        preference::{Frequency, Period, Topic},
        text::called,
        time::{Day, Timestamp},
    },
    state::AppState,
    store::{
        accounts, alerts, audit_log, decisions,
        digests::{self, DueAccount},
        directory_users, organizations,
        outbox::QueuedMessage,
        preferences, seat_history, seat_requests,
    },
};

/// How many digests one transaction writes.
const AT_ONCE: i64 = 100;
/// How many organizations one digest tells of.
const SECTIONS: usize = 20;
/// How many alerts and requests are looked through for those of staff.
const MOST: i64 = 200;
/// How many waiting people one section names.
const NAMES: i64 = 3;
/// How many changes of a limit are looked through.
const LIMITS: i64 = 50;

/// Writes the digests that are due to the outbox; gives how many.
pub async fn write_digests(state: &AppState) -> Result<usize, Error> {
    let mut written = 0;
    for period in Period::ALL {
        let end = period.last_end(state.clock.now());
        // most of the time none is due, and no writer has to wait
        if digests::due(&mut state.db.read().await?, period, end, 1).await?.is_empty() {
            continue;
        }
        let mut tx = state.db.write().await?;
        for due in digests::due(&mut tx, period, end, AT_ONCE).await? {
            written += usize::from(write(&mut tx, state, (period, end), due).await?);
        }
        tx.commit().await?;
    }
    Ok(written)
}

async fn write(
    tx: &mut Tx,
    state: &AppState,
    (period, end): (Period, Timestamp),
    due: DueAccount,
) -> Result<bool, Error> {
    let secret: [u8; 24] = secret_bytes().map_err(|error| Error::Internal(error.to_string()))?;
    let usual = end.minus(period.span());
    let digest = digests::Digest {
        id: DigestId::generate(&state.clock),
        account: due.account,
        period,
        // after a long break it tells of the last period alone
        from: due.last.filter(|last| *last > usual && *last < end).unwrap_or(usual),
        to: end,
        token: BASE64_URL_SAFE_NO_PAD.encode(secret),
    };
    if !digests::add(tx, &digest).await? {
        return Ok(false);
    }
    let to = vec![(Channel::Email, due.email)];
    enqueue(tx, state, (None, (&digest.id).into(), Message::Digest(period)), to, state.clock.now())
        .await?;
    Ok(true)
}

const GONE: Composed = Composed::Dropped("The digest was removed.");
const QUIET: Composed = Composed::Dropped("Nothing happened that the digest could tell.");

/// The e-mail of a digest; dropped if nothing happened.
pub(super) async fn digest(
    tx: &mut Tx,
    state: &AppState,
    queued: &QueuedMessage,
) -> Result<Composed, Error> {
    let id = DigestId::new(queued.about.as_str());
    let Some(digest) = digests::find(tx, &id).await? else { return Ok(GONE) };
    let Some(viewer) = accounts::viewer(tx, &digest.account).await? else { return Ok(GONE) };
    let mut about = concerned(tx, &viewer).await?;
    let more = about.len().saturating_sub(SECTIONS);
    about.truncate(SECTIONS);
    let chosen = preferences::of_account(tx, &digest.account).await?;
    let is_wanted = |topic: Topic| chosen.get(&topic) != Some(&Frequency::Never);
    let mut sections = Vec::new();
    for organization in about {
        let scope = OrganizationScope::of_message(organization);
        let section = section(tx, state, &scope, (digest.from, digest.to), is_wanted).await?;
        sections.extend(section);
    }
    sections.retain(DigestSection::is_worth_telling);
    if sections.is_empty() {
        return Ok(QUIET);
    }
    let more = i64::try_from(more).unwrap_or(i64::MAX);
    let facts = Digest { period: digest.period, sections, more, token: digest.token };
    Ok(Composed::of(facts.email(&state.settings.public_url)))
}

/// The organizations of an admin; for staff those with an open alert or a request.
async fn concerned(tx: &mut Tx, viewer: &Viewer) -> Result<Vec<OrganizationId>, Error> {
    if !viewer.role.is_staff() {
        let admin =
            |(id, role): (&OrganizationId, &Role)| (*role == Role::TenantAdmin).then(|| id.clone());
        return Ok(viewer.organizations.iter().filter_map(admin).collect());
    }
    let mut about: Vec<OrganizationId> = Vec::new();
    let queue = seat_requests::listing::queue(tx, None, MOST).await?;
    let alerts = alerts::with_open_alerts(tx, MOST).await?;
    for id in queue.into_iter().map(|listed| listed.request.organization).chain(alerts) {
        if !about.contains(&id) {
            about.push(id);
        }
    }
    Ok(about)
}

/// What happened in an organization, as far as the reader wants to be told of it; `None` if it is
/// archived.
async fn section(
    tx: &mut Tx,
    state: &AppState,
    scope: &OrganizationScope,
    span: (Timestamp, Timestamp),
    is_wanted: impl Fn(Topic) -> bool,
) -> Result<Option<DigestSection>, Error> {
    let Some(card) = organizations::card(tx, scope).await?.filter(|card| !card.archived) else {
        return Ok(None);
    };
    let has_waitlist = is_wanted(Topic::Waitlist);
    let (admitted, blocked, released) =
        if has_waitlist { decisions::counted_between(tx, scope, span).await? } else { (0, 0, 0) };
    let changes = audit_log::limit_changes(tx, scope, LIMITS).await?;
    let within = |at: Timestamp| span.0 < at && at <= span.1 && is_wanted(Topic::LimitChanges);
    let changes: Vec<_> = changes.into_iter().filter(|change| within(change.at)).collect();
    let limits = changes.last().zip(changes.first());
    let limits = limits.map(|(oldest, newest)| (oldest.before.clone(), newest.after.clone()));
    let mut open = alerts::open(tx, &[scope.id()]).await?;
    open.retain(|alert| Topic::of(Message::Opened(alert.kind)).is_none_or(&is_wanted));
    let names = if has_waitlist { NAMES } else { 0 };
    let first = directory_users::waiting(tx, scope, names).await?;
    let request = seat_requests::open_of(tx, scope).await?;
    let request = request.filter(|_| is_wanted(Topic::SeatRequests));
    let today = Day::of(state.clock.now());
    let history = seat_history::days(tx, scope, today.plus(-Forecast::DAYS - 1)).await?;
    let forecast = Forecast::of(&history, card.usage, today);
    let forecast = (matches!(forecast, Forecast::Full(_)) && is_wanted(Topic::Usage))
        .then(|| forecast.sentence(state.clock.now()));
    Ok(Some(DigestSection {
        organization: scope.id().clone(),
        name: card.name,
        usage: card.usage,
        admitted,
        blocked,
        released,
        limits: limits.filter(|(before, now)| before != now),
        first: first
            .iter()
            .map(|user| {
                let (name, email) = (user.profile.name.as_deref(), user.profile.email.as_deref());
                called(name, email, user.id.as_str()).to_string()
            })
            .collect(),
        alerts: open.iter().map(|alert| Message::Opened(alert.kind).title(&alert.target)).collect(),
        request: request.map(|request| (request.seats, request.state)),
        forecast,
    }))
}
