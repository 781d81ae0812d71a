//! The colour scheme: the system's, or one that the reader has chosen.
#![cfg_attr(
    feature = "ssr",
    expect(clippy::unused_async, reason = "a server function is async, whatever it does")
)]

use leptos::prelude::*;

use super::AppError;

/// Keeps the choice in a cookie, so that the first paint already uses it. Any value other than
/// `light` and `dark` restores the system's scheme.
#[server(prefix = "/api", endpoint = "set_theme")]
pub async fn set_theme(theme: String) -> Result<(), AppError> {
    use super::answer;

    let known = answer::THEMES.into_iter().find(|known| *known == theme);
    answer::keep_theme(known.unwrap_or_default());
    answer::back();
    Ok(())
}
