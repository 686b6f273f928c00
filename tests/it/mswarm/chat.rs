//! Requests of consumers, answered by a protocol 1 node.

use super::*;
use crate::support::wait_until;
use serde_json::json;

const CHAT: &str = "/openai/chat/completions";

fn hello(model: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": "hi"}], "temperature": 0.2})
}

fn streamed(model: &str) -> Value {
    let mut body = hello(model);
    body["stream"] = true.into();
    body
}

/// A streamed answer as it was read: the chunks and whether it said that it is done.
struct Read {
    chunks: Vec<Value>,
    done: bool,
}

impl Read {
    fn of(text: &str) -> Self {
        let mut read = Self { chunks: Vec::new(), done: false };
        for data in text.lines().filter_map(|line| line.strip_prefix("data: ")) {
            assert!(!read.done, "nothing comes after the end: {text}");
            if data == "[DONE]" {
                read.done = true;
            } else {
                read.chunks.push(serde_json::from_str(data).unwrap());
            }
        }
        read
    }

    fn text(&self) -> String {
        self.chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect()
    }

    /// The reason of the end, which is the last chunk with a choice.
    fn finish(&self) -> &Value {
        let chunk = self.chunks.iter().rfind(|chunk| chunk["choices"][0].is_object());
        &chunk.expect("a chunk")["choices"][0]["finish_reason"]
    }
}

/// A streamed request with its node's side of it.
async fn stream(world: &World, body: Value, serve: impl Future<Output = ()>) -> Read {
    let request = http().post(world.url(CHAT)).bearer_auth(&world.gateway.call).json(&body);
    let read = async {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Read::of(&response.text().await.unwrap())
    };
    tokio::join!(read, serve).0
}

#[tokio::test]
async fn a_chat_is_answered_by_the_agent_that_is_named() {
    let world = World::start();
    let node = world.node().await;
    for model in [
        "mcoda-fake-box-qwen-local",
        "mcoda/fake-box/qwen-local",
        "mcoda-auto-qwen-local",
        "qwen-local",
        "qwen-local-gguf",
    ] {
        let body = hello(model);
        let serve = async {
            let handed = node.next().await;
            assert_eq!(handed.job["agent_slug"], "mcoda-fake-box-qwen-local");
            assert_eq!(
                (&handed.job["source_agent_slug"], &handed.job["model"]),
                (&"qwen-local".into(), &"qwen-local-gguf".into())
            );
            assert_eq!(
                (&handed.job["remote_slug"], &handed.job["provider"]),
                (&"mcoda/fake-box/qwen-local".into(), &"mcoda".into())
            );
            assert_eq!(handed.job["policy"], json!({"allow_tools": false, "execution_class": "chat"}));
            assert_eq!(
                (&handed.job["openai_request"]["model"], &handed.job["openai_request"]["temperature"]),
                (&"qwen-local-gguf".into(), &0.2.into())
            );
            assert!(handed.job.get("agent_aliases").is_none());
            node.start(&handed).await;
            node.result(&handed, "result", &[]).await;
        };
        let ((status, answer), ()) = tokio::join!(world.post(CHAT, &body), serve);
        assert_eq!(
            (status, &answer["object"], &answer["model"]),
            (200, &"chat.completion".into(), &model.into()),
            "{answer}"
        );
        assert_eq!(answer["choices"][0]["message"]["content"], "hello from local runner");
        assert_eq!(answer["usage"]["total_tokens"], 11);
    }
}

