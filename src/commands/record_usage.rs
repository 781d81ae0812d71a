//! The product says when people used it last. Each line names a person and a time; the later time
//! of a person stays. A line that cannot be taken is told, and the others count all the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Actor, Error};
use crate::{
    clock::Generate,
    db::Tx,
    domain::{
        access::OrganizationScope,
        audit::AuditAction,
        directory_user::email_key,
        id::{AuditEntryId, DirectoryUserId, OrganizationId},
        organization::grouped,
        refusal::Refusal,
        time::Timestamp,
        usage_signal::{SignalRefusal, UsageSignal},
    },
    state::AppState,
    store::{
        audit_log::{self, Entry},
        directory_users::{self, Named},
        organizations, usage_signals,
    },
};

/// A line of an import, with its number.
pub type SignalLine = (u64, Result<UsageSignal, SignalRefusal>);

/// What became of some lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedUsage {
    /// For how many people a later time than before is known.
    pub recorded: u64,
    /// How many lines told nothing later than what was known, or than another line.
    pub known: u64,
    /// The lines that were left out, in order.
    pub refused: Vec<(u64, SignalRefusal)>,
}

/// Records some lines in one transaction, with one entry of the audit log. Nothing is written if no
/// line can be taken.
pub async fn record_usage(
    state: &AppState,
    actor: &Actor,
    organization: &OrganizationId,
    lines: &[SignalLine],
) -> Result<RecordedUsage, Error> {
    let mut tx = state.db.write().await?;
    let locked = organizations::lock(&mut tx, organization).await?.ok_or(Error::Missing)?;
    if locked.roster.archived {
        return Err(Refusal::Archived.into());
    }
    let (scope, now) = (&locked.scope, state.clock.now());
    let people = People::named(&mut tx, scope, lines).await?;
    let (mut last_used, mut refused) = (BTreeMap::<DirectoryUserId, Timestamp>::new(), Vec::new());
    for (number, line) in lines {
        let read =
            line.clone().and_then(|signal| Ok((people.find(&signal.person)?, signal.time(now)?)));
        match read {
            Ok((user, at)) => {
                last_used.entry(user).and_modify(|known| *known = at.max(*known)).or_insert(at);
            }
            Err(refusal) => refused.push((*number, refusal)),
        }
    }
    let rows: Vec<(DirectoryUserId, Timestamp)> = last_used.into_iter().collect();
    let recorded = usage_signals::put(&mut tx, scope, &rows).await?;
    let taken = u64::try_from(lines.len() - refused.len()).unwrap_or(u64::MAX);
    let done = RecordedUsage { recorded, known: taken.saturating_sub(recorded), refused };
    let Some(first) = rows.iter().map(|(_, at)| *at).min() else { return Ok(done) };
    organizations::note_usage(&mut tx, scope, first, now).await?;
    organizations::touch(&mut tx, organization, now).await?;
    let after = done.words();
    let entry = Entry { after: Some(&after), ..actor.entry(AuditAction::ImportUsageSignals) };
    let id = AuditEntryId::generate(&state.clock);
    audit_log::add(&mut tx, scope, &id, &entry, now).await?;
    tx.commit().await?;
    Ok(done)
}

impl RecordedUsage {
    /// `3 recorded, 1 known already, 2 refused`.
    pub fn words(&self) -> String {
        let count = |n: u64| grouped(i64::try_from(n).unwrap_or(i64::MAX));
        let refused = count(u64::try_from(self.refused.len()).unwrap_or(u64::MAX));
        format!(
            "{} recorded, {} known already, {refused} refused",
            count(self.recorded),
            count(self.known)
        )
    }
}

/// The people that the lines name: the ids of those with each name of a kind.
struct People {
    ids: HashMap<String, Vec<String>>,
    external_ids: HashMap<String, Vec<String>>,
    emails: HashMap<String, Vec<String>>,
}

impl People {
    async fn named(
        tx: &mut Tx,
        scope: &OrganizationScope,
        lines: &[SignalLine],
    ) -> sqlx::Result<Self> {
        let names: BTreeSet<&str> = lines
            .iter()
            .filter_map(|(_, line)| line.as_ref().ok())
            .map(|signal| signal.person.as_str())
            .collect();
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let ids = groups(directory_users::named_by_id(tx, scope, &names).await?);
        let external_ids = groups(directory_users::named_by_external_id(tx, scope, &names).await?);
        let keys: BTreeSet<String> =
            names.iter().filter(|name| name.contains('@')).map(|name| email_key(name)).collect();
        let keys: Vec<String> = keys.into_iter().collect();
        let emails = groups(directory_users::named_by_email(tx, scope, &keys).await?);
        Ok(Self { ids, external_ids, emails })
    }

    /// An id comes before an external id, and that before an address.
    fn find(&self, name: &str) -> Result<DirectoryUserId, SignalRefusal> {
        let found = self
            .ids
            .get(name)
            .or_else(|| self.external_ids.get(name))
            .or_else(|| self.emails.get(&email_key(name)));
        match found.map(Vec::as_slice) {
            Some([one]) => Ok(DirectoryUserId::new(one.as_str())),
            Some(several) => {
                Err(SignalRefusal::SeveralPeople(i64::try_from(several.len()).unwrap_or(i64::MAX)))
            }
            None => Err(SignalRefusal::NoPerson),
        }
    }
}

fn groups(rows: Vec<Named>) -> HashMap<String, Vec<String>> {
    let mut groups = HashMap::<String, Vec<String>>::new();
    for (name, id) in rows {
        groups.entry(name).or_default().push(id);
    }
    groups
}
