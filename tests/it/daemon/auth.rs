//! Who may do what at a daemon.

use super::{Home, call, create};
use crate::support::http;
use reqwest::Method;
use serde_json::{Value, json};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

const RSA: &str = include_str!("../fixtures/jwt/rsa.pem");
const EC: &str = include_str!("../fixtures/jwt/ec.pem");

fn public(name: &str) -> String {
    format!("{}/tests/it/fixtures/jwt/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn token(algorithm: jsonwebtoken::Algorithm, key: &jsonwebtoken::EncodingKey, claims: Value) -> String {
    let mut all = json!({ "exp": waypost::base::unix_seconds() as u64 + 60 });
    all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
    jsonwebtoken::encode(&jsonwebtoken::Header::new(algorithm), &all, key).unwrap()
}

#[tokio::test]
async fn without_a_token_a_caller_stays_inside_workspaces() {
    let home = Home::new();
    let dir = home.env.path("open");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("secret.txt"), "of the host\n").unwrap();
    let url = home.start(&["--allow-disk", dir.to_str().unwrap()]);
    let (token, api) = (home.token(), format!("{url}/v1"));
    let disk =
        json!({ "id": "disk", "config": { "mounts": { "/d": { "resource": "disk", "config": { "root": dir } } } } });

    // The quick start with plain curl.
    assert_eq!(create(&url, "demo").await.0, 201);
    let script = json!({ "command": "echo hello > /data/hello.txt && cat /data/hello.txt" });
    let ran = call(Method::POST, &format!("{api}/workspaces/demo/execute"), None, Some(script)).await;
    assert_eq!((ran.0, &ran.1["stdout"]), (200, &"hello\n".into()));

    // With the token the host is open as far as the owner opened it.
    assert_eq!(call(Method::POST, &format!("{api}/workspaces"), Some(&token), Some(disk.clone())).await.0, 201);
    let cat = json!({ "command": "cat /d/secret.txt" });
    let ran = call(Method::POST, &format!("{api}/workspaces/disk/execute"), Some(&token), Some(cat.clone())).await;
    assert_eq!(ran.1["stdout"], "of the host\n");
    let job = ran.1["job_id"].as_str().unwrap().to_owned();

    let other = json!({ "id": "other", "config": disk["config"] });
    let override_ = json!({ "mounts": { "/data": { "resource": "ram", "type": "disk", "config": { "root": dir } } } });
    for (method, path, body) in [
        (Method::POST, "/workspaces".to_owned(), Some(other)),
        (Method::POST, "/workspaces/disk/execute".to_owned(), Some(cat)),
        (Method::GET, "/workspaces/disk".to_owned(), None),
        (Method::GET, "/workspaces/disk/snapshot".to_owned(), None),
        (Method::POST, "/workspaces/disk/clone".to_owned(), Some(json!({ "id": "copy" }))),
        (Method::DELETE, "/workspaces/disk".to_owned(), None),
        (Method::POST, "/workspaces/demo/snapshot".to_owned(), Some(json!({ "path": dir.join("x.tar") }))),
        (Method::POST, "/workspaces/demo/clone".to_owned(), Some(json!({ "id": "copy", "override": override_ }))),
        (Method::GET, format!("/jobs/{job}"), None),
        (Method::POST, format!("/jobs/{job}/wait"), Some(json!({}))),
        (Method::GET, format!("/jobs/{job}/output"), None),
        (Method::POST, "/shutdown".to_owned(), Some(json!({}))),
    ] {
        let (status, problem) = call(method.clone(), &format!("{api}{path}"), None, body).await;
        assert_eq!((status, &problem["code"]), (401, &"unauthorized".into()), "{method} {path}: {problem}");
        assert!(problem["hint"].as_str().unwrap().contains("api.token"), "{method} {path}: {problem}");
    }
    assert!(!dir.join("x.tar").exists());
    let jobs = call(Method::GET, &format!("{api}/jobs"), None, None).await.1;
    assert!(jobs.as_array().unwrap().iter().all(|job| job["workspace_id"] == "demo"), "{jobs}");
    assert_eq!(call(Method::GET, &format!("{api}/jobs"), Some(&token), None).await.1.as_array().unwrap().len(), 2);

    // One that is wrong is not the same as none.
    assert_eq!(call(Method::GET, &format!("{api}/workspaces"), Some("wpa_wrong"), None).await.0, 401);
    assert_eq!(call(Method::POST, &format!("{api}/shutdown"), Some(&token), None).await.0, 200);
    home.gone().await;
}

