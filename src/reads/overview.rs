//! The staff's overview of all organizations.

use super::{paged, pattern};
use crate::{
    acts::Error,
    desk::Desk,
    domain::{
        access::Staff,
        organization::Standing,
        page::{Overview, OverviewQuery},
    },
    store::overview::{self, Filter},
};

pub async fn overview(desk: &Desk, _staff: &Staff, query: &OverviewQuery) -> Result<Overview, Error> {
    let pattern = pattern(&query.search);
    let filter = Filter { pattern: &pattern, standing: query.standing.map_or("", Standing::slug) };
    let mut tx = desk.db.read().await?;
    let matching = overview::count(&mut tx, filter).await?;
    let (page, pages) = paged(query.page, matching, Overview::ROWS);
    let skip = (page - 1) * Overview::ROWS;
    let rows = overview::page(&mut tx, filter, (query.sort, query.descending), (skip, Overview::ROWS)).await?;
    let standings = overview::standings(&mut tx).await?;
    Ok(Overview { rows, matching, standings, page, pages, now: desk.clock.now() })
}
