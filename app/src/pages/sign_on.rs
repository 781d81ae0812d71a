//! The page where single sign-on begins: it asks for the e-mail address, whose domain leads to the
//! identity provider. A link with an organization in it leads there at once.

use domain::organization::SeatLimit;
use leptos::{prelude::*, server_fn::ServerFn};

use super::reset_password::BackToSignIn;
use crate::{
    components::{
        field::{EmailField, Field},
        page_header::PageHeader,
    },
    paths,
    query::Query,
    server_fns::{self, AppError, answer, begin_connection, begin_sign_on, load_sign_on_form},
};

#[component]
pub fn SignOn() -> impl IntoView {
    let asked = Asked::of(&Query::of_request());
    // as pages load their data, see `components/page_data.rs`
    let answered = AsyncDerived::new(move || asked.clone().answer());
    let content = move || {
        Suspend::new(async move {
            match answered.await {
                Answer::Leads(to) => view! { <Leads to /> }.into_any(),
                Answer::Form(form) => view! { <Form form /> }.into_any(),
            }
        })
    };
    view! {
        <div class="sign-in">
            <p class="sign-in__name">"Seatkeeper"</p>
            <Suspense>{content}</Suspense>
        </div>
    }
}

/// What the address of the page asks for.
#[derive(Clone)]
struct Asked {
    /// A form was sent, and the provider is this organization's, or that of the own account.
    to: String,
    organization: String,
    staff: bool,
    connect: bool,
    /// The token with which Scalekit starts a sign-in.
    token: String,
    /// The issuer with which another provider starts one.
    issuer: String,
    next: String,
    refusal: Option<String>,
    email: String,
}

/// What the page shows.
#[derive(Clone)]
enum Answer {
    /// The next address.
    Leads(String),
    Form(FormOfPage),
}

#[derive(Clone)]
struct FormOfPage {
    next: String,
    refusal: Option<String>,
    email: String,
    has_staff: bool,
}

impl Asked {
    fn of(query: &Query) -> Self {
        let text = |name: &str| query.text(name).to_owned();
        let refusal = query.refusal(SeatLimit::NotSet).map(|refusal| refusal.to_string());
        let typed =
            refusal.is_some().then(|| answer::kept_email(answer::EmailForm::SignIn)).flatten();
        Self {
            to: text("to"),
            organization: text("organization"),
            staff: query.text("staff") == "yes",
            connect: query.text("connect") == "yes",
            token: text("idp_initiated_login"),
            issuer: text("iss"),
            next: query.get("next").and_then(paths::local_path).unwrap_or_default().to_owned(),
            refusal,
            email: typed.unwrap_or_default(),
        }
    }

    async fn answer(self) -> Answer {
        let next = self.next.as_str();
        if self.refusal.is_none() && !self.to.is_empty() {
            let fields = match self.to.as_str() {
                "account" => [("connect", "yes"), ("next", "")],
                organization => [("organization", organization), ("next", next)],
            };
            let to = paths::with_query(paths::SIGN_ON, &fields);
            answer::refresh(&to);
            return Answer::Leads(to);
        }
        let is_link =
            [&self.organization, &self.token, &self.issuer].iter().any(|it| !it.is_empty());
        let begun = if self.refusal.is_some() {
            None
        } else if self.connect {
            Some(begin_connection().await)
        } else if self.staff || is_link {
            let Self { organization, staff, token, issuer, next, .. } = self.clone();
            Some(begin_sign_on(organization, staff, token, issuer, next).await)
        } else {
            None
        };
        let has_staff = load_sign_on_form().await.unwrap_or_default();
        let refusal = match begun {
            None => self.refusal,
            // the browser is on its way already
            Some(Ok(())) => None,
            Some(Err(AppError::SignIn)) => {
                answer::redirect(&paths::sign_in(Some(paths::ACCOUNT)));
                None
            }
            Some(Err(failure)) => Some(failure.to_string()),
        };
        Answer::Form(FormOfPage { next: self.next, refusal, email: self.email, has_staff })
    }
}

#[component]
fn Leads(to: String) -> impl IntoView {
    view! {
        <PageHeader
            title="Single sign-on"
            sentence="You sign in at your organization, and come back here afterwards."
        />
        <p>
            <a class="button button--main button--wide" href=to>
                "Continue"
            </a>
        </p>
        <BackToSignIn />
    }
}

#[component]
fn Form(form: FormOfPage) -> impl IntoView {
    let FormOfPage { next, refusal, email, has_staff } = form;
    let email = Field {
        name: "email",
        label: "E-mail",
        hint: "Your address at work: its domain leads to your organization’s sign-in.",
        value: email,
        refusal,
    };
    let staff = has_staff.then(|| {
        let to = paths::with_query(paths::SIGN_ON, &[("staff", "yes"), ("next", &next)]);
        view! {
            <p class="sign-in__beside">
                <a href=to>"Single sign-on for staff"</a>
            </p>
        }
    });
    let next = next.clone();
    view! {
        <PageHeader
            title="Single sign-on"
            sentence="Sign in with the account that you have at your organization."
        />
        <form class="form" method="post" action=server_fns::FindSignOn::url() novalidate=true>
            <input type="hidden" name="next" value=next />
            <EmailField field=email autocomplete="username" />
            <button class="button button--main button--wide" type="submit">
                "Continue"
            </button>
        </form>
        {staff}
        <BackToSignIn />
    }
}
