//! Why a resync failed: the code and message of Scalekit, and what to do about it.

use domain::text::ExternalText;
use leptos::prelude::*;

use crate::components::{
    banner::{Banner, Tone},
    words::words,
};

/// `error` is (code, sentence).
#[component]
pub(super) fn Failed(error: (String, String), staff: bool) -> impl IntoView {
    let (code, sentence) = error;
    let next = next(&code, staff);
    let (code, title) = (ExternalText::new(&code), ExternalText::sentence(&sentence).to_string());
    view! {
        <Banner tone=Tone::Broken title>
            <code>{words(&code)}</code>
            " · "
            {next}
        </Banner>
    }
}

/// What the reader can do next. Only staff can change the settings.
pub(super) fn next(code: &str, staff: bool) -> &'static str {
    match (Kind::of(code), staff) {
        (Kind::Credentials, true) => {
            "Check SCALEKIT_CLIENT_ID and SCALEKIT_CLIENT_SECRET: the secret may have been rotated. Restart Seatkeeper with the new one, then try again."
        }
        (Kind::Unknown, true) => {
            "Scalekit does not know this organization. Check whether it was deleted there, and whether SCALEKIT_ENVIRONMENT_URL names the environment it is in."
        }
        (Kind::Credentials | Kind::Unknown, false) => {
            "The operator of Seatkeeper has to fix this: tell your account manager the code."
        }
        (Kind::Disabled, true) => {
            "Switch a directory of this organization on again in Scalekit, then try again."
        }
        (Kind::Disabled, false) => {
            "Switch your directory on again where it is connected, then try again."
        }
        (Kind::Unreadable, _) => {
            "Seatkeeper cannot use such an answer. Try again. If it happens again, tell Scalekit’s support the code."
        }
        (Kind::Deleted, _) => "There is no directory left to compare with.",
        (Kind::Silent, _) => "This usually passes. Try again in a few minutes.",
        (Kind::Ours, true) => "Try again. If it happens again, read Seatkeeper’s log.",
        (Kind::Ours, false) => "Try again. If it happens again, tell your account manager.",
    }
}

/// The kind of failure that a code means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Credentials,
    /// Scalekit has no such organization.
    Unknown,
    Disabled,
    Unreadable,
    Deleted,
    Silent,
    Ours,
}

impl Kind {
    fn of(code: &str) -> Self {
        match code {
            "invalid_client"
            | "unauthorized_client"
            | "invalid_grant"
            | "invalid_request"
            | "access_denied"
            | "UNAUTHENTICATED"
            | "UNAUTHORIZED"
            | "PERMISSION_DENIED"
            | "HTTP_400"
            | "HTTP_401"
            | "HTTP_403" => Self::Credentials,
            "NOT_FOUND" | "RESOURCE_NOT_FOUND" | "HTTP_404" => Self::Unknown,
            "DIRECTORY_DISABLED" => Self::Disabled,
            "INCOMPLETE_LIST" | "UNUSABLE_ANSWER" | "PAGE_TOKEN_REFUSED" => Self::Unreadable,
            "ORGANIZATION_DELETED" => Self::Deleted,
            "INTERNAL" | "NO_PROGRESS" => Self::Ours,
            _ => Self::Silent,
        }
    }
}
