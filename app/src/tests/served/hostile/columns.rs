//! Every text column, and whether its text comes from outside. A new column must be added to one of
//! the lists.

use super::Kind::{self, Hidden, Ours, Shown};

/// The tables whose rows the test inserts itself, in order, with the values that a row must have.
pub const MADE: [(&str, &[(&str, &str)]); 26] = [
    (
        "failing_channels",
        &[
            ("organization_id", "org_1"),
            ("channel", "slack"),
            ("since", "NOW"),
            ("tries", "3"),
            ("retry_at", "NOW"),
        ],
    ),
    (
        "invitations",
        &[
            ("organization_id", "org_1"),
            ("id", "inv_1"),
            ("role", "tenant-viewer"),
            ("state", "open"),
            ("sending", "1"),
            ("invited_at", "NOW"),
            ("expires_at", "1999999999000000000"),
        ],
    ),
    (
        "invitation_links",
        &[
            ("organization_id", "org_1"),
            // of the token in the address of its page
            ("token_hash", "osB-lAZr5SMI6Wq62ZUDXmKYWhsNiDfprKtH-PilIBQ"),
            ("invitation_id", "inv_1"),
            ("sending", "1"),
        ],
    ),
    ("settings", &[("name", "session_hours"), ("value", "8"), ("changed_at", "NOW")]),
    (
        "resyncs",
        &[
            ("organization_id", "org_1"),
            ("id", "rsn_1"),
            ("state", "failed"),
            ("cause", "form"),
            ("planned_at", "9"),
            ("created", "2"),
            ("set_aside", "1"),
        ],
    ),
    (
        "resync_people",
        &[
            ("organization_id", "org_1"),
            ("resync_id", "rsn_1"),
            ("user_id", "diruser_1"),
            ("change", "created"),
        ],
    ),
    ("resync_set_aside", &[("organization_id", "org_1"), ("resync_id", "rsn_1"), ("kind", "user")]),
    (
        "bulk_replays",
        &[
            ("id", "rpl_1"),
            ("state", "cancelled"),
            ("started_at", "NOW"),
            ("ended_at", "NOW"),
            ("total", "1"),
        ],
    ),
    ("directory_user_attributes", &[("organization_id", "org_1"), ("user_id", "diruser_1")]),
    ("organization_notes", &[("organization_id", "org_1"), ("version", "1")]),
    ("note_drafts", &[("organization_id", "org_1"), ("account_id", "STAFF")]),
    (
        "limit_proposals",
        &[
            ("organization_id", "org_1"),
            ("id", "lpr_1"),
            ("state", "open"),
            ("limit_kind", "seats"),
            ("limit_seats", "500"),
            ("proposed_at", "NOW"),
            ("expires_at", "1999999999000000000"),
            ("answered_at", "NOW"),
        ],
    ),
    (
        "seat_requests",
        &[("organization_id", "org_1"), ("id", "srq_1"), ("state", "open"), ("seats", "3")],
    ),
    (
        "seat_request_entries",
        &[
            ("organization_id", "org_1"),
            ("id", "rqe_1"),
            ("request_id", "srq_1"),
            ("kind", "asked"),
        ],
    ),
    (
        "seat_request_people",
        &[("organization_id", "org_1"), ("request_id", "srq_1"), ("user_id", "diruser_1")],
    ),
    ("extra_recipients", &[("organization_id", "org_1")]),
    (
        "digests",
        &[
            ("id", "dig_1"),
            ("account_id", "STAFF"),
            ("period", "daily"),
            ("token", "dGVzdA"),
            ("from_at", "1"),
            ("to_at", "2"),
        ],
    ),
    (
        "account_links",
        &[
            ("id", "lnk_1"),
            ("account_id", "STAFF"),
            ("kind", "address_confirm"),
            ("email", "x"),
            ("expires_at", "9000000000000000000"),
        ],
    ),
    (
        "account_links",
        &[
            ("id", "lnk_2"),
            ("account_id", "STAFF"),
            ("kind", "password_reset"),
            ("expires_at", "9000000000000000000"),
        ],
    ),
    // the hashes of the tokens in the addresses of `pages`
    (
        "account_link_tokens",
        &[("token_hash", "Zmh6rfhivXdsj8GLjp-OIAiXFIVu4jOzkCpZHQ1fKSU"), ("link_id", "lnk_1")],
    ),
    (
        "account_link_tokens",
        &[("token_hash", "cs1uhCLEB_ttCYaQ8RMLfe1-wvf14dML2dUh8BU2N5M"), ("link_id", "lnk_2")],
    ),
    (
        "usage_signals",
        &[("organization_id", "org_1"), ("user_id", "diruser_2"), ("last_used_at", "1")],
    ),
    (
        "ignored_suggestions",
        &[("organization_id", "org_1"), ("user_id", "diruser_1"), ("ignored_at", "NOW")],
    ),
    ("violations", &[("kind", "counts"), ("subject", "org_1")]),
    ("event_log", &[("id", "event_log")]),
    (
        "delivery_history",
        &[
            ("organization_id", "org_1"),
            ("delivery_id", "DELIVERY"),
            ("id", "his_1"),
            ("action", "replayed"),
            ("outcome", "dead"),
            ("at", "1"),
        ],
    ),
];

