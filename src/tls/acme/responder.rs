//! The answers to an HTTP-01 challenge, for as long as an order takes.

use crate::tls::TlsError;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const PATH: &str = "/.well-known/acme-challenge/";

/// How long an authority may take for its request.
const PATIENCE: Duration = Duration::from_secs(10);

type Answers = Arc<Mutex<HashMap<String, String>>>;

/// A listener that knows nothing but challenges; gone when it is dropped.
pub(super) struct Responder {
    answers: Answers,
    serving: JoinHandle<()>,
}

impl Responder {
    pub(super) async fn listen(at: SocketAddr) -> Result<Self, TlsError> {
        let listener = TcpListener::bind(at)
            .await
            .map_err(|failed| TlsError::unusable(format!("the address {at} for HTTP-01 challenges"), failed))?;
        let answers = Answers::default();
        let serving = tokio::spawn(serve(listener, answers.clone()));
        Ok(Self { answers, serving })
    }

    pub(super) fn answer(&self, token: String, with: String) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(token, with);
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, answers: Answers) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let answers = answers.clone();
        let service = service_fn(move |request: Request<hyper::body::Incoming>| {
            let answer = answer(&answers, request.uri().path());
            async move { Ok::<_, Infallible>(answer) }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).keep_alive(false);
        tokio::spawn(tokio::time::timeout(PATIENCE, http.serve_connection(TokioIo::new(stream), service)));
    }
}

fn answer(answers: &Answers, path: &str) -> Response<String> {
    let token = path.strip_prefix(PATH).unwrap_or_default();
    let known = answers.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned();
    let mut response = Response::new(known.clone().unwrap_or_default());
    if known.is_none() {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
