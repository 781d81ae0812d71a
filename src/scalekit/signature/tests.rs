use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::property::cases;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ANOTHER: &str = "whsec_9vx5xtFNxQMZFcjLLGporL6TGkcSRNHb";
const NOW: i64 = 1_770_802_269;

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    secret: String,
    webhook_id: String,
    webhook_timestamp: String,
    body: String,
    webhook_signature: String,
    now: i64,
    valid: bool,
}

fn attempt(
    secrets: &str,
    timestamp: &[u8],
    signature: &[u8],
    now: i64,
) -> Result<Verified, Rejection> {
    let headers =
        Headers { id: Some(b"msg_1"), timestamp: Some(timestamp), signature: Some(signature) };
    verify(&Secrets::parse(secrets).unwrap(), headers, b"{}", Timestamp::from_seconds(now))
}

fn signed(secret: &str) -> String {
    sign(&Secret::parse(secret).unwrap(), &WebhookId::new("msg_1"), NOW, b"{}")
}

#[test]
fn every_vector_is_judged_as_the_contract_says() {
    let all: Vectors = serde_json::from_str(include_str!("../../tests/vectors.json")).unwrap();
    assert_eq!(all.vectors.len(), 22);
    for v in all.vectors {
        let headers = Headers {
            id: Some(v.webhook_id.as_bytes()),
            timestamp: Some(v.webhook_timestamp.as_bytes()),
            signature: Some(v.webhook_signature.as_bytes()),
        };
        match Secrets::parse(&v.secret) {
            Err(why) => assert_eq!(
                (v.name.as_str(), why),
                ("unsafe-empty-secret", BadSecret::Short { bytes: 0 })
            ),
            Ok(secrets) => {
                let verdict =
                    verify(&secrets, headers, v.body.as_bytes(), Timestamp::from_seconds(v.now));
                assert_eq!(verdict.is_ok(), v.valid, "{}: {verdict:?}", v.name);
            }
        }
    }
}

