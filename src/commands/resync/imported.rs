//! An import is a resync whose directory is a file: its rows become listed users. A row is about
//! the person with its external id or its address. It changes nothing about people of a directory.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    super::{Error, seat_transaction::Needs},
    PART,
    runner::{Abort, Job},
};
use crate::{
    db::Tx,
    domain::{
        directory::{Change, ListedUser},
        directory_user::{DirectoryUser, email_key},
        id::{DirectoryId, DirectoryUserId, ImportId, OrganizationId},
        import::{Column, ImportedPerson, KnownPerson, Match, RowRefusal, matched},
        resync::SetAsideKind,
        roster::Roster,
    },
    store::{
        directories, directory_users,
        imports::{self, Import, ImportKey, MatchedRow, RefusedRow},
        resync_listings::{self, NewSetAside},
        resync_plans::{self, ToDo},
    },
};

/// How many refused rows the page of the run shows. The result of the import has all of them.
const MOST_SHOWN: i64 = 1_000;

type Row = (i64, ImportedPerson);

/// Turns the rows of the file into listed users, a part at a time. A worker that takes over goes on
/// behind the last part.
pub(super) async fn list(job: &mut Job<'_>) -> Result<(), Abort> {
    let mut tx = job.state.db.read().await?;
    let import = imports::of_run(&mut tx, job.run()).await?.ok_or(Error::Missing)?;
    drop(tx);
    if job.resync().started_at.is_none() {
        begin(job, &import).await?;
    }
    let has_directory = !removes_all(job).await?;
    let mut after = 0;
    loop {
        let mut tx = job.state.db.read().await?;
        let key = ImportKey { organization: job.organization(), id: &import.id };
        let rows = imports::unmatched_after(&mut tx, key, after, PART).await?;
        let Some((last, _)) = rows.last() else { break };
        after = *last;
        let part = match_rows(&mut tx, key, rows, has_directory).await?;
        drop(tx);
        keep(job, &import, part).await?;
    }
    Ok(())
}

/// Whether the people of directories may be changed and removed by this run, too: it is no import,
/// or each directory of the organization was deleted.
pub(super) async fn removes_all(job: &mut Job<'_>) -> Result<bool, Abort> {
    if !job.resync().is_import() {
        return Ok(true);
    }
    let mut tx = job.state.db.read().await?;
    Ok(directories::are_all_deleted(&mut tx, job.organization()).await?)
}

async fn begin(job: &mut Job<'_>, import: &Import) -> Result<(), Abort> {
    let now = job.state.clock.now();
    let resync = job.resync();
    (resync.started_at, resync.since) = (Some(now), Some(import.created_at));
    // A row that cannot be taken may be the person who seems to be missing.
    resync.is_complete = import.is_whole && import.refused == 0;
    resync.total = Some(import.row_count - import.refused);
    resync.set_aside = import.refused;
    let mut tx = job.state.db.write().await?;
    job.announce_progress(&mut tx).await?;
    job.record_progress(&mut tx).await?;
    let key = ImportKey { organization: job.organization(), id: &import.id };
    let refused = imports::refused_after(&mut tx, key, 0, MOST_SHOWN).await?;
    show(&mut tx, job, &import.id, &refused).await?;
    Ok(tx.commit().await?)
}

/// Lists refused rows with what the run could not read.
async fn show(
    tx: &mut Tx,
    job: &Job<'_>,
    import: &ImportId,
    rows: &[RefusedRow],
) -> Result<(), Abort> {
    let name = |row: &RefusedRow| match &row.wrong_column {
        Some(column) => format!("line {}, {column}", row.line),
        None => format!("line {}", row.line),
    };
    let names: Vec<String> = rows.iter().map(name).collect();
    let entries: Vec<NewSetAside<'_>> = rows
        .iter()
        .zip(&names)
        .map(|(row, name)| NewSetAside {
            directory: import.as_str(),
            kind: SetAsideKind::User,
            fingerprint: u64::try_from(row.line).unwrap_or(0),
            id: Some(name.as_str()),
            why: &row.why,
        })
        .collect();
    resync_listings::set_aside(tx, job.run(), &entries).await?;
    Ok(())
}

/// A part of the rows, each with the person that it is about.
#[derive(Default)]
struct Part {
    listed: Vec<(DirectoryUserId, ImportedPerson)>,
    matches: Vec<MatchedRow>,
    refused: Vec<RefusedRow>,
}

