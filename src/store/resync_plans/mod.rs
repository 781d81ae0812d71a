//! The users that a resync has listed, and its plan for them.

mod applying;
mod page;
mod people;
mod planning;

pub use applying::{Place, ToDo, note_outcomes, to_do};
pub use page::{Listed, count, page};
pub use people::{add_people, count_of_directory, live, memberships, people_after, unlisted_after};
pub use planning::{
    counts, discard_plan, forget_unchanged, last_with_room, mark_blocked, part_after, plan,
    plan_removals,
};
