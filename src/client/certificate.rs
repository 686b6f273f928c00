//! What a certificate says of itself, for people: by whom it was issued, for whom, until when. Decides nothing.

use chrono::NaiveDateTime;

/// The parts of a certificate that are shown. What cannot be read is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificate {
    /// For whom: common name and organisation.
    pub subject: Option<String>,
    /// By whom, the same way.
    pub issuer: Option<String>,
    /// From when on it is good, seconds since 1970 UTC.
    pub not_before: Option<i64>,
    /// Until when it is good, seconds since 1970 UTC.
    pub not_after: Option<i64>,
    /// Whether it names itself as its issuer, so that no authority vouches for it.
    pub self_issued: bool,
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_ID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The version, which old certificates leave out.
const VERSION: u8 = 0xa0;
/// 2.5.4.3
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
/// 2.5.4.10
const ORGANISATION: &[u8] = &[0x55, 4, 10];

impl Certificate {
    /// Reads a certificate in DER form. It comes from whoever answered: whatever it holds, this ends.
    pub fn read(der: &[u8]) -> Self {
        Self::try_read(der).unwrap_or_default()
    }

    fn try_read(der: &[u8]) -> Option<Self> {
        let mut certificate = Der(Der(der).expect(SEQUENCE)?);
        let mut body = Der(certificate.expect(SEQUENCE)?);
        let (tag, _) = body.next()?;
        if tag == VERSION {
            body.next()?; // the serial number
        }
        body.next()?; // the algorithm of the signature
        let issuer = body.expect(SEQUENCE)?;
        let mut validity = Der(body.expect(SEQUENCE)?);
        let (tag, value) = validity.next()?;
        let not_before = time(tag, value);
        let not_after = validity.next().and_then(|(tag, value)| time(tag, value));
        let subject = body.expect(SEQUENCE);
        let self_issued = subject == Some(issuer);
        Some(Self { subject: subject.and_then(name), issuer: name(issuer), not_before, not_after, self_issued })
    }
}

/// What is left of a row of DER values.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
            }
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, value))
    }

    fn expect(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next().and_then(|(tag, value)| (tag == wanted).then_some(value))
    }
}

/// `common name (organisation)`, or whichever there is.
fn name(value: &[u8]) -> Option<String> {
    let (mut common, mut organisation) = (None, None);
    let mut parts = Der(value);
    while let Some(part) = parts.expect(SET) {
        let Some(mut pair) = Der(part).expect(SEQUENCE).map(Der) else { continue };
        let (Some(kind), Some((_, text))) = (pair.expect(OBJECT_ID), pair.next()) else { continue };
        let text =
            || Some(String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).take(100).collect::<String>());
        match kind {
            COMMON_NAME => common = text(),
            ORGANISATION => organisation = text(),
            _ => {}
        }
    }
    match (common, organisation) {
        (Some(common), Some(organisation)) => Some(format!("{common} ({organisation})")),
        (common, organisation) => common.or(organisation),
    }
}

fn time(tag: u8, value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?;
    let full = match tag {
        // RFC 5280: two digits of 50 and more are of the last century.
        UTC_TIME => format!("{}{text}", if text.get(..2)? >= "50" { "19" } else { "20" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    Some(NaiveDateTime::parse_from_str(&full, "%Y%m%d%H%M%SZ").ok()?.and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    fn der(pem: &[u8]) -> Vec<u8> {
        CertificateDer::from_pem_slice(pem).unwrap().to_vec()
    }

    #[test]
    fn both_forms_of_time_are_read() {
        let new = Certificate::read(&der(include_bytes!("../../tests/it/fixtures/tls/leaf.pem")));
        assert_eq!(new.subject.as_deref(), Some("gateway.example"));
        assert_eq!(new.issuer.as_deref(), Some("Waypost Test Authority (Waypost Tests)"));
        assert_eq!(new.not_after, Some(4_733_510_400)); // 2120-01-01
        assert!(!new.self_issued && new.not_before < new.not_after);
        assert!(Certificate::read(&der(include_bytes!("../../tests/it/fixtures/tls/ca.pem"))).self_issued);
        let old = Certificate::read(&der(include_bytes!("../../tests/it/fixtures/tls/old.pem")));
        assert_eq!(old.not_after, Some(1_580_515_200)); // 2020-02-01
    }

    #[test]
    fn a_broken_one_says_less_and_breaks_nothing() {
        let whole = der(include_bytes!("../../tests/it/fixtures/tls/leaf.pem"));
        for end in 0..whole.len() {
            Certificate::read(&whole[..end]);
        }
        for at in 0..whole.len() {
            for value in [0, 0x30, 0x7f, 0x80, 0x84, 0xff] {
                let mut changed = whole.clone();
                changed[at] = value;
                Certificate::read(&changed);
            }
        }
        assert_eq!(Certificate::read(&whole[..100]), Certificate::default());
    }
}
