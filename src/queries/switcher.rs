//! The organizations that the switcher in the layout offers.

use std::collections::BTreeMap;

use super::pattern;
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{
        access::Viewer,
        id::OrganizationId,
        text::{ExternalText, folded},
    },
    state::AppState,
    store::{
        organization_visits,
        organizations::{self, Choice},
    },
    views::switcher::{Switcher, SwitcherRow},
};

/// Those that the viewer may see and that match the search: first the ones that the account looked
/// at last, then the others in order of name. `here` is the organization of the page.
pub async fn switcher(
    state: &AppState,
    viewer: &Viewer,
    search: &str,
    here: Option<&OrganizationId>,
) -> Result<Switcher, Error> {
    let is_staff = viewer.role.is_staff();
    let reach = if is_staff { Reach::Installation } else { Reach::Account(viewer) };
    let mut tx = state.db.read_for_page(reach).await?;
    let wanted = folded(search.trim());
    let recent = recent(&mut tx, viewer, &wanted, here).await?;
    let mut others = if is_staff {
        let most = Switcher::OTHERS + recent.len() + 1;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        organizations::choices(&mut tx, &pattern(search), most).await?
    } else {
        let own: Vec<OrganizationId> = viewer.organizations.keys().cloned().collect();
        matching(organizations::choices_among(&mut tx, &own).await?, &wanted)
    };
    others.retain(|choice| recent.iter().all(|recent| recent.id != choice.id));
    let is_cut = others.len() > Switcher::OTHERS;
    others.truncate(Switcher::OTHERS);
    let names = Names::of(recent.iter().chain(&others));
    let rows = |choices: Vec<Choice>| choices.into_iter().map(|choice| names.row(choice)).collect();
    let (recent, others) = (rows(recent), rows(others));
    Ok(Switcher { recent, others, is_cut, may_find_people: is_staff })
}

/// The organizations that the account looked at last and may still see, the latest one first.
async fn recent(
    tx: &mut Tx,
    viewer: &Viewer,
    wanted: &str,
    here: Option<&OrganizationId>,
) -> sqlx::Result<Vec<Choice>> {
    let visits = organization_visits::latest(tx, &viewer.account).await?;
    let ids = visits.into_iter().map(|(id, _)| id);
    let ids: Vec<OrganizationId> =
        ids.filter(|id| Some(id) != here && viewer.scope(id).is_some()).collect();
    let mut recent = matching(organizations::choices_among(tx, &ids).await?, wanted);
    recent.sort_by_key(|choice| ids.iter().position(|id| *id == choice.id));
    recent.truncate(Switcher::RECENT);
    Ok(recent)
}

fn matching(mut choices: Vec<Choice>, wanted: &str) -> Vec<Choice> {
    choices.retain(|choice| choice.search_key.contains(wanted));
    choices
}

/// How many of the rows have each name.
struct Names(BTreeMap<String, usize>);

impl Names {
    fn of<'a>(choices: impl Iterator<Item = &'a Choice>) -> Self {
        let mut names = BTreeMap::new();
        for choice in choices {
            *names.entry(folded(&choice.name)).or_default() += 1;
        }
        Self(names)
    }

    fn row(&self, choice: Choice) -> SwitcherRow {
        let Choice { id, name, archived, .. } = choice;
        let is_shared = self.0.get(&folded(&name)).is_some_and(|rows| *rows > 1);
        SwitcherRow {
            name: ExternalText::or_id(&name, id.as_str()),
            beside: is_shared.then(|| ExternalText::new(id.as_str())),
            archived,
            id,
        }
    }
}