pub fn kind(table: &str, column: &str) -> Option<Kind> {
    let (_, _, kind) =
        COLUMNS.iter().find(|(known, columns, _)| *known == table && columns.contains(&column))?;
    Some(*kind)
}

/// `Shown`: a page shows the column. `Hidden`: no page shows it; its text is hostile, too. `Ours`:
/// ids, keys, secrets and words from a closed list.
const COLUMNS: [(&str, &[&str], Kind); 93] = [
    ("alert_reads", &["organization_id", "alert_id", "account_id"], Ours),
    ("account_links", &["id", "account_id", "kind"], Ours),
    ("account_links", &["email"], Shown),
    ("account_link_tokens", &["token_hash", "link_id"], Ours),
    (
        "account_organizations",
        &["organization_id", "account_id", "user_id", "role", "given_role"],
        Ours,
    ),
    ("accounts", &["id", "email_key", "role", "password_hash"], Ours),
    ("accounts", &["email", "name"], Shown),
    ("alerts", &["organization_id", "id", "kind", "target", "notice"], Ours),
    ("audit_log", &["organization_id", "id", "action", "actor_id", "outcome"], Ours),
    ("audit_log", &["target_id", "target", "actor", "before_value", "after_value"], Shown),
    ("audit_log", &["reason", "address", "request_id"], Shown),
    ("bulk_replays", &["id", "state", "organization_id", "account_id", "last_delivery_id"], Ours),
    ("bulk_replays", &["kind", "started_by", "ended_by"], Shown),
    ("change_points", &["organization_id", "limit_kind"], Ours),
    ("daily_rollups", &["organization_id", "limit_kind"], Ours),
    (
        "decisions",
        &[
            "organization_id",
            "user_id",
            "from_state",
            "to_state",
            "reason",
            "limit_kind",
            "event_id",
            "placeholder_id",
        ],
        Ours,
    ),
    ("decisions", &["cause", "actor"], Shown),
    ("deliveries", &["id", "webhook_id", "organization_id", "outcome", "body_hash"], Ours),
    ("deliveries", &["event_id", "kind", "why"], Shown),
    (
        "delivery_history",
        &["organization_id", "delivery_id", "id", "action", "account_id", "outcome"],
        Ours,
    ),
    ("delivery_history", &["actor", "why"], Shown),
    ("directories", &["organization_id", "id", "state"], Ours),
    ("directories", &["provider"], Shown),
    ("directory_groups", &["organization_id", "id", "directory_id", "search_key"], Ours),
    ("directory_groups", &["name"], Shown),
    ("directory_user_attributes", &["organization_id", "user_id"], Ours),
    ("directory_user_attributes", &["attributes"], Shown),
    ("directory_users", &["organization_id", "id", "state", "email_key", "search_key"], Ours),
    ("directory_users", &["email", "name", "roles", "external_id"], Shown),
    ("event_log", &["id"], Ours),
    ("failing_channels", &["organization_id", "channel"], Ours),
    // only e-mails to staff have it
    ("failing_channels", &["last_error"], Hidden),
    ("event_log", &["error_code", "error_message"], Shown),
    ("former_addresses", &["organization_id", "email_key", "user_id"], Ours),
    ("ignored_suggestions", &["organization_id", "user_id"], Ours),
    ("ignored_suggestions", &["ignored_by"], Shown),
    ("invitation_links", &["organization_id", "token_hash", "invitation_id"], Ours),
    ("invitations", &["organization_id", "id", "email_key", "role", "state"], Ours),
    ("invitations", &["email", "invited_by"], Shown),
    ("jobs", &["name", "notes"], Ours),
    ("limit_decisions", &["organization_id", "limit_kind", "event_id"], Ours),
    ("limit_decisions", &["cause", "actor"], Hidden),
    ("limit_ends", &["organization_id", "limit_kind"], Ours),
    (
        "limit_proposals",
        &[
            "organization_id",
            "id",
            "state",
            "before_value",
            "limit_kind",
            "request_id",
            "account_id",
        ],
        Ours,
    ),
    ("limit_proposals", &["reason", "text", "proposed_by", "answered_by", "answer"], Shown),
    ("known_devices", &["token_hash", "account_id", "network_key"], Ours),
    ("membership_changes", &["organization_id", "group_id", "user_id"], Ours),
    ("membership_updates", &["organization_id", "user_id", "group_id"], Ours),
    ("memberships", &["organization_id", "user_id", "group_id"], Ours),
    ("note_drafts", &["organization_id", "account_id"], Ours),
    ("note_drafts", &["notes"], Shown),
    ("organization_notes", &["organization_id"], Ours),
    ("organization_notes", &["notes", "changed_by"], Shown),
    ("organization_seen", &["organization_id"], Ours),
    (
        "organizations",
        &[
            "id",
            "search_key",
            "limit_kind",
            "policy",
            "policy_groups",
            "account_manager_id",
            "usage_thresholds",
        ],
        Ours,
    ),
    ("organizations", &["name", "external_id", "limit_set_by", "limit_reason"], Shown),
    // only an archived organization shows them
    ("organizations", &["archived_by", "archive_reason"], Hidden),
    // pages show its host alone, and only if it is an address
    ("organizations", &["slack_webhook"], Hidden),
    ("outbox", &["id", "organization_id", "about_id", "message", "channel", "recipient"], Ours),
    ("outbox", &["subject", "last_error"], Shown),
    ("resync_directories", &["organization_id", "resync_id", "id", "step", "next_token"], Ours),
    ("resync_directories", &["provider"], Hidden),
    ("resync_groups", &["organization_id", "resync_id", "id", "directory_id", "change"], Ours),
    ("resync_groups", &["name"], Hidden),
    (
        "resync_people",
        &[
            "organization_id",
            "resync_id",
            "user_id",
            "directory_id",
            "change",
            "from_state",
            "placeholder_id",
            "outcome",
            "groups",
        ],
        Ours,
    ),
    ("resync_people", &["email", "name"], Shown),
    ("resync_people", &["external_id", "roles", "attributes"], Hidden),
    ("resync_schedule", &["organization_id"], Ours),
    (
        "resync_set_aside",
        &["organization_id", "resync_id", "fingerprint", "directory_id", "kind"],
        Ours,
    ),
    ("resync_set_aside", &["entry_id", "why"], Shown),
    ("resyncs", &["organization_id", "id", "state", "cause", "warning", "waits_for"], Ours),
    ("resyncs", &["started_by", "error_code", "error_message"], Shown),
    ("resyncs", &["confirmed_by"], Hidden),
    ("role_mappings", &["organization_id", "group_id", "kind", "role"], Ours),
    ("seat_requests", &["organization_id", "id", "state", "account_id"], Ours),
    ("seat_requests", &["reason", "asked_by"], Shown),
    ("seat_request_entries", &["organization_id", "id", "request_id", "kind", "limit_kind"], Ours),
    ("seat_request_entries", &["actor", "text"], Shown),
    ("seat_request_people", &["organization_id", "request_id", "user_id"], Ours),
    ("digests", &["id", "account_id", "period", "token"], Ours),
    ("extra_recipients", &["organization_id", "email_key"], Ours),
    ("extra_recipients", &["email"], Shown),
    ("preferences", &["account_id", "topic", "frequency"], Ours),
    (
        "sessions",
        &["token_hash", "former_token_hash", "id", "account_id", "view_organization"],
        Ours,
    ),
    // staff alone read it, in the bar of their own session
    ("sessions", &["view_reason"], Hidden),
    ("sessions", &["device", "address"], Shown),
    ("settings", &["name", "value"], Ours),
    ("settings", &["changed_by"], Shown),
    ("sign_in_counters", &["key"], Ours),
    ("system_alerts", &["id", "kind", "notice"], Ours),
    ("usage_signals", &["organization_id", "user_id"], Ours),
    ("violations", &["kind", "subject"], Ours),
    // a check that finds nothing ends the violation that the test has inserted
    ("violations", &["sentence"], Hidden),
];
