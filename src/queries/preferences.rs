//! What a person is told by e-mail, and when.

use crate::{
    commands::Error,
    db::Reach,
    domain::{
        access::Viewer,
        preference::{Period, Topic},
        text::ExternalText,
    },
    state::AppState,
    store::{digests, preferences},
    views::preferences::PreferencesPage,
};

pub async fn preferences(state: &AppState, viewer: &Viewer) -> Result<PreferencesPage, Error> {
    let mut tx = state.db.read_for_page(Reach::Account(viewer)).await?;
    let chosen = preferences::of_account(&mut tx, &viewer.account).await?;
    let topics = Topic::ALL.into_iter().filter(|topic| topic.is_for(viewer.highest_role()));
    Ok(PreferencesPage {
        email: ExternalText::new(&viewer.email),
        rows: topics
            .map(|topic| (topic, chosen.get(&topic).copied().unwrap_or_default()))
            .collect(),
        has_mail_server: state.settings.operations.mail_server.is_some(),
    })
}

/// The digests that the owner of this token can end; `Missing` if there are none.
pub async fn digest_of_token(state: &AppState, token: &str) -> Result<(Period, bool), Error> {
    let mut tx = state.db.read_for_page(Reach::Installation).await?;
    let digest = digests::by_token(&mut tx, token).await?.ok_or(Error::Missing)?;
    let chosen = preferences::of_account(&mut tx, &digest.account).await?;
    let is_chosen = chosen.values().any(|frequency| *frequency == digest.period.frequency());
    Ok((digest.period, is_chosen))
}
