//! The signature over what a node says it can do, checked over the text as it came: the order of keys is part of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The payload's parts, each as it came.
#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    schema_version: &'a RawValue,
    #[serde(borrow)]
    snapshot_id: &'a RawValue,
    #[serde(borrow)]
    private_catalog_entry: &'a RawValue,
    #[serde(borrow)]
    scheduler_match: &'a RawValue,
    #[serde(borrow)]
    public_projection: &'a RawValue,
    signature: Signature,
}

#[derive(Deserialize)]
struct Signature {
    alg: String,
    value: String,
}

/// What is wrong with a signed payload: a code and a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unsigned(pub(super) &'static str, pub(super) &'static str);

/// The part that everybody may see, when the token's holder signed the whole.
pub(super) fn public_projection(payload: &RawValue, token: &str) -> Result<Value, Unsigned> {
    let shape = Unsigned("malformed", "what it says it can do is not of the known form");
    let Ok(parts) = serde_json::from_str::<Payload<'_>>(payload.get()) else { return Err(shape) };
    if parts.signature.alg != "HS256" {
        return Err(Unsigned("bad_algorithm", "what it says it can do is signed with another algorithm than HS256"));
    }
    let Ok(given) = URL_SAFE_NO_PAD.decode(parts.signature.value.trim_end_matches('=')) else { return Err(shape) };
    let text = compact(&format!(
        r#"{{"schema_version":{},"snapshot_id":{},"private_catalog_entry":{},"scheduler_match":{},"public_projection":{}}}"#,
        parts.schema_version,
        parts.snapshot_id,
        parts.private_catalog_entry,
        parts.scheduler_match,
        parts.public_projection
    ));
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(token.as_bytes()) else { return Err(shape) };
    mac.update(text.as_bytes());
    if !bool::from(mac.finalize().into_bytes().as_slice().ct_eq(&given)) {
        return Err(Unsigned(
            "bad_signature",
            "what it says it can do was not signed with its token: it is not used; set the node up again",
        ));
    }
    serde_json::from_str(parts.public_projection.get()).map_err(|_| shape)
}

/// JSON without the space between its tokens; everything in strings stays.
fn compact(text: &str) -> String {
    let (mut inside, mut escaped) = (false, false);
    let keep = |letter: &char| {
        if inside {
            inside = escaped || *letter != '"';
            escaped = !escaped && *letter == '\\';
            return true;
        }
        inside = *letter == '"';
        !letter.is_ascii_whitespace()
    };
    text.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(body: &str, token: &str) -> Box<RawValue> {
        let mut mac = Hmac::<Sha256>::new_from_slice(token.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let value = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        let signature =
            format!(r#""signature":{{"alg":"HS256","value":"{value}","key_id":"self_hosted_runtime_token"}}"#);
        RawValue::from_string(format!("{},{signature}}}", body.strip_suffix('}').unwrap())).unwrap()
    }

    const BODY: &str = r#"{"schema_version":"2026-06-14","snapshot_id":"caps_1","private_catalog_entry":{"z":1.50,"a":"\"{ }\\ "},"scheduler_match":{},"public_projection":{"job_types":[],"b":1,"a":2}}"#;

    #[test]
    fn the_order_of_keys_and_the_form_of_numbers_are_kept() {
        let projection = public_projection(&signed(BODY, "msn_t"), "msn_t").unwrap();
        assert_eq!(projection.to_string(), r#"{"job_types":[],"b":1,"a":2}"#);
    }

    #[test]
    fn space_between_tokens_and_the_order_of_the_parts_do_not_matter() {
        let text = signed(BODY, "msn_t").get().to_owned();
        let spaced = text.replacen(r#"{"schema_version":"2026-06-14","#, "{ ", 1);
        let spaced = format!("{} , \"schema_version\" : \"2026-06-14\" }}", spaced.strip_suffix('}').unwrap());
        let spaced =
            RawValue::from_string(spaced.replace(r#","scheduler_match":"#, " ,\n\"scheduler_match\": ")).unwrap();
        assert!(public_projection(&spaced, "msn_t").is_ok());
    }

    #[test]
    fn another_token_a_changed_part_and_another_form_are_told_apart() {
        let code = |payload: &RawValue, token| public_projection(payload, token).unwrap_err().0;
        assert_eq!(code(&signed(BODY, "msn_t"), "msn_other"), "bad_signature");
        let changed = signed(BODY, "msn_t").get().replace("caps_1", "caps_2");
        assert_eq!(code(&RawValue::from_string(changed).unwrap(), "msn_t"), "bad_signature");
        let none = signed(BODY, "msn_t").get().replace("HS256", "none");
        assert_eq!(code(&RawValue::from_string(none).unwrap(), "msn_t"), "bad_algorithm");
        assert_eq!(code(&RawValue::from_string(r#"{"a":1}"#.into()).unwrap(), "msn_t"), "malformed");
    }
}
