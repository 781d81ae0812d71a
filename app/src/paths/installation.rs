//! The settings of the installation, and the pages that are parts of them.

use domain::id::{ApiKeyId, OutgoingEventId, WebhookEndpointId};
use views::{members::AccountsQuery, webhook_endpoints::EventDeliveryKey};

use super::{encoded, with_parameters};

pub const INSTALLATION_SETTINGS: &str = "/settings";
pub const STAFF_ACCOUNTS: &str = "/settings/accounts";
pub const API_KEYS: &str = "/settings/api-keys";
/// A key that was made a moment ago.
pub const MADE_API_KEY: &str = "/settings/api-keys/made";
/// Where the product gets outgoing events.
pub const WEBHOOK_ENDPOINTS: &str = "/settings/webhook-endpoints";

pub fn staff_accounts(query: &AccountsQuery) -> String {
    with_parameters(STAFF_ACCOUNTS, query)
}

/// The keys behind this one; without one, from the newest on.
pub fn api_keys(before: Option<&ApiKeyId>) -> String {
    with_parameters(API_KEYS, &before.cloned())
}

/// An endpoint, with its log behind this delivery.
pub fn webhook_endpoint(id: &WebhookEndpointId, before: Option<&EventDeliveryKey>) -> String {
    let path = format!("{WEBHOOK_ENDPOINTS}/{}", encoded(id.as_str()));
    with_parameters(&path, &before.cloned())
}

/// One delivery of an endpoint.
pub fn webhook_delivery(id: &WebhookEndpointId, event: &OutgoingEventId) -> String {
    format!("{}/deliveries/{}", webhook_endpoint(id, None), encoded(event.as_str()))
}

/// The secret of an endpoint that was made a moment ago.
pub fn webhook_secret(id: &WebhookEndpointId) -> String {
    format!("{}/secret", webhook_endpoint(id, None))
}
