//! Remote mounts in configurations: what is taken, what is refused, and that no secret shows.

use super::{Backend, Freshness, Protocol, RemoteBackend, WorkspaceConfig};
use serde_json::{Value, json};
use std::time::Duration;

fn parsed(resource: &str, config: Value) -> Result<RemoteBackend, String> {
    of(&json!({"mounts": {"/r": {"resource": resource, "config": config}}}))
}

fn of(config: &Value) -> Result<RemoteBackend, String> {
    let config = WorkspaceConfig::from_json(config).map_err(|error| error.to_string())?;
    let remote = config.mounts.into_iter().find_map(|mount| match mount.backend {
        Backend::Remote(remote) => Some(remote),
        _ => None,
    });
    Ok(remote.expect("a remote mount"))
}

fn secretive() -> Value {
    json!({"mounts": {"/r": {"resource": "s3", "config": {
        "bucket": "b", "awsAccessKeyId": "AKIAEXAMPLE", "awsSecretAccessKey": "hush-secret", "aws_session_token": "hush-token",
        "proxy": "http://user:hush-proxy@proxy.lan:3128", "endpointUrl": "http://minio.lan:9000/", "pathStyle": true,
        "timeout": 5, "keyPrefix": "some/where"
    }}}})
}

#[test]
fn every_spelling_is_read_and_what_is_kept_reads_back_equal() {
    let config = WorkspaceConfig::from_json(&secretive()).unwrap();
    let remote = of(&secretive()).unwrap();
    assert_eq!(remote.text("aws_secret_access_key"), Some("hush-secret"));
    assert_eq!(
        (remote.endpoint().as_deref(), remote.timeout()),
        (Some("http://minio.lan:9000"), Duration::from_secs(5))
    );
    assert!(remote.flag("path_style") && !remote.is_virtual_hosted());
    assert_eq!(WorkspaceConfig::from_json(&config.to_kept_json()).unwrap(), config);
    assert_eq!(parsed("s3", json!({"bucket": "b", "profile": "x"})).unwrap().text("aws_profile"), Some("x"));
}

#[test]
fn no_secret_shows_but_in_what_the_store_keeps() {
    let config = WorkspaceConfig::from_json(&secretive()).unwrap();
    for shown in [format!("{config:?}"), config.to_json().to_string(), of(&secretive()).unwrap().shown().to_string()] {
        assert!(!shown.contains("hush") && !shown.contains("AKIA"), "{shown}");
        assert!(shown.contains("<REDACTED>") && shown.contains("minio.lan"), "{shown}");
    }
    assert!(config.to_kept_json().to_string().contains("hush-secret"));
    let reason = WorkspaceConfig::from_json(&config.to_json()).unwrap_err().to_string();
    assert!(reason.contains("left out"), "{reason}");
}

#[test]
fn refusals_name_the_known_ones_and_the_way_out() {
    let refused = |resource: &str, config: Value, words: &[&str]| {
        let reason = parsed(resource, config.clone()).expect_err(&format!("{resource} {config}"));
        assert!(words.iter().all(|word| reason.contains(word)), "{resource} {config}: {reason}");
    };
    refused("s3", json!({}), &["mounts./r.config", "requires `bucket`"]);
    refused("s3", json!({"bucket": "b", "buckt": 1}), &["unknown key 'buckt'", "endpoint_url", "key_prefix"]);
    refused("s3", json!({"bucket": "b", "credential": "x"}), &["unknown key 'credential'"]);
    refused("s3", json!({"bucket": "b", "endpoint": "a", "endpoint_url": "b"}), &["twice"]);
    refused("s3", json!({"bucket": "evil.com/"}), &["cannot be the name"]);
    refused("s3", json!({"bucket": "b", "region": "x.evil.com/"}), &["`region`"]);
    refused("s3", json!({"bucket": "b", "endpoint_url": "ftp://h"}), &["https://host"]);
    refused("s3", json!({"bucket": "b", "endpoint_url": "http://user:pw@h"}), &["without a user"]);
    refused("s3", json!({"bucket": "b", "key_prefix": "a/../b"}), &["key_prefix"]);
    refused("s3", json!({"bucket": "b", "timeout": 0}), &["from 1 to 3600"]);
    refused("s3", json!({"bucket": "b", "path_style": "yes"}), &["true or false"]);
    refused("s3", json!({"bucket": "b", "aws_access_key_id": "k"}), &["go together"]);
    refused("minio", json!({"bucket": "b"}), &["requires `endpoint_url`"]);
    refused("redis", json!({}), &["unknown backend 'redis'", "ram, disk, s3, r2"]);
    refused("ssh", json!({}), &["unknown backend 'ssh'"]);
    let words = json!({"mounts": {"/r": {"resource": "s3", "read": "often", "config": {"bucket": "b"}}}});
    assert!(of(&words).unwrap_err().contains("fresh, bounded, pinned"));
}