async fn match_rows(
    tx: &mut Tx,
    key: ImportKey<'_>,
    rows: Vec<Row>,
    has_directory: bool,
) -> sqlx::Result<Part> {
    let people = People::named(tx, key, &rows).await?;
    let mut claimed = people.claimed.clone();
    let mut part = Part::default();
    for (line, person) in rows {
        let own = DirectoryUserId::by_email(&person.email);
        let found = match people.find(&person, has_directory) {
            Match::New if people.taken.contains(&own) => Err(RowRefusal::SeveralPeople),
            Match::New => Ok((Some(own), None)),
            Match::Person(known) => {
                let user = if known.is_by_email() && !people.taken.contains(&own) {
                    // The placeholder follows the person to the new address.
                    own
                } else {
                    known.clone()
                };
                Ok((Some(user), Some(known)))
            }
            Match::OfDirectory => Ok((None, None)),
            Match::Several => Err(RowRefusal::SeveralPeople),
        };
        let found = found.and_then(|(user, known)| match &known {
            Some(known) => match claimed.insert(known.clone(), line) {
                Some(earlier) => Err(RowRefusal::SamePerson(earlier)),
                None => Ok((user, Some(known.clone()))),
            },
            None => Ok((user, None)),
        });
        match found {
            Ok((user, known)) => {
                part.listed.extend(user.clone().map(|user| (user, person)));
                part.matches.push(MatchedRow { line, user, known });
            }
            Err(refusal) => part.refused.push(RefusedRow {
                line,
                wrong_column: refusal.column().map(|column: Column| column.as_str().to_owned()),
                why: refusal.to_string(),
            }),
        }
    }
    Ok(part)
}

async fn keep(job: &mut Job<'_>, import: &Import, part: Part) -> Result<(), Abort> {
    let began = job.state.clock.now();
    let listed = part.listed.into_iter().map(|(user, person)| ListedUser {
        user,
        active: Some(person.active),
        profile: Some(person.profile()),
        groups: None,
        roles: None,
        attributes: None,
        asked_at: import.created_at,
    });
    let listed: Vec<ListedUser> = listed.collect();
    let mut tx = job.state.db.write().await?;
    job.announce_progress(&mut tx).await?;
    // a listed user is one of a directory; the file stands in its place
    let file = DirectoryId::new(import.id.as_str());
    let new = resync_plans::add_people(&mut tx, job.run(), &file, 1, &listed).await?;
    let refused = i64::try_from(part.refused.len()).unwrap_or(0);
    let resync = job.resync();
    resync.listed += i64::try_from(new).unwrap_or(0);
    resync.set_aside += refused;
    resync.is_complete &= refused == 0;
    job.record_progress(&mut tx).await?;
    let key = ImportKey { organization: job.organization(), id: &import.id };
    imports::note_matches(&mut tx, key, &part.matches).await?;
    imports::note_refusals(&mut tx, key, &part.refused).await?;
    let of_directory = part.matches.iter().filter(|row| row.user.is_none()).count();
    let counts = (refused, i64::try_from(of_directory).unwrap_or(0));
    imports::count(&mut tx, key, counts).await?;
    show(&mut tx, job, &import.id, &part.refused).await?;
    tx.commit().await?;
    job.yield_to_writers(began).await;
    Ok(())
}

/// The people of the organization that some rows name.
struct People {
    by_external_id: HashMap<String, Vec<KnownPerson>>,
    by_email: HashMap<String, Vec<KnownPerson>>,
    /// The ids that the addresses of the rows make, as far as a person has them.
    taken: BTreeSet<DirectoryUserId>,
    /// The people that an earlier row is about, each with its line.
    claimed: BTreeMap<DirectoryUserId, i64>,
}

impl People {
    async fn named(tx: &mut Tx, key: ImportKey<'_>, rows: &[Row]) -> sqlx::Result<Self> {
        let ids: Vec<&str> =
            rows.iter().filter_map(|(_, person)| person.external_id.as_deref()).collect();
        let emails: Vec<String> = rows.iter().map(|(_, person)| email_key(&person.email)).collect();
        let own: Vec<_> =
            rows.iter().map(|(_, person)| DirectoryUserId::by_email(&person.email)).collect();
        let by_external_id = imports::with_external_ids(tx, key.organization, &ids).await?;
        let by_email = imports::with_emails(tx, key.organization, &emails).await?;
        let found = by_external_id.iter().chain(&by_email).map(|(_, person)| person.id.clone());
        let found: BTreeSet<_> = found.collect();
        let found: Vec<_> = found.into_iter().collect();
        Ok(Self {
            taken: imports::known_ids(tx, key.organization, &own).await?.into_iter().collect(),
            claimed: imports::claimed(tx, key, &found).await?.into_iter().collect(),
            by_external_id: grouped(by_external_id),
            by_email: grouped(by_email),
        })
    }

