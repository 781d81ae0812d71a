//! What the page of a person's notifications shows.

use serde::{Deserialize, Serialize};

use domain::{
    preference::{Frequency, Topic},
    text::ExternalText,
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreferencesPage {
    /// Where the e-mails go.
    pub email: ExternalText,
    /// The topics that this account gets e-mails about, and what it chose; empty for viewers.
    pub rows: Vec<(Topic, Frequency)>,
    /// Whether there is a mail server.
    pub has_mail_server: bool,
}
