//! What must be true of the signature verifier and of the payload reader for any bytes. The fuzz
//! targets call these functions, and so do the ordinary tests, with fewer bytes.

use seatkeeper::{
    domain::{
        event::{Envelope, EventPayload},
        id::{MOST_BYTES, WebhookId},
        time::Timestamp,
    },
    scalekit::{
        payload::{ParsedBody, read},
        signature::{Headers, Rejection, Secret, Secrets, TOLERANCE_SECONDS, sign, verify},
    },
};

/// The secrets of the test vectors, as during a rotation: one without padding, one with.
const SECRETS: [&str; 2] = [
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
];
/// The time at which the test vectors were signed, in seconds.
const NOW: i64 = 1_770_802_269;
/// The longest name that is stored, in bytes.
const MOST_NAME_BYTES: usize = 1_000;

/// The first three lines are the headers (an empty line means that the header is absent), the rest
/// is the body. Only a genuine signature is accepted, and it is refused once the body changes.
pub fn signature(data: &[u8]) {
    let mut lines = data.splitn(4, |byte| *byte == b'\n');
    let mut header = || lines.next().filter(|line| !line.is_empty());
    let headers = Headers { id: header(), timestamp: header(), signature: header() };
    let body = lines.next().unwrap_or_default();
    let now = Timestamp::from_seconds(NOW);
    let secrets = Secrets::parse(&SECRETS.join(",")).expect("two secrets");

    if let Ok(verified) = verify(&secrets, headers, body, now) {
        assert!(NOW.abs_diff(verified.timestamp.seconds()) <= TOLERANCE_SECONDS);
        let sent = headers.signature.unwrap_or_default();
        let made = SECRETS.map(|secret| {
            ours(secret, &verified.webhook_id, headers.timestamp.unwrap_or_default(), body)
        });
        assert!(
            made.iter().any(|made| contains(sent, made.as_bytes())),
            "believed without a signature of ours"
        );
    }
    let Some(id) = headers.id.and_then(|id| WebhookId::parse(std::str::from_utf8(id).ok()?)) else {
        return;
    };
    let at = NOW.to_string();
    let made = ours(SECRETS[body.len() % 2], &id, at.as_bytes(), body);
    let genuine = Headers {
        id: headers.id,
        timestamp: Some(at.as_bytes()),
        signature: Some(made.as_bytes()),
    };
    assert!(verify(&secrets, genuine, body, now).is_ok(), "a genuine signature was refused");
    let mut altered = body.to_vec();
    altered.push(b' ');
    assert_eq!(verify(&secrets, genuine, &altered, now), Err(Rejection::WrongSignature));
    if let Some(first) = altered.first_mut() {
        *first ^= 1;
    }
    assert_eq!(
        verify(&secrets, genuine, &altered[..altered.len() - usize::from(!body.is_empty())], now),
        Err(Rejection::WrongSignature)
    );
}

fn ours(secret: &str, id: &WebhookId, timestamp: &[u8], body: &[u8]) -> String {
    let seconds =
        std::str::from_utf8(timestamp).ok().and_then(|text| text.parse().ok()).unwrap_or_default();
    sign(&Secret::parse(secret).expect("a secret"), id, seconds, body)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// A body of any bytes. The result fits the tables, and does not depend on how the JSON is
/// formatted.
pub fn payload(data: &[u8]) {
    let reading = read(data);
    match &reading {
        ParsedBody::Event(event) => {
            let by_group = matches!(event.payload, EventPayload::GroupMembers { .. });
            assert!(
                event.envelope.organization.is_some() || by_group,
                "an event changes something of an organization"
            );
            envelope(&event.envelope);
            event_payload(&event.payload);
        }
        ParsedBody::Unknown(about) => envelope(about),
        ParsedBody::Unreadable { envelope: about, why } => {
            about.iter().for_each(envelope);
            assert!(why.ends_with('.') && why.len() < 1_000, "{why}");
        }
    }
    if let Ok(json) = serde_json::from_slice::<serde_json::Value>(data) {
        assert_eq!(read(json.to_string().as_bytes()), reading, "written compactly");
        assert_eq!(read(format!("\r\n{json:#}\t").as_bytes()), reading, "written at length");
    }
}

fn envelope(about: &Envelope) {
    id(about.event.as_ref().map(ToString::to_string));
    id(about.organization.as_ref().map(ToString::to_string));
    assert!(about.kind.len() <= MOST_NAME_BYTES && !about.kind.contains('\0'), "no type");
}

fn event_payload(payload: &EventPayload) {
    match payload {
        EventPayload::User(user_payload) => {
            id(user_payload.user.as_ref().map(ToString::to_string));
            assert!(
                user_payload.user.is_some()
                    || user_payload.profile.as_ref().is_some_and(|profile| profile.email.is_some()),
                "the user has no id and no e-mail address"
            );
            if let Some(profile) = &user_payload.profile {
                [&profile.email, &profile.name, &profile.external_id]
                    .map(Option::as_ref)
                    .into_iter()
                    .for_each(text);
            }
            for (group, name) in user_payload.groups.iter().flatten() {
                id(Some(group.to_string()));
                text(name.as_ref());
            }
            user_payload.roles.iter().flatten().for_each(|role| text(Some(role)));
        }
        EventPayload::Group { id: group, directory, name, .. } => {
            id(Some(group.to_string()));
            id(directory.as_ref().map(ToString::to_string));
            text(name.as_ref());
        }
        EventPayload::GroupMembers { group, added, removed } => {
            id(Some(group.to_string()));
            added.iter().chain(removed).for_each(|user| id(Some(user.to_string())));
        }
        EventPayload::Directory { id: directory, provider, .. } => {
            id(Some(directory.to_string()));
            text(provider.as_ref());
        }
        EventPayload::Organization { name, external_id, .. } => {
            [name, external_id].map(Option::as_ref).into_iter().for_each(text);
        }
    }
}

fn id(id: Option<String>) {
    assert!(
        id.is_none_or(|id| !id.is_empty() && id.len() <= MOST_BYTES && !id.contains('\0')),
        "no id"
    );
}

/// The tables accept no NUL.
fn text(text: Option<&String>) {
    assert!(
        text.is_none_or(|text| !text.is_empty()
            && text.len() <= MOST_NAME_BYTES
            && !text.contains('\0')),
        "no text"
    );
}
