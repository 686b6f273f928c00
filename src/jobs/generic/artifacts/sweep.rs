//! Removes what was kept long enough, whichever process put it there.

use super::list::metas;
use super::path;
use super::store::ArtifactStore;
use cap_std::fs::Dir;
use std::io;

impl ArtifactStore {
    /// One round. Jobs that `run` says run are left alone; it is asked when no further one can begin.
    pub(in crate::jobs::generic) fn sweep(&self, run: impl FnOnce() -> Vec<String>) -> io::Result<()> {
        let _alone = self.alone();
        let root = self.open()?;
        let busy: Vec<Dir> = run().iter().filter_map(|job| self.find_job(job).ok()).collect();
        for entry in root.entries()? {
            let entry = entry?;
            if !entry.metadata()?.is_dir() {
                continue;
            }
            let job = entry.open_dir()?;
            if busy.iter().any(|busy| is_same(busy, &job)) {
                continue;
            }
            for below in ["uploads", "run"] {
                if let Ok(dir) = job.open_dir(below)
                    && self.clear(&dir)?
                {
                    job.remove_dir(below)?;
                }
            }
            for (name, meta) in metas(&job) {
                if path::open(&job, &meta.file).is_err() {
                    job.remove_file(format!("meta/{name}"))?;
                }
            }
            // Each fails when something is left in it.
            let _ = job.remove_dir("meta");
            let _ = root.remove_dir(entry.file_name());
        }
        self.count_again();
        Ok(())
    }

    /// Removes old files below a directory; true when nothing is left.
    fn clear(&self, dir: &Dir) -> io::Result<bool> {
        let mut empty = true;
        for entry in dir.entries()? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            let gone = if metadata.is_dir() {
                self.clear(&entry.open_dir()?)? && dir.remove_dir(entry.file_name()).is_ok()
            } else {
                self.is_over(&metadata) && dir.remove_file(entry.file_name()).is_ok()
            };
            empty &= gone;
        }
        Ok(empty)
    }
}

#[cfg(unix)]
fn is_same(a: &Dir, b: &Dir) -> bool {
    use cap_std::fs::MetadataExt as _;
    let id = |dir: &Dir| dir.dir_metadata().map(|metadata| (metadata.dev(), metadata.ino())).ok();
    id(a).is_some() && id(a) == id(b)
}

/// Elsewhere a directory has no number that can be had without opening it again: everything is left while anything runs.
#[cfg(not(unix))]
fn is_same(_: &Dir, _: &Dir) -> bool {
    true
}
