//! How much of the waitlist the seat rules need.

use super::{
    event::Change,
    organization::{SeatLimit, Usage},
    seats::Command,
};

/// How many users from the head of the waitlist some commands may take.
///
/// A command that frees a seat, or takes a user out of the waitlist, takes at most one user from
/// the head. A new limit or the automatic switch takes at most as many more as there are free seats
/// under the highest of the current and the new limits. If one user fewer is loaded, some batch is
/// short. If the organization was deleted and exists again, an old update may show that its user
/// was there before the deletion, and end the user.
#[derive(Clone, Debug, Default)]
pub struct WaitlistDemand {
    takes: i64,
    /// Updates of users who stay.
    stays: i64,
    limits: Vec<SeatLimit>,
    turns_automatic: bool,
    is_whole: bool,
}

impl WaitlistDemand {
    pub fn of(commands: &[Command]) -> Self {
        let mut demand = Self::default();
        for command in commands {
            demand.add(command);
        }
        demand
    }

    pub fn add(&mut self, command: &Command) {
        match command {
            Command::UserUpdate(update) => return self.add_update(update.change, update.active),
            Command::OrganizationDeleted(_) => self.is_whole = true,
            Command::OrganizationSeen(_) => return,
            Command::SetLimit(limit) => self.limits.push(*limit),
            Command::SetAutomatic(automatic) => self.turns_automatic |= automatic,
            Command::Admit(_)
            | Command::MoveToFront(_)
            | Command::Dismiss(_)
            | Command::UndoDismiss(_) => {}
        }
        self.takes += 1;
    }

    /// Adds an update of a user. Only a user who leaves frees a seat or a position.
    pub fn add_update(&mut self, change: Change, active: Option<bool>) {
        if change == Change::Deleted || active == Some(false) {
            self.takes += 1;
        } else {
            self.stays += 1;
        }
    }

    /// The organization was deleted once: each update may end its user.
    pub fn may_end_users(&mut self) {
        self.takes = self.takes.saturating_add(std::mem::take(&mut self.stays));
    }

    /// Adds merges of placeholders: each may give a seat back and take a user out of the waitlist.
    pub fn add_merges(&mut self, placeholders: i64) {
        self.takes = self.takes.saturating_add(placeholders.saturating_mul(2));
    }

    /// Returns how many users from the head must be loaded if an organization has these numbers.
    pub fn head_needed(&self, usage: &Usage, automatic: bool) -> i64 {
        if self.is_whole {
            return usage.waiting;
        }
        if !automatic && !self.turns_automatic {
            return 0; // a person admits each user by hand
        }
        let limits = self.limits.iter().copied().chain([usage.limit]);
        let free =
            limits.map(|limit| limit.free(usage.used).unwrap_or(usage.waiting)).max().unwrap_or(0);
        usage.waiting.min(free.saturating_add(self.takes))
    }
}
