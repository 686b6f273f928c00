//! What came of it: files by their hashes, jobs by their marks.

use super::archive::{Archive, contents, difference};
use super::faults::{Ends, GOT, JOBS};
use super::rig::Rig;
use super::tally;
use serde_json::Value;

/// What is not as it should be, all of it. `wanted` is the hash of the node's own snapshot.
pub fn judge(name: &str, rig: &Rig, wanted: &str, ends: Ends) -> Vec<String> {
    let mut wrong = Vec::new();
    wrong.extend(downloaded(rig, wanted, ends.downloaded).err().map(|what| format!("the download: {what}")));
    wrong.extend(ends.uploaded.and_then(|()| uploaded(rig)).err().map(|what| format!("the upload: {what}")));
    match ends.jobs {
        Ok(ended) => wrong.extend(worked(name, rig, &ended)),
        Err(failed) => wrong.push(format!("the jobs: {failed}")),
    }
    wrong
}

fn downloaded(rig: &Rig, wanted: &str, got: Result<String, String>) -> Result<(), String> {
    if got? == wanted {
        return Ok(());
    }
    let files = difference(&contents(&rig.env.path(GOT)), &Archive::shared().contents);
    Err(format!("it differs from the node's own snapshot: {}", files.unwrap_or_else(|| "but not its files".to_owned())))
}

/// A snapshot that the node itself gives of what was uploaded has the files of the archive.
fn uploaded(rig: &Rig) -> Result<(), String> {
    let (beside, taken) = (rig.beside_node(), rig.env.path("up.tar"));
    rig.at_node(async |_| beside.download("up", &taken).await)?;
    difference(&contents(&taken), &Archive::shared().contents).map_or(Ok(()), Err)
}

fn worked(name: &str, rig: &Rig, ended: &[Value]) -> Vec<String> {
    let marks = rig.at_node(async |rig| tally::marks(rig).await);
    let tally = rig.at_gateway(async |rig| tally::check(rig, ended, &marks).await);
    println!("{name}: {} of {JOBS} jobs succeeded, others: {:?}", tally.succeeded, tally.others);
    let mut wrong = Vec::new();
    if tally.succeeded < JOBS {
        wrong.push(format!("{} of {JOBS} jobs succeeded: {:?}", tally.succeeded, tally.others));
    }
    wrong.extend(tally.wrong);
    wrong
}
