//! A client's way through the steps: the exit code of each, and what is not as it should be.

use super::client::Client;
use super::steps::{Differs, Step};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

pub struct Run {
    pub client: Client,
    /// The exit code of each step against the version's own daemon.
    recorded: BTreeMap<String, i32>,
    captured: Map<String, Value>,
    transcript: std::fs::File,
    pub exits: BTreeMap<String, i32>,
    pub faults: Vec<String>,
}

impl Run {
    pub fn new(client: Client, recorded: BTreeMap<String, i32>) -> Self {
        let at = client.door.as_ref().map_or("-own", |door| door.suffix);
        let name = format!("client-{}{at}.txt", client.version);
        let transcript = std::fs::File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)).unwrap();
        let (captured, exits, faults) = (Map::new(), BTreeMap::new(), Vec::new());
        Self { client, recorded, captured, transcript, exits, faults }
    }

    pub fn steps(&mut self, steps: impl Iterator<Item = &'static Step>) {
        let version = self.client.version;
        for step in steps.filter(|step| step.versions.contains(&version)) {
            self.step(step);
        }
    }

    fn step(&mut self, step: &Step) {
        let (code, stdout, stderr) = self.client.run(step, &self.captured);
        let client = &self.client;
        assert!(self.exits.insert(step.name.to_owned(), code).is_none(), "two steps are called '{}'", step.name);
        let args = client.filled(&step.run.join(" "), &self.captured);
        writeln!(self.transcript, "## {}: {args}\nexit {code}\n{stdout}{stderr}", step.name).unwrap();
        if let Some((name, pointer)) = step.capture {
            let value = serde_json::from_str::<Value>(&stdout).ok();
            let value = value.as_ref().and_then(|value| value.pointer(pointer)).cloned().unwrap_or_default();
            self.captured.insert(name.to_owned(), value);
        }
        let Some(door) = &client.door else { return };
        let by_door = door.differs.iter().find(|differs| differs.step == step.name);
        let wanted = match (by_door, &step.differs) {
            (Some(differs), _) => Some(differs.code),
            (None, Some(Differs { versions, code, .. })) if versions.contains(&client.version) => Some(*code),
            _ => self.recorded.get(step.name).copied(),
        };
        let shows = if by_door.is_some() { &[] } else { step.shows };
        let missing = shows.iter().find(|part| !stdout.contains(&client.filled(part, &self.captured)));
        if Some(code) != wanted || missing.is_some() {
            self.faults.push(format!(
                "{} · {}: exit {code}, wanted {wanted:?}; missing in stdout: {missing:?}\nstdout: {}\nstderr: {}",
                client.version,
                step.name,
                tail(&stdout),
                tail(&stderr)
            ));
        }
    }
}

fn tail(text: &str) -> String {
    let from = text.char_indices().rev().nth(600).map_or(0, |(at, _)| at);
    text[from..].to_owned()
}
