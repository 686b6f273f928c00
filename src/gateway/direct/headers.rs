//! Which headers go on: not those of a single connection, and no credential for the gateway itself.

use axum::http::{HeaderMap, HeaderName, header};

/// Of one connection (RFC 9110), whichever way.
const OF_A_CONNECTION: [HeaderName; 6] = [
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::PROXY_AUTHENTICATE,
];

/// What callers say to the gateway and not to a node.
const FOR_THE_GATEWAY: [&str; 12] = [
    "authorization",
    "x-api-key",
    "host",
    "expect",
    "cookie",
    "origin",
    "referer",
    "proxy-authorization",
    "forwarded",
    "keep-alive",
    "proxy-connection",
    "x-request-id",
];

/// A caller's headers for a node.
pub(super) fn for_node(headers: &HeaderMap) -> HeaderMap {
    let mut kept = without_connection(headers);
    for name in FOR_THE_GATEWAY {
        kept.remove(name);
    }
    let about_the_caller: Vec<HeaderName> = kept
        .keys()
        .filter(|name| name.as_str().starts_with("x-forwarded-") || name.as_str().starts_with("sec-fetch-"))
        .cloned()
        .collect();
    for name in about_the_caller {
        kept.remove(name);
    }
    kept
}

/// A node's headers for a caller.
pub(super) fn for_caller(headers: &HeaderMap) -> HeaderMap {
    let mut kept = without_connection(headers);
    for name in ["keep-alive", "proxy-connection", "date", "set-cookie"] {
        kept.remove(name);
    }
    kept
}

fn without_connection(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    for named in headers.get_all(header::CONNECTION) {
        for name in named.to_str().unwrap_or_default().split(',') {
            kept.remove(name.trim());
        }
    }
    for name in OF_A_CONNECTION {
        kept.remove(name);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_credentials_nor_headers_of_the_connection_go_on() {
        let headers: HeaderMap = [
            ("authorization", "Bearer msw_1"),
            ("x-api-key", "msw_1"),
            ("connection", "close, X-Mine"),
            ("x-mine", "1"),
            ("x-forwarded-for", "192.0.2.1"),
            ("transfer-encoding", "chunked"),
            ("content-type", "application/json"),
            ("x-mirage-session", "s"),
        ]
        .into_iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
        .collect();
        let names = |headers: &HeaderMap| headers.keys().map(|name| name.as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(&for_node(&headers)), ["content-type", "x-mirage-session"]);
        assert!(!names(&for_caller(&headers)).contains(&"x-mine".to_owned()));
    }
}
