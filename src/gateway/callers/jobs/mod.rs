//! Queued jobs, one endpoint per file.

mod agent;
mod body;
mod cancel;
mod events;
mod get;
mod list;
mod submit;
mod view;
mod wait;

pub(crate) use body::{body, body_response, kept};
pub(crate) use cancel::cancel;
pub(crate) use events::events;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use submit::submit;
pub(crate) use wait::wait;

use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{JobRecord, KeyRecord};
use crate::wire::v1::ErrorCode;

fn unknown(id: &str) -> Refusal {
    Refusal::new(ErrorCode::JobNotFound, format!("there is no job '{id}'"))
        .hint("GET /v1/jobs lists them; finished jobs are forgotten after a while")
}

impl Gateway {
    async fn known_job(&self, id: &str) -> Result<JobRecord, Refusal> {
        self.store.job(id).await?.ok_or_else(|| unknown(id))
    }

    /// The same for a key: one that is limited to some nodes knows only its own jobs.
    async fn seen_job(&self, key: &KeyRecord, id: &str) -> Result<JobRecord, Refusal> {
        let job = self.known_job(id).await?;
        if key.sees(&job) { Ok(job) } else { Err(unknown(id)) }
    }
}
