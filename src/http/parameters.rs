//! Every text that a page or a server function gets from an address or a form is checked here
//! first, so that none of them gets a text that one of the databases cannot store, or one that is
//! too long. A text that cannot be read is the client's mistake: the answer is a plain page with a
//! status below 500, and no error is logged (leptos answers 500 and logs an error if a form is too
//! long or is not UTF-8).

use std::borrow::Cow;

use axum::{
    Router,
    body::{Body, BodyDataStream, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn},
    response::{Html, IntoResponse, Response},
};
use futures_util::StreamExt;
use url::Url;

use super::limits::is_announced_over;

/// The most bytes of a form. Our longest one has notes of 4,000 characters; each of them may have
/// four bytes, and each of these may be an escape of three.
const FORM_LIMIT: usize = 64 * 1024;
/// The most bytes of one text in a form or an address. A much longer search would be too much for
/// SQLite's `like`, and a form's text may come back in an address.
const TEXT_LIMIT: usize = 4 * 1024;
/// The one text of a form that may be longer, and never comes back in an address.
const LONG_TEXT: (&[u8], usize) = (b"notes", 16 * 1024);
/// This much of a form that is too long is read and dropped: a browser that still sends could not
/// read its answer from a closed connection.
const PATIENCE: usize = 4 * 1024 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";

/// Marks the answer of a server function whose fields could not be read. It never leaves the
/// process.
pub const UNREADABLE_FIELDS: HeaderName = HeaderName::from_static("x-seatkeeper-unreadable-fields");

pub fn with_checked_parameters(router: Router) -> Router {
    router.layer(from_fn(check))
}

async fn check(request: Request, next: Next) -> Response {
    let wants_page = accepts_html(request.headers());
    let request = match checked(request).await {
        Ok(request) => request,
        Err(unreadable) => return unreadable.answer(wants_page),
    };
    let mut response = next.run(request).await;
    if response.headers_mut().remove(UNREADABLE_FIELDS).is_none() {
        return response;
    }
    if wants_page {
        return Unreadable::Fields.answer(true);
    }
    *response.status_mut() = Unreadable::Fields.status();
    response
}

async fn checked(mut request: Request) -> Result<Request, Unreadable> {
    forget_foreign_referer(request.headers_mut());
    check_path(request.uri().path())?;
    check_query(request.uri().query().unwrap_or_default())?;
    if *request.method() != Method::POST {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let body = read(body).await?;
    if !body.is_empty() {
        check_content_type(&parts.headers)?;
        check_form(&body)?;
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// Why a request is refused before any route handles it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unreadable {
    Text,
    LongAddress,
    LongForm,
    NoForm,
    Fields,
}

impl Unreadable {
    fn status(self) -> StatusCode {
        match self {
            Self::Text => StatusCode::BAD_REQUEST,
            Self::LongAddress => StatusCode::URI_TOO_LONG,
            Self::LongForm => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Fields => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Text => "This request cannot be read",
            Self::LongAddress => "This address is too long",
            Self::LongForm => "This form is too long",
            Self::NoForm => "This is not a form",
            Self::Fields => "This form is not complete",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Text => "It holds characters that are no text. Nothing was changed.",
            Self::LongAddress => "Nothing was changed. Use a shorter search.",
            Self::LongForm => "Nothing was changed. Shorten the text and send it again.",
            Self::NoForm => "Nothing was changed. Send the fields as a web form does.",
            Self::Fields => {
                "A field is missing or has a value it cannot have. Nothing was changed. Reload the page and try again."
            }
        }
    }

    fn answer(self, wants_page: bool) -> Response {
        let (title, sentence) = (self.title(), self.sentence());
        if !wants_page {
            return (self.status(), format!("{title}. {sentence}\n")).into_response();
        }
        let page = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title} · Seatkeeper</title></head>\
             <body><main><h1>{title}</h1><p>{sentence}</p><p><a href=\"/\">Go to the start</a></p></main></body></html>\n"
        );
        (self.status(), Html(page)).into_response()
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// A NUL is no character of any id. `CONNECT`, and a target such as `a:1`, have no path at all;
/// leptos panics on them.
fn check_path(path: &str) -> Result<(), Unreadable> {
    if !path.starts_with('/') || lenient(path).contains(&0) {
        Err(Unreadable::Text)
    } else {
        Ok(())
    }
}

/// Removes a `Referer` of another site: leptos sends a refused form back to the address in this
/// header.
fn forget_foreign_referer(headers: &mut HeaderMap) {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let is_ours = referer.and_then(|referer| Url::parse(referer).ok()).is_some_and(|referer| {
        let port = referer.port().map(|port| format!(":{port}")).unwrap_or_default();
        ["http", "https"].contains(&referer.scheme())
            && referer.host_str().is_some_and(|of| format!("{of}{port}") == host)
    });
    if !is_ours {
        headers.remove(header::REFERER);
    }
}

/// The names and values in an address, decoded once. (`leptos_router` 0.8.17 decodes the values of
/// its `ParamsMap` a second time: `%2500` becomes a NUL after every check.)
pub fn query_pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn check_query(query: &str) -> Result<(), Unreadable> {
    for part in query.split(['&', '=']) {
        let text = lenient(part);
        if text.contains(&0) {
            return Err(Unreadable::Text);
        }
        if text.len() > TEXT_LIMIT {
            return Err(Unreadable::LongAddress);
        }
    }
    Ok(())
}

/// Only a request with a body needs a content type.
fn check_content_type(headers: &HeaderMap) -> Result<(), Unreadable> {
    let is_form = |value: &HeaderValue| {
        let mut parts = value.to_str().unwrap_or_default().split(';').map(str::trim);
        let is_form = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(FORM));
        is_form && parts.all(is_utf_8)
    };
    let mut kinds = headers.get_all(header::CONTENT_TYPE).iter();
    match (kinds.next(), kinds.next()) {
        (Some(kind), None) if is_form(kind) => Ok(()),
        _ => Err(Unreadable::NoForm),
    }
}

fn is_utf_8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return true };
    !name.trim().eq_ignore_ascii_case("charset")
        || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}

