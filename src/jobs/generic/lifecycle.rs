//! Which state follows which.

use crate::wire::node::generic::GenericState;

/// Whether a job can go from one state to the other.
pub(super) fn follows(from: GenericState, to: GenericState) -> bool {
    use GenericState::{Blocked, Cancelled, Expired, Failed, Queued, Retrying, Running, Scheduled, Succeeded};
    match from {
        Queued => matches!(to, Scheduled | Cancelled | Expired | Blocked),
        Scheduled => matches!(to, Running | Cancelled | Expired | Blocked),
        Running => matches!(to, Succeeded | Failed | Cancelled | Retrying | Expired),
        Retrying => matches!(to, Queued | Cancelled | Expired),
        // Only because somebody asks for it.
        Failed | Cancelled | Expired | Blocked => to == Retrying,
        Succeeded => false,
    }
}

/// Whether nothing happens any more by itself.
pub(super) fn is_end(state: GenericState) -> bool {
    use GenericState::{Blocked, Cancelled, Expired, Failed, Succeeded};
    matches!(state, Succeeded | Failed | Cancelled | Expired | Blocked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use GenericState::*;

    #[test]
    fn the_transitions_are_those_of_the_specification() {
        let all = [Queued, Scheduled, Running, Retrying, Succeeded, Failed, Cancelled, Expired, Blocked];
        let after = |from| all.into_iter().filter(|to| follows(from, *to)).collect::<Vec<_>>();
        assert_eq!(after(Queued), [Scheduled, Cancelled, Expired, Blocked]);
        assert_eq!(after(Scheduled), [Running, Cancelled, Expired, Blocked]);
        assert_eq!(after(Running), [Retrying, Succeeded, Failed, Cancelled, Expired]);
        assert_eq!(after(Retrying), [Queued, Cancelled, Expired]);
        assert_eq!(after(Succeeded), []);
        for end in all.into_iter().filter(|state| is_end(*state) && *state != Succeeded) {
            assert_eq!(after(end), [Retrying], "{end:?}");
        }
    }
}
