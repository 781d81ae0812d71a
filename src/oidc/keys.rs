//! The public keys of a provider, and the check of a signature. Which algorithms a key may be used
//! with follows from the key and a fixed list, never from the token alone.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::Value;

use super::signature;
use crate::domain::refusal::SignOnRefusal;

/// In bytes: 2,048 bits.
const SHORTEST_MODULUS: usize = 256;
/// A provider publishes a few keys.
const MOST_KEYS: usize = 100;
/// The longest token that is read, in bytes.
const LONGEST_TOKEN: usize = 64 << 10;

#[derive(Debug)]
pub(super) struct Keys(Vec<Key>);

#[derive(Debug)]
struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    public: DecodingKey,
}

impl Keys {
    /// Reads a key set. Keys that Seatkeeper cannot use are left out.
    pub fn read(document: &Value) -> Result<Self, SignOnRefusal> {
        let listed = document["keys"].as_array().ok_or(SignOnRefusal::Unreadable)?;
        let keys: Vec<Key> = listed.iter().take(MOST_KEYS).filter_map(Key::read).collect();
        if keys.is_empty() { Err(SignOnRefusal::NoKeys) } else { Ok(Self(keys)) }
    }

    /// The claims of a token and its algorithm, if one of these keys has signed it. `UnknownKey`:
    /// none of them is the key that the token names.
    pub fn verify(&self, token: &str) -> Result<(Value, Algorithm), SignOnRefusal> {
        let header = Header::read(token)?;
        let is_named = |key: &&Key| match &header.key_id {
            Some(id) => key.id.as_ref() == Some(id),
            None => true,
        };
        let named: Vec<&Key> = self.0.iter().filter(is_named).collect();
        if named.is_empty() {
            return Err(SignOnRefusal::UnknownKey);
        }
        let fits = |key: &&&Key| key.algorithms.contains(&header.algorithm);
        match named.iter().filter(fits).collect::<Vec<_>>().as_slice() {
            [] => Err(SignOnRefusal::Algorithm),
            // without the name of a key there is one that fits, or it is not known which one
            [_, _, ..] if header.key_id.is_none() => Err(SignOnRefusal::UnknownKey),
            [key, ..] => Ok((key.verify(token, header.algorithm)?, header.algorithm)),
        }
    }
}

impl Key {
    fn read(jwk: &Value) -> Option<Self> {
        if jwk.get("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let text = |name: &str| jwk[name].as_str();
        let (key, mut algorithms) = match (text("kty")?, text("crv")) {
            ("RSA", _) => {
                let (n, e) = (text("n")?, text("e")?);
                let modulus = URL_SAFE_NO_PAD.decode(n).ok()?;
                let length = modulus.iter().skip_while(|byte| **byte == 0).count();
                if length < SHORTEST_MODULUS {
                    return None;
                }
                let key = DecodingKey::from_rsa_components(n, e).ok()?;
                (key, vec![Algorithm::RS256, Algorithm::PS256])
            }
            ("EC", Some(curve @ ("P-256" | "P-384"))) => {
                let key = DecodingKey::from_ec_components(text("x")?, text("y")?).ok()?;
                let algorithm = if curve == "P-256" { Algorithm::ES256 } else { Algorithm::ES384 };
                (key, vec![algorithm])
            }
            ("OKP", Some("Ed25519")) => {
                (DecodingKey::from_ed_components(text("x")?).ok()?, vec![Algorithm::EdDSA])
            }
            _ => return None,
        };
        if let Some(only) = text("alg") {
            algorithms.retain(|algorithm| Some(*algorithm) == allowed(only));
        }
        (!algorithms.is_empty()).then(|| Self {
            id: text("kid").map(str::to_owned),
            algorithms,
            public: key,
        })
    }

    fn verify(&self, token: &str, algorithm: Algorithm) -> Result<Value, SignOnRefusal> {
        signature::install();
        let mut validation = Validation::new(algorithm);
        // the claims are checked by our own clock, in `claims.rs`
        validation.required_spec_claims.clear();
        (validation.validate_exp, validation.validate_aud) = (false, false);
        let verified = decode::<Value>(token, &self.public, &validation);
        verified.map(|token| token.claims).map_err(|_| SignOnRefusal::Signature)
    }
}

/// What a token says about its signature.
struct Header {
    algorithm: Algorithm,
    key_id: Option<String>,
}

impl Header {
    fn read(token: &str) -> Result<Self, SignOnRefusal> {
        let parts: Vec<&str> = token.splitn(4, '.').collect();
        let [header, _, _] = parts.as_slice() else { return Err(SignOnRefusal::Token) };
        if token.len() > LONGEST_TOKEN {
            return Err(SignOnRefusal::Token);
        }
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| SignOnRefusal::Token)?;
        let header: Value = serde_json::from_slice(&header).map_err(|_| SignOnRefusal::Token)?;
        if header.get("crit").is_some() {
            return Err(SignOnRefusal::Token); // extensions that must be understood, and are not
        }
        let algorithm = header["alg"].as_str().ok_or(SignOnRefusal::Token)?;
        Ok(Self {
            algorithm: allowed(algorithm).ok_or(SignOnRefusal::Algorithm)?,
            key_id: header["kid"].as_str().map(str::to_owned),
        })
    }
}

