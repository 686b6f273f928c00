//! Following a job's output.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eventsource_stream::{Event, Eventsource};
use futures_util::{Stream, StreamExt};

impl TestGateway {
    async fn follow(&self, id: &str, after: Option<&str>) -> impl Stream<Item = Event> + Unpin + use<> {
        let request = self.client.get(format!("{}/v1/jobs/{id}/events", self.url)).bearer_auth(&self.call);
        let request = if let Some(after) = after { request.header("last-event-id", after) } else { request };
        let response = within("the stream", request.send()).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Box::pin(response.bytes_stream().eventsource().map(Result::unwrap))
    }
}

async fn next(stream: &mut (impl Stream<Item = Event> + Unpin)) -> (String, String, Value) {
    let event = within("an event", stream.next()).await.expect("the stream goes on");
    (event.event, event.id, serde_json::from_str(&event.data).unwrap())
}

fn output(seq: u64, text: &str) -> Value {
    json!({"seq": seq, "kind": "stdout", "offset": seq * 2, "data": STANDARD.encode(text)})
}

#[tokio::test]
async fn output_streams_resumes_and_ends_with_the_job() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let job = gateway.submit(json!({"operation": "workspaces.execute", "node": "box"})).await;
    let mut stream = gateway.follow(&job.id, None).await;
    assert_eq!(next(&mut stream).await.2["state"], "queued");
    let handed = node.next(&gateway).await;
    node.start(&gateway, &handed).await;
    let events = format!("/jobs/{}/events", job.id);
    let (_, kept) =
        node.call(&gateway, &events, json!({"epoch": 1, "events": [output(0, "a\n"), output(1, "b\n")]})).await;
    assert_eq!(kept["next_seq"], 2);
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let (name, id, data) = next(&mut stream).await;
        if name == "stdout" {
            seen.push((id, data["offset"].as_u64().unwrap(), data["data"].as_str().unwrap().to_owned()));
        }
    }
    assert_eq!(seen[0], ("1.0".to_owned(), 0, STANDARD.encode("a\n")));
    assert_eq!(seen[1], ("1.1".to_owned(), 2, STANDARD.encode("b\n")));

    drop(stream);
    node.call(&gateway, &events, json!({"epoch": 1, "events": [output(2, "c\n")]})).await;
    node.finish(&gateway, &handed, json!({"answer": {"exit_code": 0}})).await;
    let rest: Vec<_> = within("the rest", gateway.follow(&job.id, Some("1.0")).await.collect::<Vec<_>>()).await;
    let names: Vec<_> = rest.iter().map(|event| (event.event.as_str(), event.id.as_str())).collect();
    assert_eq!(names, [("stdout", "1.1"), ("stdout", "1.2"), ("end", "1.2")]);
    assert_eq!(serde_json::from_str::<JobView>(&rest[2].data).unwrap().state.as_str(), "succeeded");

    let bad = gateway.client.get(format!("{}/v1/jobs/{}/events", gateway.url, job.id)).bearer_auth(&gateway.call);
    assert_eq!(bad.header("last-event-id", "x").send().await.unwrap().status(), 400);
    gateway.end().await;
}
