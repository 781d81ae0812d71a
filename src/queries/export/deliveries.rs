//! The inbox, for staff, without personal data.

use super::{List, Part};
use crate::{
    commands::Error,
    db::{Reach, Tx},
    domain::{access::Staff, decision::Outcome},
    queries::deliveries::{listed, row},
    views::deliveries::{Cursor, DeliveriesQuery, DeliveryRow},
};

/// The inbox, for staff.
#[derive(Debug)]
pub struct Deliveries {
    query: DeliveriesQuery,
}

/// The cells of one delivery, as the page shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryCells {
    pub delivery: String,
    /// RFC 3339.
    pub received_at: String,
    pub kind: Option<String>,
    pub organization: Option<String>,
    pub organization_name: Option<String>,
    pub event: String,
    pub outcome: Outcome,
    pub suspicious: bool,
}

impl Deliveries {
    pub fn new(_staff: &Staff, query: DeliveriesQuery) -> Self {
        Self { query }
    }
}

impl List for Deliveries {
    type Row = DeliveryCells;
    type Key = Cursor;

    fn reach(&self) -> Reach<'_> {
        Reach::Installation
    }

    async fn read(
        &mut self,
        tx: &mut Tx,
        behind: Option<Cursor>,
        most: i64,
    ) -> Result<Part<Self>, Error> {
        self.query.before = behind;
        let part = listed(tx, &self.query, most).await?;
        let next = part.older.map(Cursor::from);
        Ok((part.rows.into_iter().map(row).map(cells).collect(), next))
    }
}

fn cells(row: DeliveryRow) -> DeliveryCells {
    let (organization, organization_name) = row.organization.unzip();
    DeliveryCells {
        delivery: row.id.into(),
        received_at: row.received_at.rfc3339(),
        kind: row.kind.map(|kind| kind.to_string()),
        organization: organization.map(String::from),
        organization_name: organization_name.map(|name| name.to_string()),
        event: row.event.into(),
        outcome: row.outcome,
        suspicious: row.suspicious,
    }
}
