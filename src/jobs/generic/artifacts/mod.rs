//! Files of generic jobs, below one directory, each job's apart from the others'.
//!
//! A job has a directory named by a hash of its id: `uploads` for what was sent before, `run/inputs` and `run/outputs` for its
//! last run, `meta` for what is known of each file. A run clears `run` and nothing else. Everything goes through handles of
//! directories, link by link, so that no path leads out. All of it blocks.

mod collect;
mod list;
mod path;
mod resolve;
mod run_files;
mod store;
mod sweep;
#[cfg(test)]
mod tests;
mod upload;

pub(super) use run_files::RunFiles;
pub(super) use store::ArtifactStore;
