//! The port over one SQLite file: what a gateway keeps when one machine is enough.
//!
//! Writes go through one connection, one after the other, and most are a single statement. What has to survive a power cut
//! is hardened after its commit and before anybody is told, together with whatever else waits for that.

mod codec;
mod doors;
mod enrollments;
mod jobs;
mod keys;
mod nodes;
mod registrations;
mod reports;
mod schema;

use super::{
    Appended, Beat, BeatOutcome, CancelOutcome, Claim, Decided, Enqueued, EnrollmentCheck, Finish, FinishedJob,
    JobFilter, JobRecord, KeyCheck, KeyRecord, NewEnrollment, NewJob, NewKey, NewNode, NewRegistration, NodeDoor,
    NodeRecord, Reaped, Registered, RegistrationLimits, RegistrationRecord, StartOutcome, Store, StoreError,
    StoredEvent, Wakeup,
};
use crate::base::{Database, Durability};
use crate::wire::gateway::Scope;
use crate::wire::node::{CancelJob, Event, LeaseClaim, LeaseStatus};
use async_trait::async_trait;
use std::collections::HashSet;
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// The store in one file.
#[derive(Debug)]
pub struct SqliteStore {
    shared: Arc<Shared>,
    wakeups: Mutex<Option<mpsc::UnboundedReceiver<Wakeup>>>,
}

/// What every operation works on.
#[derive(Debug)]
struct Shared {
    database: Database,
    wakeups: mpsc::UnboundedSender<Wakeup>,
}

impl Shared {
    /// Tells the dispatcher. Without one, nobody waits.
    fn wake(&self, wakeup: Wakeup) {
        let _ = self.wakeups.send(wakeup);
    }
}

impl SqliteStore {
    /// Opens or creates the file. Its directory must exist, and one process at a time may have it open.
    ///
    /// # Errors
    /// When it cannot be opened or is not this store's.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::open(path, schema::SCHEMA)
            .await
            .map_err(|failed| StoreError { what: "open", source: Box::new(failed) })?;
        for tables in [registrations::SCHEMA, enrollments::SCHEMA, reports::SCHEMA] {
            let mut writer = database.write(Durability::Power).await.map_err(failed("open"))?;
            sqlx::raw_sql(tables).execute(writer.connection()).await.map_err(failed("open"))?;
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared { database, wakeups: sender });
        Ok(Self { shared, wakeups: Mutex::new(Some(receiver)) })
    }

    /// Runs a write to its end, wake-ups included, even when its caller goes away in the middle: an HTTP handler is dropped
    /// with its connection.
    async fn write<T, F>(&self, what: &'static str, work: impl FnOnce(Arc<Shared>) -> F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, sqlx::Error>> + Send + 'static,
    {
        match tokio::spawn(work(Arc::clone(&self.shared))).await {
            Ok(done) => done.map_err(failed(what)),
            Err(aborted) => Err(StoreError { what, source: Box::new(aborted) }),
        }
    }
}

fn failed(what: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |failed| StoreError { what, source: Box::new(failed) }
}

