//! The requests of one connection, written into the same few buffers again and again.

use std::io::Write;

use super::connection::Target;
use domain::{
    id::{OrganizationId, WebhookId},
    time::Timestamp,
};
use seatkeeper::scalekit::signature::{self, Secret};

/// The id of an organization by its number, from 0, for callers that set the seat limits in
/// advance.
pub fn organization_id(number: u64) -> OrganizationId {
    OrganizationId::new(format!("org_{}", 90_000_000_000_000_000 + number))
}

/// The first number of a run: it is higher than the numbers of every run that began ten
/// milliseconds earlier.
pub(super) fn first_number(now: Timestamp) -> u64 {
    // 2024-01-01, as Scalekit's own ids
    const SINCE: Timestamp = Timestamp::from_seconds(1_704_067_200);
    u64::try_from(now.since(SINCE).as_millis() / 10).unwrap_or(0) << 24
}

pub(super) struct Messages {
    organizations: u64,
    duplicates: f64,
    /// Grows by the share of duplicates with each message; a duplicate is due when it reaches 1.
    due: f64,
    id: Option<WebhookId>,
    body: Vec<u8>,
    request: Vec<u8>,
}

impl Messages {
    pub(super) fn new(organizations: u64, duplicates: f64) -> Self {
        Self {
            organizations,
            duplicates,
            due: 0.0,
            id: None,
            body: Vec::with_capacity(1_024),
            request: Vec::with_capacity(1_536),
        }
    }

    /// A signed request about person `number`, or the previous message once more with a new
    /// signature.
    pub(super) fn request(
        &mut self,
        number: u64,
        target: &Target,
        secret: &Secret,
        now: Timestamp,
    ) -> &[u8] {
        self.due += self.duplicates;
        let id = match self.id.take() {
            Some(id) if self.due >= 1.0 => {
                self.due -= 1.0;
                id
            }
            _ => {
                self.write_body(number, now);
                // The id is as long as a real one.
                WebhookId::new(format!("msg_{number:027}"))
            }
        };
        self.write_request(&id, target, secret, now);
        self.id = Some(id);
        &self.request
    }

    /// Delivery `number` with the event time `at`: that person joins, or the person `leaves`
    /// leaves. It is signed for now.
    pub(super) fn told_at(
        &mut self,
        number: u64,
        leaves: Option<u64>,
        at: Timestamp,
        (target, secret, now): (&Target, &Secret, Timestamp),
    ) -> &[u8] {
        match leaves {
            Some(person) => self.write_farewell(number, person, at),
            None => self.write_body(number, at),
        }
        self.write_request(&WebhookId::new(format!("msg_{number:027}")), target, secret, now);
        &self.request
    }

    /// Writes a deletion, which has only four data fields.
    fn write_farewell(&mut self, n: u64, person: u64, at: Timestamp) {
        let organization = organization_id(person % self.organizations);
        let at = at.rfc3339();
        self.body.clear();
        let _always: std::io::Result<()> = write!(
            self.body,
            r#"{{"data":{{"dp_id":"00u{person}","email":"person.{person}@load.test","id":"diruser_{person}","organization_id":"{organization}"}},"display_name":"Directory User Deleted","environment_id":"env_90000000000000000","id":"evt_{n}","object":"DirectoryUser","occurred_at":"{at}","organization_id":"{organization}","spec_version":"1","type":"organization.directory.user_deleted"}}"#
        );
    }

    /// Writes about 700 bytes with the shape of an Okta user that was captured.
    fn write_body(&mut self, n: u64, now: Timestamp) {
        let organization = organization_id(n % self.organizations);
        let at = now.rfc3339();
        self.body.clear();
        // Writing into a `Vec` cannot fail.
        let _always: std::io::Result<()> = write!(
            self.body,
            r#"{{"data":{{"active":true,"dp_id":"00u{n}","email":"person.{n}@load.test","family_name":"{n}","given_name":"Person","groups":null,"id":"diruser_{n}","locale":"en-US","name":"Person {n}","organization_id":"{organization}","preferred_username":"person.{n}@load.test","raw_attributes":{{"active":true,"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"person.{n}@load.test"}},"roles":[{{"role_name":"member"}}]}},"display_name":"Directory User Created","environment_id":"env_90000000000000000","id":"evt_{n}","object":"DirectoryUser","occurred_at":"{at}","organization_id":"{organization}","spec_version":"1","type":"organization.directory.user_created"}}"#
        );
    }

    fn write_request(&mut self, id: &WebhookId, target: &Target, secret: &Secret, now: Timestamp) {
        let seconds = now.seconds();
        let signature = signature::sign(secret, id, seconds, &self.body);
        let (path, host, length) = (&target.path, &target.authority, self.body.len());
        self.request.clear();
        let _always: std::io::Result<()> = write!(
            self.request,
            "POST {path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: Svix-Webhooks/1.0 (seatkeeper load)\r\ncontent-type: application/json\r\n\
             webhook-id: {id}\r\nwebhook-timestamp: {seconds}\r\nwebhook-signature: {signature}\r\ncontent-length: {length}\r\n\r\n"
        );
        self.request.extend_from_slice(&self.body);
    }
}
