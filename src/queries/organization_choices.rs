//! The organizations that a form of the installation offers by name.

use crate::{
    db::Tx,
    domain::{access::StaffAdmin, text::ExternalText},
    store::organizations,
    views::organization_choices::OrganizationChoices,
};

/// The first ones that are not archived.
pub(super) async fn organization_choices(
    tx: &mut Tx,
    _: &StaffAdmin,
) -> sqlx::Result<OrganizationChoices> {
    let most = i64::try_from(OrganizationChoices::MOST + 1).unwrap_or(i64::MAX);
    let mut all = organizations::choices(tx, "%", most).await?;
    let is_cut = all.len() > OrganizationChoices::MOST;
    all.truncate(OrganizationChoices::MOST);
    all.retain(|choice| !choice.archived);
    let row = |choice: organizations::Choice| {
        let name = ExternalText::or_id(&choice.name, choice.id.as_str());
        (choice.id, name)
    };
    Ok(OrganizationChoices { rows: all.into_iter().map(row).collect(), is_cut })
}
