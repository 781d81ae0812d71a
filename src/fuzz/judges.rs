//! What must hold of the signature verifier and of the payload reader, whatever the bytes. The fuzz targets call these, and
//! so does the ordinary test suite, with fewer bytes.

use seatkeeper::{
    domain::{
        event::{Envelope, Happening, Reading, read},
        id::{MOST_BYTES, WebhookId},
        time::Timestamp,
    },
    scalekit::signature::{Headers, Rejection, Secret, Secrets, TOLERANCE_SECONDS, sign, verify},
};

/// The secrets of the vectors: one without padding, one with, as during a rotation.
const SECRETS: [&str; 2] = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="];
/// When the vectors were signed.
const NOW: i64 = 1_770_802_269;
/// The longest text that is kept of a name, in bytes.
const MOST_NAME_BYTES: usize = 1_000;

/// Three lines for the headers (an empty one is absent), the rest is the body. Nothing but a real signature is believed, and
/// a real one is, until a single bit of anything signed is another.
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
        let made = SECRETS.map(|secret| ours(secret, &verified.webhook_id, headers.timestamp.unwrap_or_default(), body));
        assert!(made.iter().any(|made| contains(sent, made.as_bytes())), "believed without a signature of ours");
    }
    let Some(id) = headers.id.and_then(|id| WebhookId::parse(std::str::from_utf8(id).ok()?)) else { return };
    let at = NOW.to_string();
    let made = ours(SECRETS[body.len() % 2], &id, at.as_bytes(), body);
    let genuine = Headers { id: headers.id, timestamp: Some(at.as_bytes()), signature: Some(made.as_bytes()) };
    assert!(verify(&secrets, genuine, body, now).is_ok(), "a genuine signature was refused");
    let mut altered = body.to_vec();
    altered.push(b' ');
    assert_eq!(verify(&secrets, genuine, &altered, now), Err(Rejection::WrongSignature));
    if let Some(first) = altered.first_mut() {
        *first ^= 1;
    }
    assert_eq!(verify(&secrets, genuine, &altered[..altered.len() - usize::from(!body.is_empty())], now), Err(Rejection::WrongSignature));
}

fn ours(secret: &str, id: &WebhookId, timestamp: &[u8], body: &[u8]) -> String {
    let seconds = std::str::from_utf8(timestamp).ok().and_then(|text| text.parse().ok()).unwrap_or_default();
    sign(&Secret::parse(secret).expect("a secret"), id, seconds, body)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// A body of any bytes. What is read fits the tables, and is the same however the JSON is written.
pub fn payload(data: &[u8]) {
    let reading = read(data);
    match &reading {
        Reading::Event(event) => {
            let by_group = matches!(event.happening, Happening::GroupMembers { .. });
            assert!(event.envelope.organization.is_some() || by_group, "an event changes something of an organization");
            envelope(&event.envelope);
            happening(&event.happening);
        }
        Reading::Unknown(about) => envelope(about),
        Reading::Unreadable { envelope: about, why } => {
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

fn happening(happening: &Happening) {
    match happening {
        Happening::User(news) => {
            id(news.user.as_ref().map(ToString::to_string));
            assert!(news.user.is_some() || news.profile.as_ref().is_some_and(|profile| profile.email.is_some()), "nobody");
            if let Some(profile) = &news.profile {
                [&profile.email, &profile.name, &profile.external_id].map(Option::as_ref).into_iter().for_each(text);
            }
            for (group, name) in news.groups.iter().flatten() {
                id(Some(group.to_string()));
                text(name.as_ref());
            }
            news.roles.iter().flatten().for_each(|role| text(Some(role)));
        }
        Happening::Group { id: group, directory, name, .. } => {
            id(Some(group.to_string()));
            id(directory.as_ref().map(ToString::to_string));
            text(name.as_ref());
        }
        Happening::GroupMembers { group, added, removed } => {
            id(Some(group.to_string()));
            added.iter().chain(removed).for_each(|user| id(Some(user.to_string())));
        }
        Happening::Directory { id: directory, provider, .. } => {
            id(Some(directory.to_string()));
            text(provider.as_ref());
        }
        Happening::Organization { name, external_id, .. } => [name, external_id].map(Option::as_ref).into_iter().for_each(text),
    }
}

fn id(id: Option<String>) {
    assert!(id.is_none_or(|id| !id.is_empty() && id.len() <= MOST_BYTES && !id.contains('\0')), "no id");
}

/// The tables take no NUL.
fn text(text: Option<&String>) {
    assert!(text.is_none_or(|text| !text.is_empty() && text.len() <= MOST_NAME_BYTES && !text.contains('\0')), "no text");
}
