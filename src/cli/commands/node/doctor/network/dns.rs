//! Whether the name of whom we connect to, the gateway or its proxy, has addresses, and of which families.

use super::super::check::Check;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::time::timeout;

pub async fn check(target: &(String, u16), patience: Duration) -> (Check, Vec<SocketAddr>) {
    let (host, port) = target;
    if let Ok(address) = host.parse::<IpAddr>() {
        return (Check::good("dns", format!("{host} is an address")), vec![SocketAddr::from((address, *port))]);
    }
    let fix = "check the name, and the resolver of this machine";
    let bad = |said: String| (Check::bad("dns", format!("{host}: {said}"), fix), Vec::new());
    match timeout(patience, tokio::net::lookup_host((host.as_str(), *port))).await {
        Err(_) => bad(format!("no answer from the resolver within {} s", patience.as_secs())),
        Ok(Err(failed)) => bad(failed.to_string()),
        Ok(Ok(found)) => {
            let mut addresses: Vec<SocketAddr> = found.collect();
            addresses.dedup();
            if addresses.is_empty() {
                return bad("the name has no addresses".to_owned());
            }
            (Check::good("dns", format!("{host} has {}", families(&addresses))), addresses)
        }
    }
}

fn families(addresses: &[SocketAddr]) -> String {
    let of = |name: &str, wanted: fn(&&SocketAddr) -> bool| {
        let mine: Vec<String> = addresses.iter().filter(wanted).map(|address| address.ip().to_string()).collect();
        match mine.as_slice() {
            [] => format!("no {name} address"),
            [first] => format!("{name} {first}"),
            [first, rest @ ..] => format!("{name} {first} and {} more", rest.len()),
        }
    };
    format!("{}, {}", of("IPv4", |address| address.is_ipv4()), of("IPv6", |address| address.is_ipv6()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_told_apart() {
        let addresses = ["192.0.2.1:1", "192.0.2.2:1"].map(|address| address.parse().unwrap());
        assert_eq!(families(&addresses), "IPv4 192.0.2.1 and 1 more, no IPv6 address");
    }
}
