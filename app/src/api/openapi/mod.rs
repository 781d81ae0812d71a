//! The document of the API (`OpenAPI` 3.1), at `/api/openapi.json`. It is made from the routes:
//! each handler describes itself. What holds for many calls alike is added here: keys, headers,
//! names in paths, refusals, examples.

mod problems;
mod rules;
mod shapes;
mod webhooks;

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use self::rules::Call;

/// The groups of calls, in the order of the reference.
const TAGS: [(&str, &str); 11] = [
    ("Access", "Whether a person is allowed in: what a product asks at each of its sign-ins."),
    ("Organizations", "The customers, their numbers, seat limits and admission policies."),
    ("People", "The people of an organization, and when they used the product last."),
    ("Waitlist", "Who waits for a seat, and decisions by hand."),
    ("Groups", "The groups of the directories and the roles that they give."),
    ("History", "Each change of a seat, and the alerts."),
    ("Seat requests", "An organization asks for more seats; staff answer on the dashboard."),
    ("Resyncs", "Full comparisons of an organization with its directories."),
    (
        "Imports",
        "People from a file, for organizations without a directory or before it is connected.",
    ),
    ("Events", "The feed of what happened, for products that keep a list of their own."),
    ("Webhook endpoints", "Where the same events are posted to, signed as Standard Webhooks says."),
];

const DESCRIPTION: &str = "Seatkeeper decides who may use a paid seat. Programs ask and change over this API, with the commands and \
     queries of the dashboard.\n\nA list is given part by part: `limit` says how many items, `next_cursor` of the \
     answer goes on as `cursor`. A refusal is a problem (RFC 9457) whose `code` is stable. An unknown parameter or \
     member is refused; a path that does not exist is `not-found`, a method that does not exist `method-not-allowed`. What \
     does not fit this document is answered 400; 422 says that it fits and cannot be done. No text has a character NUL. Times are \
     RFC 3339 in UTC.";

/// The whole document.
pub fn document(described: &OpenApi) -> Value {
    let mut described = serde_json::to_value(described).unwrap_or_default();
    // so that the text is the same in each process and each build
    described.sort_all_objects();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Seatkeeper",
            "version": "1",
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/api/v1", "description": "This installation." }],
        "security": [{ "key": [] }],
        "tags": TAGS.map(|(name, text)| json!({ "name": name, "description": text })),
        "paths": described["paths"],
        "webhooks": webhooks::described(&rules::example("webhooks")),
        "components": {
            "schemas": described["components"]["schemas"],
            "examples": rules::examples(),
            "headers": rules::headers(),
            "parameters": webhooks::parameters(),
            "responses": rules::shared_answers(),
            "securitySchemes": { "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key: `Authorization: Bearer sk_…`. It reads, writes or imports, in the whole \
                    installation or in one organization.",
            } },
        },
    });
    shapes::tidy(&mut document);
    for (path, item) in members(&mut document["paths"]) {
        for (method, operation) in members(item) {
            Call { path, method }.complete(operation);
        }
    }
    document.sort_all_objects();
    document
}

fn members(value: &mut Value) -> impl Iterator<Item = (&str, &mut Value)> {
    value.as_object_mut().into_iter().flat_map(Map::iter_mut).map(|(name, value)| (&**name, value))
}
