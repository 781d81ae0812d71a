//! The page of an invitation, from the link in its e-mail. It needs no session: a person makes an
//! account here, or joins with the one that has the address. The first account is made here, too.

use domain::{access::Role, organization::SeatLimit, refusal::Refusal, text::ExternalText};
use leptos::{prelude::*, server_fn::ServerFn};
use views::members::{InvitationPage, NextStep};

use crate::{
    components::{
        field::{Field, Labelled},
        page_header::PageHeader,
        words::words,
    },
    pages::Missing,
    paths,
    query::Query,
    server_fns::{AcceptInvitation, AppError, SignOut, answer, load_invitation},
};

#[component]
pub fn Invitation() -> impl IntoView {
    let token = paths::asked_token();
    let query = Query::of_request();
    let asked = token.clone();
    let page = Resource::new(|| (), move |()| load_invitation(asked.clone()));
    let content = move || {
        let (token, query) = (token.clone(), query.clone());
        Suspend::new(async move {
            match page.await {
                Ok(page) => view! { <Page page token query /> }.into_any(),
                Err(AppError::Missing) => view! { <Gone /> }.into_any(),
                Err(_) => view! { <Missing /> }.into_any(),
            }
        })
    };
    view! { <Suspense>{content}</Suspense> }
}

/// No invitation has this link: it was typed wrongly, or the invitation ended long ago.
#[component]
fn Gone() -> impl IntoView {
    view! {
        <div class="sign-in">
            <PageHeader
                title="There is no such invitation"
                sentence="Check whether the link is complete, or ask the person who invited you for a new one."
            />
        </div>
    }
}

#[component]
fn Page(page: InvitationPage, token: String, query: Query) -> impl IntoView {
    let sentence = sentence(&page);
    let refused = refused(&query);
    let next = match page.next.clone() {
        NextStep::Nothing(refusal) => view! { <Nothing refusal /> }.into_any(),
        NextStep::SignIn => view! { <ToSignIn token /> }.into_any(),
        NextStep::Join => view! { <Join token refused=refused.clone() /> }.into_any(),
        NextStep::MakeAccount => {
            view! { <MakeAccount page=page.clone() token query refused /> }.into_any()
        }
    };
    let address = page.email.as_ref().filter(|_| page.next != NextStep::MakeAccount).map(|email| {
        view! { <p class="quiet">"Invited: " {words(email)}</p> }
    });
    view! {
        <div class="sign-in">
            <p class="sign-in__name">"Seatkeeper"</p>
            <PageHeader title=title(&page) sentence />
            {address}
            {next}
        </div>
    }
}

fn title(page: &InvitationPage) -> ExternalText {
    match (&page.organization, &page.invited_by) {
        (Some(name), _) => ExternalText::sentence(&format!("Join {}", name.as_str())),
        (None, Some(_)) => ExternalText::new("Join the staff"),
        (None, None) => ExternalText::new("Make the first account"),
    }
}

fn sentence(page: &InvitationPage) -> String {
    let Some(by) = &page.invited_by else {
        return "It is a staff admin: it sees every organization and changes the settings."
            .to_owned();
    };
    let role = match page.role {
        Role::StaffAdmin => "a staff admin, who sees every organization and changes the settings",
        Role::Staff => "a member of the staff, who sees every organization",
        Role::TenantAdmin => "an admin, who decides about seats",
        Role::TenantViewer => "a viewer, who sees the seats and changes nothing",
    };
    let what = match &page.organization {
        Some(name) => format!(
            "Seatkeeper gives the seats of {}’s plan to people of its directory, and keeps the waitlist.",
            name.as_str()
        ),
        None => "Seatkeeper gives the seats of your customers’ plans to people of their directories, and keeps the waitlists.".to_owned(),
    };
    format!("{by} invites you as {role}. {what}")
}

/// The sentence about a form that was refused, with the field that it stands beside.
fn refused(query: &Query) -> Option<(Option<&'static str>, String)> {
    match query.text("refused") {
        // these sentences are not in the address
        "password-too-weak" => {
            let why = answer::kept_reason().unwrap_or_default();
            let refusal = Refusal::PasswordTooWeak(ExternalText::sentence(&why).to_string());
            Some((refusal.field(), refusal.to_string()))
        }
        "email" => Some((Some("email"), "This is not an e-mail address.".to_owned())),
        _ => {
            let refused = query.refusal(SeatLimit::NotSet)?;
            Some((super::members::words::field(&refused), refused.to_string()))
        }
    }
}

