//! The addresses of all pages, with the parameters that each of them reads.

use std::fmt::Write;

use super::hostile;

const ROLES: &[&str] = &[
    "",
    "?group=dirgroup_1",
    "?group=dirgroup_1&preview=yes&dashboard=tenant-admin",
    "?group=W&preview=yes&role=W&dashboard=W&saved=W&refused=W",
];

const SETTINGS: &[&str] = &[
    "",
    "?saved=W&refused=W",
    "?form=alerts&refused=usage-thresholds&thresholds=W&recipients=W",
    "?form=details&refused=name&name=W&external_id=W&account_manager=W",
];

const SIGN_ON: &[&str] = &[
    "",
    "?next=W&refused=W",
    "?to=W&next=W",
    "?organization=W",
    "?idp_initiated_login=W",
    "?iss=W",
    "?staff=yes",
    "?connect=yes",
];

const ORGANIZATION_SIGN_ON: &[&str] = &[
    "",
    "?saved=W&refused=W",
    "?form=provider&refused=sso-issuer&kind=W&issuer=W&client_id=W&has_no_secret=W",
    "?form=domains&refused=sso-domains&domains=W",
];

const REQUEST: &[&str] = &[
    "",
    "?limit=5&refused=limit",
    "?form=question&text=W&refused=request-text-missing",
    "?limit=W&answer=W&form=W&text=W&done=W&admitted=W&refused=W",
];

const PEOPLE: &[&str] = &[
    "",
    "?state=blocked",
    "?search=W&state=W&group=W&role=W&since=W&sort=W&before=W",
    "?group=dirgroup_1&duplicates=yes&since=2026-01-01&sort=since&order=desc",
];

const WAITLIST: &[&str] =
    &["", "?state=dismissed", "?state=provisioned", "?state=W&search=W&group=W&after=W&result=W"];

const DELIVERIES: &[&str] = &[
    "",
    "?show=dead",
    "?search=W&organization=W&type=W&before=W&show=W&refused=W",
    "?organization=org_1",
];

/// With the tokens of links that `MADE` inserts.
const CONFIRM: &str = "/confirm-address/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const RESET: &str = "/reset-password/AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

const ACCOUNT: &[&str] = &[
    "",
    "?saved=W",
    "?form=name&name=W&refused=name",
    "?form=address&refused=address",
    "?form=W&refused=present-password",
];

const ACCOUNTS: &[&str] = &[
    "",
    "?search=W&before=W",
    "?done=invited&email=W&role=W&refused=already-member",
    "?done=W&email=W&role=W&refused=W",
];

const API_KEYS: &[&str] = &[
    "",
    "?done=W&before=W",
    "?form=key&name=W&scopes=W&reach=W&organization=W&days=W&refused=key-days",
    "?form=key&reach=one&organization=W&refused=no-such-organization",
    "?form=key&reach=W&refused=reach",
    "?form=rotate&key=key_1&hours=W&refused=key-hours",
    "?form=rotate&key=W&hours=W&refused=key-hours",
];

const ENDPOINTS: &[&str] = &[
    "",
    "?done=remove",
    "?form=endpoint&types=W&reach=W&organization=W&note=W&refused=webhook-url",
    "?form=W&refused=W",
];

