//! Hostile paths and what is kept how long.
