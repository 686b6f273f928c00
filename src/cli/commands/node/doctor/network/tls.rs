//! Who vouches for the gateway: so that one in between who intercepts shows.

use super::super::check::Check;
use crate::base::unix_ms;
use crate::client::{Answer, Certificate, GatewayUrl, Network, Presented, Probe, Trust};

/// A certificate that ends sooner is worth a look, seconds.
const SOON: i64 = 7 * 86400;

pub fn check(gateway: &GatewayUrl, network: &Network, probe: &Probe, answer: &Result<Answer, String>) -> Check {
    if gateway.is_plain() {
        return match gateway.is_loopback() {
            true => Check::note("tls", "none: the gateway is on this machine, spoken to without encryption"),
            false => Check::warning(
                "tls",
                "none: whoever listens in between can act as this node",
                "have the gateway serve https, and join it by that address",
            ),
        };
    }
    let shown = probe.presented();
    let Some(shown) = shown.iter().rev().find(|shown| shown.trust != Trust::Platform).or(shown.last()) else {
        return match answer {
            Err(why) if why.contains("TLS") => Check::bad("tls", why, "check the address: http or https, and the port"),
            Err(_) => Check::note("tls", "not tried: there is no connection"),
            Ok(_) => Check::note("tls", "no certificate was shown"),
        };
    };
    judge(shown, network, probe.platform_problem(), unix_ms() / 1000)
}

fn judge(shown: &Presented, network: &Network, platform: Option<&str>, now: i64) -> Check {
    let Certificate { issuer, not_after, .. } = &shown.certificate;
    let issuer = issuer.as_deref().unwrap_or("somebody who cannot be read");
    let until = not_after.map(|at| format!(", good until {}", day(at))).unwrap_or_default();
    let what = format!("{}: certificate by {issuer}{until}", shown.host);
    let by = match &shown.trust {
        Trust::Platform => "an authority that this machine trusts".to_owned(),
        Trust::Own => network.ca_file.as_ref().map(|file| file.from.clone()).unwrap_or_default(),
        Trust::Nobody(wrong) => return distrusted(&format!("{what}: {}", plain(wrong)), wrong, platform),
    };
    let message = format!("{what}; vouched for by {by}{}", elsewhere());
    match not_after {
        Some(at) if at - now < SOON => Check::warning("tls", message, "have it renewed: it ends within a week"),
        _ => Check::good("tls", message),
    }
}

fn distrusted(message: &str, wrong: &str, platform: Option<&str>) -> Check {
    let fix = if let Some(problem) = platform {
        format!(
            "{problem}: install the platform's certificates (Debian: ca-certificates), or give a file with --ca-file"
        )
    } else if wrong.contains("UnknownIssuer") || wrong.contains("CaUsedAsEndEntity") {
        "if this network intercepts TLS on purpose, or the gateway has its own authority, get that authority's certificate from whoever \
         runs it and join again with `waypost node setup KEY --ca-file FILE`; else somebody is in between"
            .to_owned()
    } else if wrong.to_lowercase().contains("expired") || wrong.to_lowercase().contains("notvalidyet") {
        "look at this machine's clock first; if it is right, the certificate has to be renewed".to_owned()
    } else {
        "check the gateway's address; the certificate has to be for that name".to_owned()
    };
    Check::bad("tls", message, fix)
}

/// The library's sentence without its preamble, and the commonest reason in plain words.
fn plain(wrong: &str) -> String {
    let wrong = wrong.trim_start_matches("invalid peer certificate: ");
    if wrong == "UnknownIssuer" {
        "no authority that this machine trusts vouches for it".to_owned()
    } else {
        wrong.to_owned()
    }
}

/// What holds in this shell only.
fn elsewhere() -> String {
    let set = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find(|name| std::env::var_os(name).is_some());
    set.map(|name| format!(" ({name} of this environment says whom it trusts; a service does not have it)"))
        .unwrap_or_default()
}

fn day(at: i64) -> String {
    chrono::DateTime::from_timestamp(at, 0).map(|at| at.format("%Y-%m-%d").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(trust: Trust) -> Presented {
        let certificate = Certificate {
            issuer: Some("Corp Interception (Corp)".to_owned()),
            not_after: Some(1_000_000),
            ..Certificate::default()
        };
        Presented { host: "gw.example".to_owned(), certificate, trust }
    }

    #[test]
    fn the_issuer_shows_whatever_is_wrong() {
        let network = Network::default();
        for (trust, now, word) in [
            (Trust::Nobody("invalid peer certificate: UnknownIssuer".to_owned()), 0, "--ca-file"),
            (Trust::Nobody("invalid peer certificate: certificate expired: …".to_owned()), 0, "clock"),
            (Trust::Nobody("invalid peer certificate: certificate not valid for name".to_owned()), 0, "address"),
            (Trust::Platform, 999_999, "renewed"),
        ] {
            let check = judge(&shown(trust), &network, None, now);
            assert!(!check.ok && check.message.contains("Corp Interception (Corp)"), "{check:?}");
            assert!(check.fix.as_ref().unwrap().contains(word), "{check:?}");
        }
        assert!(judge(&shown(Trust::Platform), &network, None, 0).ok);
        let none = Trust::Nobody("General".to_owned());
        let bare = judge(&shown(none), &network, Some("no certificates"), 0);
        assert!(bare.fix.unwrap().contains("ca-certificates"));
    }
}
