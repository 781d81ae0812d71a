//! Forms that the script of a page sends (`islands/browser/saving.rs`). A script that follows a
//! redirect loads the next page for nothing and does not learn where the redirect leads, so it gets
//! the address in a header, and loads it once.

#[cfg(feature = "ssr")]
pub use server::answer_script;

/// On a form that the script has sent.
pub const SENT_BY_SCRIPT: &str = "x-seatkeeper-form";
/// Where the answer leads.
pub const LEADS_TO: &str = "x-seatkeeper-leads-to";

#[cfg(feature = "ssr")]
mod server {
    use axum::{
        extract::Request,
        http::{HeaderName, StatusCode, header},
        middleware::Next,
        response::Response,
    };

    use super::{LEADS_TO, SENT_BY_SCRIPT};

    pub async fn answer_script(request: Request, next: Next) -> Response {
        let is_ours = request.headers().contains_key(SENT_BY_SCRIPT);
        let mut response = next.run(request).await;
        if is_ours
            && response.status().is_redirection()
            && let Some(location) = response.headers_mut().remove(header::LOCATION)
        {
            *response.status_mut() = StatusCode::OK;
            response.headers_mut().insert(HeaderName::from_static(LEADS_TO), location);
        }
        response
    }
}