/// The fixed list: never a shared secret, never `none`.
fn allowed(name: &str) -> Option<Algorithm> {
    Some(match name {
        "RS256" => Algorithm::RS256,
        "PS256" => Algorithm::PS256,
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        "EdDSA" => Algorithm::EdDSA,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Signed with openssl; the private key is gone.
    const RS256: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJzdWIiOiJhZGEifQ.ORLfp30hG8HqNR48D63Oy0yRO-eJAdZqbLX7fFQmuy4KwOVeWafOFa2KsXjWZPG89GtdqClAQKr0zzXhMM63wL4ijZBJv8GJ6dJ9sSf1KIQkxzJ9EhHEUyIwWXdyhGSOgI1vG90eWF6eeT12C1e-yaFMxAg2wp1VzjX5Oyjh5aEEbQCXTCRejkyEuMp2byv-S4ayOTXvy1LMR-SUtsK38xN6Neie_CbEcNFdT4A_mmlHMGf5UV5048M3PXoEUSCfIy24XXlv7svPZo2NmHkYrMxK4VY84rca66ZZqRADjIyCEWFqNO1-HNaUqHWjaKE0DYrfXjC6tDfrl2q6bWL8sw";
    const PS256: &str = "eyJhbGciOiJQUzI1NiIsImtpZCI6ImsifQ.eyJzdWIiOiJhZGEifQ.HhPIDot1eRPYjROQgzME3N-BMDld2Z-SVNWFW70i6cnadbJczVoIDFGnMpsigOPNQ0_qGZL_-YqJWLaBzK-cPzO5u6WTWDMD9Kzxallxeha97iXyTTv_CvxlGQV4a58WdTGbCdFVVxHm1hTF7bz94Ggg-JHsIZa1qBUHb5noD8b0Bb0BddKlgDoPqgMwkdvQ6dD9zEMTxBl9-ysOW3xggtPVTARiN26-sZe1CF7x5ORcFK5WFJu4BjYh09PBPDgYps9tNV6JNqMTAxbezJ9jt6hqavUd47HLMW7BDNaR2S7_9KkY4Bgl3AqARh4cEkym-PdQff6TEDg6EEsdlR1J2A";
    const MODULUS: &str = "sfg8brKp3ZRMJ3iASAcIdK2rx9dBDVomn3SHAt_IKAkKFWgh94_U1Wf4zttAnI5495F77PEFUEySKPShk3EpgPlPMW7wjt3XunL3IGm6hDmcDr0Zms3w37XahSwlWJ91ZodVjKA-KDwL3rWwtuANWR6QxrytjbTb6KCDo7AuYRxvH7iC35OnFDz2pz-nwClb8eutJt3qvX7afkWbTa3MM83meltTIgm9IkjozSkcvEo0qKFoPeMJ9jOG7aZOfW4npRzOJU7ALOXSCqUrFguXEEreawPRLgDTPsuQB3GqPwaAa5PHNHPo08RwAGSmupnlvqkSn21pk1QpywKbp8JHfQ";
    /// 1,024 bits.
    const SHORT: &str = "4d0wMG1jky9kkMjliafN5NMt3Iyu35F4ipEU70ceCzHwNnJK8mwiny2tZqWEqJ4XvuaW_nKob5k_9lCq04LzWRNmYfasxFu0Yy1SKKRsyIGRrEw06BTP01MlzxpKI4jtf8BqemAISosK4oh8jKbCzzR6qhcFMLtZgwbzpytjJQU";

    fn rsa(more: &Value) -> Value {
        let mut key = json!({"kty": "RSA", "kid": "k", "n": MODULUS, "e": "AQAB"});
        if let (Some(key), Some(more)) = (key.as_object_mut(), more.as_object()) {
            key.extend(more.clone());
        }
        key
    }

    fn verify(keys: &[Value], token: &str) -> Result<Value, SignOnRefusal> {
        Keys::read(&json!({ "keys": keys }))?.verify(token).map(|(claims, _)| claims)
    }

    #[test]
    fn rsa_keys_verify_with_both_paddings_unless_the_key_says_one() {
        let ada = Ok(json!({"sub": "ada"}));
        assert_eq!(verify(&[rsa(&json!({}))], RS256), ada);
        assert_eq!(verify(&[rsa(&json!({}))], PS256), ada);
        assert_eq!(verify(&[rsa(&json!({"alg": "PS256", "use": "sig"}))], PS256), ada);
        let only = [rsa(&json!({"alg": "PS256"}))];
        assert_eq!(verify(&only, RS256), Err(SignOnRefusal::Algorithm));
    }

    #[test]
    fn a_changed_token_is_refused() {
        let (head, tail) = RS256.rsplit_once('.').unwrap();
        let forged = head.replace("eyJzdWIiOiJhZGEifQ", "eyJzdWIiOiJib2IifQ");
        let keys = [rsa(&json!({}))];

        assert_eq!(verify(&keys, &format!("{forged}.{tail}")), Err(SignOnRefusal::Signature));
        assert_eq!(verify(&keys, &format!("{head}.")), Err(SignOnRefusal::Signature));
        for bad in ["", "a.b", "a.b.c", "e30.e30.e30", &format!("{RS256}.a")] {
            assert_eq!(verify(&keys, bad), Err(SignOnRefusal::Token), "{bad}");
        }
    }

    #[test]
    fn the_algorithm_follows_from_the_key_and_a_fixed_list() {
        let (_, tail) = RS256.split_once('.').unwrap();
        for algorithm in ["none", "HS256", "RS512", "rs256", ""] {
            let header = json!({"alg": algorithm, "kid": "k"}).to_string();
            let token = format!("{}.{tail}", URL_SAFE_NO_PAD.encode(header));
            assert_eq!(verify(&[rsa(&json!({}))], &token), Err(SignOnRefusal::Algorithm));
        }
        for header in [json!({"alg": "RS256", "crit": ["x"]}), json!({"kid": "k"})] {
            let token = format!("{}.{tail}", URL_SAFE_NO_PAD.encode(header.to_string()));
            assert_eq!(verify(&[rsa(&json!({}))], &token), Err(SignOnRefusal::Token));
        }
    }

    #[test]
    fn keys_that_are_too_weak_or_for_something_else_are_left_out() {
        for key in [
            rsa(&json!({"n": SHORT})),
            rsa(&json!({"use": "enc"})),
            rsa(&json!({"alg": "RS512"})),
            json!({"kty": "oct", "kid": "k", "k": "c2VjcmV0"}),
            json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}),
            json!("no key"),
        ] {
            let read = verify(std::slice::from_ref(&key), RS256);
            assert_eq!(read, Err(SignOnRefusal::NoKeys), "{key}");
        }
        assert_eq!(Keys::read(&json!({})).unwrap_err(), SignOnRefusal::Unreadable);
    }

    #[test]
    fn a_token_names_its_key_unless_there_is_one_alone() {
        let another = rsa(&json!({"kid": "another"}));
        assert_eq!(verify(std::slice::from_ref(&another), RS256), Err(SignOnRefusal::UnknownKey));
        let nameless = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#),
            RS256.split_once('.').unwrap().1
        );
        let two = [another.clone(), rsa(&json!({}))];
        assert_eq!(verify(&two, &nameless), Err(SignOnRefusal::UnknownKey));
        assert_eq!(verify(&[another], &nameless), Err(SignOnRefusal::Signature), "it is tried");
    }
}