#[test]
fn a_protocol_that_is_not_built_in_names_its_feature() {
    for (resource, protocol) in [("azblob", Protocol::Azblob), ("nextcloud", Protocol::Webdav), ("gcs", Protocol::Gcs)]
    {
        let config = json!({
            "container": "b", "account_name": "a", "endpoint_url": "https://h", "bucket": "b", "credential": "{}"
        });
        match parsed(resource, config) {
            Err(reason) if !protocol.is_built_in() => assert!(reason.contains("cargo feature"), "{reason}"),
            Err(reason) => assert!(reason.contains("unknown key"), "{reason}"),
            Ok(_) => assert!(protocol.is_built_in()),
        }
    }
    assert_eq!(parsed("gcs", json!({"bucket": "b"})).unwrap().protocol(), Protocol::S3);
}

#[test]
fn each_compatible_storage_is_where_its_region_says() {
    let endpoint = |resource: &str, region: &str| {
        parsed(resource, json!({"bucket": "b", "region": region})).unwrap().endpoint().unwrap()
    };
    assert_eq!(endpoint("s3", "eu-west-1"), "https://s3.eu-west-1.amazonaws.com");
    assert_eq!(endpoint("s3", "cn-north-1"), "https://s3.cn-north-1.amazonaws.com.cn");
    assert_eq!(endpoint("wasabi", "eu-central-1"), "https://s3.eu-central-1.wasabisys.com");
    assert_eq!(endpoint("gcs", "auto"), "https://storage.googleapis.com");
    assert!(parsed("s3", json!({"bucket": "b"})).unwrap().is_virtual_hosted());
    assert!(!parsed("s3", json!({"bucket": "b.with.dots"})).unwrap().is_virtual_hosted());
}

#[test]
fn caching_is_what_the_mount_says_then_what_the_workspace_says() {
    let freshness = |top: Value, mount: Value| {
        let mut config = json!({"mounts": {"/r": {"resource": "s3", "config": {"bucket": "b"}}}});
        config.as_object_mut().unwrap().extend(top.as_object().unwrap().clone());
        config["mounts"]["/r"].as_object_mut().unwrap().extend(mount.as_object().unwrap().clone());
        let parsed = WorkspaceConfig::from_json(&config).unwrap();
        assert_eq!(WorkspaceConfig::from_json(&parsed.to_kept_json()).unwrap(), parsed);
        of(&config).unwrap().freshness
    };
    let bounded = |seconds| Freshness::Bounded(Duration::from_secs(seconds));
    assert_eq!(freshness(json!({}), json!({})), bounded(600));
    assert_eq!(freshness(json!({"consistency": "always"}), json!({})), Freshness::Fresh);
    assert_eq!(freshness(json!({"consistency": "always"}), json!({"read": "pinned"})), Freshness::Pinned);
    assert_eq!(freshness(json!({"ttl": 9}), json!({"consistency": "lazy"})), bounded(9));
    assert_eq!(freshness(json!({}), json!({"read": "bounded", "ttl": 5})), bounded(5));
}

#[test]
fn the_cache_limit_is_bytes_or_a_text() {
    let limit = |limit: Value| {
        WorkspaceConfig::from_json(&json!({"mounts": {}, "cache": {"type": "ram", "limit": limit}}))
            .map(|config| config.cache_limit)
    };
    assert_eq!(limit(json!("512MB")).unwrap(), Some(512 << 20));
    assert_eq!((limit(json!(7)).unwrap(), limit(Value::Null).unwrap()), (Some(7), None));
    assert!(limit(json!("lots")).is_err() && limit(json!("99999999999GB")).is_err());
}

#[test]
fn only_the_hosts_that_are_allowed_are_reached() {
    let reaches = |config: Value, allowed: &[&str]| {
        let allowed: Vec<_> = allowed.iter().map(|&rule| rule.to_owned()).collect();
        parsed("s3", config).unwrap().reaches_beyond(&allowed)
    };
    let minio = || json!({"bucket": "b", "endpoint_url": "http://Minio.lan:9000"});
    for allowed in ["*", "minio.lan", "minio.lan:9000", "*.lan", "*.lan:9000"] {
        assert_eq!(reaches(minio(), &[allowed]), None, "{allowed}");
    }
    for allowed in ["lan", "*lan", "minio.lan:9001", "inio.lan", "profile:*"] {
        assert!(reaches(minio(), &[allowed]).is_some_and(|host| host.contains("Minio.lan:9000")), "{allowed}");
    }
    assert!(reaches(minio(), &[]).is_some());
    let proxied = json!({"bucket": "b", "endpoint_url": "http://a.lan", "proxy": "http://u:p@evil.com:1"});
    assert_eq!(reaches(proxied, &["a.lan"]), Some("the host evil.com:1".to_owned()));
    let profiled = || json!({"bucket": "b", "aws_profile": "work"});
    assert_eq!(reaches(profiled(), &["*"]), Some("profile:work".to_owned()));
    assert_eq!(reaches(profiled(), &["*", "profile:work"]), None);
}
