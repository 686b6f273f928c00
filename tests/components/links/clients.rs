//! The reference's own clients at the relayed door of a node that nobody can dial: every step ends as on loopback.

use super::reference::steps::{END, STEPS};
use super::reference::{ByDoor, Client, Door, Run, chosen, record};
use super::rig::Rig;

/// What is otherwise at this door, and has to be.
const DIFFERS: &[ByDoor] = &[
    ByDoor {
        step: "wrong token",
        code: 1,
        why: "on loopback everybody learns that a daemon is there and then what the token is not good for; a gateway tells \
              nobody without a key which nodes it has, so to the client nothing is there",
    },
    ByDoor {
        step: "daemon stop",
        code: 2,
        why: "a node is its owner's: nobody ends it from afar, and the clients that come after still need it",
    },
];

/// Not run here: the two steps after `daemon stop`, which look at a daemon that has ended. That a client starts its own
/// daemon when none answers, and the files below `~/.mirage`, are the client's own doing and no part of the steps.
const STOP: usize = 1;

#[test]
fn the_references_clients_do_at_the_relayed_door_what_they_do_on_loopback() {
    let rig = Rig::start("clients", &["--allow-files", "/", "--allow-disk", "/", "--allow-remote", "127.0.0.1:1"]);
    let door = Door { url: rig.door(), token: rig.gateway.call.clone(), suffix: "-relayed", differs: DIFFERS };
    let (record, chosen) = (record(), chosen());
    let runs: Vec<Run> = std::thread::scope(|scope| {
        let begun: Vec<_> = chosen
            .iter()
            .map(|(version, program)| {
                let known = record.get(*version).cloned().unwrap_or_default();
                let (gateway, door) = (&rig.link.gateway, &door);
                // Processes that the thread starts are where it is.
                scope.spawn(move || {
                    gateway.within(|| {
                        let mut run = Run::new(Client::new(version, program, Some(door)), known);
                        run.steps(STEPS.iter().chain(&END[..STOP]));
                        run
                    })
                })
            })
            .collect();
        begun.into_iter().map(|run| run.join().expect("a client's thread panicked")).collect()
    });
    let mut faults = Vec::new();
    for run in runs {
        println!("client {}: {} steps at the relayed door", run.client.version, run.exits.len());
        faults.extend(run.faults);
    }
    assert!(faults.is_empty(), "{} steps differ:\n\n{}", faults.len(), faults.join("\n\n"));
}
