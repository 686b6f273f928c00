//! Whether the node has its token, and whether it alone can read it.

use super::check::Check;
use crate::state::{Credentials, Home};

pub fn check(home: &Home) -> Check {
    let again = "join again with `waypost node setup KEY`";
    match Credentials::of(home).token() {
        Ok(Some(_)) => Check::good("runtime_token", "present, readable by this user only"),
        Ok(None) => Check::bad("runtime_token", "missing", again),
        Err(failed) => Check::bad("runtime_token", failed.to_string(), "mend the file as it says, or join again"),
    }
}