/// The address of each page, with usual values and with hostile text.
#[expect(clippy::too_many_lines, reason = "a line for each page")]
pub fn pages(delivery: &str, dead: &str) -> Vec<String> {
    let words: String = hostile("asked").chars().take(300).map(encoded).collect();
    let of = |pattern: &str| -> Vec<String> {
        let path = pattern
            .replace("/organizations/:id", "/organizations/org_1")
            .replace(":run", "rsn_1")
            .replace(":person", "diruser_1")
            .replace(":group", "dirgroup_1")
            .replace(":request", "srq_1")
            .replace(":proposal", "lpr_1")
            .replace(":endpoint", "wep_1")
            .replace(":event", "oev_1")
            .replace("/confirm-address/:token", CONFIRM)
            .replace("/reset-password/:token", RESET)
            .replace(":token", "dGVzdA")
            .replace(":id", delivery);
        let queries: &[&str] = match pattern {
            "/"
            | "/start"
            | "/system"
            | "/messages/previews"
            | "/settings/webhook-endpoints/:endpoint/secret"
            | "/settings/webhook-endpoints/:endpoint/deliveries/:event" => &[""],
            "/settings" => &[
                "",
                "?saved=W",
                "?setting=session_hours&value=W&refused=setting-value",
                "?setting=session_hours&value=W&refused=proof",
            ],
            "/settings/api-keys" => API_KEYS,
            "/settings/api-keys/made" => &["", "?old=W"],
            "/settings/webhook-endpoints" => ENDPOINTS,
            "/settings/webhook-endpoints/:endpoint" => {
                &["", "?done=W&refused=W&before=W", "?done=recover", "?refused=time"]
            }
            "/sign-in" => &["", "?next=W&refused=W", "?told=W"],
            "/confirm-identity" => &["", "?next=W&refused=present-password"],
            "/sign-in/sso" => SIGN_ON,
            "/organizations/:id/single-sign-on" => ORGANIZATION_SIGN_ON,
            "/account" => ACCOUNT,
            "/account/factors" => &[
                "",
                "?saved=W&refused=W",
                "?saved=app&refused=proof",
                "?name=W&refused=passkey-name",
                "?passkey=psk_1&rename=W&refused=passkey-name",
            ],
            "/account/factors/app" => &["", "?refused=app-code", "?refused=W"],
            "/account/recovery-codes" => &["", "?next=W"],
            "/sign-in/code" | "/sign-in/set-up" => &["", "?next=W&refused=code"],
            "/reset-password" => &["", "?sent=W", "?refused=W"],
            "/reset-password/:token" => &["", "?refused=W", "?refused=password-too-weak"],
            "/organizations" => &[
                "",
                "?search=W&sort=W&status=W&mine=W",
                "?status=archived&mine=yes",
                "?search=person.1%40customer.test",
            ],
            "/organizations/new" => &[
                "",
                "?organization=org_1&refused=W",
                "?organization=W&name=W&external_id=W&limit=W",
            ],
            "/organizations/:id" => &["", "?saved=1", "?saved=W&done=W", "?done=added"],
            "/organizations/:id/settings" => SETTINGS,
            "/organizations/:id/members" | "/settings/accounts" => ACCOUNTS,
            "/invitations/:token" => {
                &["", "?email=W&name=W&refused=password-too-weak", "?email=W&name=W&refused=W"]
            }
            "/organizations/:id/view-as" => &["", "?reason=W&minutes=W&refused=view-minutes"],
            "/organizations/:id/archive" => &["", "?reason=W&refused=W"],
            "/organizations/:id/people" => PEOPLE,
            "/organizations/:id/reclaim" => {
                &["", "?show=kept", "?done=kept", "?show=W&before=W&done=W&refused=W"]
            }
            "/alerts" | "/organizations/:id/alerts" => {
                &["", "?kind=over_limit", "?kind=W&list=W&before=W", "?list=resolved"]
            }
            "/preferences" => &["", "?saved=W", "?saved=same"],
            "/unsubscribe/:token" => &["", "?done=W"],
            "/requests" | "/organizations/:id/requests" => &["", "?show=over", "?show=W&before=W"],
            "/organizations/:id/requests/new" => {
                &["", "?seats=W&reason=W&person=W&refused=W", "?refused=request-text-too-long"]
            }
            "/organizations/:id/requests/:request" => REQUEST,
            "/organizations/:id/proposals/:proposal" => {
                &["", "?text=W&refused=request-text-missing", "?done=W&refused=W"]
            }
            "/messages" => &["", "?show=failed&refused=W", "?show=W&before=W"],
            "/organizations/:id/groups" => {
                &["", "?sort=waiting&order=desc", "?search=W&sort=W&order=W&before=W"]
            }
            "/organizations/:id/groups/:group" => &[
                "",
                "?list=changes",
                "?list=changes&change=joined&since=2020-01-01",
                "?list=W&change=W&since=W&before=W",
            ],
            "/organizations/:id/roles" => ROLES,
            "/organizations/:id/waitlist" => WAITLIST,
            "/organizations/:id/waitlist/decision" => &[
                "",
                "?action=dismiss&all=yes",
                "?action=dismiss&all=yes&state=provisioned",
                "?action=move&position=W&user=W&note=W&since=W&refused=W",
            ],
            "/organizations/:id/policy" => {
                &["", "?policy=by-hand", "?policy=groups&group=W&reason=W&refused=W"]
            }
            "/organizations/:id/people/:person" => &["", "?before=W"],
            "/organizations/:id/as-of" => &["", "?at=W", "?at=2026-01-01T00:00"],
            "/organizations/:id/history" => &["", "?range=all", "?range=W&before=W"],
            "/organizations/:id/true-up" => &["", "?year=W", "?year=2020"],
            "/organizations/:id/limit" => &["", "?limit=5", "?limit=W&reason=W&refused=W"],
            "/organizations/:id/import" => &["", "?refused=W", "?refused=import-empty"],
            "/organizations/:id/resyncs" => &["", "?before=W&refused=W"],
            "/organizations/:id/resyncs/:run" => {
                &["", "?only=created", "?only=W&refused=W&people=W&after=W"]
            }
            "/activity" | "/organizations/:id/activity" => &[
                "",
                "?action=W&actor=W&target=W&from=W&to=W&before=W",
                "?action=set_seat_limit&from=2026-01-01&to=2026-01-02",
            ],
            "/deliveries" => DELIVERIES,
            "/deliveries/:id" | "/confirm-address/:token" => &["", "?refused=W"],
            other => panic!("{other} is a new page: which addresses does it have?"),
        };
        queries.iter().map(|query| format!("{path}{}", query.replace('W', &words))).collect()
    };
    let routes = include_str!("../../../routes.rs")
        .split("path!(\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap());
    routes
        .flat_map(of)
        .chain([
            format!("/deliveries/{dead}"),
            "/nothing/like/it".to_owned(),
            format!("/organizations/{words}"),
            format!("/deliveries/{words}"),
        ])
        .collect()
}

pub fn encoded(c: char) -> String {
    let mut text = String::new();
    for byte in c.to_string().bytes() {
        write!(text, "%{byte:02X}").unwrap();
    }
    text
}
