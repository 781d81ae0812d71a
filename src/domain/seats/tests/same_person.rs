//! Somebody known by id and by their address alone turns out to be one person.

use super::story::{Said, Story, created, deleted, id, seats, updated};
use crate::domain::{
    directory_user::SeatState::{Inactive, Provisioned, Removed},
    organization::SeatLimit,
    seats::Command,
};

/// Ada by id and by her address alone, each with what is known of them; then both are one.
fn one_of(seats: SeatLimit, before: &[Said]) -> Story {
    let mut story = Story::with(seats);
    for said in before {
        story.hears(said.clone());
    }
    story.does(&Command::SamePerson(id("email:ada"), id("ada"))).unwrap();
    assert_eq!(story.state("email:ada"), None);
    story
}

#[test]
fn one_person_under_two_entries_keeps_the_better_seat_and_gives_up_the_other() {
    let (by_id, by_address) = (|| created("ada").active(), || created("email:ada").active());

    let both_in = one_of(seats(3), &[by_id().at(1), by_address().at(2), created("bob").at(3)]);
    assert_eq!((both_in.state("ada"), both_in.counts()), (Some(Provisioned), (2, 0)));

    let late = one_of(seats(1), &[by_address().at(1), by_id().at(2), created("bob").at(3)]);
    assert_eq!((late.state("ada"), late.counts()), (Some(Provisioned), (1, 1)), "the seat, not the place in the line");
    assert_eq!(late.line(), ["bob"]);

    let line = one_of(seats(0), &[by_address().at(1), created("bob").at(2), by_id().at(3)]);
    assert_eq!(line.line(), ["ada", "bob"], "the better place");
}

#[test]
fn of_two_entries_the_newer_word_counts_and_what_it_frees_goes_to_the_line() {
    let off = || updated("email:ada").inactive().at(5);
    let freed = one_of(seats(1), &[created("ada").active().at(1), off(), created("bob").at(3)]);
    assert_eq!((freed.state("ada"), freed.state("bob")), (Some(Inactive), Some(Provisioned)));

    let stays = one_of(seats(1), &[updated("ada").inactive().at(1), created("email:ada").active().at(5)]);
    assert_eq!((stays.state("ada"), stays.counts()), (Some(Provisioned), (1, 0)), "nobody has to get in again");

    let gone = one_of(seats(1), &[created("email:ada").active().at(1), deleted("ada").at(5), created("bob").at(6)]);
    assert_eq!((gone.state("ada"), gone.state("bob")), (Some(Removed), Some(Provisioned)));
}
