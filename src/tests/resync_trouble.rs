//! Comparisons with a directory that is in trouble, or by somebody who is: what is believed, and when it ends.

use std::{sync::atomic::Ordering, time::Duration};

use seatkeeper::{
    domain::{id::OrganizationId, organization::SeatLimit, resync::ResyncState},
    scalekit::simulator::fault::Fault,
};

use crate::support::{
    scalekit::{Line, Scalekit},
    world::{ACME, World, stories},
};

stories! {
    whoever_slipped_over_the_edge_of_a_page_is_not_removed,
}

fn acme() -> OrganizationId {
    OrganizationId::new(ACME)
}

async fn whoever_slipped_over_the_edge_of_a_page_is_not_removed(world: World) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let scalekit = Scalekit::of(&world, &[65]).await;
    scalekit.resync(false).await;
    world.joined(ACME, "ghost").await; // nowhere in the directory
    world.clock.pass(Duration::from_secs(1));
    scalekit.simulator.faults().switch_on(Fault::ShiftingPages);
    let ids = scalekit.ids();
    let (simulator, first) = (scalekit.simulator.clone(), ids[0].clone());
    let handle = tokio::runtime::Handle::current();
    scalekit.handle(move |number, _| {
        if number == 2 {
            // between the first page and the second one leaves, and one joins: everybody moves, and the total stays
            let (simulator, first) = (simulator.clone(), first.clone());
            let swap = simulator.play(move |world, now| {
                world.fire(&acme(), &first, now);
                world.burst(&acme(), 1, now);
                Vec::new()
            });
            tokio::task::block_in_place(|| handle.block_on(swap));
        }
        Line::Good
    });

    let run = scalekit.resync(false).await;

    assert_eq!((run.state, run.counts.removed, run.counts.created), (ResyncState::Done, 1, 1), "the ghost went");
    // the directories, three pages and the groups, twice, and the directories once more
    assert_eq!(scalekit.calls.load(Ordering::SeqCst), 10);
    let removed = world.texts("select id from directory_users where state = 'removed'").await;
    assert!(removed.len() == 1 && !ids.iter().any(|id| id.as_str() == removed[0]), "{removed:?}");
    assert_eq!(scalekit.resync(false).await.counts.removed, 1, "whoever left is seen to be gone the next time");
    assert_eq!(scalekit.ours(&world).await, scalekit.theirs());
}
