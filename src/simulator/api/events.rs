//! `POST /api/v1/events/paginated`: the event log, the newest first; the body is the filter.

use axum::{Json, body::Bytes, extract::State};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Answer, Api,
    paging::{Ask, Listing},
    problem::Problem,
    query::{Query, organization_id, time},
};
use crate::event_log::{Entry, Wanted};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Filter {
    event_types: Option<Vec<String>>,
    organization_id: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
    source: Option<String>,
}

pub(super) async fn paginated(State(api): State<Api>, query: Query, body: Bytes) -> Answer {
    let ask = Ask::read(Listing::Events, &query)?;
    let wanted = wanted(&body)?;
    let page = api.simulator.look(|world| {
        let log = &world.log;
        let page = ask.page(
            |entry: &&Entry| entry.number,
            |start| log.before(start.unwrap_or(u64::MAX), &wanted),
            |start| log.after(start, &wanted),
        );
        page.map(|entry| entry.body.json.clone())
    });
    Ok(Json(page.untotalled(|json| serde_json::from_slice(json).unwrap_or(Value::Null))))
}

fn wanted(body: &[u8]) -> Result<Wanted, Problem> {
    let filter: Filter = match body {
        [] => Filter::default(),
        json => serde_json::from_slice(json)
            .map_err(|_| Problem::invalid("filter", "value is malformed", "message"))?,
    };
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    let moment = |field, text| some(text).map(|text| time(field, &text)).transpose();
    let (from, until) =
        (moment("start_time", filter.start_time)?, moment("end_time", filter.end_time)?);
    if from > until && until.is_some() {
        return Err(Problem::invalid(
            "start_time",
            "value must not be later than end_time",
            "filter.start_before_end",
        ));
    }
    let directories_only = match some(filter.source).as_deref() {
        None | Some("SCALEKIT" | "SOURCE_UNSPECIFIED") => false,
        Some("DIR_SYNC") => true,
        Some(_) => {
            return Err(Problem::invalid(
                "source",
                "value must be one of the defined enum values",
                "enum.defined_only",
            ));
        }
    };
    let organization = some(filter.organization_id)
        .map(|id| organization_id("organization_id", &id))
        .transpose()?;
    Ok(Wanted {
        kinds: filter.event_types.unwrap_or_default(),
        organization,
        from,
        until,
        directories_only,
    })
}
