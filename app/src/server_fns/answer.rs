//! The HTTP answer of a page or a server function: status, redirects, cookies. In the browser there
//! is no answer, and each function does nothing.

#[cfg(feature = "ssr")]
pub use server::*;

/// The colour scheme that the reader has chosen, for `data-theme`; `None` means the system's.
pub fn theme() -> Option<&'static str> {
    let chosen = kept_theme()?;
    THEMES.into_iter().find(|theme| *theme == chosen)
}

pub const THEMES: [&str; 2] = ["light", "dark"];

/// A form that takes an e-mail address.
#[derive(Clone, Copy)]
pub enum EmailForm {
    SignIn,
    Reset,
    Account,
}

impl EmailForm {
    #[cfg(feature = "ssr")]
    fn cookie(self) -> &'static str {
        match self {
            Self::SignIn => "email",
            Self::Reset => "reset-email",
            Self::Account => "new-email",
        }
    }
}

#[cfg(feature = "ssr")]
mod server {
    use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
    use domain::{
        factor::{RecoveryCode, STEP_LASTS, TypedCode},
        passkey::CEREMONY_LASTS,
    };
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;
    use seatkeeper::{config::PublicUrl, http::session::installation_mark};

    use super::EmailForm;
    use crate::paths;

    /// Whether the request is a form without JavaScript, which expects a page and so needs a
    /// redirect.
    pub fn is_form() -> bool {
        use_context::<Parts>()
            .is_some_and(|parts| parts.method == Method::POST && accepts_html(&parts))
    }

    pub fn status(code: u16) {
        // A form is answered with a redirect, so its status must stay a redirect.
        if is_form() {
            return;
        }
        if let (Some(response), Ok(code)) =
            (use_context::<ResponseOptions>(), StatusCode::from_u16(code))
        {
            response.set_status(code);
        }
    }

    /// Marks the fields as unreadable, so that the answer becomes a plain page, for a form as well:
    /// see `http::with_checked_parameters`.
    pub fn unreadable() {
        if let Some(response) = use_context::<ResponseOptions>() {
            response.insert_header(
                seatkeeper::http::UNREADABLE_FIELDS,
                HeaderValue::from_static("yes"),
            );
        }
    }

    /// Redirects the reader to another page of this site. leptos takes every request that does not
    /// name `text/html` for a call by the browser's code, which gets a 200 and follows the header
    /// by itself. Only a POST can be such a call.
    pub fn redirect(path: &str) {
        leptos_axum::redirect(path);
        let wants_redirect = use_context::<Parts>()
            .is_some_and(|parts| parts.method != Method::POST || accepts_html(&parts));
        if let Some(response) = use_context::<ResponseOptions>().filter(|_| wants_redirect) {
            response.set_status(StatusCode::SEE_OTHER);
        }
    }

    /// Lets the browser go on to another page of this site by itself. A form must not be answered
    /// with a redirect to another site; this page in between ends the form.
    pub fn refresh(path: &str) {
        if let (Some(response), Ok(value)) =
            (use_context::<ResponseOptions>(), HeaderValue::from_str(&format!("0; url={path}")))
        {
            response.insert_header(header::REFRESH, value);
        }
    }

    /// Redirects to the page of the form, or to `/` if the browser does not send it.
    pub fn back() {
        let referer = header(&header::REFERER).unwrap_or_default();
        let path = referer
            .split_once("://")
            .and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
        redirect(path.as_deref().and_then(paths::local_path).unwrap_or(paths::HOME));
    }

