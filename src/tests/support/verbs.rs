//! What an operator does, as verbs of a [`TestApp`].

use domain::{
    access::FreshProof, admission::AdmissionPolicy, id::OrganizationId, organization::SeatLimit,
    setting::SettingName,
};
use seatkeeper::commands::{self, NewLimit, NewOrganization, NewPolicy, NewSetting};

use super::world::{TestApp, operator};

impl TestApp {
    pub async fn organization(&self, id: &str, limit: SeatLimit) {
        let new = NewOrganization {
            id: OrganizationId::new(id),
            name: format!("{id} Ltd"),
            external_id: None,
            limit: Some(limit),
        };
        commands::add_organization(&self.state, &operator(), &new).await.unwrap();
    }

    pub async fn set_limit(&self, id: &str, limit: SeatLimit) -> Result<(), commands::Error> {
        let new = NewLimit {
            organization: OrganizationId::new(id),
            limit,
            until: None,
            reason: "A story".to_owned(),
            expected_version: None,
        };
        commands::set_seat_limit(&self.state, &operator(), &new).await.map(|_| ())
    }

    pub async fn set_policy(
        &self,
        id: &str,
        policy: AdmissionPolicy,
    ) -> Result<usize, commands::Error> {
        let new = NewPolicy {
            organization: OrganizationId::new(id),
            policy,
            reason: "A story".to_owned(),
            expected_version: None,
        };
        commands::set_policy(&self.state, &operator(), &new).await
    }

    pub async fn change_setting(
        &self,
        name: SettingName,
        value: &str,
    ) -> Result<String, commands::Error> {
        let new = NewSetting { name, value: value.to_owned(), expected: None };
        commands::change_setting(&self.state, &operator(), &FreshProof::of_command_line(), &new)
            .await
    }
}
