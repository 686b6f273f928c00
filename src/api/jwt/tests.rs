//! Which tokens are accepted, and which keys.
//!
//! The key pairs were made with `openssl genpkey` for these tests and open nothing.

use super::*;
use crate::base::unix_seconds;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;

macro_rules! key {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/jwt/", $name))
    };
}

const SECRET: &str = "a-shared-secret-of-more-than-32-bytes";

fn options(algorithm: &str, key: &str) -> JwtOptions {
    JwtOptions {
        algorithm: algorithm.to_owned(),
        key: Secret::new(key),
        issuer: None,
        audience: None,
        authorized_parties: Vec::new(),
        clock_skew: Duration::from_secs(5),
    }
}

fn in_seconds(seconds: f64) -> u64 {
    (unix_seconds() + seconds) as u64
}

fn signed(claims: &Value) -> String {
    encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

fn hs(change: impl FnOnce(&mut JwtOptions)) -> JwtRule {
    let mut options = options("HS256", SECRET);
    change(&mut options);
    JwtRule::new(options).unwrap()
}

#[test]
fn each_kind_of_key_accepts_its_own_and_no_other() {
    let pairs = [
        ("RS256", key!("rsa.pub.pem"), EncodingKey::from_rsa_pem(key!("rsa.pem").as_bytes()).unwrap()),
        ("PS256", key!("rsa.pub.pem"), EncodingKey::from_rsa_pem(key!("rsa.pem").as_bytes()).unwrap()),
        ("ES256", key!("ec.pub.pem"), EncodingKey::from_ec_pem(key!("ec.pem").as_bytes()).unwrap()),
        ("EdDSA", key!("ed.pub.pem"), EncodingKey::from_ed_pem(key!("ed.pem").as_bytes()).unwrap()),
        ("HS256", SECRET, EncodingKey::from_secret(SECRET.as_bytes())),
    ];
    let claims = json!({"exp": in_seconds(60.0)});
    for (algorithm, public, _) in &pairs {
        let rule = JwtRule::new(options(algorithm, public)).unwrap();
        for (other, _, private) in &pairs {
            let token = encode(&Header::new(other.parse().unwrap()), &claims, private).unwrap();
            assert_eq!(rule.accepts(&token), other == algorithm, "{algorithm} {other}");
        }
    }
}

#[test]
fn a_public_key_is_no_shared_secret_and_no_algorithm_is_none() {
    // Signed with the public key as if it were a secret, and not signed at all.
    let rule = JwtRule::new(options("RS256", key!("rsa.pub.pem"))).unwrap();
    let claims = json!({"exp": in_seconds(60.0)});
    let key = EncodingKey::from_secret(key!("rsa.pub.pem").as_bytes());
    assert!(!rule.accepts(&encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()));
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), part(&claims));
    assert!(!rule.accepts(&unsigned) && !rule.accepts("") && !rule.accepts("a.b.c"));
}

#[test]
fn times_count_and_must_be_numbers() {
    let rule = hs(|_| {});
    for (claims, accepted) in [
        (json!({"exp": in_seconds(60.0)}), true),
        (json!({"exp": in_seconds(-2.0)}), true), // within the skew
        (json!({"exp": in_seconds(-60.0)}), false),
        (json!({}), false),
        (json!({"exp": "tomorrow"}), false),
        (json!({"exp": in_seconds(60.0), "nbf": in_seconds(60.0)}), false),
        (json!({"exp": in_seconds(60.0), "nbf": "tomorrow"}), false),
        (json!({"exp": in_seconds(60.0), "nbf": in_seconds(-60.0)}), true),
        (json!({"exp": in_seconds(60.0), "aud": "somebody"}), true),
    ] {
        assert_eq!(rule.accepts(&signed(&claims)), accepted, "{claims}");
    }
}

#[test]
fn issuer_audience_and_party_must_be_there_and_right() {
    let rule = hs(|options| {
        options.issuer = Some("https://issuer".to_owned());
        options.audience = Some("waypost".to_owned());
        options.authorized_parties = vec!["app".to_owned(), "cli".to_owned()];
    });
    let right = json!({"exp": in_seconds(60.0), "iss": "https://issuer", "aud": ["x", "waypost"], "azp": "cli"});
    assert!(rule.accepts(&signed(&right)));
    for (claim, wrong) in
        [("iss", json!("https://other")), ("aud", json!("x")), ("azp", json!("web")), ("iss", json!(7))]
    {
        let mut claims = right.clone();
        claims[claim] = wrong;
        assert!(!rule.accepts(&signed(&claims)), "{claims}");
        claims.as_object_mut().unwrap().remove(claim);
        assert!(!rule.accepts(&signed(&claims)), "{claims}");
    }
}

#[test]
fn the_header_must_say_jwt_and_ask_for_nothing_more() {
    let rule = hs(|_| {});
    let claims = json!({"exp": in_seconds(60.0)});
    let with = |header: Value| {
        let message =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        rule.accepts(&format!("{message}.{signature}"))
    };
    assert!(with(json!({"alg": "HS256", "typ": "JWT"})));
    assert!(!with(json!({"alg": "HS256"})));
    assert!(!with(json!({"alg": "HS256", "typ": "at+jwt"})));
    assert!(!with(json!({"alg": "HS256", "typ": "JWT", "crit": ["b64"]})));
}

#[test]
fn what_cannot_be_a_rule_is_refused_with_its_reason() {
    for (algorithm, key, expected) in [
        ("none", SECRET, "'none' is not one of HS256"),
        ("rs256", key!("rsa.pub.pem"), "'rs256' is not one of"),
        ("HS256", "short", "at least 32 bytes, not 5 bytes"),
        ("HS256", key!("rsa.pub.pem"), "not a key in PEM"),
        ("RS256", SECRET, "not a public key in PEM that fits RS256"),
        ("RS256", key!("rsa.pem"), "it is a private key"),
        ("ES256", key!("rsa.pub.pem"), "fits ES256"),
        ("RS256", key!("ec.pub.pem"), "fits RS256"),
    ] {
        let refused = JwtRule::new(options(algorithm, key)).unwrap_err().to_string();
        assert!(refused.contains(expected), "{algorithm}: {refused}");
    }
}
