//! The three ways to join.

use super::node::{Node, call, fixture};
use super::*;

#[tokio::test]
async fn a_node_registers_by_a_handle_and_an_operator_approves() {
    let world = World::start();
    let url = &world.gateway.url;
    let (status, registered) = call(url, "/register", None, fixture("register", &[])).await;
    assert_eq!((status, &registered["status"], &registered["created"]), (200, &"pending".into(), &true.into()));
    let code = registered["approval_code"].as_str().unwrap();
    let id = registered["node_id"].as_str().unwrap();
    assert!(code.len() == 9 && code.as_bytes()[4] == b'-' && id.starts_with("shn_"), "{registered}");

    let claim = fixture("claim", &[("node_id", id)]);
    let (status, waiting) = call(url, "/register/claim", None, claim.clone()).await;
    assert_eq!((status, waiting), (200, serde_json::json!({"status": "pending"})));
    let (status, _) = call(url, "/register/claim", None, claim.replace("0011", "ffff")).await;
    assert_eq!(status, 401, "only who registered may claim");

    let list = world.cli(&["gateway", "registrations", "--json"]);
    assert_eq!((&list["items"][0]["handle"], &list["items"][0]["code"]), (&"bekir".into(), &code.into()));
    let approved = world.cli(&["gateway", "approve", &code.to_lowercase(), "--json"]);
    assert_eq!(approved["state"], "approved");
    let (status, joined) = call(url, "/register/claim", None, claim.clone()).await;
    assert_eq!((status, &joined["status"], &joined["node"]["node_id"]), (200, &"approved".into(), &id.into()));
    let node = Node::joined(url, &joined);
    assert_eq!(node.heartbeat().await.0, 200);

    // The answer may have been lost: the claim can be made again, and the new token counts.
    let (_, again) = call(url, "/register/claim", None, claim).await;
    let again = Node::joined(url, &again);
    assert_eq!((again.heartbeat().await.0, node.heartbeat().await.0), (200, 401));
    let view = world.gateway.get(&format!("/v1/nodes/{id}")).await;
    assert_eq!((&view["name"], &view["state"]), (&"vm".into(), &"degraded".into()), "{view:#}");

    let (code, _, err) = world.env.run("gw", &["gateway", "reject", code]);
    assert!(code == 1 && err.contains("approved already"), "{code} {err}");
    let (code, _, err) = world.env.run("gw", &["gateway", "approve", "NONE-0000"]);
    assert!(code == 13 && err.contains("NONE-0000"), "{code} {err}");
}

#[tokio::test]
async fn a_rejected_node_is_told_and_too_many_are_not_taken_in() {
    let world = World::start();
    let url = &world.gateway.url;
    let (_, registered) = call(url, "/register", None, fixture("register", &[])).await;
    let path = format!("/v1/registrations/{}/reject", registered["approval_code"].as_str().unwrap());
    assert_eq!(world.manage(&path).await.0, 200);
    let claim = fixture("claim", &[("node_id", registered["node_id"].as_str().unwrap())]);
    let (status, told) = call(url, "/register/claim", None, claim).await;
    assert_eq!((status, told), (200, serde_json::json!({"status": "rejected"})));

    for (wrong, word) in [("bekir", "handle"), ("00112233", "registration_secret"), ("sha256:", "machine_fingerprint")]
    {
        let (status, refused) = call(url, "/register", None, fixture("register", &[]).replacen(wrong, "", 1)).await;
        assert!(status == 400 && refused["message"].as_str().unwrap().contains(word), "{refused}");
    }
    let mut last = 200;
    for n in 10..40 {
        let other = fixture("register", &[]).replace("2b69", &format!("{n:04}")).replace("0011", &format!("{n:04}"));
        last = call(url, "/register", None, other).await.0;
        if last != 200 {
            break;
        }
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn a_legacy_node_enrols_with_a_token_that_works_once() {
    let world = World::start();
    let url = &world.gateway.url;
    let create = ["gateway", "enrollment", "create", "--node", "attic", "--node-id", "shn_env", "--json"];
    let created = world.cli(&create);
    let token = created["enrollment_token"].as_str().unwrap();
    assert!(token.starts_with("mse_"));
    let body = |id: &str| fixture("enroll", &[("node_id", id), ("token", token)]);
    assert_eq!(call(url, "/enroll", None, body("shn_other")).await.0, 401);
    let (status, joined) = call(url, "/enroll", None, body("shn_env")).await;
    assert_eq!((status, &joined["node"]["server_name"]), (200, &"attic".into()), "{joined}");
    assert_eq!(call(url, "/enroll", None, body("shn_env")).await.0, 401);
    let node = Node::joined(url, &joined);
    assert_eq!((node.id.as_str(), node.heartbeat().await.0), ("shn_env", 200));

    // A known node gets a new token and stays the same node.
    let created = world.cli(&["gateway", "enrollment", "create", "--node", "attic", "--json"]);
    assert_eq!(created["node_id"], "shn_env");
    let token = created["enrollment_token"].as_str().unwrap();
    let (status, joined) =
        call(url, "/enroll", None, fixture("enroll", &[("node_id", "shn_env"), ("token", token)])).await;
    assert_eq!((status, &joined["created"], node.heartbeat().await.0), (200, &false.into(), 401));
}
