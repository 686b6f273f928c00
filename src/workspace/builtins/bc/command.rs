//! Reads programs and runs them on a thread of their own, because expressions and functions recurse on the stack.

use super::super::apart;
use super::super::call::{Call, Outcome, Stop, Utility};
use super::run::Machine;
use async_trait::async_trait;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::sync::oneshot;

/// The command.
pub struct Bc;

/// Enough for functions that call each other as deeply as they may.
const STACK: usize = 256 << 20;

/// Tells the thread to stop when nobody waits for it any more.
struct Waiter(Arc<AtomicBool>);

impl Drop for Waiter {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[async_trait]
impl Utility for Bc {
    async fn run(&self, call: &mut Call<'_>) -> Outcome {
        let options = call.options("lqsiwvh", "mathlib=l quiet=q standard=s interactive=i warn=w").await?;
        let mut programs = Vec::new();
        for file in &options.operands {
            match call.read(file).await? {
                Ok(text) => programs.push((file.clone(), String::from_utf8_lossy(&text).into_owned())),
                Err(reason) => return Err(Stop::Message(format!("{file}: {reason}"))),
            }
        }
        let input = call.input().await?;
        programs.push(("(standard_in)".to_owned(), String::from_utf8_lossy(&input).into_owned()));
        let width = call.env("BC_LINE_LENGTH").and_then(|length| length.parse().ok()).unwrap_or(70);
        let library = options.has('l');
        let waiter = Waiter(Arc::new(AtomicBool::new(false)));
        let stop = waiter.0.clone();
        let (sender, receiver) = oneshot::channel();
        let work = move || {
            let mut machine = Machine::new(library, width, &stop);
            let mut stopped = None;
            for (name, text) in &programs {
                match machine.program(text, name) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(reason) => {
                        stopped = Some(reason);
                        break;
                    }
                }
            }
            let _ = sender.send((machine.out, machine.errors, stopped));
        };
        std::thread::Builder::new()
            .name("bc".to_owned())
            .stack_size(STACK)
            .spawn(work)
            .map_err(|error| format!("no thread: {error}"))?;
        let left = apart::deadline(&call.ctx).saturating_duration_since(Instant::now());
        let Ok(Ok((out, errors, stopped))) = tokio::time::timeout(left, receiver).await else {
            return Err(Stop::Message("took too long".to_owned()));
        };
        call.print(out.as_bytes()).await?;
        call.error(errors.as_bytes()).await?;
        match stopped {
            Some(reason) => Err(Stop::Message(reason)),
            None => Ok(0),
        }
    }
}
