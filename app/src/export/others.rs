//! The columns of the other lists.

use domain::{
    decision::Outcome, directory_user::SeatState, organization::SeatLimit, resync::Resync,
    time::Timestamp,
};
use seatkeeper::queries::{
    AuditEntry,
    export::{
        Activity, ChangeCells, Changes, Deliveries, DeliveryCells, ImportCells, ImportRows,
        OrganizationCells, Organizations, Plan, PlannedCells, Resyncs, Waitlist, WaitlistCells,
    },
};

use super::csv::{Columns, Csv, text, yes};

impl Csv for Organizations {
    const NAME: &'static str = "organizations";
    const COLUMNS: Columns<OrganizationCells> = &[
        ("organization_id", |row| row.organization.clone()),
        ("name", |row| row.name.clone()),
        ("seat_limit", |row| match row.usage.limit {
            SeatLimit::NotSet => "not_set".to_owned(),
            limit => limit.typed(),
        }),
        ("used", |row| row.usage.used.to_string()),
        ("waiting", |row| row.usage.waiting.to_string()),
        ("seat_status", |row| {
            if row.archived { "archived" } else { row.usage.seat_status().slug() }.to_owned()
        }),
        ("account_manager", |row| text(row.account_manager.as_ref())),
    ];
}

impl Csv for Waitlist {
    const NAME: &'static str = "waitlist";
    const COLUMNS: Columns<WaitlistCells> = &[
        ("position", |row| row.position.map(|at| at.to_string()).unwrap_or_default()),
        ("user_id", |row| row.user.clone()),
        ("name", |row| text(row.name.as_ref())),
        ("email", |row| text(row.email.as_ref())),
        ("state", |row| row.state.as_str().to_owned()),
        ("since", |row| row.since.clone()),
        ("moved_by_hand", |row| yes(row.moved)),
        ("groups", |row| row.groups.join("; ")),
        ("why", |row| text(row.why.as_ref())),
        ("duplicate_email", |row| yes(row.has_duplicate_email)),
    ];
}

