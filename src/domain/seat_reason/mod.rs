//! Why a person holds or lacks a seat, and what would change that: one sentence. What happened is
//! in the past tense, with the numbers of its decision; what would change it is in the present
//! tense, with the numbers of the organization as it is now.

use super::{
    admission::AdmissionPolicy,
    decision::Reason,
    directory_user::SeatState,
    organization::{SeatLimit, Usage, grouped, people, seats},
};

/// The decision that brought a person into the present state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    pub from: Option<SeatState>,
    pub reason: Reason,
    /// The limit and the used seats that the decision saw.
    pub limit: SeatLimit,
    pub used: i64,
}

/// Everything that the sentence depends on.
#[derive(Clone, Copy, Debug)]
pub struct SeatReason<'a> {
    pub state: SeatState,
    /// `None` if there is none: the person had no seat and did not wait, or the organization has no
    /// record of it.
    pub decided: Option<Decided>,
    /// The position in the waitlist: 1 is next. Set only for a person who waits.
    pub position: Option<i64>,
    /// The rank in the waitlist; people of a higher group have a smaller one.
    pub rank: Option<i64>,
    pub usage: Usage,
    pub policy: &'a AdmissionPolicy,
    /// The organization was deleted, or archived by hand.
    pub archived: bool,
}

impl SeatReason<'_> {
    /// `Got a seat when 41 of 50 seats were taken; keeps it until …`
    pub fn sentence(&self) -> String {
        format!("{}; {}.", self.happened(), self.would_change())
    }

    fn happened(&self) -> String {
        let Some(decided) = self.decided else {
            let words = match self.state {
                SeatState::Inactive => "Was switched off in the directory and had no seat",
                SeatState::Removed if self.archived => {
                    "Had no seat when the organization was archived"
                }
                SeatState::Removed => "Was deleted in the directory and had no seat",
                state => without_reason(state),
            };
            return words.to_owned();
        };
        match self.state {
            SeatState::Provisioned => got(decided),
            SeatState::Blocked => waited(decided),
            SeatState::Dismissed => dismissed(decided),
            SeatState::Inactive => {
                left(decided, "switched off", "the directory switched the person off")
            }
            SeatState::Removed => left(decided, "deleted", "the directory deleted the person"),
        }
    }

    fn would_change(&self) -> String {
        if self.archived && self.state != SeatState::Provisioned {
            return "gets no seat while the organization is archived".to_owned();
        }
        match self.state {
            SeatState::Provisioned => self.keeps(),
            SeatState::Blocked => self.gets_in(),
            SeatState::Dismissed => {
                format!("gets no seat until an admin takes that back, which {}", self.comes_back())
            }
            SeatState::Inactive => {
                format!("being switched on again in the directory {}", self.comes_back())
            }
            SeatState::Removed => {
                format!("being added again in the directory {}", self.comes_back())
            }
        }
    }

    fn keeps(&self) -> String {
        let until = "until the directory switches the person off or an admin releases the seat";
        match self.usage.over() {
            0 => format!("keeps it {until}"),
            over => format!(
                "keeps it, although {} more {} than the plan has, {until}",
                grouped(over),
                if over == 1 { "seat is taken" } else { "seats are taken" }
            ),
        }
    }

    /// What a waiting person waits for.
    fn gets_in(&self) -> String {
        let position = self.position.unwrap_or(1);
        let is_by_hand = !self.policy.is_automatic();
        // by hand, one free seat is enough for each position
        let needed = if is_by_hand { 1 } else { position };
        let by_admin = if is_by_hand { " and an admin admits the person" } else { "" };
        let Usage { limit, used, .. } = self.usage;
        let reaches = used + needed;
        let condition = match limit {
            SeatLimit::Unlimited => "at once, as the plan has no limit".to_owned(),
            SeatLimit::NotSet => {
                format!("when a seat limit of at least {} is set{by_admin}", grouped(reaches))
            }
            SeatLimit::Seats(most) if most < reaches => {
                let raised = format!("the limit is raised to {}", grouped(reaches));
                let become_free = reaches - most;
                // there are not so many seats that could become free
                if become_free > used {
                    format!("when {raised}{by_admin}")
                } else if become_free == 1 {
                    format!("when a seat becomes free or {raised}{by_admin}")
                } else {
                    let become_free = grouped(become_free);
                    format!("when {become_free} seats become free or {raised}{by_admin}")
                }
            }
            SeatLimit::Seats(most) => match most - used {
                1 => "at once, as 1 seat is free".to_owned(),
                free => format!("at once, as {} seats are free", grouped(free)),
            },
        };
        let gets = match (is_by_hand, condition.strip_prefix("at once, ")) {
            (true, Some(why)) => format!("gets in when an admin admits the person, {why}"),
            _ => format!("gets in {condition}"),
        };
        let has_higher = self.rank.is_some_and(|rank| rank > 1) && !self.policy.groups().is_empty();
        let unless = if has_higher { ", unless people of a higher group come first" } else { "" };
        format!("is number {} on the waitlist now and {gets}{unless}", grouped(position))
    }

    /// What happens to a person who wants a seat again.
    fn comes_back(&self) -> String {
        let Usage { limit, used, waiting } = self.usage;
        match (limit.free(used), waiting) {
            (None, 0) => "gives a seat at once, as the plan has no limit".to_owned(),
            (Some(1), 0) => "gives a seat at once, as 1 seat is free".to_owned(),
            (Some(free), 0) if free > 0 => {
                format!("gives a seat at once, as {} seats are free", grouped(free))
            }
            (_, 0) => format!("leads to the waitlist, as {}", taken(limit, used, "are", "has")),
            (_, n) => {
                let verb = if n == 1 { "waits" } else { "wait" };
                format!("leads to the waitlist, where {} {} {verb}", grouped(n), people(n))
            }
        }
    }
}

