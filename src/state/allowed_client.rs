//! Callers other than the owner: addresses, ids and domains, in the grammar that existing nodes and gateways have.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use uuid::Uuid;

/// A caller other than the owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowedClient {
    /// `ip`, `uuid` or `domain`.
    pub kind: String,
    /// The value in its normal form.
    pub value: String,
    /// ISO 8601 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_at: Option<String>,
}

/// A text that is none of the three.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a client: give an IP address, a UUID or a domain such as build.example.com")]
pub struct NotAClient(String);

impl AllowedClient {
    /// An address (any form that is valid), a UUID of version 1 to 5, or a domain of at most 253 characters; a single label
    /// is a domain too. Letters become small, trailing dots of domains go.
    ///
    /// # Errors
    /// [`NotAClient`] with the text.
    pub fn parse(text: &str) -> Result<Self, NotAClient> {
        let value = text.trim().to_lowercase();
        let is = |kind: &str, value: &str| Self { kind: kind.to_owned(), value: value.to_owned(), added_at: None };
        if value.parse::<IpAddr>().is_ok() {
            return Ok(is("ip", &value));
        }
        if is_uuid(&value) {
            return Ok(is("uuid", &value));
        }
        let domain = value.trim_end_matches('.');
        if domain.len() <= 253 && domain.split('.').all(is_label) {
            return Ok(is("domain", domain));
        }
        Err(NotAClient(text.to_owned()))
    }

    /// Several, separated by commas; each only once.
    ///
    /// # Errors
    /// [`NotAClient`] with the first that is none.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, NotAClient> {
        let mut clients: Vec<Self> = Vec::new();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let client = Self::parse(item)?;
            if !clients.iter().any(|known| (&known.kind, &known.value) == (&client.kind, &client.value)) {
                clients.push(client);
            }
        }
        Ok(clients)
    }
}

/// With its dashes, of version 1 to 5 and the usual variant.
fn is_uuid(text: &str) -> bool {
    let version = text.as_bytes().get(14).copied();
    let variant = text.as_bytes().get(19).copied();
    text.len() == 36
        && Uuid::parse_str(text).is_ok()
        && version.is_some_and(|digit| (b'1'..=b'5').contains(&digit))
        && variant.is_some_and(|digit| matches!(digit, b'8' | b'9' | b'a' | b'b'))
}

fn is_label(label: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&label.len()) && label.bytes().all(inside) && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_normal_form() {
        for (text, kind, value) in [
            ("192.0.2.1", "ip", "192.0.2.1"),
            ("2001:DB8::1", "ip", "2001:db8::1"),
            ("2D9CC30E-3ae8-4d34-b0c4-b07fa7947f9a", "uuid", "2d9cc30e-3ae8-4d34-b0c4-b07fa7947f9a"),
            ("heka", "domain", "heka"),
            ("Build.Example.COM..", "domain", "build.example.com"),
        ] {
            let client = AllowedClient::parse(text).unwrap();
            assert_eq!((client.kind.as_str(), client.value.as_str()), (kind, value));
        }
        for wrong in ["", "a b", "-a", "a-.b", "a..b", "under_score", &"a".repeat(64), "192.0.2.1/24", "*.example.com"]
        {
            let refused = AllowedClient::parse(wrong).unwrap_err().to_string();
            assert!(refused.contains(wrong), "{refused}");
        }
    }

    #[test]
    fn a_list_has_each_once() {
        let clients = AllowedClient::parse_list("heka, HEKA,192.0.2.1,").unwrap();
        assert_eq!(clients.len(), 2);
        assert!(AllowedClient::parse_list("").unwrap().is_empty());
        assert!(AllowedClient::parse_list("heka,a b").unwrap_err().to_string().contains("a b"));
    }
}
