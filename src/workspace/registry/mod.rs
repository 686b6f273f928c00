//! All workspaces of a node: making, finding, copying, closing and ending them.

mod close;
mod listing;
mod mounts;
mod workspaces;

pub use workspaces::{Workspaces, is_valid_id};
