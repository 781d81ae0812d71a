//! The columns of the lists of the settings.

use domain::api_key::KeyScope;
use seatkeeper::queries::{
    ApiKeyRecord, EndpointRecord,
    export::{ApiKeys, WebhookEndpoints},
};

use super::csv::{Columns, Csv, text};

/// For everything that reaches no single organization.
const ALL: &str = "all";

impl Csv for ApiKeys {
    const NAME: &'static str = "api-keys";
    const COLUMNS: Columns<ApiKeyRecord> = &[
        ("key_id", |key| key.id.to_string()),
        ("name", |key| key.name.clone()),
        ("scopes", |key| {
            key.scopes.iter().map(|scope| KeyScope::as_str(*scope)).collect::<Vec<_>>().join("; ")
        }),
        ("organization_id", |key| {
            key.organization_id.as_ref().map_or_else(|| ALL.to_owned(), ToString::to_string)
        }),
        ("state", |key| key.state.as_str().to_owned()),
        ("created_by", |key| key.created_by.clone()),
        ("created_at", |key| key.created_at.clone()),
        ("expires_at", |key| text(key.expires_at.as_ref())),
        ("last_used_at", |key| text(key.last_used_at.as_ref())),
        ("replaced_by", |key| {
            key.replaced_by.as_ref().map(ToString::to_string).unwrap_or_default()
        }),
    ];
}

impl Csv for WebhookEndpoints {
    const NAME: &'static str = "webhook-endpoints";
    const COLUMNS: Columns<EndpointRecord> = &[
        ("endpoint_id", |endpoint| endpoint.id.to_string()),
        ("address", |endpoint| endpoint.url.clone()),
        ("note", |endpoint| endpoint.note.clone()),
        ("types", |endpoint| {
            if endpoint.types.is_empty() { ALL.to_owned() } else { endpoint.types.join("; ") }
        }),
        ("organization_id", |endpoint| {
            endpoint.organization_id.as_ref().map_or_else(|| ALL.to_owned(), ToString::to_string)
        }),
        ("state", |endpoint| endpoint.state.to_owned()),
        ("state_since", |endpoint| endpoint.state_since.clone()),
        ("failing_since", |endpoint| text(endpoint.failing_since.as_ref())),
        ("created_by", |endpoint| endpoint.created_by.clone()),
        ("created_at", |endpoint| endpoint.created_at.clone()),
    ];
}
