//! Names of agents: how they are compared, and the public ones made of them.

/// Longest alias, bytes.
const LONGEST: usize = 255;

/// An alias as it is compared: lower case, runs of anything but `a-z0-9` as one dash, none at the ends. Empty for a name that
/// has none of these letters.
pub(crate) fn canonical(name: &str) -> String {
    let mut alias = String::with_capacity(name.len().min(LONGEST));
    for letter in name.chars().flat_map(char::to_lowercase) {
        if alias.len() >= LONGEST {
            break;
        }
        if letter.is_ascii_lowercase() || letter.is_ascii_digit() {
            alias.push(letter);
        } else if !alias.is_empty() && !alias.ends_with('-') {
            alias.push('-');
        }
    }
    alias.truncate(alias.trim_end_matches('-').len());
    alias
}

/// An agent of one node: `mcoda-<server>-<agent>`.
pub(crate) fn of_node(server: &str, agent: &str) -> String {
    format!("mcoda-{}-{}", canonical(server), canonical(agent))
}

/// The same as a path: `mcoda/<server>/<agent>`.
pub(crate) fn remote(server: &str, agent: &str) -> String {
    format!("mcoda/{server}/{agent}")
}

/// An agent of whichever node has it: `mcoda-auto-<agent>`.
pub(crate) fn auto(agent: &str) -> String {
    format!("mcoda-auto-{}", canonical(agent))
}

/// The same as a path: `mcoda/load-balanced/<agent>`.
pub(crate) fn remote_auto(agent: &str) -> String {
    format!("mcoda/load-balanced/{agent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_canonicalised_as_nodes_do() {
        assert_eq!(canonical("mcoda/Fake Box//Qwen_Local"), "mcoda-fake-box-qwen-local");
        assert_eq!(canonical("--phi3.5:3.8b--"), "phi3-5-3-8b");
        assert_eq!(canonical("ÄÖ"), "");
        assert_eq!(canonical(&"x".repeat(400)).len(), 255);
        assert_eq!(of_node("fake-box", "qwen-local"), "mcoda-fake-box-qwen-local");
        assert_eq!(auto("qwen-local"), "mcoda-auto-qwen-local");
    }
}
