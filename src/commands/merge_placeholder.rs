//! Moves the stored data of a placeholder, which is known by its e-mail address alone, to the user
//! with the id.

use crate::{
    db::Tx,
    domain::{access::OrganizationScope, id::DirectoryUserId},
    store::{accounts, decisions, directory_users},
};

/// Merges the placeholder into the user. Call it before the user is saved.
pub(super) async fn merge_placeholder(
    tx: &mut Tx,
    organization: &OrganizationScope,
    placeholder: &DirectoryUserId,
    id: &DirectoryUserId,
) -> sqlx::Result<()> {
    directory_users::merge_placeholder(tx, organization, placeholder, id).await?;
    decisions::merge_placeholder(tx, organization, placeholder, id).await?;
    accounts::merge_placeholder(tx, organization, placeholder, id).await?;
    Ok(())
}
