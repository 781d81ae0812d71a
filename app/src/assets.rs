//! The bundle, styles, fonts and scripts: read from the disk in development, and from inside the
//! binary in a release.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../target/site"]
#[allow_missing = true]
struct Site;

/// The script of the shared worker, which gives all windows of a browser one live connection.
const LIVE_WORKER: &str = "/live-worker.js";

/// The files that every page needs.
const NEEDED: [&str; 3] = ["pkg/seatkeeper.css", "pkg/seatkeeper.js", "pkg/seatkeeper_bg.wasm"];

/// A warning for the operator if the binary was built without the assets of its pages.
pub fn lacking() -> Option<String> {
    lacking_in(|path| Site::get(path).is_some())
}

fn lacking_in(has: impl Fn(&str) -> bool) -> Option<String> {
    let lacking: Vec<_> = NEEDED.into_iter().filter(|path| !has(path)).collect();
    let files = lacking.join(", ");
    (!lacking.is_empty())
        .then(|| format!("pages have no styles or scripts: {files} are not in this binary; build it with `cargo xtask build --release`"))
}

/// The routes of the assets. They need neither a session nor the same-origin guard.
pub fn assets() -> Router {
    Router::new()
        .route("/pkg/{*path}", get(asset))
        .route("/fonts/{*path}", get(asset))
        .route("/vendor/{*path}", get(asset))
        .route(LIVE_WORKER, get(asset))
        .route("/passkeys.js", get(asset))
        .route("/favicon.svg", get(asset))
        .route("/robots.txt", get(asset))
}

async fn asset(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let Some((file, encoding)) = smallest(path, &headers) else {
        return (StatusCode::NOT_FOUND, "There is no such file.").into_response();
    };
    let tag = entity_tag(&file, encoding);
    let mut answer = if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| is_among(seen, &tag))
    {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data).into_response()
    };
    let out = answer.headers_mut();
    // The type of the original file, also for a compressed copy.
    let kind = mime_type(path);
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime(path)));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    if uri.path() == LIVE_WORKER {
        // A worker has the policy of its own script file, and this worker only needs to connect to
        // us.
        out.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(
                "default-src 'none'; connect-src 'self'; frame-ancestors 'none'",
            ),
        );
    }
    if let Some(encoding) = encoding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    answer
}

/// The copy that the build has compressed, if the browser accepts it; otherwise the file itself.
fn smallest(path: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let compressed =
        [("br", "br"), ("gzip", "gz")].into_iter().filter(|(name, _)| accepts(accepted, name));
    let found = compressed
        .into_iter()
        .find_map(|(name, ending)| Some((Site::get(&format!("{path}.{ending}"))?, Some(name))));
    found.or_else(|| Some((Site::get(path)?, None)))
}

fn accepts(accepted: &str, name: &str) -> bool {
    accepted.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next() == Some(name)
            && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// Files may be cached for ever if their names contain a version: fonts and vendored scripts, but
/// not the bundle.
fn lifetime(path: &str) -> &'static str {
    if path.starts_with("fonts/") || path.starts_with("vendor/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

fn mime_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("woff2") => "font/woff2",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn entity_tag(file: &EmbeddedFile, encoding: Option<&str>) -> String {
    let hash = file
        .metadata
        .sha256_hash()
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat();
    format!("\"{hash}{}\"", encoding.map(|name| format!("-{name}")).unwrap_or_default())
}

fn is_among(seen: &HeaderValue, tag: &str) -> bool {
    seen.to_str().is_ok_and(|seen| {
        seen.split(',').any(|one| one.trim().trim_start_matches("W/") == tag || one.trim() == "*")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compressed_file_goes_to_who_takes_it() {
        assert!(accepts("gzip, deflate, br;q=0.8", "br"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("", "gzip"));
    }

    #[test]
    fn a_browser_that_has_the_file_is_not_sent_it_again() {
        assert!(is_among(&HeaderValue::from_static("\"a\", W/\"b\""), "\"b\""));
        assert!(!is_among(&HeaderValue::from_static("\"a\""), "\"b\""));
    }

    #[test]
    fn a_binary_without_its_assets_says_how_it_is_built_with_them() {
        assert_eq!(lacking_in(|_| true), None);
        assert_eq!(
            lacking_in(|path| path == "pkg/seatkeeper.css").as_deref(),
            Some(
                "pages have no styles or scripts: pkg/seatkeeper.js, pkg/seatkeeper_bg.wasm are not in this binary; \
                 build it with `cargo xtask build --release`"
            )
        );
    }

    #[test]
    fn only_names_with_a_version_are_kept_for_ever() {
        assert_eq!(lifetime("pkg/seatkeeper.css"), "no-cache");
        assert!(lifetime("fonts/a-1.woff2").contains("immutable"));
    }
}
