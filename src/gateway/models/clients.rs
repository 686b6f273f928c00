//! Clients: an address, an id or a domain, in its normal form.

use crate::wire::node::ClientId;
use std::net::IpAddr;

/// A client's normal form; none when it is neither an address, nor a UUID, nor a domain.
pub(crate) fn normal_client(text: &str) -> Option<ClientId> {
    let text = text.trim();
    let client = |kind: &str, value: String| Some(ClientId { kind: kind.to_owned(), value });
    if let Ok(address) = text.parse::<IpAddr>() {
        return client("ip", address.to_string());
    }
    let text = text.to_ascii_lowercase();
    if is_uuid(&text) {
        return client("uuid", text);
    }
    let domain = text.trim_end_matches('.');
    let fits = (1..=253).contains(&domain.len()) && domain.split('.').all(is_label);
    if fits { client("domain", domain.to_owned()) } else { None }
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let hex = |part: &&str| part.bytes().all(|digit| digit.is_ascii_hexdigit());
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(hex)
        && matches!(parts[2].as_bytes()[0], b'1'..=b'5')
        && matches!(parts[3].as_bytes()[0], b'8' | b'9' | b'a' | b'b')
}

fn is_label(label: &str) -> bool {
    let inside = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    (1..=63).contains(&label.len()) && label.bytes().all(inside) && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_told_apart_and_normalised() {
        let kind = |text| normal_client(text).map(|client| (client.kind, client.value));
        let some = |kind: &str, value: &str| Some((kind.to_owned(), value.to_owned()));
        assert_eq!(kind("192.0.2.10"), some("ip", "192.0.2.10"));
        assert_eq!(kind("2001:DB8::1"), some("ip", "2001:db8::1"));
        assert_eq!(kind("2D9CC30E-3AE8-4D34-B0C4-B07FA7947F9A"), some("uuid", "2d9cc30e-3ae8-4d34-b0c4-b07fa7947f9a"));
        assert_eq!(kind("heka"), some("domain", "heka"));
        assert_eq!(kind(" Example.COM. "), some("domain", "example.com"));
        for wrong in ["", "-a.b", "a..b", "a b", "ä.de", &"x".repeat(254)] {
            assert_eq!(kind(wrong), None, "{wrong}");
        }
    }
}
