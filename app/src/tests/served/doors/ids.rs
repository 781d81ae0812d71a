//! What the requests are about: something of each kind that exists, and the ids of nothing.

use std::{thread, time::Duration};

use serde_json::Value;

use super::{ASKED, address};
use crate::support::{Answer, Server, joined};

/// Ids that exist, or ids that do not.
pub struct Ids {
    organization: String,
    person: String,
    group: String,
    run: String,
    /// Its plan is made, and nothing waits for it.
    import: String,
    request: String,
    proposal: String,
    delivery: String,
    /// One that was revoked.
    invitation: String,
    /// A member of the organization.
    account: String,
    /// A staff account.
    colleague: String,
    /// An API key that was revoked.
    key: String,
    /// An endpoint that is disabled.
    endpoint: String,
    /// A test that was written for it before.
    event: String,
}

impl Ids {
    pub fn of_nothing() -> Self {
        Self {
            organization: "org_404".to_owned(),
            person: "diruser_404".to_owned(),
            group: "dirgroup_404".to_owned(),
            run: "rsn_404".to_owned(),
            import: "imp_404".to_owned(),
            request: "srq_404".to_owned(),
            proposal: "lpr_404".to_owned(),
            delivery: "dlv_404".to_owned(),
            invitation: "inv_404".to_owned(),
            account: "acc_404".to_owned(),
            colleague: "acc_405".to_owned(),
            key: "key_404".to_owned(),
            endpoint: "wep_404".to_owned(),
            event: "oev_404".to_owned(),
        }
    }

    /// The same within another organization.
    pub fn within(self, organization: &str) -> Self {
        Self { organization: organization.to_owned(), ..self }
    }

