//! Whether a connection comes about, by family.

use super::super::check::Check;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How many addresses of a family are tried.
const TRIED: usize = 3;

pub async fn check(addresses: &[SocketAddr], proxy: Option<&str>, patience: Duration) -> Check {
    if addresses.is_empty() {
        return Check::note("tcp", "not tried: there is no address");
    }
    let (v4, v6): (Vec<_>, Vec<_>) = addresses.iter().copied().partition(SocketAddr::is_ipv4);
    let (v4, v6) = tokio::join!(family("IPv4", &v4, patience), family("IPv6", &v6, patience));
    let works = [&v4, &v6].into_iter().flatten().any(Result::is_ok);
    let said = |found: Option<Result<String, String>>| found.map(|said| said.unwrap_or_else(|wrong| wrong));
    let message = [said(v4), said(v6)].into_iter().flatten().collect::<Vec<_>>().join("; ");
    if works {
        return Check::good("tcp", message);
    }
    match proxy {
        Some(proxy) => {
            Check::bad("tcp", message, format!("check that the proxy {proxy} runs and that this machine may use it"))
        }
        None => Check::bad("tcp", message, "check that the gateway runs, its port, and the firewalls in between"),
    }
}

/// What came of a family; none when it has no address.
async fn family(name: &str, addresses: &[SocketAddr], patience: Duration) -> Option<Result<String, String>> {
    let mut last = None;
    for address in addresses.iter().take(TRIED) {
        let wrong = match timeout(patience, TcpStream::connect(address)).await {
            Ok(Ok(_)) => return Some(Ok(format!("{name}: {address} takes connections"))),
            Ok(Err(failed)) => failed.to_string(),
            Err(_) => format!("no answer within {} s", patience.as_secs()),
        };
        last = Some(Err(format!("{name}: {address}: {wrong}")));
    }
    last
}
