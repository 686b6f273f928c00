//! The port over one SQLite file: what a gateway keeps when one machine is enough.
//!
//! Writes go through one connection, one after the other, and most are a single statement. What has to survive a power cut
//! is hardened after its commit and before anybody is told, together with whatever else waits for that.

mod audit;
mod codec;
mod doors;
mod enrollments;
mod grants;
mod jobs;
mod keys;
mod nodes;
mod registrations;
mod reports;
mod schema;

use super::{
    Appended, AuditFilter, AuditRecord, Beat, BeatOutcome, CancelOutcome, Claim, Decided, EditOutcome, Enqueued,
    EnrollmentCheck, Finish, FinishedJob, GrantChange, GrantOutcome, JobFilter, JobRecord, KeyCheck, KeyRecord,
    NewAudit, NewEnrollment, NewJob, NewKey, NewNode, NewRegistration, NodeDoor, NodeEdit, NodeRecord, Reaped,
    Registered, RegistrationLimits, RegistrationRecord, StartOutcome, Store, StoreError, StoredEvent, Wakeup,
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

/// Who it is that uses the store directly.
const LOCAL: &str = "local";

/// The store in one file.
#[derive(Debug)]
pub struct SqliteStore {
    shared: Arc<Shared>,
    /// On whose behalf it is used.
    actor: Arc<str>,
}

/// What every operation works on.
#[derive(Debug)]
struct Shared {
    database: Database,
    turns: jobs::Turns,
    wakeups: mpsc::UnboundedSender<Wakeup>,
    taken_once: Mutex<Option<mpsc::UnboundedReceiver<Wakeup>>>,
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
        let taken_once = Mutex::new(Some(receiver));
        let shared = Shared { database, turns: jobs::Turns::default(), wakeups: sender, taken_once };
        Ok(Self { shared: Arc::new(shared), actor: LOCAL.into() })
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
        self.shared.taken_once.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn by(&self, actor: &str) -> Arc<dyn Store> {
        Arc::new(Self { shared: Arc::clone(&self.shared), actor: actor.into() })
    }

    async fn audit(&self, entry: NewAudit, now_ms: i64) -> Result<(), StoreError> {
        let actor = Arc::clone(&self.actor);
        self.write(
            "write an act down",
            |shared| async move { audit::write_alone(&shared, &actor, entry, now_ms).await },
        )
        .await
    }

    async fn audit_log(&self, filter: AuditFilter) -> Result<Vec<AuditRecord>, StoreError> {
        audit::list(&self.shared, filter).await.map_err(failed("read the audit log"))
    }

    async fn create_key(&self, key: NewKey, now_ms: i64) -> Result<KeyRecord, StoreError> {
        let actor = Arc::clone(&self.actor);
        self.write("create a key", |shared| async move { keys::create(&shared, &actor, key, now_ms).await }).await
    }

    async fn keys(&self) -> Result<Vec<KeyRecord>, StoreError> {
        keys::list(&self.shared).await.map_err(failed("list keys"))
    }

    async fn check_key(&self, hash: &str, scope: Scope, spend: bool, now_ms: i64) -> Result<KeyCheck, StoreError> {
        keys::check(&self.shared, hash, scope, spend, now_ms).await.map_err(failed("check a key"))
    }

    async fn revoke_key(&self, id: &str, now_ms: i64) -> Result<bool, StoreError> {
        let (actor, id) = (Arc::clone(&self.actor), id.to_owned());
        self.write("revoke a key", |shared| async move { keys::revoke(&shared, &actor, &id, now_ms).await }).await
    }

    async fn change_grants(&self, id: &str, change: GrantChange, now_ms: i64) -> Result<GrantOutcome, StoreError> {
        let (actor, id) = (Arc::clone(&self.actor), id.to_owned());
        self.write("change what a key may use", |shared| async move {
            grants::change(&shared, &actor, &id, change, now_ms).await
        })
        .await
    }

    async fn join_node(&self, node: NewNode, now_ms: i64) -> Result<(NodeRecord, bool), StoreError> {
        let actor = Arc::clone(&self.actor);
        self.write("join a node", |shared| async move { nodes::join(&shared, &actor, node, now_ms).await }).await
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
        let (actor, node_id) = (Arc::clone(&self.actor), node_id.to_owned());
        self.write(
            "drain a node",
            move |shared| async move { nodes::set_drain(&shared, &actor, &node_id, drain).await },
        )
        .await
    }

    async fn rotate_token(&self, node_id: &str, new_hash: &str) -> Result<bool, StoreError> {
        let (actor, node_id, new_hash) = (Arc::clone(&self.actor), node_id.to_owned(), new_hash.to_owned());
        self.write(
            "rotate a token",
            move |shared| async move { nodes::rotate(&shared, &actor, &node_id, &new_hash).await },
        )
        .await
    }

    async fn remove_node(&self, node_id: &str, now_ms: i64) -> Result<bool, StoreError> {
        let (actor, node_id) = (Arc::clone(&self.actor), node_id.to_owned());
        self.write("remove a node", move |shared| async move { nodes::remove(&shared, &actor, &node_id, now_ms).await })
            .await
    }

    async fn restore_node(&self, node_id: &str, now_ms: i64) -> Result<bool, StoreError> {
        let (actor, node_id) = (Arc::clone(&self.actor), node_id.to_owned());
        self.write(
            "restore a node",
            move |shared| async move { nodes::restore(&shared, &actor, &node_id, now_ms).await },
        )
        .await
    }

    async fn edit_node(&self, node_id: &str, edit: NodeEdit, now_ms: i64) -> Result<EditOutcome, StoreError> {
        let (actor, node_id) = (Arc::clone(&self.actor), node_id.to_owned());
        self.write(
            "edit a node",
            move |shared| async move { nodes::edit(&shared, &actor, &node_id, edit, now_ms).await },
        )
        .await
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
        registrations::decide(&self.shared, &self.actor, code, approve, now_ms)
            .await
            .map_err(failed("decide a registration"))
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
        enrollments::create(&self.shared, &self.actor, new, now_ms).await.map_err(failed("create an enrolment"))
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

    #[tokio::test]
    async fn a_database_of_the_version_before_opens_and_goes_on() {
        use crate::gateway::store::conformance::{T0, claim_at, enqueue, job, labels, look};
        let before = include_str!("../../../../tests/it/fixtures/state/gateway/1.sql");
        let one_file = OneFile::new();
        drop(Database::open(&one_file.0.path().join("gateway.db"), before).await.unwrap());
        for _ in 0..2 {
            let store = one_file.open().await;
            let key = store.check_key("hash of key_old", Scope::Call, true, T0).await.unwrap();
            assert!(matches!(key, KeyCheck::Good(key) if key.grants.is_none()));
        }
        let store = one_file.open().await;
        let node = store.node("box").await.unwrap().unwrap();
        assert_eq!(node.labels, labels(&[("gpu", "true")]));
        let old = look(&*store, "job_2").await.job;
        assert_eq!((old.caller, old.labels), (None, labels(&[("gpu", "true")])));
        assert_eq!(old.idempotency, Some(("key_old".into(), "once".into(), "h".into())));
        let new = enqueue(&*store, NewJob { caller: Some("key_old".into()), ..job() }).await;
        // Nobody's jobs take turns with those of a caller.
        assert_eq!(claim_at(&*store, &node, T0).await, ["job_2".to_owned(), new, "job_1".to_owned()]);
        assert!(store.set_drain(&node.id, true).await.unwrap());
    }

    #[tokio::test]
    async fn the_audit_log_only_grows() {
        let one_file = OneFile::new();
        let store = SqliteStore::open(&one_file.0.path().join("gateway.db")).await.unwrap();
        store.audit(NewAudit { act: "a".into(), subject: "s".into(), detail: serde_json::json!({}) }, 1).await.unwrap();
        let mut writer = store.shared.database.write(crate::base::Durability::Process).await.unwrap();
        for sql in ["DELETE FROM audit", "UPDATE audit SET actor = 'nobody'"] {
            let refused = sqlx::query(sql).execute(writer.connection()).await.unwrap_err();
            assert!(refused.to_string().contains("only grows"), "{refused}");
        }
    }
}