fn got(decided: Decided) -> String {
    let when = when(decided);
    match decided.reason {
        Reason::NextOnWaitlist => {
            format!("Was first on the waitlist and got a seat{when}")
        }
        Reason::ByHand => format!("Was admitted by hand{when}"),
        Reason::DismissalUndone => {
            format!("Got a seat because an admin took a “not now” back{when}")
        }
        Reason::OrganizationRestored => {
            format!("Got a seat when the organization was restored{}", and(decided))
        }
        Reason::Merged => {
            "Has the seat of the same person, who was known by e-mail address alone".to_owned()
        }
        Reason::SeatFree => format!("Got a seat{when}"),
        _ => without_reason(SeatState::Provisioned).to_owned(),
    }
}

fn waited(decided: Decided) -> String {
    let taken = taken(decided.limit, decided.used, "were", "had");
    match decided.reason {
        Reason::SeatsTaken | Reason::OverLimit => format!("Found no free seat, as {taken}"),
        Reason::LimitNotSet => "Got no seat, as no seat limit was set".to_owned(),
        Reason::OthersWait => {
            format!("Got no seat, as other people waited already{}", when(decided))
        }
        Reason::DismissalUndone => {
            format!(
                "Came back to the waitlist because an admin took a “not now” back{}",
                when(decided)
            )
        }
        Reason::OrganizationRestored => {
            format!("Found no free seat when the organization was restored{}", and(decided))
        }
        Reason::Merged => {
            "Has the position of the same person, who was known by e-mail address alone".to_owned()
        }
        _ => without_reason(SeatState::Blocked).to_owned(),
    }
}

fn dismissed(decided: Decided) -> String {
    match decided.reason {
        Reason::DismissedByHand => {
            format!("Was taken off the waitlist by hand{}", when(decided))
        }
        Reason::ReleasedByHand => {
            format!("Lost the seat when an admin released it{}", and(decided))
        }
        _ => without_reason(SeatState::Dismissed).to_owned(),
    }
}

/// Of a person who is no longer active: `done` in the directory, which is what the `directory` did.
fn left(decided: Decided, done: &str, directory: &str) -> String {
    let cause = match decided.reason {
        Reason::OrganizationDeleted => "the organization was deleted in Scalekit",
        Reason::OrganizationArchived => "the organization was archived",
        Reason::OrganizationRestored => "the organization was restored",
        _ => directory,
    };
    match (decided.from, decided.reason) {
        (Some(SeatState::Provisioned), _) => {
            format!("Gave the seat back when {cause}{}", and(decided))
        }
        (Some(SeatState::Blocked), _) => format!("Left the waitlist when {cause}{}", and(decided)),
        (_, Reason::OrganizationDeleted | Reason::OrganizationArchived) => {
            format!("Had no seat when {cause}")
        }
        (_, Reason::OrganizationRestored) => format!("Was {done} in the directory when {cause}"),
        (_, Reason::Unknown) => {
            format!("Was {done}, for a reason that Seatkeeper has no record of")
        }
        _ => format!("Was {done} in the directory and had no seat"),
    }
}

fn without_reason(state: SeatState) -> &'static str {
    match state {
        SeatState::Provisioned => "Has a seat, for a reason that Seatkeeper has no record of",
        SeatState::Blocked => "Has no seat, for a reason that Seatkeeper has no record of",
        SeatState::Dismissed => "Was told “not now”, for a reason that Seatkeeper has no record of",
        SeatState::Inactive => "Was switched off, for a reason that Seatkeeper has no record of",
        SeatState::Removed => "Was removed, for a reason that Seatkeeper has no record of",
    }
}

/// ` when 41 of 50 seats were taken`; empty if no limit was set.
fn when(decided: Decided) -> String {
    numbers(decided).map(|numbers| format!(" when {numbers}")).unwrap_or_default()
}

/// ` and 41 of 50 seats were taken`; empty if no limit was set.
fn and(decided: Decided) -> String {
    numbers(decided).map(|numbers| format!(" and {numbers}")).unwrap_or_default()
}

fn numbers(decided: Decided) -> Option<String> {
    (decided.limit != SeatLimit::NotSet).then(|| taken(decided.limit, decided.used, "were", "had"))
}

/// `41 of 50 seats were taken`, in the tense of the verbs.
fn taken(limit: SeatLimit, used: i64, are: &str, has: &str) -> String {
    let is = if are == "are" { "is" } else { "was" };
    match limit {
        SeatLimit::NotSet => format!("no seat limit {is} set"),
        SeatLimit::Unlimited => format!("the plan {has} no limit"),
        SeatLimit::Seats(0) if used == 0 => format!("the plan {has} no seats"),
        SeatLimit::Seats(1) if used == 1 => format!("the only seat {is} taken"),
        SeatLimit::Seats(most) if used == most => {
            format!("all {} seats {are} taken", grouped(most))
        }
        SeatLimit::Seats(most) if used > most => format!(
            "{} {} {} taken and the plan {has} {}",
            grouped(used),
            seats(used),
            if used == 1 { is } else { are },
            grouped(most)
        ),
        SeatLimit::Seats(most) => {
            let verb = if used == 1 || most == 1 { is } else { are };
            format!("{} of {} {} {verb} taken", grouped(used), grouped(most), seats(most))
        }
    }
}

#[cfg(test)]
mod tests;