#[tokio::test]
async fn an_archive_of_a_guest_opens_nothing_of_the_host() {
    let home = Home::new();
    let dir = home.env.path("open");
    std::fs::create_dir(&dir).unwrap();
    let url = home.start(&["--allow-disk", dir.to_str().unwrap()]);
    let token = home.token();
    let body =
        json!({ "id": "disk", "config": { "mounts": { "/d": { "resource": "disk", "config": { "root": dir } } } } });
    assert_eq!(call(Method::POST, &format!("{url}/v1/workspaces"), Some(&token), Some(body)).await.0, 201);
    let snapshot = http().get(format!("{url}/v1/workspaces/disk/snapshot")).bearer_auth(&token).send().await.unwrap();
    let snapshot = snapshot.bytes().await.unwrap();
    let load = |fields: &[(&str, Value)]| {
        let mut body = Vec::new();
        for (name, value) in fields {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            body.extend(format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n").bytes());
        }
        body.extend(b"--B\r\nContent-Disposition: form-data; name=\"tar\"; filename=\"x\"\r\n\r\n");
        body.extend(&snapshot);
        body.extend(b"\r\n--B--\r\n");
        let request = http().post(format!("{url}/v1/workspaces/load"));
        request.header("content-type", "multipart/form-data; boundary=B").body(body).send()
    };
    let disk = json!({ "mounts": { "/d": { "resource": "disk", "config": { "root": dir } } } });
    assert_eq!(load(&[("id", "one".into()), ("override", disk)]).await.unwrap().status(), 401);
    // A host directory of an archive becomes memory, which is a guest's to have.
    assert_eq!(load(&[("id", "two".into())]).await.unwrap().status(), 201);
}

#[tokio::test]
async fn a_fixed_token_is_asked_of_everybody() {
    let home = Home::with(&[("MIRAGE_AUTH_MODE", "token")]);
    let (code, _, err) = home.run(&["daemon", "start", "--listen", "127.0.0.1:0"]);
    assert!(code == 7 && err.contains("--token-file"), "{err}");
    let file = home.env.path("the.token");
    std::fs::write(&file, "fixed-token-of-the-owner\n").unwrap();
    std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let start = ["daemon", "start", "--listen", "127.0.0.1:0", "--token-file", file.to_str().unwrap()];
    let (code, _, err) = home.run(&start);
    assert!(code == 7 && err.contains("chmod 600"), "{err}");
    std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    let url = home.start(&["--token-file", file.to_str().unwrap()]);
    assert_eq!(create(&url, "w").await.0, 401);
    let list = format!("{url}/v1/workspaces");
    for (given, status) in
        [(Some("fixed-token-of-the-owner"), 200), (Some("fixed-token-of-the-owner2"), 401), (None, 401)]
    {
        assert_eq!(call(Method::GET, &list, given, None).await.0, status, "{given:?}");
    }
    assert_eq!(call(Method::GET, &format!("{url}/v1/health"), None, None).await.0, 200);
    // Its owner's own commands need none: they may end its process.
    let (code, _, err) = home.run(&["daemon", "stop"]);
    assert_eq!(code, 0, "{err}");
}

#[tokio::test]
async fn the_token_of_the_environment_works_for_daemon_and_client() {
    let home = Home::with(&[("MIRAGE_AUTH_MODE", "token"), ("MIRAGE_AUTH_TOKEN", "token-of-the-environment")]);
    let url = home.start(&[]);
    let list = format!("{url}/v1/workspaces");
    assert_eq!(call(Method::GET, &list, Some("token-of-the-environment"), None).await.0, 200);
    let (code, out, err) = home.run(&["daemon", "stop"]);
    assert_eq!((code, out.as_str()), (0, "Stopped (via graceful).\n"), "{err}");
}

#[tokio::test]
async fn signed_tokens_open_everything_but_the_end() {
    use jsonwebtoken::{Algorithm, EncodingKey};
    let rsa = EncodingKey::from_rsa_pem(RSA.as_bytes()).unwrap();
    let ec = EncodingKey::from_ec_pem(EC.as_bytes()).unwrap();
    let home = Home::with(&[
        ("MIRAGE_AUTH_MODE", "jwt"),
        ("MIRAGE_JWT_PUBKEY_FILE", &public("rsa.pub.pem")),
        ("MIRAGE_JWT_ALG", "RS256"),
        ("MIRAGE_JWT_ISSUER", "https://issuer.example"),
        ("MIRAGE_JWT_AUTHORIZED_PARTIES", "app, cli"),
    ]);
    let url = home.start(&[]);
    let list = format!("{url}/v1/workspaces");
    let right = json!({ "iss": "https://issuer.example", "azp": "cli" });
    let good = token(Algorithm::RS256, &rsa, right.clone());
    for (given, status) in [
        (good.clone(), 200),
        (token(Algorithm::RS256, &rsa, json!({ "iss": "https://issuer.example", "azp": "web" })), 401),
        (token(Algorithm::RS256, &rsa, json!({ "iss": "https://other.example", "azp": "cli" })), 401),
        (token(Algorithm::RS256, &rsa, json!({ "iss": "https://issuer.example", "azp": "cli", "exp": 1 })), 401),
        (token(Algorithm::RS384, &rsa, right.clone()), 401),
        (token(Algorithm::ES256, &ec, right), 401),
        (home.env.root().display().to_string(), 401),
    ] {
        assert_eq!(call(Method::GET, &list, Some(&given), None).await.0, status, "{given}");
    }
    assert_eq!(create(&url, "w").await.0, 401);
    let (status, problem) = call(Method::POST, &format!("{url}/v1/shutdown"), Some(&good), None).await;
    assert_eq!((status, &problem["code"]), (403, &"forbidden".into()));
    let (code, out, _) = home.run(&["daemon", "stop"]);
    assert!(code == 0 && out.starts_with("Stopped (via sigterm"), "{out}");
}

#[test]
fn what_lacks_its_key_or_is_no_mode_does_not_start() {
    for (variables, code, expected) in [
        (&[("MIRAGE_AUTH_MODE", "open")][..], 2, "auth_mode is 'open'"),
        (&[("WAYPOST_AUTH_MODE", "jwt")], 7, "jwt_pubkey_file or jwt_pubkey is not set"),
        (&[("WAYPOST_AUTH_MODE", "jwt"), ("WAYPOST_JWT_PUBKEY", "x")], 7, "jwt_alg is not set"),
        (
            &[("WAYPOST_AUTH_MODE", "jwt"), ("WAYPOST_JWT_PUBKEY", "x"), ("WAYPOST_JWT_ALG", "none")],
            7,
            "'none' is not one of",
        ),
    ] {
        let home = Home::with(variables);
        let (found, _, err) = home.run(&["daemon", "start", "--listen", "127.0.0.1:0"]);
        assert!(found == code && err.contains(expected), "{variables:?}: {found} {err}");
    }
}

#[tokio::test]
async fn foreign_names_and_pages_are_refused_before_tokens_count() {
    let home = Home::new();
    let url = home.start(&[]);
    let list = format!("{url}/v1/workspaces");
    for (header, value, status) in
        [("host", "evil.example", 400), ("origin", "https://evil.example", 403), ("sec-fetch-site", "cross-site", 403)]
    {
        for token in [home.token(), "wrong".to_owned()] {
            let response = http().get(&list).header(header, value).bearer_auth(token).send().await.unwrap();
            assert_eq!(response.status(), status, "{header}");
        }
    }
}