#[test]
fn the_vector_of_the_standard_is_signed_and_verified() {
    let secret = Secret::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
    let (id, body) = (
        WebhookId::new("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk"),
        br#"{"email":"test@example.com","username":"test_user"}"#,
    );

    let signature = sign(&secret, &id, 1_649_367_553, body);

    assert_eq!(signature, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    let headers = Headers {
        id: Some(id.as_str().as_bytes()),
        timestamp: Some(b"1649367553"),
        signature: Some(signature.as_bytes()),
    };
    let verified =
        verify(&secret.into(), headers, body, Timestamp::from_seconds(1_649_367_553)).unwrap();
    assert_eq!(
        verified,
        Verified { webhook_id: id, timestamp: Timestamp::from_seconds(1_649_367_553) }
    );
}

#[test]
fn several_secrets_are_valid_at_once() {
    let both = format!(" {SECRET} ,{ANOTHER},");
    for secret in [SECRET, ANOTHER] {
        assert!(attempt(&both, b"1770802269", signed(secret).as_bytes(), NOW).is_ok());
    }
    assert_eq!(
        attempt(SECRET, b"1770802269", signed(ANOTHER).as_bytes(), NOW),
        Err(Rejection::WrongSignature)
    );
}

#[test]
fn a_secret_that_protects_nothing_is_refused_and_never_shown() {
    let refused = |text| Secrets::parse(text).unwrap_err();
    assert_eq!(refused(""), BadSecret::Missing);
    assert_eq!(refused(" , "), BadSecret::Missing);
    assert_eq!(refused("whsec_"), BadSecret::Short { bytes: 0 });
    assert_eq!(refused("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ=="), BadSecret::Short { bytes: 22 });
    assert_eq!(refused("whsec_test-secret"), BadSecret::Encoding);
    assert_eq!(refused("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), BadSecret::Prefix);
    assert_eq!(refused(&[SECRET; 9].join(",")), BadSecret::TooMany);
    assert_eq!(format!("{:?}", Secrets::parse(SECRET).unwrap()), "Secrets([…])");
}

#[test]
fn a_time_is_whole_seconds_and_near_ours() {
    let signature = signed(SECRET);
    let at = |timestamp: &str, now| {
        attempt(SECRET, timestamp.as_bytes(), signature.as_bytes(), now).unwrap_err()
    };
    for bad in [
        "",
        "+1770802269",
        " 1770802269",
        "1770802269.7",
        "1e9",
        "0x1",
        "99999999999999999999",
        "١",
    ] {
        assert_eq!(at(bad, NOW), Rejection::BadTimestamp, "{bad:?}");
    }
    assert_eq!(at("-9223372036854775808", NOW), Rejection::TooOld);
    assert_eq!(at("9223372036854775807", NOW), Rejection::TooNew);
    assert_eq!(at("9223372036854775807", -NOW), Rejection::TooNew);
    assert_eq!(at("1770802269", NOW + 301), Rejection::TooOld);
    assert_eq!(at("1770802269", NOW - 301), Rejection::TooNew);
    assert!(attempt(SECRET, b"1770802269", signature.as_bytes(), NOW - 300).is_ok());
}

#[test]
fn only_so_many_signatures_are_looked_at() {
    let good = signed(SECRET);
    let after = |others: usize| format!("{}{good}", "v1,AAAA ".repeat(others));
    assert!(attempt(SECRET, b"1770802269", after(15).as_bytes(), NOW).is_ok());
    assert_eq!(
        attempt(SECRET, b"1770802269", after(16).as_bytes(), NOW),
        Err(Rejection::NoSignature)
    );
    assert_eq!(
        attempt(SECRET, b"1770802269", after(1_000).as_bytes(), NOW),
        Err(Rejection::HeaderTooLong)
    );
}

#[test]
fn what_is_missing_has_its_own_cause() {
    let secrets = Secrets::parse(SECRET).unwrap();
    let judge = |id, timestamp, signature| {
        verify(&secrets, Headers { id, timestamp, signature }, b"", Timestamp::from_seconds(NOW))
            .unwrap_err()
    };
    let some = |text: &'static str| Some(text.as_bytes());
    assert_eq!(judge(None, some("1"), some("v1,")), Rejection::MissingId);
    assert_eq!(judge(some("msg"), None, some("v1,")), Rejection::MissingTimestamp);
    assert_eq!(judge(some("msg"), some("1"), None), Rejection::MissingSignature);
    assert_eq!(judge(some("two words"), some("1"), some("v1,")), Rejection::BadId);
    assert_eq!(judge(Some(b"\xff"), some("1"), some("v1,")), Rejection::BadId);
    assert_eq!(judge(some("msg"), some("1770802269"), some("v1,")), Rejection::NoSignature);
    let labels: std::collections::BTreeSet<_> =
        Rejection::ALL.into_iter().map(Rejection::as_str).collect();
    assert_eq!(labels.len(), Rejection::ALL.len());
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_header_and_no_body_makes_it_panic(
        id in any::<Option<Vec<u8>>>(),
        timestamp in prop_oneof![
            any::<Vec<u8>>(),
            any::<i64>().prop_map(|n| n.to_string().into_bytes()),
            Just(b"1770802269".to_vec()),
        ],
        signature in prop_oneof![any::<Vec<u8>>(), "( |v1|,|=|[A-Za-z0-9+/]{1,50}){0,30}".prop_map(String::into_bytes)],
        body in any::<Vec<u8>>(),
        now in prop_oneof![any::<i64>(), Just(NOW * 1_000_000_000)],
    ) {
        let secrets = Secrets::parse(SECRET).unwrap();
        let id = id.unwrap_or_else(|| b"msg_1".to_vec());
        let headers = Headers {
            id: Some(&id),
            timestamp: Some(&timestamp),
            signature: Some(&signature),
        };
        prop_assert!(verify(&secrets, headers, &body, Timestamp::from_nanos(now)).is_err());
    }

    // An id does not end with a dot here: `.` and `..` are steps of a path and no ids.
    #[test]
    fn what_was_signed_is_believed_and_one_changed_bit_is_not(
        id in "[!-~]{0,39}[!-\\-/-~]",
        seconds in 0..9_000_000_000_i64,
        body in any::<Vec<u8>>(),
        changed in any::<prop::sample::Index>(),
    ) {
        let secret = Secret::parse(SECRET).unwrap();
        let (id, secrets) = (WebhookId::new(id), Secrets::from(secret.clone()));
        let now = Timestamp::from_seconds(seconds);
        let (timestamp, signature) = (seconds.to_string(), sign(&secret, &id, seconds, &body));
        let headers = Headers {
            id: Some(id.as_str().as_bytes()),
            timestamp: Some(timestamp.as_bytes()),
            signature: Some(signature.as_bytes()),
        };
        prop_assert!(verify(&secrets, headers, &body, now).is_ok());
        let mut other = body.clone();
        other.push(0);
        let at = changed.index(other.len());
        other[at] ^= 1;
        prop_assert_eq!(verify(&secrets, headers, &other, now), Err(Rejection::WrongSignature));
    }
}
