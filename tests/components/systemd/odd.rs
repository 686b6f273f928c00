//! A home whose name has everything in it that unit files, shells and XML give a meaning to.

use crate::gateway::Gateway;
use crate::machine::Machine;
use crate::person::Person;

#[test]
fn the_service_runs_in_a_home_with_an_odd_name() {
    for root in crate::machine::chosen_roots() {
        let machine = Machine::boot(root);
        let gateway = Gateway::start(&machine);
        let odd = Person::new(&machine, "odd", 4250, "/home/dev/my \"odd\" %h $x é");
        let before = machine.listing();
        let session = odd.log_in();
        odd.install(&gateway, "--name odd").worked();
        let pid = odd.wait_active(0);
        let program = machine.root(&format!("readlink /proc/{pid}/exe")).worked().out;
        assert_eq!(program.trim(), format!("{}/.local/bin/waypost", odd.home), "{root}");
        let unit = odd.status().1["service"]["file"].as_str().unwrap().to_owned();
        let verified = odd.sh("systemd-analyze --user verify ~/.config/systemd/user/waypost-node.service").worked();
        assert_eq!((verified.out.as_str(), verified.err.as_str()), ("", ""), "{root}: {unit}");
        odd.sh("waypost node uninstall --purge --yes").worked();
        session.log_out();
        odd.assert_gone(&before);
    }
}