#[async_trait]
impl Store for SqliteStore {
    fn take_wakeups(&self) -> Option<mpsc::UnboundedReceiver<Wakeup>> {
        self.wakeups.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn create_key(&self, key: NewKey, now_ms: i64) -> Result<KeyRecord, StoreError> {
        self.write("create a key", |shared| async move { keys::create(&shared, key, now_ms).await }).await
    }

    async fn keys(&self) -> Result<Vec<KeyRecord>, StoreError> {
        keys::list(&self.shared).await.map_err(failed("list keys"))
    }

    async fn check_key(&self, hash: &str, scope: Scope, spend: bool, now_ms: i64) -> Result<KeyCheck, StoreError> {
        keys::check(&self.shared, hash, scope, spend, now_ms).await.map_err(failed("check a key"))
    }

    async fn revoke_key(&self, id: &str, now_ms: i64) -> Result<bool, StoreError> {
        keys::revoke(&self.shared, id, now_ms).await.map_err(failed("revoke a key"))
    }

    async fn join_node(&self, node: NewNode, now_ms: i64) -> Result<(NodeRecord, bool), StoreError> {
        self.write("join a node", |shared| async move { nodes::join(&shared, node, now_ms).await }).await
    }

    async fn node_by_token(&self, token_hash: &str) -> Result<Option<NodeRecord>, StoreError> {
        nodes::by_token(&self.shared, token_hash).await.map_err(failed("find a node by its token"))
    }

    async fn node(&self, id_or_name: &str) -> Result<Option<NodeRecord>, StoreError> {
        nodes::get(&self.shared, id_or_name).await.map_err(failed("find a node"))
    }

    async fn nodes(&self, with_removed: bool) -> Result<Vec<NodeRecord>, StoreError> {
        nodes::list(&self.shared, with_removed).await.map_err(failed("list nodes"))
    }

    async fn beat(&self, node_id: &str, beat: Beat, now_ms: i64) -> Result<BeatOutcome, StoreError> {
        let node_id = node_id.to_owned();
        self.write(
            "take in a heartbeat",
            move |shared| async move { nodes::beat(&shared, &node_id, beat, now_ms).await },
        )
        .await
    }

    async fn set_drain(&self, node_id: &str, drain: bool) -> Result<bool, StoreError> {
        let node_id = node_id.to_owned();
        self.write("drain a node", move |shared| async move { nodes::set_drain(&shared, &node_id, drain).await }).await
    }

    async fn rotate_token(&self, node_id: &str, new_hash: &str) -> Result<bool, StoreError> {
        let (node_id, new_hash) = (node_id.to_owned(), new_hash.to_owned());
        self.write("rotate a token", move |shared| async move { nodes::rotate(&shared, &node_id, &new_hash).await })
            .await
    }

    async fn remove_node(&self, node_id: &str, now_ms: i64) -> Result<bool, StoreError> {
        let node_id = node_id.to_owned();
        self.write("remove a node", move |shared| async move { nodes::remove(&shared, &node_id, now_ms).await }).await
    }

    async fn put_door(&self, node_id: &str, door: NodeDoor) -> Result<(), StoreError> {
        let node_id = node_id.to_owned();
        self.write("keep a node's door", move |shared| async move { doors::put(&shared, &node_id, door).await }).await
    }

    async fn move_door(
        &self,
        node_id: &str,
        url: Option<String>,
        fingerprint: Option<String>,
    ) -> Result<bool, StoreError> {
        let node_id = node_id.to_owned();
        self.write("move a node's door", move |shared| async move {
            doors::shift(&shared, &node_id, url, fingerprint).await
        })
        .await
    }

    async fn door(&self, node_id: &str) -> Result<Option<NodeDoor>, StoreError> {
        doors::get(&self.shared, node_id).await.map_err(failed("find a node's door"))
    }

    async fn restore_node(&self, node_id: &str, since_ms: i64) -> Result<bool, StoreError> {
        let node_id = node_id.to_owned();
        self.write("restore a node", move |shared| async move { nodes::restore(&shared, &node_id, since_ms).await })
            .await
    }

    async fn register(
        &self,
        new: NewRegistration,
        limits: RegistrationLimits,
        now_ms: i64,
    ) -> Result<Registered, StoreError> {
        self.write("register a node", move |shared| async move {
            registrations::register(&shared, new, limits, now_ms).await
        })
        .await
    }

    async fn registrations(&self, now_ms: i64) -> Result<Vec<RegistrationRecord>, StoreError> {
        registrations::list(&self.shared, now_ms).await.map_err(failed("list registrations"))
    }

    async fn decide_registration(&self, code: &str, approve: bool, now_ms: i64) -> Result<Decided, StoreError> {
        registrations::decide(&self.shared, code, approve, now_ms).await.map_err(failed("decide a registration"))
    }

    async fn proved_registration(
        &self,
        node_id: &str,
        secret_hash: &str,
        now_ms: i64,
    ) -> Result<Option<RegistrationRecord>, StoreError> {
        registrations::proved(&self.shared, node_id, secret_hash, now_ms).await.map_err(failed("find a registration"))
    }

    async fn create_enrollment(&self, new: NewEnrollment, now_ms: i64) -> Result<(), StoreError> {
        enrollments::create(&self.shared, new, now_ms).await.map_err(failed("create an enrolment"))
    }

    async fn take_enrollment(&self, node_id: &str, hash: &str, now_ms: i64) -> Result<EnrollmentCheck, StoreError> {
        enrollments::take(&self.shared, node_id, hash, now_ms).await.map_err(failed("use an enrolment"))
    }

    async fn save_report(&self, node_id: &str, report: &str) -> Result<(), StoreError> {
        reports::save(&self.shared, node_id, report).await.map_err(failed("keep a node's report"))
    }

    async fn reports(&self) -> Result<Vec<(String, String)>, StoreError> {
        reports::list(&self.shared).await.map_err(failed("list nodes' reports"))
    }

    async fn enqueue(&self, job: NewJob, now_ms: i64) -> Result<Enqueued, StoreError> {
        self.write("queue a job", |shared| async move { jobs::enqueue(&shared, job, now_ms).await }).await
    }

    async fn claim(&self, claim: Claim, now_ms: i64) -> Result<Vec<JobRecord>, StoreError> {
        self.write("claim jobs", |shared| async move { jobs::claim(&shared, claim, now_ms).await }).await
    }

    async fn start(
        &self,
        job_id: &str,
        node_id: &str,
        epoch: Option<u64>,
        ttl_ms: u64,
        now_ms: i64,
    ) -> Result<StartOutcome, StoreError> {
        let (job_id, node_id) = (job_id.to_owned(), node_id.to_owned());
        self.write("start a job", move |shared| async move {
            jobs::start(&shared, &job_id, &node_id, epoch, ttl_ms, now_ms).await
        })
        .await
    }

    async fn renew(
        &self,
        node_id: &str,
        leases: &[LeaseClaim],
        ttl_ms: u64,
        now_ms: i64,
    ) -> Result<Vec<LeaseStatus>, StoreError> {
        jobs::renew(&self.shared, node_id, leases, ttl_ms, now_ms).await.map_err(failed("renew leases"))
    }

    async fn give_back(&self, node_id: &str, leases: &[LeaseClaim], now_ms: i64) -> Result<Vec<Reaped>, StoreError> {
        let (node_id, leases) = (node_id.to_owned(), leases.to_vec());
        self.write("take leases back", move |shared| async move {
            jobs::give_back(&shared, &node_id, &leases, now_ms).await
        })
        .await
    }

    async fn append_events(
        &self,
        job_id: &str,
        node_id: &str,
        epoch: u64,
        events: &[Event],
        ttl_ms: u64,
        now_ms: i64,
    ) -> Result<Appended, StoreError> {
        let (job_id, node_id, events) = (job_id.to_owned(), node_id.to_owned(), events.to_vec());
        self.write("append events", move |shared| async move {
            jobs::append(&shared, &job_id, &node_id, epoch, &events, ttl_ms, now_ms).await
        })
        .await
    }

    async fn finish(&self, node_id: &str, finish: Finish, now_ms: i64) -> Result<FinishedJob, StoreError> {
        let node_id = node_id.to_owned();
        self.write("finish a job", move |shared| async move { jobs::finish(&shared, &node_id, finish, now_ms).await })
            .await
    }

    async fn cancel(&self, job_id: &str, now_ms: i64) -> Result<CancelOutcome, StoreError> {
        let job_id = job_id.to_owned();
        self.write("cancel a job", move |shared| async move { jobs::cancel(&shared, &job_id, now_ms).await }).await
    }

    async fn cancels_for(&self, node_id: &str) -> Result<Vec<CancelJob>, StoreError> {
        jobs::cancels_for(&self.shared, node_id).await.map_err(failed("list cancels"))
    }

    async fn job(&self, job_id: &str) -> Result<Option<JobRecord>, StoreError> {
        jobs::get(&self.shared, job_id).await.map_err(failed("find a job"))
    }

    async fn jobs(&self, filter: JobFilter) -> Result<Vec<JobRecord>, StoreError> {
        jobs::list(&self.shared, filter).await.map_err(failed("list jobs"))
    }

    async fn events(
        &self,
        job_id: &str,
        after: Option<(u64, u64)>,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        jobs::events(&self.shared, job_id, after, limit).await.map_err(failed("read events"))
    }

    async fn referred_blobs(&self) -> Result<HashSet<String>, StoreError> {
        jobs::referred_blobs(&self.shared).await.map_err(failed("list blobs"))
    }

    async fn active_jobs(&self, node_id: &str) -> Result<u32, StoreError> {
        jobs::active(&self.shared, node_id).await.map_err(failed("count a node's jobs"))
    }

    async fn reap(&self, now_ms: i64) -> Result<Vec<Reaped>, StoreError> {
        self.write("reap jobs", move |shared| async move { jobs::reap(&shared, now_ms).await }).await
    }

    async fn abandon_relayed(&self, now_ms: i64) -> Result<usize, StoreError> {
        self.write("abandon relayed jobs", move |shared| async move { jobs::abandon_relayed(&shared, now_ms).await })
            .await
    }

    async fn forsake(&self, node_id: &str, now_ms: i64) -> Result<(), StoreError> {
        jobs::forsake(&self.shared, node_id, now_ms).await.map_err(failed("end a node's leases"))
    }

    async fn extend_leases(&self, until_ms: i64, unstarted_ms: i64) -> Result<(), StoreError> {
        jobs::extend_leases(&self.shared, until_ms, unstarted_ms).await.map_err(failed("extend leases"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::store::conformance::{Fixture, conformance};

    struct OneFile(tempfile::TempDir);

    impl OneFile {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }
    }

    #[async_trait]
    impl Fixture for OneFile {
        async fn open(&self) -> Arc<dyn Store> {
            Arc::new(SqliteStore::open(&self.0.path().join("gateway.db")).await.unwrap())
        }
    }

    conformance!(OneFile::new());
}
