//! The staff's overview of all organizations.

use std::collections::HashMap;

use super::pattern;
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
        organizations::AccountManager,
        overview::{self, Filter, Sort},
        resyncs,
    },
    views::{OrganizationRow, Overview, OverviewQuery, OverviewSort, pagination::NumberedPage},
};

pub async fn overview(
    state: &AppState,
    staff: &Staff,
    query: &OverviewQuery,
) -> Result<Overview, Error> {
    let pattern = pattern(&query.search);
    let status = query.seat_status.map_or("", SeatStatus::slug);
    let account_manager = if query.mine { staff.account.as_str() } else { "" };
    let filter = Filter {
        pattern: &pattern,
        status: if query.archived { Filter::ARCHIVED } else { status },
        account_manager,
    };
    let mut tx = state.db.read_for_page().await?;
    let matching = overview::count(&mut tx, filter).await?;
    let page = NumberedPage::nearest(query.page, matching, Overview::ROWS);
    let order = (sort(query.sort), query.descending);
    let listed = overview::page(&mut tx, filter, order, (page.skipped(), page.rows)).await?;
    let ids: Vec<&OrganizationId> = listed.iter().map(|row| &row.id).collect();
    let mut waiting: HashMap<_, _> =
        resyncs::waiting_of(&mut tx, &ids).await?.into_iter().collect();
    let row = |listed: overview::Listed| OrganizationRow {
        name: ExternalText::or_id(&listed.name, listed.id.as_str()),
        usage: listed.usage,
        archived: listed.archived,
        account_manager: listed.account_manager.as_ref().map(AccountManager::called),
        to_confirm: waiting.remove(&listed.id),
        id: listed.id,
    };
    let rows = listed.into_iter().map(row).collect();
    let to_confirm = resyncs::all_waiting(&mut tx, Overview::PLANS).await?;
    let plan = |(id, name, run): (String, String, String)| {
        let name = ExternalText::or_id(&name, &id);
        (OrganizationId::new(id), name, ResyncId::new(run))
    };
    let to_confirm = to_confirm.into_iter().map(plan).collect();
    let seat_statuses = overview::seat_statuses(&mut tx, account_manager).await?;
    let archived = overview::count_archived(&mut tx, account_manager).await?;
    Ok(Overview { rows, page, seat_statuses, archived, to_confirm, now: state.clock.now() })
}

fn sort(sort: OverviewSort) -> Sort {
    match sort {
        OverviewSort::Urgency => Sort::Urgency,
        OverviewSort::Name => Sort::Name,
        OverviewSort::Limit => Sort::Limit,
        OverviewSort::Used => Sort::Used,
        OverviewSort::Waiting => Sort::Waiting,
    }
}
