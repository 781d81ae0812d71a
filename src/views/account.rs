//! What the page of a person's own account shows, and the pages behind links in e-mails.

use serde::{Deserialize, Serialize};

use domain::{factor::Factors, id::SessionId, text::ExternalText, time::Timestamp};

use super::single_sign_on::{Connection, SignOnOffer};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPage {
    pub name: ExternalText,
    /// The name as it is stored, for the form.
    pub stored_name: String,
    pub email: ExternalText,
    /// The new address that a link may still confirm, and until when.
    pub asked: Option<(ExternalText, Timestamp)>,
    /// The session of the request, then those that were used last.
    pub sessions: Vec<OwnSession>,
    pub has_mail_server: bool,
    pub factors: Factors,
    /// The issuers whose identities open the account.
    pub connections: Vec<Connection>,
    pub connects: Option<SignOnOffer>,
    pub now: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSession {
    pub id: SessionId,
    /// `Chrome on Windows`.
    pub device: ExternalText,
    /// The client's address at the sign-in.
    pub address: Option<ExternalText>,
    pub signed_in_at: Timestamp,
    /// To the minute.
    pub used_at: Timestamp,
    /// The session of the request.
    pub is_this: bool,
}
