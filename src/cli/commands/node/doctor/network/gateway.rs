//! Whether a gateway answers at the address. When it does not, an earlier step may have said why.

use super::super::check::Check;
use crate::client::{Answer, GatewayUrl};

pub fn check(url: &GatewayUrl, proxy: Option<&str>, answer: &Result<Answer, String>, earlier: &[Check]) -> Check {
    let way = proxy.map(|proxy| format!(" through {proxy}")).unwrap_or_default();
    let broken = earlier.iter().find(|check| !check.ok && !check.warning);
    match (answer, broken) {
        (Err(why), Some(broken)) => {
            Check::bad("gateway", format!("{url}{way}: {why}"), format!("mend what `{}` says first", broken.name))
        }
        (Err(why), None) if proxy.is_some() => {
            let fix = "check the proxy, whether it lets this host through, and that the gateway runs";
            Check::bad("gateway", format!("{url}{way}: {why}"), fix)
        }
        (Err(why), None) => {
            Check::bad("gateway", format!("{url}: {why}"), "check the address, the network, and that the gateway runs")
        }
        (Ok(Answer { status: 200..=299, .. }), _) => Check::good("gateway", format!("{url} answers{way}")),
        (Ok(Answer { status: 407, .. }), _) => {
            let fix = "give its user and password: HTTPS_PROXY=http://user:password@proxy… waypost node setup KEY";
            Check::bad("gateway", format!("{url}{way}: the proxy wants credentials (407)"), fix)
        }
        (Ok(Answer { status, .. }), _) => {
            let fix = "check that it is a gateway that listens there, and that it is well";
            Check::bad("gateway", format!("{url}{way} answers {status} where a healthy gateway answers 200"), fix)
        }
    }
}
