//! Removes the attributes that are no longer kept: from people, and from the bodies that were
//! stored while they were kept. A part at a time, because it may be much.

use std::time::Duration;

use super::Error;
use crate::{
    domain::{attribute::KeptAttributes, time::Timestamp},
    scalekit::payload::without_attributes,
    state::AppState,
    store::{
        attributes, deliveries,
        jobs::{self, Claimed},
        resync_leftovers,
    },
};

/// People and deliveries processed in one part.
const PEOPLE: i64 = 500;
const DELIVERIES: i64 = 20;

/// Another process may have the later clock.
const CLOCKS_DIFFER: Duration = Duration::from_hours(1);

/// What is done so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CutSoFar {
    /// The people up to this one, as (organization, user).
    People(String, String),
    /// The bodies received up to this time.
    Bodies(Timestamp),
}

impl Default for CutSoFar {
    fn default() -> Self {
        Self::People(String::new(), String::new())
    }
}

/// Does the next part. `None`: nothing is left.
pub async fn cut_attributes(
    state: &AppState,
    job: &Claimed,
    kept: &KeptAttributes,
    so_far: CutSoFar,
) -> Result<Option<CutSoFar>, Error> {
    let mut tx = state.db.write().await?;
    jobs::keep(&mut tx, job).await?;
    let next = match so_far {
        CutSoFar::People(organization, user) => {
            let after = (organization.as_str(), user.as_str());
            let part = attributes::part_after(&mut tx, after, PEOPLE).await?;
            let last = part.last().map(|((organization, user), _)| {
                CutSoFar::People(organization.to_string(), user.to_string())
            });
            let mut cut = part;
            cut.retain_mut(|(_, (attributes, _))| {
                let before = attributes.len();
                attributes.retain(|name, _| kept.keeps(name));
                attributes.len() < before
            });
            attributes::cut(&mut tx, &cut).await?;
            if last.is_none() {
                resync_leftovers::remove_attributes(&mut tx).await?;
            }
            Some(last.unwrap_or(CutSoFar::Bodies(Timestamp::NEVER)))
        }
        CutSoFar::Bodies(from) => {
            let to = state.clock.now().plus(CLOCKS_DIFFER);
            match deliveries::part_before(&mut tx, (from, to), DELIVERIES).await? {
                Some(until) => {
                    let bodies = deliveries::bodies(&mut tx, (from, until)).await?;
                    let cut = bodies
                        .into_iter()
                        .filter_map(|(key, body)| Some((key, without_attributes(&body, kept)?)));
                    deliveries::replace_bodies(&mut tx, &cut.collect::<Vec<_>>()).await?;
                    Some(CutSoFar::Bodies(until))
                }
                None => None,
            }
        }
    };
    tx.commit().await?;
    Ok(next)
}
