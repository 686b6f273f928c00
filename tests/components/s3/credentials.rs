//! Credentials that the server does not take, hosts that the owner does not allow, and a server that is not there.

use crate::node::MountingNode;
use crate::server::{KEY, S3Server};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_told_with_the_place_and_without_the_key() {
    let server = S3Server::start();
    let node = MountingNode::start();
    let mut block = server.block();
    block["config"]["aws_secret_access_key"] = json!("not-the-right-one");
    node.workspace("wrong", &block).await;
    // Without any, the owner's own are not used either: the environment of the node has some.
    for key in ["aws_access_key_id", "aws_secret_access_key"] {
        block["config"].as_object_mut().unwrap().remove(key);
    }
    node.workspace("none", &block).await;
    for workspace in ["wrong", "none"] {
        for script in ["cat /s3/f", "echo x > /s3/f", "ls /s3", "mkdir /s3/d", "echo x >> /s3/f", "cp /s3/a /ram/a"] {
            let ran = node.sh(workspace, script).await;
            assert_ne!(ran.code, 0, "{script}: {ran:?}");
            assert!(ran.stderr.contains(&server.url()), "{workspace}: {script}: {ran:?}");
            assert!(ran.stderr.contains("credentials"), "{script}: {ran:?}");
            assert!(!format!("{ran:?}").contains(KEY) && !format!("{ran:?}").contains("not-the-right-one"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_there_is_named() {
    let server = S3Server::start();
    let node = MountingNode::start();
    let mut block = server.block();
    block["config"]["bucket"] = json!("missing-bucket");
    node.workspace("w", &block).await;
    for script in ["ls /s3", "cat /s3/f", "echo x > /s3/f"] {
        let ran = node.sh("w", script).await;
        assert!(ran.code != 0 && ran.stderr.contains("missing-bucket"), "{script}: {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_the_owner_did_not_allow_is_refused() {
    let server = S3Server::start();
    for allow in [&[][..], &["--allow-remote", "*.amazonaws.com"]] {
        let node = MountingNode::with(allow);
        let config = json!({"mounts": {"/s3": server.block()}});
        let (status, answer) = node.post("/v1/workspaces", &json!({"id": "w", "config": config})).await;
        assert_eq!(status, 403, "{answer}");
        let detail = answer["detail"].as_str().unwrap();
        assert!(detail.contains("allow_remote") && detail.contains(&server.address), "{answer}");
        assert!(answer.to_string().contains("--allow-remote"), "{answer}");
    }
}
