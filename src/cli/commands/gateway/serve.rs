//! `waypost gateway serve`.

use super::DataArgs;
use crate::base::Shutdown;
use crate::cli::args::{Global, address};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::daemon::{GatewayOptions, GatewayRole, keys, on_signals};
use crate::telemetry::{LogOptions, init};
use clap::Args;
use std::net::SocketAddr;

/// Serve a gateway until interrupted
///
/// The first interrupt drains, the second ends at once.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  waypost gateway key create --scope enroll,call,admin\n  waypost gateway serve --listen 127.0.0.1:8790"
)]
pub struct Serve {
    /// Where to listen. Beyond this machine a proxy with TLS has to stand in front: see --behind-proxy
    #[arg(long, value_name = "ADDR", env = "WAYPOST_GATEWAY_LISTEN", default_value = "127.0.0.1:8790", value_parser = address)]
    pub listen: SocketAddr,
    /// A proxy in front speaks TLS: allows to listen beyond this machine
    #[arg(long)]
    pub behind_proxy: bool,
    #[command(flatten)]
    pub data: DataArgs,
}

impl Serve {
    /// Serves.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        init(&LogOptions { filter: global.log.clone(), dir: None, colour: output.colours_stderr() })
            .map_err(|wrong| CliError::new(ExitKind::Usage, wrong.to_string()))?;
        let data_dir = self.data.dir(global)?;
        let options =
            GatewayOptions { listen: self.listen, data_dir: data_dir.clone(), behind_proxy: self.behind_proxy };
        let role = GatewayRole::bind(options).await?;
        let url = format!("http://{}", role.local_addr());
        let has_keys = !keys(&data_dir).await?.is_empty();
        if output.is_json() {
            output.line_json(&serde_json::json!({ "listening": url, "data": data_dir }));
        } else {
            output.result(&(), || format!("gateway at {url}, data in {}", data_dir.display()));
            if !has_keys {
                output.note(
                    "nobody can use it yet; make a key with:\n  waypost gateway key create --scope enroll,call,admin",
                );
            }
        }
        let shutdown = Shutdown::new();
        on_signals(shutdown.clone());
        role.run(shutdown).await?;
        Ok(0)
    }
}
