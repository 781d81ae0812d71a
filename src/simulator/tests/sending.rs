//! Messages are sent until they are received, or until the sender gives up.

use super::*;
use crate::delivery_log::Answer;

#[tokio::test]
async fn a_refused_delivery_comes_again_with_a_new_signature() {
    let (world, acme) = world(0, 0);
    let (simulator, receiver) = playing(world, 3).await;

    let at_once = simulator.play(|world, now| world.hire(&acme, now)).await;
    settled(&simulator).await;

    assert_eq!(at_once, 0);
    let taken = receiver.taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 4);
    assert!(
        taken.iter().all(|(id, _, body)| (id, &body.json) == (&taken[0].0, &taken[0].2.json)),
        "one id, one body"
    );
    assert!(taken.is_sorted_by(|one, next| one.1 < next.1), "a new time for each attempt");
    let [delivery] = &simulator.deliveries()[..] else { panic!() };
    let codes: Vec<_> = delivery.attempts.iter().map(|attempt| attempt.answer.clone()).collect();
    let status = |code| Answer::Status { code, retry_after: None };
    assert_eq!(
        (delivery.state, codes),
        (DeliveryState::Delivered, vec![status(503), status(503), status(503), status(200)])
    );
}

#[tokio::test]
async fn after_eight_attempts_it_gives_up() {
    let (world, acme) = world(0, 0);
    let (simulator, receiver) = playing(world, 1_000).await;

    simulator.play(|world, now| world.hire(&acme, now)).await;
    settled(&simulator).await;

    assert_eq!(receiver.taken.lock().unwrap().len(), 8);
    assert_eq!(simulator.deliveries()[0].state, DeliveryState::GivenUp);
    assert_eq!(simulator.totals(), Totals { messages: 1, attempts: 8, delivered: 0, given_up: 1 });
}

#[tokio::test]
async fn a_first_push_sends_everything_and_activity_goes_on_until_it_is_stopped() {
    let (world, _) = world(3, 40);
    let (simulator, receiver) = playing(world, 0).await;

    assert_eq!(simulator.first_push().await, 1 + 1 + 3 + 40);
    let enough = async {
        while receiver.taken.lock().unwrap().len() < 60 {
            tokio::task::yield_now().await;
        }
    };
    simulator.live(1_000.0, enough).await;

    let bodies: Vec<_> =
        receiver.taken.lock().unwrap().iter().map(|(_, _, body)| body.clone()).collect();
    let people = simulator.look(|world| world.organizations()[0].people().count());
    assert!(people > 0 && bodies.len() >= 60);
    assert_eq!(simulator.play(World::next_turn).await, 0, "nothing leaves after the stop");
}

#[tokio::test]
async fn a_directory_with_cycles_sends_until_it_is_stopped() {
    let (world, _) = world(3, 40);
    let (simulator, receiver) = playing(world, 0).await;
    let messages = || receiver.taken.lock().unwrap().len();
    let enough = async {
        while messages() < 30 {
            tokio::task::yield_now().await;
        }
    };

    // Each cycle has 30 changes, so the first burst is enough.
    simulator.live_in_cycles(300.0, Duration::from_millis(100), enough).await;

    settled(&simulator).await;
    assert!(messages() >= 30, "{}", messages());
}

#[test]
fn a_cycle_has_the_changes_of_its_time_and_keeps_a_fraction_for_the_next() {
    let changes = |per_second, millis| {
        let mut cycles = Cycles::new(per_second, Duration::from_millis(millis));
        [(); 4].map(|()| cycles.next())
    };
    assert_eq!(changes(300.0, 100), [30, 30, 30, 30]);
    assert_eq!(changes(2.5, 1_000), [2, 3, 2, 3]);
    assert_eq!(changes(0.0, 100), [0; 4]);
    assert_eq!(changes(f64::NAN, 1_000), [1; 4]);
}

#[test]
fn what_is_no_address_is_refused() {
    let secret = || Secret::parse(SECRET).unwrap();
    for bad in ["", "localhost", "mailto:ada@acme.test", "/webhooks/scalekit"] {
        assert!(
            matches!(
                WebhookSender::new(bad, secret(), Clock::machine(), 1.0, Faults::new(1)),
                Err(Error::Address(_))
            ),
            "{bad}"
        );
    }
}
