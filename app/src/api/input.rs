//! What a call sends: the names in its path, its parameters, its conditions and its body. What it
//! does not take is refused, so that a typo is no silent "all".

use std::collections::BTreeMap;

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, header, request::Parts},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use seatkeeper::{http::query_pairs, state::AppState};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::{Number, Value};
use utoipa::{IntoParams, ToSchema};
use views::pagination::Key;

use super::Problem;

/// The longest body of most calls, in bytes.
pub const USUAL_BODY: usize = 64 * 1024;
/// The longest text of a parameter, in bytes.
const LONGEST: usize = 4 * 1024;
/// How many items an answer has at most, and if the call does not say.
const MOST: i64 = 500;
const USUAL: i64 = 100;

/// The names in the path of a call. One that is no text names nothing.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(names)| Self(names)).map_err(|_| Problem::missing())
    }
}

/// The parameters of a call: a handler takes those that it knows, and then ends them.
#[derive(Debug)]
pub struct Parameters(BTreeMap<String, String>);

impl FromRequestParts<AppState> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        Self::read(parts.uri.query().unwrap_or_default())
    }
}

impl Parameters {
    fn read(query: &str) -> Result<Self, Problem> {
        let mut found = BTreeMap::new();
        for (name, value) in query_pairs(query) {
            if value.len() > LONGEST || value.contains('\0') {
                return Err(Problem::parameter("", "A parameter is too long, or it is no text."));
            }
            if found.insert(name, value).is_some() {
                return Err(Problem::parameter("", "A parameter stands here twice."));
            }
        }
        Ok(Self(found))
    }

    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// A parameter with one of a few values.
    pub fn parse<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
        sentence: &str,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.take(name) else { return Ok(None) };
        parse(&text).map(Some).ok_or_else(|| Problem::parameter(name, sentence))
    }

    /// Refuses a parameter that was not taken.
    pub fn end(self) -> Result<(), Problem> {
        match self.0.into_keys().next() {
            Some(name) => Err(Problem::unknown_parameter(&name)),
            None => Ok(()),
        }
    }

    /// The parameters of a list, and no others after them.
    pub fn page<K: Key>(mut self) -> Result<Page<K>, Problem> {
        let limit = self.limit()?;
        let cursor = |text: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
            K::parse(std::str::from_utf8(&bytes).ok()?)
        };
        let behind = self.take("cursor");
        let behind = behind.map(|text| cursor(&text).ok_or_else(Problem::cursor)).transpose()?;
        self.end()?;
        Ok(Page { limit, behind })
    }

    /// How many items the answer has at most.
    pub fn limit(&mut self) -> Result<i64, Problem> {
        let limit = |text: &str| text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
        let limit = self.parse("limit", limit, "A limit is a number from 1 to 500.")?;
        Ok(limit.unwrap_or(USUAL))
    }
}

/// The parameters of a list, as the document has them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only the document reads it")]
pub struct PageParameters {
    /// How many items the answer has at most; without it, 100.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
    /// The `next_cursor` of the answer before.
    #[param(pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

/// Which part of a list is asked for.
#[derive(Debug)]
pub struct Page<K> {
    pub limit: i64,
    /// The row behind which it begins.
    pub behind: Option<K>,
}

/// The text of a cursor.
pub fn cursor(key: &impl Key) -> String {
    URL_SAFE_NO_PAD.encode(key.written())
}

/// A body as JSON. A call with a body has no parameters.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Problem> {
        Parameters::read(request.uri().query().unwrap_or_default())?.end()?;
        let is_json = says(request.headers(), "application/json");
        let body = whole(request, USUAL_BODY).await?;
        if !is_json {
            return Err(Problem::content_type("application/json"));
        }
        json(&body).map(Self)
    }
}

/// No member: `{}`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let unreadable = |error: serde_json::Error| Problem::body(&error.to_string());
    // Postgres stores no NUL, and JSON writes it only so
    if body.windows(NUL.len()).any(|part| part == NUL) {
        let value = serde_json::from_slice(body).map_err(unreadable)?;
        if has_nul(&value) {
            return Err(Problem::body("a text has a character NUL"));
        }
    }
    serde_json::from_slice(body).map_err(unreadable)
}

