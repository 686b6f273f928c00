//! Releases that somebody has changed.

use super::machine::{Machine, USERLANDS, Userland};
use super::releases::Releases;
use std::fs;

/// What both verifiers need around them.
const TOOLS: [&str; 22] = [
    "awk",
    "cat",
    "chmod",
    "cp",
    "dirname",
    "env",
    "find",
    "grep",
    "gzip",
    "head",
    "mkdir",
    "mktemp",
    "mv",
    "rm",
    "rmdir",
    "sed",
    "sh",
    "sha256sum",
    "tail",
    "tar",
    "tr",
    "uname",
];

/// A machine that can verify with this tool only.
fn that_verifies_with(tool: &[&str]) -> Machine {
    let mut machine = Machine::with_release(Userland::Dash, "1.2.3");
    machine.only_tools(&[&TOOLS[..], tool].concat(), &[]);
    machine
}

#[test]
fn a_program_that_is_not_the_listed_one_is_not_installed() {
    for userland in USERLANDS {
        let machine = Machine::with_release(userland, "1.2.3");
        machine.install(&[]).worked(&[]);
        let before = machine.listing();
        machine.releases.add("1.2.4");
        fs::copy(machine.releases.archive("1.2.3"), machine.releases.archive("1.2.4")).unwrap();
        machine.install(&[]).failed(&["is not what the release says it is"]);
        // Not without the signature either.
        machine.install(&["--no-verify-signature"]).failed(&["is not what the release says it is"]);
        assert_eq!(machine.listing(), before, "{userland:?}");
    }
}

#[test]
fn both_verifiers_take_a_genuine_list_and_refuse_every_other() {
    for tool in ["ssh-keygen", "openssl"] {
        let machine = that_verifies_with(&[tool]);
        let list = machine.releases.file("1.2.3", "SHA256SUMS");
        let signature = machine.releases.file("1.2.3", "SHA256SUMS.sig");
        let (genuine, genuine_signature) = (fs::read(&list).unwrap(), fs::read(&signature).unwrap());
        let refused = |what: &str, part: &str| {
            let ran = machine.install(&[]);
            assert_eq!(ran.code, 1, "{tool}: {what}: {}", ran.said);
            assert!(ran.said.contains(part), "{tool}: {what}: {}", ran.said);
            assert_eq!(machine.listing(), [""; 0], "{tool}: {what}");
        };
        for at in [0, 5, genuine.len() - 2] {
            let mut changed = genuine.clone();
            changed[at] ^= 1;
            fs::write(&list, changed).unwrap();
            refused("a changed list", "signature of the release");
        }
        fs::write(&list, [&genuine[..], b"0  more\n"].concat()).unwrap();
        refused("a longer list", "signature of the release");
        fs::write(&list, &genuine).unwrap();

        machine.releases.sign("1.2.3", "another-purpose");
        refused("a signature for another purpose", "signature of the release");

        let stranger = Releases::new(machine.beside("stranger"));
        stranger.add("1.2.3");
        fs::copy(stranger.file("1.2.3", "SHA256SUMS"), &list).unwrap();
        fs::copy(stranger.file("1.2.3", "SHA256SUMS.sig"), &signature).unwrap();
        refused("a stranger's release", "signature of the release");
        fs::write(&list, &genuine).unwrap();

        for text in [&b""[..], b"nonsense", &genuine_signature[..genuine_signature.len() / 2]] {
            fs::write(&signature, text).unwrap();
            refused("half a signature", "signature of the release");
        }
        fs::remove_file(&signature).unwrap();
        refused("no signature", "is not signed");

        fs::write(&signature, &genuine_signature).unwrap();
        machine.install(&[]).worked(&["waypost 1.2.3 is installed"]);
    }
}

#[test]
fn where_no_signature_can_be_checked_it_refuses_until_told_otherwise() {
    let old = "#!/bin/sh\necho 'unknown option -- Y' >&2\nexit 1\n";
    let mut machine = that_verifies_with(&[]);
    machine.install(&[]).failed(&["cannot be checked", "openssh-client", "--no-verify-signature"]);
    machine.only_tools(&TOOLS, &[("ssh-keygen", old)]);
    machine.install(&[]).failed(&["cannot be checked", "OpenSSH 8.1"]);
    assert_eq!(machine.listing(), [""; 0]);
    machine.install(&["--no-verify-signature"]).worked(&["is not checked, as asked", "waypost 1.2.3 is installed"]);

    let mut machine = that_verifies_with(&["ssh-keygen"]);
    machine.set("WAYPOST_RELEASE_KEY", "");
    machine.install(&[]).failed(&["knows no release key", "WAYPOST_RELEASE_KEY", "--no-verify-signature"]);
    assert_eq!(machine.listing(), [""; 0]);
}

#[test]
fn an_older_release_under_the_name_of_a_newer_is_seen() {
    let machine = Machine::with_release(Userland::Dash, "1.2.3");
    machine.releases.add("1.2.4");
    for name in ["SHA256SUMS", "SHA256SUMS.sig"] {
        fs::copy(machine.releases.file("1.2.3", name), machine.releases.file("1.2.4", name)).unwrap();
    }
    machine.install(&["--version", "1.2.4"]).failed(&["has nothing for this machine"]);
    assert_eq!(machine.listing(), [""; 0]);
}
