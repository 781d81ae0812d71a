//! Lists that are exported.

use seatkeeper::{
    commands::Error,
    queries::export::{Export, List},
};

use super::world::TestApp;

/// All rows of a list, part by part.
pub async fn exported<L: List>(world: &TestApp, list: L) -> Result<Vec<L::Row>, Error> {
    let mut export = Export::new(world.state.clone(), list);
    let mut rows = Vec::new();
    while let Some(part) = export.part().await? {
        rows.extend(part);
    }
    Ok(rows)
}
