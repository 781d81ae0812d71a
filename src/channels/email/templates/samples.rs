//! Every e-mail with invented facts, for the page that previews them.

use std::time::Duration;

use super::{
    AddressChanged, AddressConfirm, AddressTaken, Audience, ChannelFailing, DeadLetters, Digest,
    DigestSection, DirectoryDisabled, Drift, Email, EndpointDisabled, EnforcementSilent,
    FactorChanged, FailingReceiver, Invitation, LimitChanged, LimitNotSet, LimitProposed,
    OverLimit, PasswordChanged, PasswordReset, ProposalAnswered, ProposedLimit, ResyncFailed,
    ResyncNeedsConfirmation, SeatLimitReached, SeatRequestAnswered, SeatRequestReceived,
    SeatRequestReminder, SeatUsageHigh, SeatsAskedFor, SeatsFree, TestEmail, WaitingPerson,
};
use crate::domain::{
    access::Role,
    account::{AccountMessage, LinkKind},
    admission::AdmissionPolicy,
    alert::{AlertKind, Message, SystemAlert},
    directory::{DirectoryState, PlanWarning},
    id::{
        DirectoryUserId, OrganizationId, ProposalId, ResyncId, SeatRequestEntryId, SeatRequestId,
        WebhookEndpointId,
    },
    invariant::{Finding, Invariant},
    limit_proposal::{LimitProposal, ProposalAnswer, ProposalMessage, ProposalState},
    organization::{SeatLimit, Usage},
    preference::Period,
    resync::{Resync, ResyncCause, ResyncCounts, ResyncState},
    seat_request::{EntryKind, REMIND_AFTER, RequestEntry, RequestMessage, RequestState},
    time::Timestamp,
    webhook_endpoint::EndpointState,
};

const NAME: &str = "Northwind Robotics";

/// The time of everything that happened.
const NOW: Timestamp = Timestamp::from_seconds(1_795_326_492);

/// The e-mail of a message, as its usual readers get it.
pub fn sample(message: Message, public_url: &str) -> Email {
    let (organization, name) = (OrganizationId::new("org_1001"), NAME.to_owned());
    let audience = Audience::TenantAdmins;
    match message {
        Message::Opened(AlertKind::SeatLimitReached) => SeatLimitReached {
            organization,
            name,
            usage: usage(50, 50, 3),
            first: people(),
            policy: AdmissionPolicy::FirstCome,
            audience,
            has_admins: true,
        }
        .email(public_url),
        Message::Opened(AlertKind::SeatUsageHigh) => {
            let usage = usage(50, 42, 0);
            SeatUsageHigh { organization, name, usage, audience }.email(public_url)
        }
        Message::Opened(AlertKind::OverLimit) => {
            OverLimit { organization, name, usage: usage(40, 48, 2), audience }.email(public_url)
        }
        Message::Opened(AlertKind::LimitNotSet) => {
            LimitNotSet { organization, name, waiting: 3 }.email(public_url)
        }
        Message::Opened(AlertKind::DirectoryDisabled) => DirectoryDisabled {
            organization,
            name,
            provider: Some("OKTA".to_owned()),
            state: DirectoryState::Disabled,
            usage: usage(50, 48, 0),
            audience,
        }
        .email(public_url),
        Message::Opened(AlertKind::ResyncFailed) => {
            let error = ("unauthenticated", "Scalekit does not take the API credentials.");
            let run = Resync {
                state: ResyncState::Failed,
                error: Some((error.0.to_owned(), error.1.to_owned())),
                ..resync(organization)
            };
            ResyncFailed { name, run, nightly: true }.email(public_url)
        }
        Message::Opened(AlertKind::ResyncNeedsConfirmation) => {
            ResyncNeedsConfirmation { name, run: resync(organization) }.email(public_url)
        }
        Message::Opened(AlertKind::ChannelFailing) => {
            failing(FailingReceiver::SlackOf { organization, name }).email(public_url)
        }
        Message::SeatsFree => SeatsFree {
            organization,
            name,
            usage: usage(60, 53, 0),
            waited: (NOW.minus(Duration::from_hours(11 * 24)), NOW),
            admitted: 3,
            first: people(),
            audience,
        }
        .email(public_url),
        Message::LimitChanged => {
            let (before, usage) = ("50 seats".to_owned(), usage(60, 53, 0));
            LimitChanged { organization, name, before, usage, end: None, audience }
                .email(public_url)
        }
        Message::Invitation => Invitation {
            organization: Some(name),
            role: Role::TenantAdmin,
            invited_by: "Kim Park".to_owned(),
            expires_at: Timestamp::from_seconds(1_795_326_492),
            token: "dGVzdA".to_owned(),
        }
        .email(public_url),
        Message::Digest(period) => digest(period).email(public_url),
        Message::Account(message) => account(message, public_url),
        Message::Request(message) => request(message, public_url),
        Message::Proposal(message) => proposal(message, public_url),
        Message::System(SystemAlert::DeadLetters) => DeadLetters {
            kind: "organization.directory.user_created".to_owned(),
            organization: Some(organization.to_string()),
            why: "The user has no id.".to_owned(),
        }
        .email(public_url),
        Message::System(SystemAlert::Drift) => {
            let sentence = "the stored counts are 48 used and 0 waiting, its people say 47 and 0";
            Drift { found: found(Invariant::Counts, organization, sentence) }.email(public_url)
        }
        Message::System(SystemAlert::EnforcementSilent) => {
            let sentence = "every seat is taken and deliveries move its people, yet no decision \
                is recorded";
            let found = found(Invariant::Enforcement, organization, sentence);
            EnforcementSilent { found }.email(public_url)
        }
        Message::System(SystemAlert::EmailFailing) => {
            failing(FailingReceiver::MailServer).email(public_url)
        }
        Message::System(SystemAlert::StaffSlackFailing) => {
            failing(FailingReceiver::SlackOfStaff).email(public_url)
        }
        Message::System(SystemAlert::WebhookEndpointDisabled) => {
            endpoint_disabled().email(public_url)
        }
    }
}

