//! The settings of an organization, the form that adds one, and the preview of its end.

use serde::{Deserialize, Serialize};

use domain::{
    admission::AdmissionPolicy,
    id::{AccountId, OrganizationId},
    organization::Usage,
    refusal::Refusal,
    text::ExternalText,
    time::Timestamp,
};

use super::Ended;

/// The settings, for staff and for the organization's own people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsPage {
    pub organization: OrganizationId,
    pub name: ExternalText,
    pub revision: i64,
    pub usage: Usage,
    pub policy: AdmissionPolicy,
    pub archived: bool,
    /// What ended when the organization was archived, as far as it is known.
    pub ended: Option<Ended>,
    pub external_id: Option<ExternalText>,
    pub account_manager: Option<ExternalText>,
    pub alerts: AlertSettings,
    /// `None` for tenants.
    pub staff: Option<StaffSettings>,
    pub now: Timestamp,
}

/// When and where the organization is notified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertSettings {
    /// Its own thresholds of usage, as a person types them; `None`: those of the installation.
    pub thresholds: Option<String>,
    /// Those of the installation.
    pub installation: String,
    /// Addresses that get the e-mails beside the admins; `None`: the viewer may not read them.
    pub recipients: Option<Vec<ExternalText>>,
    /// Where alerts are posted, without the secret: `https://hooks.slack.com/…`.
    pub slack: Option<ExternalText>,
    /// The Slack channel takes no posts: the alert about it is open.
    pub slack_fails: bool,
    /// The viewer may change it.
    pub may_change: bool,
}

/// What only staff see: the forms, and what is in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffSettings {
    pub details: DetailsForm,
    pub notes: NotesForm,
    /// A person archived the organization, so a person can restore it.
    pub can_restore: bool,
}

/// The details as a form edits them: exactly as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailsForm {
    /// The version that the form must send, so that two editors cannot overwrite each other.
    pub version: i64,
    pub name: String,
    pub external_id: String,
    pub account_manager: Option<AccountId>,
    /// The staff accounts to choose from, by name.
    pub account_managers: Vec<(AccountId, ExternalText)>,
}

/// The notes of staff. A tenant never gets them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotesForm {
    /// The version that the form must send; 0: there were never any notes.
    pub version: i64,
    /// Exactly as they are stored, for the form.
    pub notes: String,
    /// Line by line, to read.
    pub lines: Vec<ExternalText>,
    /// Who changed them last, and when.
    pub changed: Option<(ExternalText, Timestamp)>,
    /// What the viewer typed last and could not save.
    pub draft: Option<String>,
}

/// What is typed into the form that adds an organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOrganizationQuery {
    pub organization: String,
    pub name: String,
    pub external_id: String,
    /// `None`: nothing is typed yet, so the field has the default.
    pub limit: Option<String>,
    /// It was sent and refused, so each field says what is wrong with it.
    pub refused: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOrganizationForm {
    /// The limit as the field has it.
    pub limit: String,
    /// What is wrong with the fields.
    pub refusals: Vec<Refusal>,
    /// The organization that has the typed id already.
    pub existing: Option<(OrganizationId, ExternalText)>,
}

/// What ends when an organization is archived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivePage {
    pub organization: OrganizationId,
    pub name: ExternalText,
    pub revision: i64,
    pub archived: bool,
    /// The numbers that the form must send: it is refused if others are true by then.
    pub usage: Usage,
    /// The first people who lose their seats, by name, and the first who wait, in order.
    pub holders: Vec<ExternalText>,
    pub waiting: Vec<ExternalText>,
}

impl ArchivePage {
    /// The number of names shown of each kind.
    pub const NAMES: i64 = 10;
}