    fn find(&self, person: &ImportedPerson, has_directory: bool) -> Match {
        let id = person.external_id.as_ref();
        let by_external_id = id.and_then(|id| self.by_external_id.get(id));
        let by_email = self.by_email.get(&email_key(&person.email));
        let list = |people: Option<&'_ Vec<KnownPerson>>| people.cloned().unwrap_or_default();
        matched(&list(by_external_id), &list(by_email), has_directory)
    }
}

fn grouped(rows: Vec<(String, KnownPerson)>) -> HashMap<String, Vec<KnownPerson>> {
    let mut groups = HashMap::<String, Vec<KnownPerson>>::new();
    for (name, person) in rows {
        groups.entry(name).or_default().push(person);
    }
    groups
}

/// The imported users with the external ids of listed users who are not known, each with the id of
/// the listed user.
pub(super) async fn by_external_id(
    tx: &mut Tx,
    organization: &OrganizationId,
    known: &BTreeMap<DirectoryUserId, DirectoryUser>,
    listed: &[ListedUser],
) -> sqlx::Result<Vec<(DirectoryUserId, DirectoryUser)>> {
    let is_known = |id: DirectoryUserId| known.contains_key(&id);
    let named: BTreeMap<String, DirectoryUserId> = listed
        .iter()
        .filter(|listed| !is_known(listed.user.clone()))
        .filter(|listed| !listed.placeholder().is_some_and(is_known))
        .filter_map(|listed| {
            let external_id = listed.profile.as_ref()?.external_id.clone()?;
            Some((external_id, listed.user.clone()))
        })
        .collect();
    let keys: Vec<_> = named.keys().map(|id| (organization.clone(), id.clone())).collect();
    let users = directory_users::with_external_ids(tx, &keys).await?;
    let is_free = |user: &DirectoryUser| user.is_imported() && !known.contains_key(&user.id);
    let with_id = |(_, user): (OrganizationId, DirectoryUser)| {
        let id = named.get(user.profile.external_id.as_deref()?)?.clone();
        is_free(&user).then_some((id, user))
    };
    Ok(users.into_iter().filter_map(with_id).collect())
}

/// Puts the claims of the plan into the order of the file: who stands above gets a seat first.
pub(super) async fn put_in_order(job: &mut Job<'_>) -> Result<(), Abort> {
    let mut tx = job.state.db.read().await?;
    let import = imports::of_run(&mut tx, job.run()).await?.ok_or(Error::Missing)?;
    drop(tx);
    let mut after = String::new();
    loop {
        let began = job.state.clock.now();
        let mut tx = job.state.db.write().await?;
        let Some(until) = resync_plans::part_after(&mut tx, job.run(), &after, PART).await? else {
            return Ok(());
        };
        job.keep(&mut tx).await?;
        let key = ImportKey { organization: job.organization(), id: &import.id };
        imports::put_in_order(&mut tx, (job.run(), key), (&after, &until)).await?;
        tx.commit().await?;
        after = until;
        job.yield_to_writers(began).await;
    }
}

/// Everyone with the address or the external id of a row may be the person meanwhile.
pub(super) fn need_namesakes(needs: &mut Needs, organization: &OrganizationId, rows: &[ToDo]) {
    for profile in rows.iter().filter_map(|row| row.listed.profile.as_ref()) {
        if let Some(email) = &profile.email {
            needs.address(organization, email_key(email));
        }
        if let Some(external_id) = &profile.external_id {
            needs.external_id(organization, external_id, None);
        }
    }
}

/// The users of these rows that a directory has named since the plan was made, and those who are
/// not there any more: nothing changes about them.
pub(super) fn now_of_directory(roster: &Roster, rows: &[ToDo]) -> BTreeSet<DirectoryUserId> {
    let of_directory: Vec<&DirectoryUser> =
        roster.people().filter(|user| !user.id.is_by_email()).collect();
    let emails: BTreeSet<String> =
        of_directory.iter().filter_map(|user| user.email_key()).collect();
    let external_ids: BTreeSet<&str> =
        of_directory.iter().filter_map(|user| user.profile.external_id.as_deref()).collect();
    let is_left = |row: &&ToDo| {
        let profile = row.listed.profile.as_ref();
        let email = profile.and_then(|profile| profile.email.as_deref()).map(email_key);
        let external_id = profile.and_then(|profile| profile.external_id.as_deref());
        let is_gone = row.change == Change::Removed && roster.person(&row.listed.user).is_none();
        row.listed.user.is_by_email()
            && (is_gone
                || email.is_some_and(|email| emails.contains(&email))
                || external_id.is_some_and(|id| external_ids.contains(id)))
    };
    rows.iter().filter(is_left).map(|row| row.listed.user.clone()).collect()
}
