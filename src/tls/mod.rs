//! The certificates of a listener: where they come from, how they are renewed, and what is shown now. Speaks no HTTP but
//! that of an ACME authority.

pub mod acme;
mod error;
mod files;
mod own;
mod pem;
mod report;
mod shelf;

pub use error::TlsError;
pub use files::{CertificateFiles, FilesLoop};
pub use own::own_certificate;
pub use report::Report;
pub use shelf::{ACME_ALPN, Shelf, Shown};
