//! `…/generic-job-control/…`: the queue of generic jobs.

mod artifacts;
mod audit;
mod cancel;
mod events;
mod get;
mod logs;
mod ops;
mod retry;
mod route;
mod submit;
mod upload;

pub(super) use route::answer;
