//! `tee`.

use super::call::{Call, Outcome, Utility, quote_if_needed, reason};
use async_trait::async_trait;

/// The command.
pub struct Tee;

#[async_trait]
impl Utility for Tee {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("aip|o::", "append=a ignore-interrupts=i output-error=o").await?;
        let mut files = Vec::new();
        for name in &options.operands {
            let path = call.path(name);
            let opened = if options.has('a') {
                call.ctx.fs.append_file(&path, b"").await
            } else {
                call.ctx.fs.write_file(&path, b"").await
            };
            match opened {
                Ok(()) => files.push((name.clone(), path)),
                Err(error) => call.complain(format!("{}: {}", quote_if_needed(name), reason(&error))).await?,
            }
        }
        while let Some(chunk) = call.ctx.stdin.read_chunk().await? {
            let mut broken = None;
            for (at, (name, path)) in files.iter().enumerate() {
                if let Err(error) = call.ctx.fs.append_file(path, &chunk).await {
                    broken = Some((at, format!("{}: {}", quote_if_needed(name), reason(&error))));
                }
            }
            if let Some((at, message)) = broken {
                files.remove(at);
                call.complain(message).await?;
            }
            call.print(&chunk).await?;
            call.flush().await?;
        }
        Ok(0)
    }
}
