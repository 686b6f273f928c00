//! Jobs that ended lately, in memory: so many, and so many bytes of them.

use super::record::JobRecord;
use std::collections::BTreeMap;

/// Ended jobs that are kept.
const MAX_JOBS: usize = 1024;
/// Bytes of their output that are kept. Without this bound, 1,024 scripts at their output limit would be gigabytes.
const MAX_BYTES: usize = 64 << 20;

/// The newest ended jobs, by id. The oldest goes first, output and all.
#[derive(Debug, Default)]
pub(super) struct History {
    jobs: BTreeMap<String, JobRecord>,
    bytes: usize,
}

impl History {
    pub(super) fn add(&mut self, job: JobRecord) {
        self.bytes += job.weight();
        if let Some(replaced) = self.jobs.insert(job.id.clone(), job) {
            self.bytes -= replaced.weight();
        }
        // The newest one stays however large it is: its caller may be about to ask for it.
        while self.jobs.len() > MAX_JOBS || (self.bytes > MAX_BYTES && self.jobs.len() > 1) {
            let Some((_, oldest)) = self.jobs.pop_first() else { break };
            self.bytes -= oldest.weight();
        }
    }

    pub(super) fn get(&self, id: &str) -> Option<&JobRecord> {
        self.jobs.get(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &JobRecord> {
        self.jobs.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::mint;
    use crate::jobs::table::JobEnd;
    use crate::wire::v1::JobStatus;
    use bytes::Bytes;

    fn job(output: usize) -> JobRecord {
        JobRecord {
            id: mint("job"),
            workspace_id: "w".to_owned(),
            session_id: "default".to_owned(),
            command: "true".to_owned(),
            cancel_requested: false,
            submitted_at: 0.0,
            started_at: 0.0,
            end: Some(JobEnd {
                status: JobStatus::Done,
                finished_at: 0.0,
                exit_code: Some(0),
                how: "exited".to_owned(),
                stdout: Bytes::from(vec![0; output]),
                stderr: Bytes::new(),
                error: None,
            }),
        }
    }

    #[test]
    fn it_is_bounded_in_number_and_in_bytes_and_the_newest_stays() {
        let mut history = History::default();
        let first = job(0);
        history.add(first.clone());
        (0..MAX_JOBS).for_each(|_| history.add(job(0)));
        assert_eq!(history.jobs.len(), MAX_JOBS);
        assert!(history.get(&first.id).is_none());

        (0..10).for_each(|_| history.add(job(MAX_BYTES / 4)));
        assert!(history.bytes <= MAX_BYTES, "{}", history.bytes);
        let huge = job(MAX_BYTES * 2);
        history.add(huge.clone());
        assert!(history.get(&huge.id).is_some());
        assert_eq!(history.jobs.len(), 1);
    }
}
