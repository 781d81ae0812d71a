//! What of a body is not personal data: the names of known fields, and values with the form of a
//! word, an id or a time in the fields that have such values.

/// The longest value, in bytes, that counts as a word, an id or a time.
const LONGEST: usize = 100;

/// Fields whose values are words of Scalekit or of the product.
const WORDS: [&str; 8] = [
    "spec_version",
    "type",
    "object",
    "provider",
    "directory_type",
    "status",
    "role_name",
    "region_code",
];
/// Fields whose values are ids made by Scalekit. `dp_id` and `external_id` come from the customer's
/// directory and can be e-mail addresses, so they are not in this list.
const IDS: [&str; 9] = [
    "id",
    "environment_id",
    "organization_id",
    "directory_id",
    "connection_id",
    "user_id",
    "group_id",
    "added_members",
    "removed_members",
];
/// Fields whose values are times.
const TIMES: [&str; 8] = [
    "occurred_at",
    "timestamp",
    "created_at",
    "updated_at",
    "deleted_at",
    "create_time",
    "update_time",
    "last_login_at",
];
/// Other field names that Scalekit and directories use. Their values are hidden, but the names
/// themselves are not personal data. Any other field name can be personal data.
const NAMES: [&str; 60] = [
    "active",
    "address",
    "addresses",
    "attributes",
    "cost_center",
    "costCenter",
    "country",
    "custom_attributes",
    "data",
    "department",
    "display_name",
    "displayName",
    "division",
    "dp_id",
    "email",
    "emails",
    "employee_id",
    "employeeNumber",
    "enabled",
    "external_id",
    "externalId",
    "familyName",
    "family_name",
    "features",
    "formatted",
    "givenName",
    "given_name",
    "groups",
    "language",
    "locale",
    "locality",
    "manager",
    "metadata",
    "meta",
    "middleName",
    "mobile_phone_number",
    "name",
    "nickname",
    "organization",
    "phone_number",
    "phoneNumbers",
    "picture",
    "postal_code",
    "preferred_username",
    "primary",
    "profile",
    "raw_attributes",
    "region",
    "roles",
    "schemas",
    "settings",
    "state",
    "streetAddress",
    "timezone",
    "title",
    "userName",
    "user_type",
    "userType",
    "value",
    "zoneinfo",
];
/// The objects in which the fields above have their usual meaning. In any other object
/// (`raw_attributes`, a user's `manager`) the value of such a field can be personal data.
pub(super) const CONTAINERS: [&str; 6] =
    ["", "data", "groups", "roles", "directory", "organization"];
/// The prefixes of Scalekit's ids, including the short ones of its guides, and of our own ids.
const PREFIXES: [&str; 18] = [
    "evt", "msg", "org", "env", "conn", "dir", "diruser", "dirgroup", "user", "usr", "group",
    "role", "mem", "wh", "dlv", "rsn", "rpl", "acc",
];

/// Returns whether the text looks like an event type: a few words with dots between them. Any other
/// text can be personal data.
pub fn is_kind(text: &str) -> bool {
    text.len() <= LONGEST
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(is_of_a_word)
}

/// Returns whether the text looks like an id made by Scalekit (`diruser_92165446…`) or by us.
pub fn is_made_id(text: &str) -> bool {
    let Some((prefix, rest)) = text.split_once('_') else {
        return false;
    };
    let made = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    PREFIXES.contains(&prefix)
        && !rest.is_empty()
        && text.len() <= LONGEST
        && rest.bytes().all(made)
}

fn is_of_a_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-:/".contains(&byte)
}

pub(super) fn is_time(text: &str) -> bool {
    text.len() <= LONGEST
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| b"0123456789-:.+TZ".contains(&byte))
}

/// The field that holds a value.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) name: &'a str,
    pub(super) in_container: bool,
}

pub(super) fn unquoted(token: &str) -> &str {
    token.strip_prefix('"').and_then(|token| token.strip_suffix('"')).unwrap_or(token)
}

/// Returns whether a field name is known and so is not personal data.
pub(super) fn is_known(name: &str) -> bool {
    [&WORDS[..], &IDS, &TIMES, &NAMES].iter().any(|names| names.contains(&name))
}

/// Returns whether a value is a boolean, null or empty, or has the format that its technical field
/// requires.
pub(super) fn is_harmless(token: &str, key: Key<'_>) -> bool {
    if matches!(token, "true" | "false" | "null" | "\"\"") {
        return true;
    }
    let text = unquoted(token);
    let of = |names: &[&str]| key.in_container && names.contains(&key.name);
    match key.name {
        "type" if of(&WORDS) => is_kind(text),
        _ if of(&WORDS) => text.len() <= LONGEST && text.bytes().all(is_of_a_word),
        _ if of(&IDS) => is_made_id(text),
        _ => of(&TIMES) && is_time(text),
    }
}
