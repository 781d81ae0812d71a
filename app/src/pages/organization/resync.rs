//! The latest resync of the organization, and the one that is in progress.

use domain::{id::OrganizationId, resync::Resync, time::Timestamp};
use leptos::prelude::*;
use views::resyncs::{Progress, ResyncQuery};

use crate::{
    components::{badge::resync_badge, page_header::Section, relative_time::RelativeTime},
    pages::resync::{running::Bar, words},
    paths,
};

/// `rows` holds the newest resync, and also the one before it if the newest is not over. `may`: the
/// reader may start a resync.
#[component]
pub(super) fn Resyncs(
    id: OrganizationId,
    rows: Vec<Resync>,
    now: Timestamp,
    may: bool,
) -> impl IntoView {
    let is_first = rows.is_empty();
    let rows = rows.into_iter().map(|run| view! { <One run now /> }).collect_view();
    let nothing = is_first.then(|| view! { <p class="calm">"These people have not been compared with the directory yet."</p> });
    let more = if may { "Compare now, and all resyncs" } else { "All resyncs" };
    view! {
        <Section title="Resync">
            <div class="comparison">{nothing}{rows}</div>
            <p class="part__more">
                <a href=paths::resyncs(&id, None)>{more}</a>
            </p>
        </Section>
    }
}

#[component]
fn One(run: Resync, now: Timestamp) -> impl IntoView {
    let href = paths::resync(&run.organization, &run.id, &ResyncQuery::default());
    let at = run.finished_at.unwrap_or(run.created_at);
    let badge = resync_badge(&run);
    let text = words::sentence(&run);
    let what = match Progress::reached(&run) {
        Some(progress) => {
            view! { <Bar text=words::reached(&run, &progress) progress /> }.into_any()
        }
        None => view! { <p class="comparison__text">{text}</p> }.into_any(),
    };
    view! {
        <div class="comparison__one">
            <p class="comparison__head">
                <a href=href>{badge}</a>
                <RelativeTime at now />
            </p>
            {what}
        </div>
    }
}
