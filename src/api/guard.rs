//! Who may call: requests for our own names only, no foreign web pages, and the token.
//!
//! A browser on this machine reaches loopback for any page it shows. The Host check stops pages that point their own name
//! at 127.0.0.1, the Origin check those that call the address directly.

use super::ApiConfig;
use super::auth::{Caller, Pass};
use crate::wire::v1::{ErrorCode, Failure};
use hyper::Uri;
use hyper::header::{HOST, HeaderMap, HeaderName, ORIGIN};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets a request's head pass, and says what its sender may do.
///
/// # Errors
/// What a caller that may not pass is told. Wrong Host first: it says nothing about tokens to a page that probes.
pub(super) fn check(
    config: &ApiConfig,
    method: &str,
    target: &Uri,
    headers: &HeaderMap,
    is_health: bool,
) -> Result<Pass, Failure> {
    let any = config.allowed_hosts.iter().any(|host| host == "*");
    if !any {
        check_host(config, target, headers)?;
        check_origin(config, headers)?;
    }
    if is_health { Ok(Caller::Guest.into()) } else { config.auth.pass(method, target, headers) }
}

fn check_host(config: &ApiConfig, target: &Uri, headers: &HeaderMap) -> Result<(), Failure> {
    let mut hosts = headers.get_all(HOST).iter();
    let allowed = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().is_ok_and(|host| is_allowed(config, host)),
        _ => false,
    };
    // `GET http://host/v1/…` says it a second time.
    if allowed && target.authority().is_none_or(|authority| is_allowed(config, authority.as_str())) {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::InvalidRequest, "Invalid host header")
        .hint(format!("this server answers for: {}", config.allowed_hosts.join(", "))))
}

fn check_origin(config: &ApiConfig, headers: &HeaderMap) -> Result<(), Failure> {
    let origin_allowed = headers.get_all(ORIGIN).iter().all(|origin| {
        let host = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        host.is_some_and(|(_, host)| is_allowed(config, host))
    });
    // Browsers leave Origin out of some requests, but not this one.
    let cross_site = headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "cross-site");
    if origin_allowed && !cross_site {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::Forbidden, "a web page of another origin may not call this server")
        .hint("the owner can add the page's host to the allowed hosts"))
}

/// Whether `host` or `host:port` is an allowed host, exactly as it is written in the list.
fn is_allowed(config: &ApiConfig, host: &str) -> bool {
    let name = without_port(host);
    !name.is_empty() && config.allowed_hosts.iter().any(|allowed| allowed == name)
}

/// The host without one `:digits` and without the brackets of an IPv6 address. What has another form stays as it is, and
/// so is in no list.
fn without_port(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return match rest.split_once(']') {
            Some((name, "")) => name,
            Some((name, port)) if is_port(port) => name,
            _ => host,
        };
    }
    match host.rfind(':') {
        Some(colon) if is_port(&host[colon..]) && !host[..colon].contains(':') => &host[..colon],
        _ => host,
    }
}

fn is_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Auth;
    use crate::base::Secret;
    use hyper::header::AUTHORIZATION;

    fn status(config: &ApiConfig, headers: &[(&str, &str)]) -> u16 {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        check(config, "GET", &Uri::from_static("/v1/jobs"), &map, false)
            .map_or_else(|failure| failure.code.status(), |_| 200)
    }

    #[test]
    fn only_our_own_names_are_hosts() {
        let config = ApiConfig::default();
        for host in ["127.0.0.1", "localhost:1", "127.0.0.1:8765", "[::1]", "[::1]:99"] {
            assert_eq!(status(&config, &[("host", host)]), 200, "{host}");
        }
        for host in
            ["", "evil.com", "evil.com:80", "LOCALHOST", "localhost:", "localhost:x", "localhost:1:2", "[::1", "[::1]x"]
        {
            assert_eq!(status(&config, &[("host", host)]), 400, "{host}");
        }
        assert_eq!(status(&config, &[]), 400);
        assert_eq!(status(&config, &[("host", "localhost"), ("host", "localhost")]), 400);
        let headers = HeaderMap::from_iter([(HOST, "localhost".parse().unwrap())]);
        for (target, allowed) in [("http://localhost:9/v1/jobs", true), ("http://evil.com/v1/jobs", false)] {
            assert_eq!(check(&config, "GET", &Uri::from_static(target), &headers, false).is_ok(), allowed, "{target}");
        }
        let open = ApiConfig { allowed_hosts: vec!["*".to_owned()], ..config };
        assert_eq!(status(&open, &[("host", "evil.com")]), 200);
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        let config = ApiConfig::default();
        for (origin, expected) in [
            ("http://localhost:3000", 200),
            ("http://[::1]:3000", 200),
            ("https://evil.com", 403),
            ("null", 403),
            ("http://localhost.evil.com", 403),
        ] {
            assert_eq!(status(&config, &[("host", "localhost"), ("origin", origin)]), expected, "{origin}");
        }
        assert_eq!(status(&config, &[("host", "localhost"), ("sec-fetch-site", "cross-site")]), 403);
    }

    #[test]
    fn the_token_is_asked_for_after_the_host_and_its_scheme_in_any_case() {
        let config = ApiConfig { auth: Auth::Token(Secret::new("wpl_secret")), ..ApiConfig::default() };
        let with = |authorization| status(&config, &[("host", "localhost"), ("authorization", authorization)]);
        assert_eq!((with("Bearer wpl_secret"), with("bearer wpl_secret"), with("BEARER  wpl_secret")), (200, 200, 200));
        for wrong in ["Bearer wpl_secre", "Bearer wpl_secrett", "Bearer", "Basic wpl_secret", "wpl_secret", ""] {
            assert_eq!(with(wrong), 401, "{wrong}");
        }
        assert_eq!(status(&config, &[("host", "localhost")]), 401);
        assert_eq!(status(&config, &[("host", "evil.com")]), 400);
    }

    #[test]
    fn the_owners_token_may_look_like_a_signed_one() {
        let invocations = std::sync::Arc::new(crate::api::Invocations::new("shn_1", || None));
        let auth = Auth::Direct { token: Secret::new("own.to.ken"), invocations };
        let config = ApiConfig { auth, ..ApiConfig::default() };
        for (given, expected) in [("Bearer own.to.ken", 200), ("Bearer own.to.kex", 401), ("Bearer x", 401)] {
            assert_eq!(status(&config, &[("host", "localhost"), ("authorization", given)]), expected, "{given}");
        }
    }

    #[test]
    fn a_guest_is_who_shows_nothing_not_who_shows_something_wrong() {
        let auth = Auth::Local { token: Secret::new("wpl_secret"), token_file: Some("/home/x/api.token".into()) };
        let caller = |authorization: Option<&str>| {
            let value = authorization.map(|value| (AUTHORIZATION, value.parse().unwrap()));
            auth.caller(&value.into_iter().collect())
        };
        assert_eq!(caller(None).unwrap(), Caller::Guest);
        assert_eq!(caller(Some("bearer wpl_secret")).unwrap(), Caller::Owner);
        for wrong in ["Bearer nope", "Basic wpl_secret", "Bearer", ""] {
            let refused = caller(Some(wrong)).unwrap_err();
            assert!(refused.hint.unwrap().contains("/home/x/api.token"), "{wrong}");
        }
    }
}
