//! Versions of workspaces, each workspace's in a bare git repository of its own: the adapter of the port that
//! `workspace` declares. Everything here blocks, and nothing here runs a program.

mod branch;
mod commit;
mod diff;
mod disk;
mod error;
mod log;
mod manifest;
mod name;
mod objects;
mod path;
mod read;
mod recent;
mod refs;
mod repository;
mod shelf;
mod sync;
mod temporary;
#[cfg(test)]
mod tests;
mod tree;
mod write;

pub use shelf::GitVersions;