impl Csv for Activity {
    const NAME: &'static str = "activity";
    const COLUMNS: Columns<AuditEntry> = &[
        ("entry_id", |entry| entry.id.to_string()),
        ("at", |entry| entry.at.clone()),
        ("organization_id", |entry| {
            entry.organization_id.as_ref().map(ToString::to_string).unwrap_or_default()
        }),
        ("actor", |entry| entry.actor.clone()),
        ("actor_id", |entry| entry.actor_id.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("action", |entry| entry.action.as_str().to_owned()),
        ("target_id", |entry| text(entry.target_id.as_ref())),
        ("target", |entry| text(entry.target.as_ref())),
        ("outcome", |entry| entry.outcome.to_owned()),
        ("before", |entry| text(entry.before.as_ref())),
        ("after", |entry| text(entry.after.as_ref())),
        ("reason", |entry| text(entry.reason.as_ref())),
        ("address", |entry| text(entry.address.as_ref())),
        ("request_id", |entry| text(entry.request_id.as_ref())),
    ];
}

impl Csv for Deliveries {
    const NAME: &'static str = "deliveries";
    const COLUMNS: Columns<DeliveryCells> = &[
        ("delivery_id", |row| row.delivery.clone()),
        ("received_at", |row| row.received_at.clone()),
        ("type", |row| text(row.kind.as_ref())),
        ("organization_id", |row| text(row.organization.as_ref())),
        ("organization", |row| text(row.organization_name.as_ref())),
        ("event_id", |row| row.event.clone()),
        ("outcome", |row| row.outcome.as_str().to_owned()),
        ("suspicious", |row| yes(row.suspicious)),
    ];
}

impl Csv for ImportRows {
    const NAME: &'static str = "import";
    const COLUMNS: Columns<ImportCells> = &[
        ("line", |row| row.line.to_string()),
        ("external_id", |row| text(row.external_id.as_ref())),
        ("email", |row| text(row.email.as_ref())),
        ("user_id", |row| text(row.user.as_ref())),
        ("change", |row| row.change.unwrap_or_default().to_owned()),
        ("no_free_seat", |row| yes(row.blocked)),
        ("outcome", |row| row.outcome.map_or("", Outcome::as_str).to_owned()),
        ("column", |row| text(row.column.as_ref())),
        ("reason", |row| text(row.why.as_ref())),
    ];
}

impl Csv for Plan {
    const NAME: &'static str = "plan";
    const COLUMNS: Columns<PlannedCells> = &[
        ("user_id", |row| row.user.clone()),
        ("name", |row| text(row.name.as_ref())),
        ("email", |row| text(row.email.as_ref())),
        ("change", |row| row.change.as_str().to_owned()),
        ("state_before", |row| row.from.map_or("", SeatState::as_str).to_owned()),
        ("active", |row| row.active.map(yes).unwrap_or_default()),
        ("no_free_seat", |row| yes(row.blocked)),
        ("outcome", |row| row.outcome.map_or("", Outcome::as_str).to_owned()),
    ];
}

impl Csv for Resyncs {
    const NAME: &'static str = "resyncs";
    const COLUMNS: Columns<Resync> = &[
        ("resync_id", |run| run.id.to_string()),
        ("created_at", |run| run.created_at.rfc3339()),
        ("cause", |run| run.cause.as_str().to_owned()),
        ("by", |run| text(run.by.as_ref())),
        ("state", |run| run.state.as_str().to_owned()),
        ("dry_run", |run| yes(run.dry_run)),
        ("complete", |run| yes(run.is_complete)),
        ("started_at", |run| time(run.started_at)),
        ("planned_at", |run| time(run.planned_at)),
        ("finished_at", |run| time(run.finished_at)),
        ("created", |run| run.counts.created.to_string()),
        ("updated", |run| run.counts.updated.to_string()),
        ("reactivated", |run| run.counts.reactivated.to_string()),
        ("deactivated", |run| run.counts.deactivated.to_string()),
        ("removed", |run| run.counts.removed.to_string()),
        ("no_free_seat", |run| run.counts.blocked.to_string()),
        ("groups", |run| run.counts.groups.to_string()),
        ("confirmed_by", |run| text(run.confirmed_by.as_ref())),
        ("calls", |run| run.calls.to_string()),
        ("error_code", |run| text(run.error.as_ref().map(|(code, _)| code))),
        ("error", |run| text(run.error.as_ref().map(|(_, sentence)| sentence))),
    ];
}

fn time(at: Option<Timestamp>) -> String {
    at.map(Timestamp::rfc3339).unwrap_or_default()
}

impl Csv for Changes {
    const NAME: &'static str = "changes";
    const COLUMNS: Columns<ChangeCells> = &[
        ("at", |row| row.at.clone()),
        ("change", |row| if row.joined { "joined" } else { "left" }.to_owned()),
        ("user_id", |row| row.user.clone()),
        ("name", |row| text(row.name.as_ref())),
        ("email", |row| text(row.email.as_ref())),
        ("state_now", |row| row.state.as_str().to_owned()),
        ("recorded_at", |row| row.recorded_at.clone()),
    ];
}

#[cfg(test)]
mod tests {
    use domain::{directory::Change, organization::Usage};

    use super::{super::csv::rows, *};

    fn organization(limit: SeatLimit, archived: bool) -> OrganizationCells {
        OrganizationCells {
            organization: "org_1".to_owned(),
            name: "@Acme".to_owned(),
            usage: Usage { limit, used: 1, waiting: 0 },
            archived,
            account_manager: None,
        }
    }

    #[test]
    fn the_three_kinds_of_seat_limits_differ() {
        let cells = |limit, archived| {
            String::from_utf8(rows::<Organizations>(&[organization(limit, archived)])).unwrap()
        };
        assert_eq!(cells(SeatLimit::Seats(1_200), false), "org_1,'@Acme,1200,1,0,room,\n");
        assert_eq!(cells(SeatLimit::NotSet, false), "org_1,'@Acme,not_set,1,0,not-set,\n");
        assert_eq!(cells(SeatLimit::Unlimited, true), "org_1,'@Acme,unlimited,1,0,archived,\n");
    }

    #[test]
    fn what_is_not_known_of_a_plan_is_empty() {
        let planned = PlannedCells {
            user: "diruser_1".to_owned(),
            name: None,
            email: None,
            change: Change::Created,
            from: None,
            active: None,
            blocked: true,
            outcome: None,
        };
        let text = String::from_utf8(rows::<Plan>(&[planned])).unwrap();
        assert_eq!(text, "diruser_1,,,created,,,yes,\n");
    }
}