fn endpoint_disabled() -> EndpointDisabled {
    EndpointDisabled {
        id: WebhookEndpointId::new("wep_1"),
        host: "https://product.example/…".to_owned(),
        state: EndpointState::Failing,
        since: Timestamp::from_seconds(1_795_326_492),
        others: 0,
    }
}

fn account(message: AccountMessage, public_url: &str) -> Email {
    let (email, token) = ("kim.park@northwind.test".to_owned(), "dGVzdA".to_owned());
    let at = Timestamp::from_seconds(1_795_326_492);
    match message {
        AccountMessage::PasswordReset => {
            let until = at.plus(LinkKind::PasswordReset.lasts());
            PasswordReset { email, until, token }.email(public_url)
        }
        AccountMessage::PasswordChanged => PasswordChanged { email, at }.email(public_url),
        AccountMessage::AddressConfirm => {
            let (name, until) = ("Kim Park".to_owned(), at.plus(LinkKind::AddressConfirm.lasts()));
            AddressConfirm { name, email, until, token }.email(public_url)
        }
        AccountMessage::AddressTaken => AddressTaken { email }.email(public_url),
        AccountMessage::AddressChanged => AddressChanged { email, at }.email(public_url),
        AccountMessage::Factor(what) => FactorChanged { email, what, at }.email(public_url),
        AccountMessage::Test => TestEmail { email, at }.email(public_url),
    }
}

fn request(message: RequestMessage, public_url: &str) -> Email {
    let answered = |kind, text| {
        SeatRequestAnswered { asked: asked_for(), entry: entry(kind, text) }.email(public_url)
    };
    let reminder = |audience| {
        let asked = asked_for();
        let now = asked.asked_at.plus(REMIND_AFTER);
        let question = Some(QUESTION.to_owned());
        SeatRequestReminder { asked, question, audience, now }.email(public_url)
    };
    match message {
        RequestMessage::Received => SeatRequestReceived { asked: asked_for() }.email(public_url),
        RequestMessage::Question => answered(EntryKind::Question, QUESTION),
        RequestMessage::Reply => answered(EntryKind::Reply, "From 1 May on."),
        RequestMessage::Approved => {
            let asked = SeatsAskedFor { usage: usage(60, 53, 0), ..asked_for() };
            let entry = entry(EntryKind::Approved, "Welcome to the larger plan.");
            SeatRequestAnswered { asked, entry }.email(public_url)
        }
        RequestMessage::Declined => {
            answered(EntryKind::Declined, "Your contract ends in June; let us talk first.")
        }
        RequestMessage::Reminder => reminder(Audience::Staff),
        RequestMessage::QuestionReminder => reminder(Audience::TenantAdmins),
    }
}

pub(super) fn digest(period: Period) -> Digest {
    let section = DigestSection {
        organization: OrganizationId::new("org_1001"),
        name: NAME.to_owned(),
        usage: usage(50, 50, 3),
        admitted: 4,
        blocked: 3,
        released: 1,
        limits: Some(("45 seats".to_owned(), "50 seats".to_owned())),
        first: vec!["Ada Lovelace".to_owned(), "Grace Hopper".to_owned()],
        alerts: vec!["People are waiting".to_owned()],
        request: Some((10, RequestState::Open)),
        forecast: None,
    };
    Digest { period, sections: vec![section], more: 0, token: "dGVzdA".to_owned() }
}