/// A whole number in a body. JSON has one kind of numbers, so `5.0` is `5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole(pub i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        let whole = || number.as_f64().filter(|number| number.fract() == 0.0);
        let parsed = number.as_i64().or_else(|| format!("{:.0}", whole()?).parse().ok());
        parsed.map(Self).ok_or_else(|| D::Error::custom("this is no whole number"))
    }
}

const NUL: &[u8] = br"\u0000";

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains('\0') || has_nul(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether the body says that it is of this kind.
pub fn says(headers: &HeaderMap, kind: &str) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|said| said.to_str().ok());
    let said = said.and_then(|said| said.split(';').next()).unwrap_or_default();
    said.trim().eq_ignore_ascii_case(kind)
}

/// The whole body, if it is not too long.
pub async fn whole(request: Request, most: usize) -> Result<Bytes, Problem> {
    to_bytes(request.into_body(), most).await.map_err(|_| Problem::body_too_large(most))
}

/// The version that `If-Match` names; `None`: any.
pub fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let named = headers.get(header::IF_MATCH).ok_or_else(Problem::no_precondition)?;
    let named = named.to_str().unwrap_or_default().trim();
    if named == "*" {
        return Ok(None);
    }
    // a weak one and several ones are well-formed, and none of them is a version
    let tags = named.strip_prefix("W/").unwrap_or(named).strip_prefix('"');
    let tags = tags.and_then(|rest| rest.strip_suffix('"')).ok_or_else(Problem::if_match)?;
    let version = tags.parse().ok().filter(|_| named.starts_with('"'));
    version.map(Some).ok_or_else(Problem::stale)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use domain::id::ResyncId;

    use super::*;

    fn page(query: &str) -> Result<(i64, Option<ResyncId>), Problem> {
        Parameters::read(query)?.page::<ResyncId>().map(|page| (page.limit, page.behind))
    }

    #[test]
    fn a_list_takes_a_limit_and_a_cursor_and_nothing_else() {
        let id = ResyncId::new("rsn_1");

        assert_eq!(page(""), Ok((100, None)));
        assert_eq!(page(&format!("limit=500&cursor={}", cursor(&id))), Ok((500, Some(id))));
        for wrong in
            ["limit=0", "limit=501", "limit=", "limit=1&limit=2", "cursor=%21", "cursor=", "a=1"]
        {
            assert!(page(wrong).is_err(), "{wrong}");
        }
        assert_eq!(page("filter=x"), Err(Problem::unknown_parameter("filter")));
    }

    #[test]
    fn a_number_may_be_written_with_a_point() {
        let read = |text: &str| serde_json::from_str(text).ok().map(|Whole(number)| number);

        assert_eq!([read("5"), read("5.0"), read("-2e1")], [Some(5), Some(5), Some(-20)]);
        for no_number in ["5.5", "1e30", "\"5\"", "null"] {
            assert_eq!(read(no_number), None, "{no_number}");
        }
    }

    #[test]
    fn a_text_with_a_nul_is_refused() {
        assert!(json::<Value>(br#"{"a":["b \u0000"]}"#).is_err());
        assert!(json::<Value>(br#"{"\u0000":1}"#).is_err());
        assert!(json::<Value>(br#"{"a":"\\u0000 is how JSON writes it"}"#).is_ok());
    }

    #[test]
    fn a_condition_is_a_version_or_any() {
        let read = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, HeaderValue::from_static(text));
            if_match(&headers)
        };
        assert_eq!((read("*"), read("\"7\"")), (Ok(None), Ok(Some(7))));
        for stale in ["W/\"7\"", "\"seven\"", "\"7\", \"8\"", "\"\""] {
            assert_eq!(read(stale), Err(Problem::stale()), "{stale}");
        }
        for malformed in ["7", "", "\"", "\"7", "7\"", "W/7", "any"] {
            assert_eq!(read(malformed), Err(Problem::if_match()), "{malformed}");
        }
        assert_eq!(if_match(&HeaderMap::new()), Err(Problem::no_precondition()));
    }
}
