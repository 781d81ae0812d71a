//! What an endpoint receives: one webhook of the document for each type of event.

use serde_json::{Map, Value, json};

use super::super::event_shapes::{SHAPES, TEST};

/// The headers of each delivery: the name of the parameter, the header, its type, what it is.
const HEADERS: [(&str, &str, &str, &str); 3] = [
    ("WebhookId", "webhook-id", "string", "The `id` of the event: the same each time it is sent."),
    ("WebhookTimestamp", "webhook-timestamp", "integer", "When it was sent, in Unix seconds."),
    (
        "WebhookSignature",
        "webhook-signature",
        "string",
        "`v1,…`, the signature over the raw body; while a secret is replaced two of them, with a space between.",
    ),
];

/// The headers, once for all types.
pub fn parameters() -> Value {
    let parameter = |(name, header, kind, text): (&str, &str, &str, &str)| {
        let parameter = json!({
            "name": header, "in": "header", "required": true, "description": text,
            "schema": { "type": kind },
        });
        (name.to_owned(), parameter)
    };
    Value::Object(HEADERS.into_iter().map(parameter).collect())
}

/// The webhooks by the type of the event, with their examples.
pub fn described(examples: &Value) -> Value {
    let test = (TEST, "TestEvent", "A test, which a person or a program asked for.");
    let types = SHAPES.into_iter().chain([test]);
    let webhook = |(kind, shape, text): (&str, &str, &str)| {
        (kind.to_owned(), json!({ "post": webhook((shape, text), &examples[kind]) }))
    };
    Value::Object(types.map(webhook).collect::<Map<String, Value>>())
}

fn webhook((shape, text): (&str, &str), example: &Value) -> Value {
    let link = |(name, ..): (&str, &str, &str, &str)| json!({ "$ref": format!("#/components/parameters/{name}") });
    json!({
        "operationId": format!("receive{shape}"),
        "tags": ["Webhook endpoints"],
        "summary": text.trim_end_matches('.'),
        "security": [],
        "parameters": HEADERS.map(link),
        "requestBody": { "required": true, "content": { "application/json": {
            "schema": { "$ref": format!("#/components/schemas/{shape}") },
            "example": example,
        } } },
        "responses": {
            "2XX": { "description": "The event is taken." },
            "410": { "description": "The endpoint is gone: it is disabled." },
            "default": { "description": "The event is sent again later, for a day." },
        },
    })
}