/// A browser never sends a form that fails here.
fn check_form(body: &[u8]) -> Result<(), Unreadable> {
    for field in body.split(|byte| *byte == b'&') {
        let mut parts = field.splitn(2, |byte| *byte == b'=');
        let name = parts.next().unwrap_or_default();
        let (long_name, long) = LONG_TEXT;
        check_text(name, TEXT_LIMIT)?;
        let value = parts.next().unwrap_or_default();
        check_text(value, if name == long_name { long } else { TEXT_LIMIT })?;
    }
    Ok(())
}

fn check_text(text: &[u8], limit: usize) -> Result<(), Unreadable> {
    let text = strict(text).ok_or(Unreadable::Text)?;
    if text.contains(&0) || std::str::from_utf8(&text).is_err() {
        return Err(Unreadable::Text);
    }
    if text.len() > limit { Err(Unreadable::LongForm) } else { Ok(()) }
}

/// A form that is too long is refused as soon as that is known, from its announced length if it has
/// one. Its rest is read beside the answer.
async fn read(body: Body) -> Result<Bytes, Unreadable> {
    let mut is_too_long = is_announced_over(&body, FORM_LIMIT);
    let (mut whole, mut frames) = (Vec::new(), body.into_data_stream());
    while !is_too_long {
        let Some(frame) = frames.next().await else { return Ok(Bytes::from(whole)) };
        // interrupted: the client is gone
        whole.extend_from_slice(&frame.map_err(|_| Unreadable::Text)?);
        is_too_long = whole.len() > FORM_LIMIT;
    }
    tokio::spawn(drop_rest(frames));
    Err(Unreadable::LongForm)
}

/// The connection's time limits end this, too.
async fn drop_rest(mut frames: BodyDataStream) {
    let mut length = 0;
    while let Some(Ok(frame)) = frames.next().await {
        length += frame.len();
        if length > PATIENCE {
            return;
        }
    }
}