    fn all(&self) -> [(&'static str, &str); 14] {
        [
            ("{organization}", &self.organization),
            ("{person}", &self.person),
            ("{group}", &self.group),
            ("{run}", &self.run),
            ("{import}", &self.import),
            ("{request}", &self.request),
            ("{proposal}", &self.proposal),
            ("{delivery}", &self.delivery),
            ("{invitation}", &self.invitation),
            ("{account}", &self.account),
            ("{colleague}", &self.colleague),
            ("{key}", &self.key),
            ("{endpoint}", &self.endpoint),
            ("{event}", &self.event),
        ]
    }

    pub fn put_into(&self, text: &str) -> String {
        self.all().into_iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
    }

    pub fn take_out_of(&self, text: &str) -> String {
        self.all().into_iter().fold(text.to_owned(), |text, (name, id)| text.replace(id, name))
    }
}

/// Creates a person, a group, a delivery, a resync, an import, a seat request, a proposed limit and
/// an invitation. Those that can be ended are over, so that no viewer can end them again. And an
/// API key and an endpoint that have ended, too.
pub fn something_to_ask_about(server: &Server, staff: &str) -> Ids {
    server.deliver("msg_0", &joined(1));
    server.deliver(
        "msg_2",
        r#"{"id":"evt_2","type":"organization.directory.group_created","organization_id":"org_1","data":{"id":"dirgroup_1","display_name":"secret.person's group"}}"#,
    );
    server.deliver(
        "msg_1",
        r#"{"id":"evt_1","type":"organization.renamed","organization_id":"org_1","data":{"email":"secret.person@customer.test"}}"#,
    );
    let call = |name: &str, form: &str| {
        let answer = server.call(name, form, staff);
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_str::<Value>(&answer.body).unwrap_or_default()
    };
    let delivery = call("load_deliveries", "query[search]=&query[show]=All&query[kind]=")["rows"]
        [0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    call("start_resync", &format!("id={ASKED}&dry_run=yes"));
    let run =
        call("load_resyncs", &format!("id={ASKED}"))["rows"][0]["id"].as_str().unwrap().to_owned();
    call("cancel_resync", &format!("id={ASKED}&run={run}"));
    let admin = server.signed_in(&address("admin"));
    let import = planned_import(server, &admin, &call);
    let asks = format!("id={ASKED}&seats=3&reason=secret.person needs one");
    assert_eq!(server.call("ask_for_seats", &asks, &admin).status, 200);
    let query = format!("query[organization]={ASKED}&query[list]=open");
    let request = call("load_requests", &query)["rows"][0]["id"].as_str().unwrap().to_owned();
    // one that is over counts in no menu
    let ends = format!("id={ASKED}&request={request}&answer=withdrawn&version=1");
    assert_eq!(server.call("reply_to_request", &ends, &admin).status, 200);
    let proposal = proposed(&call);
    let invites = format!("id={ASKED}&email=secret.person@customer.test&role=tenant-viewer");
    assert_eq!(server.call("invite_member", &invites, &admin).status, 200);
    let members = call("load_members", &format!("id={ASKED}&query[search]="));
    let invitation = members["invitations"][0]["id"].as_str().unwrap().to_owned();
    let ends = format!("id={ASKED}&invitation={invitation}&act=revoke");
    assert_eq!(server.call("change_invitation", &ends, &admin).status, 200);
    let by_email = |rows: &Value, email: &str| -> String {
        let row = rows.as_array().unwrap().iter().find(|row| row["email"]["shown"] == email);
        row.unwrap()["account"].as_str().unwrap().to_owned()
    };
    let account = by_email(&members["rows"], &address("viewer"));
    let boss = server.signed_in(&address("staff admin"));
    let colleagues = server.call("load_staff_accounts", "query[search]=", &boss).body;
    let colleagues: Value = serde_json::from_str(&colleagues).unwrap();
    let colleague = by_email(&colleagues["rows"], &address("staff"));
    let key = revoked_key(server, &boss);
    let (endpoint, event) = disabled_endpoint(server, &boss);
    let (person, group) = ("diruser_1".to_owned(), "dirgroup_1".to_owned());
    let organization = ASKED.to_owned();
    Ids {
        organization,
        person,
        group,
        run,
        import,
        request,
        proposal,
        delivery,
        invitation,
        account,
        colleague,
        key,
        endpoint,
        event,
    }
}

/// A file of people that an admin has sent, and that only has a plan.
fn planned_import(server: &Server, admin: &str, call: &impl Fn(&str, &str) -> Value) -> String {
    let sent = send_file(server, ASKED, admin, ("people.csv", "email\nsecret.person@acme.test\n"));
    assert_eq!(sent.status, 303, "{sent:?}");
    for _ in 0..600 {
        let run = call("load_resyncs", &format!("id={ASKED}"))["rows"][0].clone();
        if run["state"] == "done" {
            let run = run["id"].as_str().unwrap();
            let page = call("load_resync", &format!("id={ASKED}&run={run}"));
            return page["import"]["id"].as_str().unwrap().to_owned();
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("the file gets no plan");
}

/// What a browser sends from the page that imports people.
pub fn send_file(
    server: &Server,
    organization: &str,
    cookie: &str,
    (name, file): (&str, &str),
) -> Answer {
    let headers = format!(
        "accept: text/html\r\ncontent-type: multipart/form-data; boundary=x\r\ncookie: {cookie}\r\n"
    );
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"whole\"\r\n\r\nno\r\n\
         --x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         content-type: text/csv\r\n\r\n{file}\r\n--x--\r\n"
    );
    server.ask(&format!("POST /organizations/{organization}/imports"), &headers, &body)
}

/// An API key that opens nothing any more.
fn revoked_key(server: &Server, boss: &str) -> String {
    let made =
        server.call("create_api_key", "name=secret.person&scopes[]=read&reach=all&days=none", boss);
    assert_eq!(made.status, 200, "{made:?}");
    let keys: Value = serde_json::from_str(&server.call("load_api_keys", "", boss).body).unwrap();
    let key = keys["rows"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(server.call("revoke_api_key", &format!("id={key}"), boss).status, 200);
    key
}

/// An endpoint that gets nothing any more, and an event that it was to get.
fn disabled_endpoint(server: &Server, boss: &str) -> (String, String) {
    let url = "url=https%3A%2F%2Fnowhere.invalid%2Fsecret.person&reach=all";
    let added = server.call("add_webhook_endpoint", url, boss);
    assert_eq!(added.status, 200, "{added:?}");
    let endpoints = server.call("load_webhook_endpoints", "", boss).body;
    let endpoints: Value = serde_json::from_str(&endpoints).unwrap();
    let id = endpoints["rows"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(server.call("send_webhook_test", &format!("id={id}"), boss).status, 200);
    let page = server.call("load_webhook_endpoint", &format!("id={id}"), boss).body;
    let page: Value = serde_json::from_str(&page).unwrap();
    let event = page["deliveries"][0]["event"].as_str().unwrap().to_owned();
    let ends = format!("id={id}&act=disable");
    assert_eq!(server.call("change_webhook_endpoint", &ends, boss).status, 200);
    (id, event)
}

/// A limit that a second staff member would have to approve, and that was withdrawn.
fn proposed(call: &impl Fn(&str, &str) -> Value) -> String {
    let organization = format!("id={ASKED}");
    let version = call("load_organization", &organization)["limit_version"].as_i64().unwrap();
    call(
        "set_seat_limit",
        &format!("{organization}&limit=5000&limit_version={version}&reason=secret.person"),
    );
    let proposal = call("load_organization", &organization)["proposal"]["id"].clone();
    let proposal = proposal.as_str().unwrap().to_owned();
    call("withdraw_proposal", &format!("{organization}&proposal={proposal}"));
    proposal
}
