//! The units are compared with golden files and read back by systemd's rules; the steps run against a directory and played
//! commands.

mod golden;
mod states;
mod steps;
mod words;
