//! The gateway: its database, its files, its server.

use super::DaemonError;
use super::gateway_admin::with_grants;
use crate::base::{Shutdown, unix_ms};
use crate::gateway::store::{SqliteStore, Store};
use crate::gateway::{GatewayConfig, GatewayError, GatewayServer};
use crate::state::{LockFile, private_dir};
use crate::wire::gateway::{CreateKey, CreatedKey, KeyView};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The gateway's database in its data directory.
const DATABASE: &str = "gateway.db";

/// What a gateway is started with.
#[derive(Debug, Clone)]
pub struct GatewayOptions {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where it keeps its database and its files.
    pub data_dir: PathBuf,
    /// Whether a proxy with TLS stands in front.
    pub behind_proxy: bool,
}

/// A gateway that listens but does not serve yet.
pub struct GatewayRole {
    server: GatewayServer,
    _lock: LockFile,
}

impl GatewayRole {
    /// Opens the data directory and listens.
    ///
    /// # Errors
    /// When another gateway serves the directory, it cannot be used, the address is taken, or it is off loopback without a
    /// proxy.
    pub async fn bind(options: GatewayOptions) -> Result<Self, DaemonError> {
        let mut config = GatewayConfig::new(options.listen, &options.data_dir);
        config.behind_proxy = options.behind_proxy;
        config.check()?;
        private_dir(&options.data_dir)?;
        let lock = LockFile::acquire(&options.data_dir.join("lock"))?
            .map_err(|pid| DaemonError::Serving { dir: options.data_dir.clone(), pid })?;
        let store = open_store(&options.data_dir).await?;
        Ok(Self { server: GatewayServer::bind(config, store).await?, _lock: lock })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.server.local_addr()
    }

    /// Makes a key, as [`create_key`] does.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn create_key(&self, wanted: &CreateKey) -> Result<CreatedKey, DaemonError> {
        self.server.create_key(wanted).await.map_err(|failed| DaemonError::Failed(failed.to_string()))
    }

    /// Serves until told to end.
    ///
    /// # Errors
    /// When the store fails for good.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), DaemonError> {
        Ok(self.server.run(shutdown).await?)
    }
}

/// Makes a key in a data directory, whether or not a gateway serves it; the directory is made when there is none.
///
/// # Errors
/// When the directory cannot be used, a grant names a node that is not there, or a key of scope `admin` is to be limited.
pub async fn create_key(data_dir: &Path, wanted: &CreateKey) -> Result<CreatedKey, DaemonError> {
    let store = open_store(data_dir).await?;
    let wanted = with_grants(store.as_ref(), wanted).await?;
    crate::gateway::create_key(store.as_ref(), &wanted).await.map_err(|failed| DaemonError::Failed(failed.to_string()))
}

/// All keys of a data directory.
///
/// # Errors
/// When the directory cannot be used.
pub async fn keys(data_dir: &Path) -> Result<Vec<KeyView>, DaemonError> {
    let store = existing_store(data_dir).await?;
    let keys = store.keys().await.map_err(|failed| DaemonError::Failed(failed.to_string()))?;
    Ok(keys.into_iter().map(|key| crate::gateway::key_view(key, unix_ms())).collect())
}

/// Revokes a key of a data directory; false when there is none of that id.
///
/// # Errors
/// When the directory cannot be used.
pub async fn revoke_key(data_dir: &Path, id: &str) -> Result<bool, DaemonError> {
    let store = existing_store(data_dir).await?;
    store.revoke_key(id, unix_ms()).await.map_err(|failed| DaemonError::Failed(failed.to_string()))
}

async fn open_store(data_dir: &Path) -> Result<Arc<SqliteStore>, DaemonError> {
    private_dir(data_dir)?;
    let store = SqliteStore::open(&data_dir.join(DATABASE)).await;
    Ok(Arc::new(store.map_err(|failed| DaemonError::Storage(failed.to_string()))?))
}

/// A mistyped directory must not become an empty gateway.
pub(super) async fn existing_store(data_dir: &Path) -> Result<Arc<SqliteStore>, DaemonError> {
    if !data_dir.join(DATABASE).exists() {
        return Err(DaemonError::NoGateway(data_dir.to_owned()));
    }
    open_store(data_dir).await
}

impl From<GatewayError> for DaemonError {
    fn from(error: GatewayError) -> Self {
        match error {
            GatewayError::Unprotected { .. } => Self::Config(error.to_string()),
            GatewayError::Listen { listen, source } => {
                Self::Listen { address: listen.to_string(), reason: source.to_string() }
            }
            other => Self::Failed(other.to_string()),
        }
    }
}
