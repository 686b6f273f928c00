//! The server's requests without its listener, for programs that have one of their own.

use super::ApiConfig;
use super::handler::Handler;
use crate::base::Shutdown;
use crate::jobs::Engine;
use axum::Router;
use axum::extract::Request;
use std::sync::Arc;

/// All of `/v1` as a router: the checks of hosts, origins and tokens, the limits on bodies and the answers are the
/// server's. Time limits on heads and the number of connections are its listener's, and so its owner's. `listen`,
/// `header_timeout` and `max_connections` mean nothing here. `POST /v1/shutdown` advances `shutdown`.
pub fn router(config: ApiConfig, engine: Engine, shutdown: Shutdown) -> Router {
    let handler = Arc::new(Handler::new(config, engine, shutdown));
    Router::new().fallback(move |request: Request| {
        let handler = handler.clone();
        async move { handler.answer(request).await }
    })
}