#[tokio::test]
async fn chunks_come_as_the_node_sends_them_and_the_end_comes_last() {
    let world = World::start();
    let node = world.node().await;
    let mut request = streamed("mcoda-fake-box-qwen-local");
    request["stream_options"] = json!({"include_usage": true});
    let response = async {
        let request = http().post(world.url(CHAT)).bearer_auth(&world.gateway.call).json(&request);
        request.send().await.unwrap()
    };
    let begin = async {
        let handed = node.next().await;
        node.start(&handed).await;
        // The last batch overtakes the second.
        assert_eq!(node.events(&handed, &["hello", " "], false).await.0, 200);
        handed
    };
    let (mut response, handed) = tokio::join!(response, begin);
    let mut text = String::from_utf8(response.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(text.contains(r#""content":"hello""#), "the first chunks are there before the others: {text}");
    node.events(&handed, &[], true).await;
    node.events(&handed, &["from local", " runner"], false).await;
    node.result(&handed, "result", &[]).await;
    while let Some(more) = response.chunk().await.unwrap() {
        text.push_str(std::str::from_utf8(&more).unwrap());
    }
    let read = Read::of(&text);
    assert_eq!((read.text().as_str(), read.finish(), read.done), ("hello from local runner", &json!("stop"), true));
    assert!(read.chunks.iter().all(|chunk| chunk["model"] == "mcoda-fake-box-qwen-local"), "{text}");
    assert_eq!(read.chunks.last().unwrap()["usage"]["total_tokens"], 11);
}

#[tokio::test]
async fn chunks_that_come_with_the_result_are_not_told_twice() {
    let world = World::start();
    let node = world.node().await;
    // The second batch is kept, but its answer is lost: the node sends it again with the result, and that twice.
    let serve = async {
        let handed = node.next().await;
        node.start(&handed).await;
        node.events(&handed, &["hello", " "], false).await;
        node.events(&handed, &["from"], false).await;
        let tail = node.chunks(&handed, &["from", " local runner"], true);
        let body = node.result_with_tail(&handed, tail);
        for _ in 0..2 {
            assert_eq!(node.send_result(&handed, body.clone()).await.0, 200);
        }
    };
    let read = stream(&world, streamed("qwen-local"), serve).await;
    assert_eq!((read.text().as_str(), read.finish(), read.done), ("hello from local runner", &json!("stop"), true));
}

#[tokio::test]
async fn an_answer_without_chunks_is_streamed_from_the_result() {
    let world = World::start();
    let node = world.node().await;
    let mut request = streamed("qwen-local");
    request["tools"] = json!([{"type": "function", "function": {"name": "f"}}]);
    let call = json!({"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let serve = async {
        let handed = node.next().await;
        assert_eq!(handed.job["openai_request"]["tools"][0]["function"]["name"], "f");
        node.start(&handed).await;
        let message = json!({"role": "assistant", "content": null, "tool_calls": [call]});
        let body = json!({"id": "x", "object": "chat.completion", "created": 1, "model": "qwen-local-gguf",
            "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]});
        let result = json!({"node_id": node.id, "job_id": handed.id, "request_id": handed.id, "operation": "chat.completions",
            "status": "success", "openai_response": body, "timing": {"local_latency_ms": 5}});
        assert_eq!(node.send_result(&handed, result.to_string()).await.0, 200);
    };
    let read = stream(&world, request, serve).await;
    assert_eq!(read.chunks[0]["choices"][0]["delta"]["tool_calls"][0]["id"], "c1");
    assert_eq!((read.finish(), read.done), (&json!("tool_calls"), true));
}

#[tokio::test]
async fn media_is_made_by_an_agent_that_can() {
    let world = World::start();
    let node = world.node().await;
    let body = json!({"model": "mcoda-fake-box-sd-local", "prompt": "a cat", "n": 1, "size": "512x512"});
    let serve = async {
        let handed = node.next().await;
        assert_eq!(
            (&handed.job["operation"], &handed.job["openai_request"]["prompt"]),
            (&"images.generations".into(), &"a cat".into())
        );
        assert_eq!(handed.job["openai_request"]["model"], "sd-cpp-local");
        node.start(&handed).await;
        node.result(&handed, "result_image", &[]).await;
    };
    let ((status, answer), ()) = tokio::join!(world.post("/openai/images/generations", &body), serve);
    assert_eq!((status, &answer["data"][0]["b64_json"]), (200, &"iVBORw0KGgo=".into()));
    for (path, body, code) in [
        ("/openai/audio/generations", body.clone(), "unsupported_operation"),
        (CHAT, hello("sd-local"), "unsupported_operation"),
        ("/openai/images/generations", json!({"model": "sd-local"}), "validation_failed"),
        (
            "/openai/images/generations",
            json!({"model": "sd-local", "prompt": "x", "stream": true}),
            "validation_failed",
        ),
    ] {
        let (status, refused) = world.post(path, &body).await;
        assert_eq!((status, &refused["code"]), (400, &code.into()), "{path} {refused}");
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_cancels() {
    let world = World::start();
    let node = world.node().await;
    let body = hello("qwen-local");
    let handed = tokio::select! {
        answer = world.post(CHAT, &body) => panic!("nobody has answered: {answer:?}"),
        handed = node.next() => handed,
    };
    wait_until("the job's end is asked for", PATIENCE, async || {
        let job = world.gateway.get(&format!("/v1/jobs/{}", handed.id)).await;
        if job["cancel_requested"] == true { Ok(()) } else { Err(job.to_string()) }
    })
    .await;
    // Such a node cannot be told: it ends what it has begun, and nobody minds.
    assert_eq!((node.start(&handed).await.0, node.result(&handed, "result", &[]).await.0), (200, 200));
}
