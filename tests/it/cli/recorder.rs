//! A server that writes down what it is asked and answers what it was told to.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::Response;
use serde_json::Value;
use std::sync::{Arc, Mutex};

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// `POST /v1/…?…`.
    pub line: String,
    pub media: String,
    pub token: String,
    pub body: Vec<u8>,
}

/// What is answered, whatever was asked: status, media type, body. The last one is answered again and again.
type Answers = Vec<(u16, &'static str, Vec<u8>)>;

#[derive(Clone)]
struct Shared {
    asked: Arc<Mutex<Vec<Asked>>>,
    answers: Arc<Mutex<Answers>>,
}

/// The server, on a port of its own, until it is dropped.
pub struct Recorder {
    pub url: String,
    shared: Shared,
    task: tokio::task::JoinHandle<()>,
}

impl Recorder {
    pub async fn start(answers: Answers) -> Self {
        let shared = Shared { asked: Arc::default(), answers: Arc::new(Mutex::new(answers)) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, task }
    }

    /// One that answers the same JSON to everything.
    pub async fn saying(answer: &Value) -> Self {
        Self::start(vec![(200, "application/json", answer.to_string().into_bytes())]).await
    }

    /// What was asked since the last time.
    pub fn take(&self) -> Vec<Asked> {
        std::mem::take(&mut self.shared.asked.lock().unwrap())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Asked {
    pub fn json(&self) -> Value {
        assert_eq!(self.media, "application/json", "{self:?}");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The parts of a multipart body: the head and the content of each.
    pub fn parts(&self) -> Vec<(String, Vec<u8>)> {
        let boundary = self.media.strip_prefix("multipart/form-data; boundary=").unwrap_or_else(|| panic!("{self:?}"));
        let separator = format!("--{boundary}");
        let text = String::from_utf8_lossy(&self.body).into_owned();
        let parts: Vec<&str> = text.split(&separator).collect();
        assert_eq!((parts[0], parts[parts.len() - 1]), ("", "--\r\n"), "{text}");
        let part = |part: &&str| {
            let (head, content) = part.trim_start_matches("\r\n").split_once("\r\n\r\n").unwrap();
            (head.to_owned(), content.strip_suffix("\r\n").unwrap().as_bytes().to_vec())
        };
        parts[1..parts.len() - 1].iter().map(part).collect()
    }
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let header = |name: &str| head.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    if head.uri.path() == "/v1/health" {
        // Asked by commands that would start a daemon where nothing answers.
        return Response::new(Body::from("{}"));
    }
    let line = format!("{} {}", head.method, head.uri.path_and_query().unwrap());
    let (media, token) = (header("content-type"), header("authorization"));
    let body: Bytes = to_bytes(body, usize::MAX).await.unwrap();
    shared.asked.lock().unwrap().push(Asked { line, media, token, body: body.to_vec() });
    let mut answers = shared.answers.lock().unwrap();
    let (status, media, body) = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
    Response::builder().status(status).header("content-type", media).body(Body::from(body)).unwrap()
}
