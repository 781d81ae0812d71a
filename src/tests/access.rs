//! Whether a person is allowed in: who a name means, and questions of the same moment.

use std::sync::Arc;

use domain::{directory_user::SeatState, organization::SeatLimit};
use seatkeeper::queries::api::{Access, AccessReads, AccessState, access, access_together};

use crate::{
    imports::webhook,
    support::world::{ACME, TestApp, diruser, scope, stories},
};

stories! {
    a_name_is_an_id_an_external_id_or_an_address_in_this_order,
    questions_of_the_same_moment_have_the_answers_that_each_has_alone,
    an_answer_is_never_older_than_its_question,
}

async fn ask(world: &TestApp, user: &str) -> Access {
    access(&world.state, &scope(ACME), user).await.unwrap()
}

async fn a_name_is_an_id_an_external_id_or_an_address_in_this_order(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    webhook(&world, "ada", "e-1", "created", true).await;
    webhook(&world, "bob", &diruser("ada"), "created", true).await;
    webhook(&world, "cyn", "bob@acme.test", "created", true).await;

    let of = async |name: &str| ask(&world, name).await.user.map(|user| user.to_string());
    assert_eq!(of(&diruser("ada")).await, Some(diruser("ada")));
    assert_eq!(of("e-1").await, Some(diruser("ada")));
    assert_eq!(of("ADA@acme.test").await, Some(diruser("ada")));
    assert_eq!(of("bob@acme.test").await, Some(diruser("cyn")));
    assert_eq!(of("zed@acme.test").await, None);
}

async fn questions_of_the_same_moment_have_the_answers_that_each_has_alone(world: TestApp) {
    world.organization(ACME, SeatLimit::Seats(3)).await;
    for user in ["ada", "bob", "cyn", "dan", "eve"] {
        world.joined(ACME, user).await;
    }
    world.left(ACME, "bob").await;
    world.deactivated(ACME, "eve").await;
    let names = ["ada", "bob", "cyn", "dan", "eve", "fay"];
    let names = names.map(|user| [diruser(user), format!("{user}@acme.test")]).concat();
    let reads = Arc::<AccessReads>::default();

    let together = (0..20).flat_map(|_| &names).map(|name| {
        let (state, reads, name) = (world.state.clone(), reads.clone(), name.clone());
        tokio::spawn(async move {
            let answer = access_together(&state, &reads, (&scope(ACME), &name)).await.unwrap();
            (name, answer)
        })
    });
    let together: Vec<_> = together.collect();

    for answer in together {
        let (name, answer) = answer.await.unwrap();
        assert_eq!(answer, ask(&world, &name).await, "{name}");
    }
    let dan = ask(&world, "dan@acme.test").await;
    assert_eq!(dan.state, AccessState::Known(SeatState::Provisioned));
    let missing = access_together(&world.state, &reads, (&scope("org_none"), "ada")).await;
    assert!(missing.is_err(), "{missing:?}");
}

async fn an_answer_is_never_older_than_its_question(world: TestApp) {
    world.organization(ACME, SeatLimit::Unlimited).await;
    let reads = Arc::<AccessReads>::default();
    let others: Vec<_> = (0..4)
        .map(|_| {
            let (state, reads) = (world.state.clone(), reads.clone());
            tokio::spawn(async move {
                loop {
                    let asked = (&scope(ACME), "ada@acme.test");
                    access_together(&state, &reads, asked).await.unwrap();
                }
            })
        })
        .collect();

    for _ in 0..10 {
        world.joined(ACME, "ada").await;
        let asked = (&scope(ACME), "ada@acme.test");
        assert!(access_together(&world.state, &reads, asked).await.unwrap().allowed);
        world.left(ACME, "ada").await;
        let asked = (&scope(ACME), "ada@acme.test");
        assert!(!access_together(&world.state, &reads, asked).await.unwrap().allowed);
    }

    for other in &others {
        other.abort();
    }
}
