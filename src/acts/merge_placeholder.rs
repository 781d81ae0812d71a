//! Everything that is written of a placeholder, known by its e-mail address alone, becomes the person's who has the id.

use crate::{
    db::Tx,
    domain::{access::OrganizationScope, id::DirectoryUserId},
    store::{accounts, decisions, directory_users},
};

/// Call it before the person is saved.
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
