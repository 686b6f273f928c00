//! Bodies that go through the gateway while they are made: a caller's request to a node, a node's answer to its caller.
//!
//! Nothing of them is kept but a window of a few MiB in each direction, which is what makes the faster side wait, and what a
//! node that lost its connection can ask for or send again.

mod answer;
mod window;

pub(crate) use answer::{Answering, Reader, Taken};
pub(crate) use window::{Piece, Window};

use crate::base::mint;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most of a request's body that is held for its node, bytes.
const WINDOW: usize = 8 << 20;
/// What all windows together may hold when there are many …
const ALL: usize = 256 << 20;
/// … but each at least this.
const LEAST: usize = 256 << 10;

/// Every relayed request that has a stream, by its job's id.
#[derive(Default)]
pub(crate) struct Streams(Mutex<HashMap<String, Arc<Stream>>>);

/// The two bodies of one relayed request.
pub(crate) struct Stream {
    /// What its caller sends; none when that was held or is kept.
    pub(crate) request: Option<Window>,
    /// What its node answers.
    pub(crate) answer: Answering,
}

impl Streams {
    /// Opens the streams of a job that is about to be queued. `uploads` says that its caller's body is one.
    pub(crate) fn open(self: &Arc<Self>, uploads: bool) -> (Opened, Reader) {
        let job_id = mint("job");
        let (answer, reader) = Answering::new();
        let mut all = self.all();
        let room = (ALL / (all.len() + 1)).clamp(LEAST, WINDOW);
        let stream = Arc::new(Stream { request: uploads.then(|| Window::new(room)), answer });
        all.insert(job_id.clone(), stream.clone());
        drop(all);
        (Opened { streams: self.clone(), job_id, stream }, reader)
    }

    /// The streams of a job whose caller waits at this gateway.
    pub(crate) fn get(&self, job_id: &str) -> Option<Arc<Stream>> {
        self.all().get(job_id).cloned()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Arc<Stream>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Streams for as long as their caller is there. Dropped, they end: a body that is not complete by then has broken off.
pub(crate) struct Opened {
    streams: Arc<Streams>,
    /// The id under which the job is to be queued.
    pub(crate) job_id: String,
    pub(crate) stream: Arc<Stream>,
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.streams.all().remove(&self.job_id);
        if let Some(request) = &self.stream.request {
            request.end(false);
        }
        self.stream.answer.end(false);
    }
}
