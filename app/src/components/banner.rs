//! Banners: messages above everything else on the page that need attention now.

use domain::alert::{Message, SystemAlert};
use leptos::prelude::*;
use views::proposals::ProposalRow;

use crate::paths;

/// How urgent a banner is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Calm,
    Act,
    Broken,
}

impl Tone {
    fn word(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Act => "act",
            Self::Broken => "broken",
        }
    }
}

/// The container for banners. It is always on the page, so that a screen reader announces a banner
/// that appears while the page is open.
#[component]
pub fn Banners(children: Children) -> impl IntoView {
    view! {
        <div class="banners" role="status">
            {children()}
        </div>
    }
}

#[component]
pub fn Banner(
    tone: Tone,
    title: String,
    /// A button beside the text.
    #[prop(optional_no_strip)]
    action: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="banner" data-tone=tone.word()>
            <svg class="banner__mark" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                {if tone == Tone::Calm {
                    view! {
                        <path d="M8 7v4.500M8 4.500v.01" />
                        <circle cx="8" cy="8" r="6.500" />
                    }
                        .into_any()
                } else {
                    view! {
                        <path d="M8 4.500v4.500M8 11.500v.01" />
                        <circle cx="8" cy="8" r="6.500" />
                    }
                        .into_any()
                }}
            </svg>
            <div class="banner__text">
                <p class="banner__title">{title}</p>
                <p>{children()}</p>
            </div>
            {action}
        </div>
    }
}

/// A channel of the installation takes no messages. The other channels may not reach this person.
pub fn failing_banner(alert: SystemAlert) -> impl IntoView {
    view! {
        <Banner tone=Tone::Broken title=format!("{}.", Message::System(alert).name())>
            "Alerts do not reach all their recipients. "
            <a href=paths::MESSAGES>"See what was not sent"</a>
            "."
        </Banner>
    }
}

/// A large change of the limit waits for a second staff member.
pub fn proposal_banner(proposal: &ProposalRow) -> impl IntoView + use<> {
    let (tone, title) = if proposal.is_own {
        let title = format!("Your change to {} waits for another staff member.", proposal.limit);
        (Tone::Calm, title)
    } else {
        (Tone::Act, format!("{} proposes {}, and waits for you.", proposal.by, proposal.limit))
    };
    let href = paths::proposal(&proposal.organization.0, &proposal.id);
    view! {
        <Banner tone title>
            "Nothing was changed yet. "
            <a href=href>"Look at the proposal"</a>
        </Banner>
    }
}
