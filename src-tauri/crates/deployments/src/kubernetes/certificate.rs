//! When a client's certificate ends: a server that no longer takes it says 401 and nothing more.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

/// The instant after which the first certificate of a PEM text is no longer valid (`notAfter`, RFC 5280 4.1.2.5).
pub(super) fn valid_until(pem: &str) -> Option<Timestamp> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END")?;
    let body: String = body.split_whitespace().collect();
    let der = STANDARD.decode(body).ok()?;
    let (_, certificate, _) = element(&der)?;
    let (_, mut fields, _) = element(certificate)?;
    // Version (tagged 0xA0, may be absent), serial number, signature, issuer; then validity.
    let (tag, _, after) = element(fields)?;
    if tag == 0xA0 {
        fields = after;
    }
    for _ in 0..3 {
        fields = element(fields)?.2;
    }
    let (_, validity, _) = element(fields)?;
    let (_, _, not_after) = element(validity)?;
    let (tag, text, _) = element(not_after)?;
    time(tag, std::str::from_utf8(text).ok()?)
}

/// The first element of DER: its tag, its contents and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first & 0x80 != 0 {
        let (bytes, after) = rest.split_at_checked(usize::from(first & 0x7F))?;
        if bytes.len() > 4 {
            return None;
        }
        length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        rest = after;
    }
    let (contents, after) = rest.split_at_checked(length)?;
    Some((tag, contents, after))
}

/// UTCTime (two digits of a year from 1950 to 2049) or GeneralizedTime.
fn time(tag: u8, text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z')?;
    let (century, rest) = match tag {
        0x17 => (if text.get(..2)? < "50" { "20" } else { "19" }, text),
        0x18 => (text.get(..2)?, text.get(2..)?),
        _ => return None,
    };
    let part = |from: usize| rest.get(from..from + 2);
    let (year, month, day, hour, minute, second) =
        (part(0)?, part(2)?, part(4)?, part(6)?, part(8)?, part(10)?);
    format!("{century}{year}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_both_forms() {
        let at = |tag, text| time(tag, text).map(|time| time.to_string());
        assert_eq!(at(0x17, "260102030405Z").as_deref(), Some("2026-01-02T03:04:05Z"));
        assert_eq!(at(0x17, "991231235959Z").as_deref(), Some("1999-12-31T23:59:59Z"));
        assert_eq!(at(0x18, "20510102030405Z").as_deref(), Some("2051-01-02T03:04:05Z"));
        assert_eq!(at(0x17, "26Z"), None);
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        for text in [
            "",
            "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----",
        ] {
            assert_eq!(valid_until(text), None);
        }
        // Lengths that lead past the end, or that no computer could hold.
        for der in [&[0x30, 0x85, 1, 1, 1, 1, 1][..], &[0x30, 0x20, 1], &[0x30]] {
            assert!(element(der).is_none());
        }
    }
}