const QUESTION: &str = "From when on do you need the seats?";

fn proposal(message: ProposalMessage, public_url: &str) -> Email {
    let proposed = proposed();
    match message {
        ProposalMessage::Waits => LimitProposed { proposed }.email(public_url),
        ProposalMessage::Answered => {
            let (by, text) = ("Noor Haddad".to_owned(), "The contract says 300.".to_owned());
            let answer = ProposalAnswer { by, text, at: NOW };
            let state = ProposalState::Rejected;
            ProposalAnswered { proposed, state, answer }.email(public_url)
        }
    }
}

pub(super) fn proposed() -> ProposedLimit {
    ProposedLimit {
        organization: OrganizationId::new("org_1001"),
        name: NAME.to_owned(),
        usage: usage(50, 50, 3),
        proposal: ProposalId::new("lpr_01"),
        limit: SeatLimit::Seats(500),
        by: "Sam Rivera".to_owned(),
        reason: "Contract of 2027.".to_owned(),
        expires_at: NOW.plus(LimitProposal::LASTS),
    }
}

pub(super) fn asked_for() -> SeatsAskedFor {
    SeatsAskedFor {
        organization: OrganizationId::new("org_1001"),
        name: NAME.to_owned(),
        request: SeatRequestId::new("srq_01"),
        seats: 10,
        reason: "Two teams start in May.".to_owned(),
        asked_by: "Kim Park".to_owned(),
        asked_at: NOW,
        people: vec!["Ada Lovelace".to_owned(), "Grace Hopper".to_owned()],
        usage: usage(50, 50, 3),
    }
}

pub(super) fn entry(kind: EntryKind, text: &str) -> RequestEntry {
    RequestEntry {
        id: SeatRequestEntryId::new("rqe_01"),
        kind,
        by: if kind.is_by_staff() { "Sam Rivera" } else { "Kim Park" }.to_owned(),
        text: text.to_owned(),
        limit: (kind == EntryKind::Approved).then_some(SeatLimit::Seats(60)),
        at: NOW,
    }
}

pub(super) fn usage(limit: i64, used: i64, waiting: i64) -> Usage {
    Usage { limit: SeatLimit::Seats(limit), used, waiting }
}

fn people() -> Vec<WaitingPerson> {
    let person = |(name, email): (&str, &str)| WaitingPerson {
        id: DirectoryUserId::new("diruser_1"),
        name: Some(name.to_owned()),
        email: Some(email.to_owned()),
    };
    [
        ("Ada Lovelace", "ada@northwind.test"),
        ("Grace Hopper", "grace@northwind.test"),
        ("Łukasz Nowak", "lukasz@northwind.test"),
    ]
    .map(person)
    .into()
}

fn found(invariant: Invariant, organization: OrganizationId, sentence: &str) -> Vec<Finding> {
    vec![Finding { invariant, organization: Some(organization), sentence: sentence.to_owned() }]
}

fn failing(receiver: FailingReceiver) -> ChannelFailing {
    ChannelFailing {
        receiver,
        since: NOW,
        tries: 7,
        last_error: "The server did not answer within 8 s.".to_owned(),
    }
}

/// A resync whose plan waits.
fn resync(organization: OrganizationId) -> Resync {
    let at = NOW;
    Resync {
        organization,
        id: ResyncId::new("rsn_01"),
        state: ResyncState::Waiting,
        dry_run: false,
        cause: ResyncCause::Schedule,
        by: None,
        created_at: at,
        started_at: Some(at),
        since: Some(at),
        planned_at: Some(at),
        finished_at: None,
        is_complete: true,
        listed: 36,
        total: Some(36),
        applied: 0,
        calls: 4,
        waits: None,
        set_aside: 0,
        counts: ResyncCounts { removed: 12, ..ResyncCounts::default() },
        warning: Some(PlanWarning::RemovesMany),
        confirmed_by: None,
        error: None,
        is_plan_gone: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_has_a_sample_with_a_link() {
        for message in Message::all() {
            let email = sample(message, "https://seats.example");

            assert!(email.link.starts_with("https://seats.example/"), "{message:?}");
            assert!(email.html.contains(&format!("href=\"{}", email.link)), "{message:?}");
            assert!(email.text.contains(&email.link) && email.text.contains("You get this e-mail"));
        }
    }
}