/// The text as bytes, with its escapes decoded; a `%` that begins no escape stays as it is.
fn lenient(text: &str) -> Cow<'_, [u8]> {
    let bytes = text.as_bytes();
    if !bytes.contains(&b'%') {
        return Cow::Borrowed(bytes);
    }
    let (mut out, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while let [first, tail @ ..] = rest {
        if let Some(byte) = escaped(*first, tail) {
            out.push(byte);
            rest = &tail[2..];
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    Cow::Owned(out)
}

/// The same, but `None` if a `%` begins no escape.
fn strict(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !bytes.contains(&b'%') {
        return Some(Cow::Borrowed(bytes));
    }
    let (mut out, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            out.push(escaped(*first, tail)?);
            rest = &tail[2..];
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    Some(Cow::Owned(out))
}

fn escaped(first: u8, tail: &[u8]) -> Option<u8> {
    let hex = tail.get(..2).filter(|hex| first == b'%' && hex.iter().all(u8::is_ascii_hexdigit))?;
    u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_leniently_as_the_router_reads_it() {
        for fine in ["", "search=%", "search=%zz", "search=%C3", "search=%EF%BF%BF", "a=b=c&&", "%"]
        {
            assert_eq!(check_query(fine), Ok(()), "{fine}");
        }
        for nul in ["search=%00", "%00=1", "a=1&b=x%00y", "search=\0"] {
            assert_eq!(check_query(nul), Err(Unreadable::Text), "{nul}");
        }
        assert_eq!(check_query(&format!("search={}", "a".repeat(4_096))), Ok(()));
        assert_eq!(
            check_query(&format!("search={}", "a".repeat(4_097))),
            Err(Unreadable::LongAddress)
        );
        assert_eq!(check_path("/organizations/org_%00"), Err(Unreadable::Text));
        assert_eq!(check_path("/organizations/%"), Ok(()));
        assert_eq!(check_path(""), Err(Unreadable::Text), "CONNECT has no path");
    }

    #[test]
    fn a_form_is_what_a_browser_sends_and_nothing_else() {
        for fine in ["", "a=1", "a=%C3%A4+%25", "a=%EF%BF%BF", "a[b]=1&c", "a=ä"] {
            assert_eq!(check_form(fine.as_bytes()), Ok(()), "{fine}");
        }
        for bad in
            ["a=%", "a=%2", "a=%zz", "a=%+1", "a=%C3", "a=%C3%28", "a=%00", "%00=1", "a=%ED%A0%80"]
        {
            assert_eq!(check_form(bad.as_bytes()), Err(Unreadable::Text), "{bad}");
        }
        assert_eq!(check_form(b"a=\xff"), Err(Unreadable::Text));
        assert_eq!(check_form(&b"a".repeat(TEXT_LIMIT + 1)), Err(Unreadable::LongForm));
    }

    #[test]
    fn notes_may_be_longer_than_other_texts() {
        let form = |name: &str, text: &str| check_form(format!("id=1&{name}={text}").as_bytes());
        let longest = "%F0%9F%91%A8".repeat(4_000);
        assert!(longest.len() < FORM_LIMIT);

        assert_eq!(form("notes", &longest), Ok(()));
        assert_eq!(form("note", &longest), Err(Unreadable::LongForm));
        assert_eq!(form("notes", &"a".repeat(16 * 1024 + 1)), Err(Unreadable::LongForm));
    }

    #[test]
    fn values_are_decoded_once() {
        assert_eq!(
            query_pairs("search=%2500&type=a+b"),
            [("search".to_owned(), "%00".to_owned()), ("type".to_owned(), "a b".to_owned())]
        );
    }

    #[test]
    fn a_referer_of_another_site_is_forgotten() {
        let kept = |host: &str, referer: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
            headers.insert(header::REFERER, HeaderValue::from_str(referer).unwrap());
            forget_foreign_referer(&mut headers);
            headers.contains_key(header::REFERER)
        };
        assert!(
            kept("seats.test", "https://seats.test/organizations")
                && kept("127.0.0.1:3000", "http://127.0.0.1:3000/")
        );
        for foreign in [
            "http://evil.test/x",
            "//evil.test",
            "javascript:alert(1)",
            "http://seats.test.evil.test/",
            "/organizations",
        ] {
            assert!(!kept("seats.test", foreign), "{foreign}");
        }
    }

    #[test]
    fn only_a_forms_content_type_is_one() {
        let check = |kinds: &[&str]| {
            let mut headers = HeaderMap::new();
            for kind in kinds {
                headers.append(header::CONTENT_TYPE, HeaderValue::from_str(kind).unwrap());
            }
            check_content_type(&headers).is_ok()
        };
        assert!(check(&[FORM]) && check(&["Application/X-WWW-Form-Urlencoded; charset=UTF-8"]));
        assert!(check(&["application/x-www-form-urlencoded;charset=\"utf-8\""]));
        for kinds in [
            &[][..],
            &["application/json"],
            &["multipart/form-data; boundary=x"],
            &["application/x-www-form-urlencoded; charset=latin1"],
            &["application/x-www-form-urlencodedx"],
            &[FORM, "application/json"],
        ] {
            assert!(!check(kinds), "{kinds:?}");
        }
    }
}
