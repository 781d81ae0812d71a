//! The staff's overview of all organizations.

use std::collections::HashMap;

use super::{paged, pattern};
use crate::{
    commands::Error,
    domain::{
        access::Staff,
        id::{OrganizationId, ResyncId},
        organization::SeatStatus,
        text::ExternalText,
    },
    state::AppState,
    store::{
        overview::{self, Filter},
        resyncs,
    },
    views::{Overview, OverviewQuery},
};

pub async fn overview(
    state: &AppState,
    _staff: &Staff,
    query: &OverviewQuery,
) -> Result<Overview, Error> {
    let pattern = pattern(&query.search);
    let filter =
        Filter { pattern: &pattern, seat_status: query.seat_status.map_or("", SeatStatus::slug) };
    let mut tx = state.db.read_for_page().await?;
    let matching = overview::count(&mut tx, filter).await?;
    let (page, pages) = paged(query.page, matching, Overview::ROWS);
    let skip = (page - 1) * Overview::ROWS;
    let mut rows =
        overview::page(&mut tx, filter, (query.sort, query.descending), (skip, Overview::ROWS))
            .await?;
    let ids: Vec<&OrganizationId> = rows.iter().map(|row| &row.id).collect();
    let waiting: HashMap<_, _> = resyncs::waiting_of(&mut tx, &ids).await?.into_iter().collect();
    for row in &mut rows {
        row.to_confirm = waiting.get(&row.id).cloned();
    }
    let to_confirm = resyncs::all_waiting(&mut tx, Overview::PLANS).await?;
    let plan = |(id, name, run): (String, String, String)| {
        let name = ExternalText::or_id(&name, &id);
        (OrganizationId::new(id), name, ResyncId::new(run))
    };
    let to_confirm = to_confirm.into_iter().map(plan).collect();
    let seat_statuses = overview::seat_statuses(&mut tx).await?;
    Ok(Overview { rows, matching, seat_statuses, page, pages, to_confirm, now: state.clock.now() })
}
