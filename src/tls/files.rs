//! A certificate that somebody else keeps in files, looked at again and again.

use super::pem::certified;
use super::shelf::Shown;
use super::{Report, Shelf, TlsError};
use rustls::sign::CertifiedKey;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// A PEM file with a chain and one with its key; they may be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain, the server's own certificate first.
    pub chain: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// By which a change is noticed: when it was written and how long it is; none for a file that is not there.
type Stamp = [Option<(SystemTime, u64)>; 2];

impl CertificateFiles {
    /// Reads them.
    ///
    /// # Errors
    /// [`TlsError`] that names the file and what is wrong with it.
    pub fn read(&self) -> Result<CertifiedKey, TlsError> {
        let chain = fs::read(&self.chain).map_err(TlsError::io(&self.chain))?;
        let key = fs::read(&self.key).map_err(TlsError::io(&self.key))?;
        let what = if self.chain == self.key {
            self.chain.display().to_string()
        } else {
            format!("{} with {}", self.chain.display(), self.key.display())
        };
        certified(&what, &chain, &key)
    }

    fn stamp(&self) -> Stamp {
        [&self.chain, &self.key].map(|path| stamp(path))
    }
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Takes over what changes in the files. What cannot be used is left alone, and the one before stays.
#[derive(Debug)]
pub struct FilesLoop {
    files: CertificateFiles,
    shelf: Arc<Shelf>,
    report: Report,
    seen: Stamp,
    /// What was wrong the last time, said once.
    wrong: Option<String>,
    /// What is shown now, and whether it was good when it was last said.
    shown: (Shown, bool),
}

impl FilesLoop {
    /// Reads the files a first time.
    ///
    /// # Errors
    /// As [`CertificateFiles::read`].
    pub fn begin(files: CertificateFiles, shelf: Arc<Shelf>, report: Report) -> Result<Self, TlsError> {
        let seen = files.stamp();
        let shown = shelf.put(files.read()?);
        tell(&report, &shown);
        let is_good = is_good(&shown);
        Ok(Self { files, shelf, report, seen, wrong: None, shown: (shown, is_good) })
    }

    /// Looks until `end`.
    pub async fn run(mut self, end: CancellationToken) {
        loop {
            tokio::select! {
                () = end.cancelled() => return,
                () = tokio::time::sleep(LOOK) => self.step(),
            }
        }
    }

    fn tell(&mut self) {
        self.shown.1 = is_good(&self.shown.0);
        tell(&self.report, &self.shown.0);
    }

    /// One look. Small files: reading them holds nobody up.
    fn step(&mut self) {
        let stamp = self.files.stamp();
        // A change that was read in its middle is read again until it is whole.
        if stamp == self.seen && self.wrong.is_none() {
            if is_good(&self.shown.0) != self.shown.1 {
                self.tell();
            }
            return;
        }
        self.seen = stamp;
        match self.files.read() {
            Ok(key) => {
                self.wrong = None;
                let shown = self.shelf.put(key);
                tracing::info!(pin = %shown.pin, file = %self.files.chain.display(), "the certificate was replaced");
                self.shown.0 = shown;
                self.tell();
            }
            Err(wrong) => {
                let wrong = wrong.to_string();
                if self.wrong.as_ref() != Some(&wrong) {
                    tracing::warn!(%wrong, "the certificate's files have changed and cannot be used: the one before stays");
                    self.report.bad("unusable", format!("{wrong}; the certificate before it stays"));
                }
                self.wrong = Some(wrong);
            }
        }
    }
}

/// Whether it is good by its dates.
fn is_good(shown: &Shown) -> bool {
    shown.left().is_none_or(|left| left > 0)
}

fn tell(report: &Report, shown: &Shown) {
    if is_good(shown) {
        report.good("files", format!("the certificate {}", shown.pin));
    } else {
        report.bad("expired", "the certificate is no longer good: replace its files");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};

    fn write(files: &CertificateFiles, name: &str) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
        fs::write(&files.chain, certificate.pem()).unwrap();
        fs::write(&files.key, key.serialize_pem()).unwrap();
    }

    #[test]
    fn a_change_is_taken_over_and_a_broken_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let files = CertificateFiles { chain: dir.path().join("c.pem"), key: dir.path().join("k.pem") };
        let shelf = Shelf::new();
        let said = Arc::new(std::sync::Mutex::new(Vec::new()));
        let report = Report::to({
            let said = said.clone();
            move |ok, reason, _| said.lock().unwrap().push((ok, reason.to_owned()))
        });
        let missing = FilesLoop::begin(files.clone(), shelf.clone(), report.clone()).unwrap_err().to_string();
        assert!(missing.contains("c.pem"), "{missing}");
        write(&files, "a.example");
        let mut looking = FilesLoop::begin(files.clone(), shelf.clone(), report).unwrap();
        let pin = || shelf.watch().borrow().clone().unwrap().pin;
        let first = pin();
        looking.step();
        assert_eq!(pin(), first);

        fs::write(&files.chain, "nonsense").unwrap();
        looking.step();
        looking.step();
        assert_eq!(pin(), first);
        write(&files, "longer.name.example");
        looking.step();
        let second = pin();
        assert_ne!(second, first);

        // Another key: they do not belong together.
        fs::write(&files.key, KeyPair::generate().unwrap().serialize_pem() + "\n").unwrap();
        looking.step();
        assert_eq!(pin(), second);
        let said = said.lock().unwrap().clone();
        let word = |ok: bool, reason: &str| (ok, reason.to_owned());
        assert_eq!(said, [word(true, "files"), word(false, "unusable"), word(true, "files"), word(false, "unusable")]);
    }
}
