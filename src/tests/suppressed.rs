//! A replay without e-mails may open an alert. Whatever happens then, and at whatever point the app
//! crashes, a real block in this alert notifies each recipient once, and no e-mail is suppressed
//! for ever.

use domain::{access::Role, id::DeliveryId, organization::SeatLimit};
use rand::{Rng, SeedableRng, rngs::StdRng};
use seatkeeper::commands::{Notify, ReplayContext, notify_owed, replay};

use crate::{
    replay::{mend, poison},
    support::{
        seeds::{Named, seeds},
        world::{ACME, TestApp, operator, stories},
    },
};

stories! {
    the_next_real_block_sends_what_a_replay_suppressed,
    a_replay_with_emails_sends_what_another_suppressed,
    an_admin_who_comes_late_is_owed_the_notification,
    every_alert_notifies_each_admin_once_after_a_real_block,
}

const ADMINS: [&str; 2] = ["kim@acme.test", "lee@acme.test"];
const HISTORIES: u64 = 12;

async fn with_admins(world: &TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    for admin in ADMINS {
        world.account(admin, Role::TenantAdmin, &[ACME]).await;
    }
}

/// A user whose delivery becomes a dead letter; a replay can apply it.
async fn dead(world: &TestApp, user: &str) -> DeliveryId {
    poison(world).await;
    world.joined(ACME, user).await;
    mend(world).await;
    DeliveryId::new(world.dead_letters().await.concat())
}

async fn replayed(world: &TestApp, dead_letter: &DeliveryId, notify: Notify) {
    replay(&world.state, &ReplayContext::by(&operator(), notify), dead_letter).await.unwrap();
}

async fn notified(world: &TestApp) -> Vec<String> {
    world.texts("select recipient from outbox where message = 'seat_limit_reached' order by recipient, id").await
}

async fn the_next_real_block_sends_what_a_replay_suppressed(world: TestApp) {
    with_admins(&world).await;
    let dead_letter = dead(&world, "ada").await;
    replayed(&world, &dead_letter, Notify::Suppressed).await;
    assert_eq!(world.texts("select notice from alerts").await, ["suppressed"]);
    assert_eq!(notified(&world).await, [""; 0]);

    world.deactivated(ACME, "stranger").await;
    assert_eq!(notified(&world).await, [""; 0], "no person was blocked");
    world.joined(ACME, "bob").await;

    assert_eq!(notified(&world).await, ADMINS);
    assert!(world.sent_text().await.contains("ada"), "the e-mail names all who wait");
    world.joined(ACME, "cleo").await;
    assert_eq!(
        (notified(&world).await.len(), world.texts("select id from alerts").await.len()),
        (2, 1)
    );
}

async fn a_replay_with_emails_sends_what_another_suppressed(world: TestApp) {
    with_admins(&world).await;
    let first = dead(&world, "ada").await;
    replayed(&world, &first, Notify::Suppressed).await;
    let second = dead(&world, "bob").await;

    replayed(&world, &second, Notify::Sent).await;

    assert_eq!(notified(&world).await, ADMINS);
}

async fn an_admin_who_comes_late_is_owed_the_notification(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(0)).await;
    let dead_letter = dead(&world, "ada").await;
    replayed(&world, &dead_letter, Notify::Suppressed).await;
    world.joined(ACME, "bob").await;
    assert_eq!(world.texts("select notice from alerts").await, ["owed"]);

    world.account("kim@acme.test", Role::TenantAdmin, &[ACME]).await;
    notify_owed(&world.state).await.unwrap();

    assert_eq!(notified(&world).await, ["kim@acme.test"]);
}

/// Blocks, replays with and without e-mails, releases and crashes, at random.
async fn every_alert_notifies_each_admin_once_after_a_real_block(first: TestApp) {
    let engine = first.engine();
    for seed in seeds(HISTORIES) {
        let _named = Named(seed);
        let mut world = TestApp::open(engine).await;
        with_admins(&world).await;
        live(&mut world, &mut StdRng::seed_from_u64(seed)).await;
        world.check().await;
        world.close().await;
    }
}

/// The number of e-mails that all alerts of one history must have sent, and the state of the open
/// alert.
#[derive(Default)]
struct Expected {
    waiting: Vec<String>,
    is_real: bool,
    messages: usize,
}

impl Expected {
    fn blocked(&mut self, user: String, notify: Notify) {
        self.waiting.push(user);
        if notify == Notify::Sent && !self.is_real {
            self.is_real = true;
            self.messages += ADMINS.len();
        }
    }

    fn left(&mut self, at: usize) -> String {
        let user = self.waiting.remove(at);
        self.is_real &= !self.waiting.is_empty();
        user
    }
}

async fn live(world: &mut TestApp, rng: &mut StdRng) {
    let mut expected = Expected::default();
    for step in 0..24 {
        let user = format!("p{step}");
        match rng.random_range(0..10) {
            0..3 => {
                world.joined(ACME, &user).await;
                expected.blocked(user, Notify::Sent);
            }
            3..6 => {
                let notify = if rng.random_ratio(1, 3) { Notify::Sent } else { Notify::Suppressed };
                let dead_letter = dead(world, &user).await;
                if rng.random_ratio(1, 3) {
                    world.crash().await;
                }
                replayed(world, &dead_letter, notify).await;
                expected.blocked(user, notify);
            }
            6..9 if !expected.waiting.is_empty() => {
                let gone = expected.left(rng.random_range(0..expected.waiting.len()));
                world.left(ACME, &gone).await;
            }
            9 => world.crash().await,
            _ => {}
        }
        assert_eq!(notified(world).await.len(), expected.messages, "after step {step}");
    }
}
