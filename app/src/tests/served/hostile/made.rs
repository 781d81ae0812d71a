//! The rows that the test makes itself: no command makes them with text in every column.

/// The tables whose rows the test inserts itself, in order, with the values that a row must have.
pub const MADE: [(&str, &[(&str, &str)]); 37] = [
    ("idempotency_keys", &[("organization_id", "org_1"), ("key_id", "key_1"), ("begun_at", "NOW")]),
    (
        "api_keys",
        &[("organization_id", "org_1"), ("id", "key_1"), ("scopes", "read"), ("created_at", "NOW")],
    ),
    (
        "webhook_endpoints",
        &[
            ("id", "wep_1"),
            ("organization", "org_1"),
            ("types", ""),
            ("state", "enabled"),
            ("created_at", "NOW"),
        ],
    ),
    (
        "webhook_secrets",
        &[("endpoint_id", "wep_1"), ("secret", "whsec_AAAA"), ("created_at", "NOW")],
    ),
    (
        "webhook_deliveries",
        &[
            ("endpoint_id", "wep_1"),
            ("event_id", "oev_1"),
            ("type", "seat.admitted"),
            ("created_at", "NOW"),
            ("attempts", "8"),
            ("last_at", "NOW"),
            ("last_status", "500"),
        ],
    ),
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
    ("imports", &[("organization_id", "org_1"), ("id", "imp_1"), ("format", "csv")]),
    ("import_rows", &[("organization_id", "org_1"), ("import_id", "imp_1"), ("state", "refused")]),
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
    ("passkeys", &[("account_id", "STAFF"), ("id", "psk_1")]),
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
    (
        "identity_providers",
        &[
            ("organization_id", "org_1"),
            ("kind", "oidc"),
            ("has_secret", "1"),
            ("client_secret", "x"),
        ],
    ),
    ("sign_on_domains", &[("organization_id", "org_1")]),
    ("identities", &[("account_id", "STAFF"), ("linked_at", "1")]),
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