#[component]
fn MakeAccount(
    page: InvitationPage,
    token: String,
    query: Query,
    refused: Option<(Option<&'static str>, String)>,
) -> impl IntoView {
    let beside = |name: &'static str| {
        let refused = refused.as_ref().filter(|(field, _)| *field == Some(name));
        refused.map(|(_, sentence)| sentence.clone())
    };
    let above = refused.as_ref().filter(|(field, _)| field.is_none()).map(|(_, sentence)| {
        view! {
            <p class="form__failure" role="alert">
                {sentence.clone()}
            </p>
        }
    });
    let typed = |name: &str| query.get(name).unwrap_or_default().to_owned();
    let is_first = page.email.is_none();
    let email = Field {
        name: "email",
        label: "E-mail",
        hint: if is_first { "" } else { "The address that was invited." },
        value: page.email.as_ref().map_or_else(|| typed("email"), ToString::to_string),
        refusal: beside("email"),
    };
    let name = Field {
        name: "name",
        label: "Your name",
        value: typed("name"),
        refusal: beside("name"),
        ..Field::default()
    };
    let password = Field {
        name: "password",
        label: "Password",
        hint: "12 to 128 characters; several words are easy to remember.",
        refusal: beside("password"),
        ..Field::default()
    };
    // The browser checks what it can before it sends the form: a password never comes back.
    view! {
        <form class="form" method="post" action=AcceptInvitation::url()>
            {above}
            <input type="hidden" name="token" value=token />
            <Labelled field=email.clone()>
                <input
                    class="input"
                    id=email.id()
                    name="email"
                    type="email"
                    value=email.value.clone()
                    readonly=!is_first
                    required=true
                    autocomplete="username"
                    aria-describedby=email.described_by()
                    aria-invalid=email.invalid()
                />
            </Labelled>
            <Labelled field=name.clone()>
                <input
                    class="input"
                    id=name.id()
                    name="name"
                    value=name.value.clone()
                    required=true
                    autocomplete="name"
                    aria-describedby=name.described_by()
                    aria-invalid=name.invalid()
                />
            </Labelled>
            <Labelled field=password.clone()>
                <input
                    class="input"
                    id=password.id()
                    name="password"
                    type="password"
                    required=true
                    minlength="12"
                    autocomplete="new-password"
                    aria-describedby=password.described_by()
                    aria-invalid=password.invalid()
                />
            </Labelled>
            <button class="button button--main button--wide" type="submit">
                "Make the account"
            </button>
        </form>
    }
}

/// The page of the sign-in leads back here.
#[component]
fn ToSignIn(token: String) -> impl IntoView {
    let href = paths::sign_in(Some(&paths::invitation(&token)));
    view! {
        <div class="form">
            <p>{Refusal::InvitationNeedsSignIn.to_string()}</p>
            <a class="button button--main button--wide" href=href>
                "Sign in"
            </a>
        </div>
    }
}

#[component]
fn Join(token: String, refused: Option<(Option<&'static str>, String)>) -> impl IntoView {
    let refused = refused.map(|(_, sentence)| {
        view! {
            <p class="form__failure" role="alert">
                {sentence}
            </p>
        }
    });
    view! {
        <form class="form" method="post" action=AcceptInvitation::url()>
            {refused}
            <input type="hidden" name="token" value=token />
            <button class="button button--main button--wide" type="submit">
                "Join"
            </button>
        </form>
    }
}

#[component]
fn Nothing(refusal: Refusal) -> impl IntoView {
    let step = match refusal {
        Refusal::InvitationOfAnother => view! {
            <form method="post" action=SignOut::url()>
                <button class="button" type="submit">
                    "Sign out"
                </button>
            </form>
        }
        .into_any(),
        Refusal::InvitationUsed | Refusal::FirstAccountExists => view! {
            <a class="button" href=paths::sign_in(None)>
                "Sign in"
            </a>
        }
        .into_any(),
        Refusal::AlreadyMember | Refusal::AlreadyStaff | Refusal::StaffJoinNothing => view! {
            <a class="button" href=paths::HOME>
                "Open Seatkeeper"
            </a>
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! {
        <div class="form">
            <p>{refusal.to_string()}</p>
            <div>{step}</div>
        </div>
    }
}
