//! The owner's key: in no argument of a process, in no file, in no journal.

use crate::gateway::Gateway;
use crate::machine::Machine;
use crate::person::Person;

#[test]
fn the_key_is_in_no_argument_and_in_no_file() {
    let machine = Machine::boot("bookworm-polkitd");
    let gateway = Gateway::start(&machine);
    let dev = Person::dev(&machine);
    let session = dev.log_in();
    let trace = "strace -f -qq -y -s 65536 -e trace=execve,write,writev,pwrite64,sendto,sendmsg -o /tmp/trace";
    // In a shell of its own: strace would wait for the child that the session has and that waits for it.
    let install = format!("{trace} waypost node install --api-key-stdin --gateway {} --yes; exit $?", gateway.url);
    dev.sh_with(&install, gateway.enroll.as_bytes()).worked();
    dev.wait_active(0);
    let key = &gateway.enroll;
    let lines = |pattern: &str| machine.root(&format!("grep -E '{pattern}' /tmp/trace || :")).worked().out;
    let children = lines("execve\\(");
    assert!(children.contains("systemctl"), "the trace has no children: {children}");
    assert!(!children.contains(key), "{children}");
    let seen = machine.root(&format!("grep -F '{key}' /tmp/trace || :")).worked().out;
    assert!(!seen.is_empty(), "the trace does not even show the key on its way to the gateway");
    for line in seen.lines() {
        assert!(line.contains("<TCP") || line.contains("<socket:"), "the key went elsewhere: {line}");
    }
    // Whether it is in what is left: disk, journal, memory file systems; the trace itself has it.
    let found = machine.root(&format!(
        "rm /tmp/trace; grep -r -l -a -F --devices=skip '{key}' /etc /home /root /run /tmp /var /dev/shm 2> /dev/null || :"
    ));
    assert_eq!(found.worked().out, "");
    let argv = machine.root(&format!(
        "grep -l -a -F '{key}' /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2> /dev/null | grep -v /self/ || :"
    ));
    // The grep has it in its own arguments, and the shell around it.
    let argv = argv.out.lines().filter(|path| !machine.root(&format!("test -e {path}")).err.is_empty()).count();
    assert_eq!(argv, 0);
    session.log_out();
}