    /// Sets `Retry-After` for a request that was not served.
    pub fn come_again() {
        if let Some(response) = use_context::<ResponseOptions>() {
            response.insert_header(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
    }

    /// Lets the browser tell no site the address of this page: a secret is in it. Where a browser
    /// says nowhere else that a form is from the same site (without encryption, on another
    /// machine), the site is named and the page is not: `no-referrer` would hide that, too.
    pub fn keep_address_private() {
        let (Some(response), Some(state)) =
            (use_context::<ResponseOptions>(), use_context::<seatkeeper::state::AppState>())
        else {
            return;
        };
        let url: &str = &state.settings.public_url;
        let is_local = ["http://127.", "http://localhost", "http://[::1]"]
            .iter()
            .any(|it| url.starts_with(it));
        let policy = if url.starts_with("https://") || is_local { "no-referrer" } else { "origin" };
        response.insert_header(header::REFERRER_POLICY, HeaderValue::from_static(policy));
    }

    pub fn request_id() -> String {
        header(&HeaderName::from_static("x-request-id")).unwrap_or_else(|| "unknown".to_owned())
    }

    pub fn log(request: &str, cause: &str) {
        tracing::error!(request, cause, "a page or a form failed");
    }

    /// The path and the query of the request, still encoded.
    pub fn address() -> (String, String) {
        let parts = use_context::<Parts>();
        parts
            .map(|parts| {
                (parts.uri.path().to_owned(), parts.uri.query().unwrap_or_default().to_owned())
            })
            .unwrap_or_default()
    }

    pub fn query_pairs() -> Vec<(String, String)> {
        seatkeeper::http::query_pairs(&address().1)
    }

    pub fn cookie(name: &str) -> Option<String> {
        let cookies = header(&header::COOKIE)?;
        cookies
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(n, _)| *n == name)
            .map(|(_, value)| paths::decoded(value))
    }

    /// The name of the device cookie, which marks a browser in which the account has signed in
    /// before.
    pub fn device_cookie(state: &seatkeeper::state::AppState) -> String {
        cookie_of(&state.settings.public_url, "device")
    }

    /// Sets a cookie that scripts cannot read; `seconds` 0 deletes it.
    pub fn set_cookie(name: &str, value: &str, path: &str, seconds: i64) {
        let Some(state) = use_context::<seatkeeper::state::AppState>() else { return };
        let text = cookie_text(&state.settings.public_url, name, value, (path, seconds));
        if let (Some(response), Ok(value)) =
            (use_context::<ResponseOptions>(), HeaderValue::from_str(&text))
        {
            response.append_header(header::SET_COOKIE, value);
        }
    }

    pub fn cookie_text(
        url: &PublicUrl,
        name: &str,
        value: &str,
        (path, seconds): (&str, i64),
    ) -> String {
        let secure = if url.is_https() { "; Secure" } else { "" };
        let value = paths::encoded(value);
        format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }

    /// Keeps a typed address for this form for two minutes, in a cookie and not in the URL: people
    /// sometimes type their password into this field, and URLs are logged.
    pub fn keep_email(typed: &str, form: EmailForm) {
        if let Some(name) = own_cookie(form.cookie()) {
            set_cookie(&name, &typed.chars().take(200).collect::<String>(), "/", 120);
        }
    }

    pub fn kept_email(form: EmailForm) -> Option<String> {
        cookie(&own_cookie(form.cookie())?)
    }

    /// Keeps the colour scheme; an empty text forgets it.
    pub fn keep_theme(theme: &str) {
        let seconds = if theme.is_empty() { 0 } else { 365 * 24 * 3_600 };
        if let Some(name) = own_cookie("theme") {
            set_cookie(&name, theme, "/", seconds);
        }
    }

    pub fn kept_theme() -> Option<String> {
        cookie(&own_cookie("theme")?)
    }

    /// Keeps a typed address of an endpoint for the form, in the same way: it may hold a token.
    pub fn keep_url(typed: &str) {
        if let Some(name) = own_cookie("url") {
            set_cookie(&name, &typed.chars().take(1_000).collect::<String>(), "/", 600);
        }
    }

    pub fn kept_url() -> Option<String> {
        cookie(&own_cookie("url")?)
    }

    /// Keeps why a password or a file was refused, for two minutes.
    pub fn keep_reason(why: &str) {
        if let Some(name) = own_cookie("reason") {
            set_cookie(&name, why, "/", 120);
        }
    }

    pub fn kept_reason() -> Option<String> {
        cookie(&own_cookie("reason")?)
    }

    /// Keeps the token of a step that this browser has begun: the second step of a sign-in, or the
    /// set-up of a factor.
    pub fn keep_step(token: &str) {
        if let Some(name) = own_cookie("step") {
            set_cookie(&name, token, "/", i64::try_from(STEP_LASTS.as_secs()).unwrap_or_default());
        }
    }

    pub fn kept_step() -> Option<String> {
        cookie(&own_cookie("step")?).filter(|token| !token.is_empty())
    }

    pub fn forget_step() {
        if let Some(name) = own_cookie("step") {
            set_cookie(&name, "", "/", 0);
        }
    }

    /// Keeps the token of what this browser was asked to sign with a passkey.
    pub fn keep_ceremony(token: &str) {
        if let Some(name) = own_cookie("passkey") {
            let seconds = i64::try_from(CEREMONY_LASTS.as_secs()).unwrap_or_default();
            set_cookie(&name, token, "/", seconds);
        }
    }

    pub fn kept_ceremony() -> Option<String> {
        cookie(&own_cookie("passkey")?).filter(|token| !token.is_empty())
    }

    pub fn forget_ceremony() {
        if let Some(name) = own_cookie("passkey") {
            set_cookie(&name, "", "/", 0);
        }
    }

    /// Whether browsers make passkeys for the address of this installation, and find them.
    pub fn offers_passkeys() -> bool {
        let state = use_context::<seatkeeper::state::AppState>();
        state.is_some_and(|state| seatkeeper::queries::offers_passkeys(&state))
    }

    /// Keeps recovery codes for the page that shows them once: the database has their hashes alone.
    pub fn keep_codes(codes: &[RecoveryCode]) {
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        if let Some(name) = own_cookie("codes") {
            set_cookie(&name, &codes.join(" "), "/", 600);
        }
    }

    pub fn kept_codes() -> Vec<String> {
        let codes = own_cookie("codes").and_then(|name| cookie(&name)).unwrap_or_default();
        let codes = codes.split_whitespace().take(RecoveryCode::COUNT);
        let codes = codes.filter_map(|code| match TypedCode::parse(code)? {
            TypedCode::Recovery(code) => Some(code.to_string()),
            TypedCode::App(_) => None,
        });
        codes.collect()
    }

    pub fn forget_codes() {
        if let Some(name) = own_cookie("codes").filter(|name| cookie(name).is_some()) {
            set_cookie(&name, "", "/", 0);
        }
    }

    /// Keeps a secret for the page that shows it once: an API key, or what signs the webhooks of an
    /// endpoint. `of` is the id of what it belongs to.
    pub fn keep_secret(of: &str, secret: &str) {
        if let Some(name) = own_cookie("secret") {
            set_cookie(&name, &format!("{of} {secret}"), "/", 600);
        }
    }

    /// The id of what was made a moment ago in this browser, and its secret, which begins so.
    pub fn kept_secret(begins: &str) -> Option<(String, String)> {
        let kept = cookie(&own_cookie("secret")?)?;
        let (of, secret) = kept.split_once(' ')?;
        let is_usual = |c: char| c.is_ascii_alphanumeric() || "+/=-_".contains(c);
        let is_secret = secret.starts_with(begins) && secret.chars().all(is_usual);
        is_secret.then(|| (of.to_owned(), secret.to_owned()))
    }

    pub fn forget_secret() {
        if let Some(name) = own_cookie("secret").filter(|name| cookie(name).is_some()) {
            set_cookie(&name, "", "/", 0);
        }
    }

    fn own_cookie(what: &str) -> Option<String> {
        let state = use_context::<seatkeeper::state::AppState>()?;
        Some(cookie_of(&state.settings.public_url, what))
    }

    /// Over https no other host of the domain can set such a cookie.
    pub fn cookie_of(url: &PublicUrl, what: &str) -> String {
        let prefix = if url.is_https() { "__Host-" } else { "" };
        format!("{prefix}seatkeeper-{what}-{}", installation_mark(url))
    }

    /// The cookie with the colour scheme, for a page that is not one of the dashboard's.
    pub fn theme_cookie(url: &PublicUrl) -> String {
        cookie_of(url, "theme")
    }

    /// The address of this page holds a token: no request from it names the address.
    pub fn send_no_referrer() {
        if let Some(response) = use_context::<ResponseOptions>() {
            let policy = HeaderValue::from_static("no-referrer");
            response.insert_header(header::REFERRER_POLICY, policy);
        }
    }

    fn header(name: &HeaderName) -> Option<String> {
        use_context::<Parts>()?.headers.get(name)?.to_str().ok().map(str::to_owned)
    }

    fn accepts_html(parts: &Parts) -> bool {
        parts
            .headers
            .get(header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    }
}

#[cfg(not(feature = "ssr"))]
pub use browser::*;

#[cfg(not(feature = "ssr"))]
mod browser {
    pub fn status(_: u16) {}
    pub fn unreadable() {}
    pub fn come_again() {}
    pub fn keep_address_private() {}
    pub fn redirect(_: &str) {}
    pub fn refresh(_: &str) {}
    pub fn log(_: &str, _: &str) {}
    pub fn request_id() -> String {
        "unknown".to_owned()
    }
    pub fn address() -> (String, String) {
        Default::default()
    }
    pub fn query_pairs() -> Vec<(String, String)> {
        Vec::new()
    }
    pub fn kept_email(_: super::EmailForm) -> Option<String> {
        None
    }
    pub fn kept_theme() -> Option<String> {
        None
    }
    pub fn kept_url() -> Option<String> {
        None
    }
    pub fn kept_reason() -> Option<String> {
        None
    }
    pub fn offers_passkeys() -> bool {
        false
    }
}
