//! News that names nobody but an address, and people whose address changes: whatever comes first, nobody takes two seats.

use seatkeeper::domain::{directory_user::SeatState, organization::SeatLimit};

use crate::support::world::{ACME, World, stories};

stories! {
    late_news_by_an_old_address_is_about_whoever_had_it_then,
    news_by_a_new_address_that_came_before_the_change_is_about_the_same_person,
    late_news_by_the_address_of_somebody_deleted_takes_no_seat,
    of_two_entries_of_one_person_the_seat_is_kept_and_the_place_given_up,
    an_address_that_somebody_gave_up_long_ago_is_anybodys,
}

/// News at a second: of an id (or of nobody but the address), with a name and the rest of the data.
async fn news(world: &World, second: u32, (id, address): (&str, &str), change: &str, rest: &str) {
    let id = if id.is_empty() { String::new() } else { format!(r#""id":"{id}","#) };
    let body = format!(
        r#"{{"id":"evt_{second}","type":"organization.directory.user_{change}","occurred_at":"2026-09-01T00:00:{second:02}Z","organization_id":"{ACME}","data":{{{id}"email":"{address}"{rest}}}}}"#
    );
    world.post(&body).await;
}

const ADA: &str = "diruser_ada";
const OLD: &str = "ada@old.test";
const NEW: &str = "ada@new.test";

/// Everybody: id, state, name and groups.
async fn everybody(world: &World) -> Vec<String> {
    let rows = world.people(ACME).await;
    rows.into_iter().map(|row| format!("{} {} {:?} {:?}", row.user, row.state.as_str(), row.name.unwrap_or_default(), row.groups)).collect()
}

async fn late_news_by_an_old_address_is_about_whoever_had_it_then(world: World) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    news(&world, 1, (ADA, OLD), "created", "").await;
    news(&world, 5, (ADA, NEW), "updated", r#","name":"Ada""#).await;

    news(&world, 3, ("", OLD), "updated", r#","name":"Late","groups":[{"id":"dirgroup_1","name":"Crew"}]"#).await;

    assert_eq!(everybody(&world).await, [r#"diruser_ada provisioned "Ada" ["Crew"]"#]);
    assert_eq!(world.usage(ACME).await.used, 1);
    world.check().await;
}

async fn news_by_a_new_address_that_came_before_the_change_is_about_the_same_person(world: World) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    news(&world, 1, (ADA, OLD), "created", r#","name":"Ada","groups":[{"id":"dirgroup_1","name":"Crew"}]"#).await;
    news(&world, 5, ("", NEW), "updated", r#","name":"Ada L.","groups":[{"id":"dirgroup_2","name":"Pilots"}]"#).await;
    assert_eq!(world.usage(ACME).await.used, 2, "nobody can know yet");

    news(&world, 3, (ADA, NEW), "updated", r#","name":"Ada K.""#).await;

    assert_eq!(everybody(&world).await, [r#"diruser_ada provisioned "Ada L." ["Pilots"]"#]);
    assert_eq!(world.usage(ACME).await.used, 1);
    assert_eq!(world.texts("select distinct user_id from decisions").await, [ADA]);
    assert_eq!(
        world.texts("select from_state || ' ' || to_state from decisions where reason = 'same_person'").await,
        ["provisioned removed"]
    );
    world.check().await;
}

async fn late_news_by_the_address_of_somebody_deleted_takes_no_seat(world: World) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    news(&world, 1, (ADA, OLD), "created", "").await;
    news(&world, 5, (ADA, OLD), "deleted", "").await;

    news(&world, 3, ("", OLD), "updated", r#","name":"Ada""#).await;
    assert_eq!(everybody(&world).await, [r#"diruser_ada removed "Ada" []"#]);

    news(&world, 7, ("", OLD), "created", r#","name":"Another""#).await;
    assert_eq!(world.usage(ACME).await.used, 1, "that is somebody new");
    world.check().await;
}

async fn of_two_entries_of_one_person_the_seat_is_kept_and_the_place_given_up(world: World) {
    world.organization(ACME, SeatLimit::Seats(1)).await;
    news(&world, 5, ("", NEW), "updated", "").await;
    news(&world, 1, (ADA, OLD), "created", "").await;
    world.joined(ACME, "bob").await;
    assert_eq!((world.usage(ACME).await.used, world.usage(ACME).await.waiting), (1, 2));

    news(&world, 3, (ADA, NEW), "updated", "").await;

    let people = world.people(ACME).await;
    assert_eq!(people.len(), 2);
    assert!(people.iter().any(|row| row.user.as_str() == ADA && row.state == SeatState::Provisioned));
    assert_eq!(world.line(ACME).await, ["bob"]);
    world.check().await;

    world.left(ACME, "ada").await;
    assert_eq!(world.line(ACME).await, [""; 0]);
    world.check().await;
}

async fn an_address_that_somebody_gave_up_long_ago_is_anybodys(world: World) {
    world.organization(ACME, SeatLimit::Seats(5)).await;
    news(&world, 1, (ADA, OLD), "created", "").await;
    news(&world, 3, (ADA, NEW), "updated", "").await;

    news(&world, 5, ("", OLD), "created", "").await;
    assert_eq!(world.usage(ACME).await.used, 2);
    news(&world, 2, (ADA, OLD), "updated", "").await;

    assert_eq!(world.usage(ACME).await.used, 2, "who has it now is not who had it then");
    world.check().await;
}
