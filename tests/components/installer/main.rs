//! `installer/install.sh` as people run it: as a user without root, under the shells that `sh` may be, against releases laid
//! out by `installer/release.sh`. The program in them is a stand-in that notes what it was asked; the scripts are the real ones.
//!
//! Needs bash, busybox, dash, openssl 3, python3, ssh-keygen and strace.

mod attacks;
mod failures;
mod install;
mod key;
mod machine;
mod releases;
mod source;
