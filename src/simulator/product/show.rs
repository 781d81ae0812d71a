//! What the page shows, as text.

use askama::Template;
use domain::text::{ExternalText, called};

use super::{
    Asked, Product,
    client::{Access, Customer, Exchange, Person, Seatkeeper},
    sentences::{sentence, with_roles},
    webhooks::Webhook,
};

#[derive(Template)]
#[template(path = "product.html", config = "askama.toml")]
pub(super) struct Page {
    customers: Vec<Choice>,
    organization: String,
    name: ExternalText,
    user: String,
    suggestions: Vec<Suggestions>,
    /// What went wrong when the customers were asked for.
    trouble: Option<String>,
    sign_in: Option<SignIn>,
    webhooks: Vec<WebhookRow>,
}

#[derive(Template)]
#[template(path = "webhooks.html", config = "askama.toml")]
pub(super) struct Webhooks {
    webhooks: Vec<WebhookRow>,
}

struct Choice {
    id: String,
    name: ExternalText,
    is_chosen: bool,
}

/// People who may try to sign in.
struct Suggestions {
    title: &'static str,
    people: Vec<Suggestion>,
}

struct Suggestion {
    /// What the sign-in names.
    user: String,
    name: ExternalText,
}

struct SignIn {
    is_in: bool,
    headline: String,
    reason: String,
    position: Option<i64>,
    /// The webhook because of which the page asked again.
    cause: Option<String>,
    /// Where a seat can become free, for a person who has none.
    hint: Option<Hint>,
    request: String,
    outcome: String,
    body: String,
}

struct Hint {
    dashboard: String,
    simulator: String,
}

struct WebhookRow {
    id: String,
    sentence: String,
    kind: ExternalText,
    sequence: i64,
    at: String,
    time: String,
    body: String,
}

pub(super) async fn page(product: &Product, asked: &Asked) -> Page {
    let seatkeeper = &product.0.seatkeeper;
    let (customers, trouble) = match seatkeeper.customers().await {
        Ok(customers) => (customers, None),
        Err(answer) => (Vec::new(), Some(answer.outcome)),
    };
    let organization = chosen(&customers, &asked.organization);
    let name = name_of(&customers, &organization);
    let user = asked.user.trim();
    let asks = !user.is_empty() && !organization.is_empty();
    let (suggestions, sign_in) = tokio::join!(suggestions(seatkeeper, &organization), async {
        if asks { Some(sign_in(product, (&organization, user), &asked.after).await) } else { None }
    });
    Page {
        webhooks: rows(product.0.webhooks.last(), &customers),
        customers: choices(customers, &organization),
        organization,
        name,
        user: user.to_owned(),
        suggestions,
        trouble,
        sign_in,
    }
}

pub(super) async fn webhooks(product: &Product) -> Webhooks {
    let customers = product.0.seatkeeper.customers().await.unwrap_or_default();
    Webhooks { webhooks: rows(product.0.webhooks.last(), &customers) }
}

/// The customer that was asked for. At first it is one whose seats are all taken.
fn chosen(customers: &[Customer], asked: &str) -> String {
    if !asked.is_empty() {
        return asked.to_owned();
    }
    let one = customers.iter().find(|one| one.is_full()).or(customers.first());
    one.map(|one| one.id.clone()).unwrap_or_default()
}

fn name_of(customers: &[Customer], id: &str) -> ExternalText {
    let name = customers.iter().find(|one| one.id == id).map(|one| one.name.as_str());
    ExternalText::or_id(name.unwrap_or_default(), id)
}

fn choices(customers: Vec<Customer>, organization: &str) -> Vec<Choice> {
    let choice = |one: Customer| Choice {
        is_chosen: one.id == organization,
        name: ExternalText::or_id(&one.name, &one.id),
        id: one.id,
    };
    customers.into_iter().map(choice).collect()
}

async fn suggestions(seatkeeper: &Seatkeeper, organization: &str) -> Vec<Suggestions> {
    if organization.is_empty() {
        return Vec::new();
    }
    let (seated, waiting) =
        tokio::join!(seatkeeper.seated(organization), seatkeeper.waiting(organization));
    let all = [("With a seat", seated), ("On the waitlist", waiting)].map(|(title, people)| {
        Suggestions { title, people: people.into_iter().filter_map(suggestion).collect() }
    });
    all.into_iter().filter(|some| !some.people.is_empty()).collect()
}

fn suggestion(person: Person) -> Option<Suggestion> {
    let Person { user, name, email } = person;
    let id = user?;
    let name = called(name.as_deref(), email.as_deref(), &id);
    Some(Suggestion { name, user: email.unwrap_or(id) })
}

/// Asks Seatkeeper about the person.
async fn sign_in(product: &Product, (organization, user): (&str, &str), after: &str) -> SignIn {
    let shared = &product.0;
    let exchange = shared.seatkeeper.access(organization, user).await;
    let body = exchange.shown();
    let access = exchange.read::<Access>();
    let name = match access.as_ref().and_then(|access| access.user.as_deref()) {
        Some(id) => shared.seatkeeper.name(organization, id).await,
        None => None,
    };
    let name = called(name.as_deref(), None, user).to_string();
    let last = shared.webhooks.last();
    let cause = last.into_iter().find(|one| one.id.as_str() == after);
    let hint = access.as_ref().filter(|access| access.state == "blocked").map(|_| Hint {
        dashboard: format!("{}/organizations/{organization}", shared.dashboard),
        simulator: format!("{}/organizations/{organization}", shared.simulator),
    });
    let Exchange { request, outcome, .. } = exchange;
    SignIn {
        is_in: access.as_ref().is_some_and(|access| access.allowed),
        headline: headline(access.as_ref(), &name),
        position: access.as_ref().and_then(|access| access.position),
        reason: match access {
            Some(access) => ExternalText::sentence(&access.reason).to_string(),
            None => "Seatkeeper says neither yes nor no, and Inkpot lets no person in.".to_owned(),
        },
        cause: cause.map(|one| ExternalText::short(&one.event.r#type).to_string()),
        hint,
        request,
        outcome,
        body,
    }
}

fn headline(access: Option<&Access>, name: &str) -> String {
    match access {
        Some(access) if access.allowed => {
            format!("{name} is in, with {}.", with_roles(&access.roles))
        }
        Some(_) => format!("No seat for {name}."),
        None => format!("No answer about {name}."),
    }
}

fn rows(webhooks: Vec<Webhook>, customers: &[Customer]) -> Vec<WebhookRow> {
    let row = |one: Webhook| {
        let customer = name_of(customers, one.event.organization_id.as_deref().unwrap_or_default());
        WebhookRow {
            sentence: sentence(&one.event, &customer),
            kind: ExternalText::short(&one.event.r#type),
            sequence: one.event.sequence,
            at: one.received_at.rfc3339(),
            time: one.received_at.time_of_day(),
            id: one.id.into(),
            body: one.body,
        }
    };
    webhooks.into_iter().map(row).collect()
}
