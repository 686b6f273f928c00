//! Whether the gateway accepts the node's token, asked without a heartbeat.

use super::super::check::Check;
use crate::client::Answer;
use serde_json::Value;

pub fn check(answer: &Result<Answer, String>) -> Check {
    let again = "join again: `waypost node setup KEY`, with a key of scope enroll";
    let bad = |message: &str| Check::bad("authorisation", message, again);
    let answer = match answer {
        Ok(answer) => answer,
        Err(why) => {
            return Check::warning("authorisation", why.clone(), "look again; the gateway answered a moment ago");
        }
    };
    match answer.status {
        200 => Check::good("authorisation", accepted(answer.body.as_ref())),
        401 | 403 => bad("the gateway does not accept this node's token"),
        410 => bad("this node was removed from the gateway"),
        404 | 405 => Check::note("authorisation", "this gateway cannot be asked without a heartbeat"),
        status => {
            let message = format!("the gateway answered {status} when asked about this node");
            Check::warning("authorisation", message, "look at the gateway's log")
        }
    }
}

fn accepted(body: Option<&Value>) -> String {
    let name = body.and_then(|body| body.get("name")).and_then(Value::as_str);
    let drain = body.and_then(|body| body.get("drain")).and_then(Value::as_bool).unwrap_or_default();
    let name = name.map(|name| format!(" as {name}")).unwrap_or_default();
    let drain = if drain { "; it is drained there: it gets no jobs" } else { "" };
    format!("the gateway accepts this node{name}{drain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_means_one_thing() {
        let of = |status| check(&Ok(Answer { status, date: None, body: None }));
        assert!(of(200).ok && !of(401).ok && !of(410).ok && of(404).note && of(500).warning);
        let body = serde_json::json!({ "node_id": "shn_1", "name": "box", "drain": true });
        let text = accepted(Some(&body));
        assert!(text.contains("as box") && text.contains("drained"), "{text}");
    }
}
