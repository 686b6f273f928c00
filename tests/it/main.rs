//! The integration tests: one binary, so that it links once. They drive the real `waypost`.

mod api;
mod attacks;
mod cancel;
mod cli;
mod crowd;
mod daemon;
mod direct;
mod doors;
mod files;
mod fixtures;
mod gateway_dir;
mod hostile;
mod identity;
mod jobs;
mod kept;
mod keyless;
mod lossless;
mod mswarm;
mod mswarm_direct;
#[cfg(unix)]
mod mswarm_gateway;
mod node;
mod operators;
mod reference;
mod secrets;
#[cfg(target_os = "linux")]
mod service;
mod setup_options;
mod shell;
mod sources;
mod streams;
#[cfg(unix)]
mod supervised;
mod support;
mod tidy;
mod turns;
mod up;
mod wrong_moves;
