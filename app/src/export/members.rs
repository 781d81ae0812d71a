//! The columns of the members of an organization, and of the staff accounts.

use seatkeeper::queries::{
    MemberRecord, StaffRecord,
    export::{Members, StaffAccounts},
};

use super::csv::{Columns, Csv, text, yes};

impl Csv for Members {
    const NAME: &'static str = "members";
    const COLUMNS: Columns<MemberRecord> = &[
        ("account_id", |member| member.account_id.to_string()),
        ("name", |member| member.name.clone()),
        ("email", |member| member.email.clone()),
        ("role", |member| member.role.to_owned()),
        ("given_role", |member| member.given_role.to_owned()),
        ("disabled", |member| yes(member.disabled)),
        ("last_used_at", |member| text(member.last_used_at.as_ref())),
        ("member_since", |member| member.member_since.clone()),
    ];
}

impl Csv for StaffAccounts {
    const NAME: &'static str = "staff-accounts";
    const COLUMNS: Columns<StaffRecord> = &[
        ("account_id", |one| one.account_id.to_string()),
        ("name", |one| one.name.clone()),
        ("email", |one| one.email.clone()),
        ("role", |one| one.role.to_owned()),
        ("disabled", |one| yes(one.disabled)),
        ("last_used_at", |one| text(one.last_used_at.as_ref())),
    ];
}
