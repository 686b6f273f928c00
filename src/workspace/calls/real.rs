//! `printf`: bash keeps a number as an 80-bit binary one and rounds that; the engine rounds the decimal digits as they are
//! written. So it is given the digits of the binary number.

use num_bigint::BigUint;

/// Bits of a number's mantissa.
const MANTISSA: u64 = 64;
/// Digits and powers of ten that are looked at; others are left to the engine.
const MAX_DIGITS: usize = 60;
const MAX_EXPONENT: i64 = 60;

/// Changes the arguments that `%f` and its like take, and `\x00` in the format, which the engine drops.
pub(super) fn correct(args: &mut [String]) {
    let mut at = 0;
    loop {
        match args.get(at).map(String::as_str) {
            Some("--") => {
                at += 1;
                break;
            }
            Some("-v") => at += 2,
            Some(option) if option.starts_with("-v") => at += 1,
            _ => break,
        }
    }
    let Some((format, values)) = args.get_mut(at..).and_then(<[String]>::split_first_mut) else { return };
    if format.contains("\\x0") {
        *format = with_octal_nul(format);
    }
    let conversions = conversions(format);
    if conversions.is_empty() || !conversions.iter().any(|conversion| b"eEfFgG".contains(conversion)) {
        return;
    }
    for (value, conversion) in values.iter_mut().zip(conversions.iter().cycle()) {
        if b"eEfFgG".contains(conversion)
            && let Some(digits) = binary(value)
        {
            *value = digits;
        }
    }
}

/// What takes an argument each, in order: a conversion's letter, or `*`.
fn conversions(format: &str) -> Vec<u8> {
    let (bytes, mut found, mut at) = (format.as_bytes(), Vec::new(), 0);
    while at < bytes.len() {
        if bytes[at] != b'%' {
            at += 1;
            continue;
        }
        at += 1;
        if bytes.get(at) == Some(&b'%') {
            at += 1;
            continue;
        }
        while let Some(byte) = bytes.get(at) {
            at += 1;
            match byte {
                b'*' => found.push(b'*'),
                b'(' => at = format[at..].find(')').map_or(bytes.len(), |end| at + end + 1),
                b'0'..=b'9' | b'-' | b'+' | b' ' | b'#' | b'\'' | b'.' | b'h' | b'l' | b'L' | b'j' | b'z' | b't' => {}
                letter => {
                    found.push(*letter);
                    break;
                }
            }
        }
    }
    found
}

/// `\x00` and `\x0` as `\000`.
fn with_octal_nul(format: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(format.len()), format);
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let digits =
            escape.strip_prefix("\\x").map_or(0, |hex| hex.bytes().take(2).take_while(u8::is_ascii_hexdigit).count());
        if digits > 0 && escape[2..2 + digits].bytes().all(|digit| digit == b'0') {
            out.push_str("\\000");
            rest = &escape[2 + digits..];
        } else {
            let length = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
            out.push_str(&escape[..length]);
            rest = &escape[length..];
        }
    }
    out + rest
}

/// The digits of the 80-bit number nearest to a decimal one; none for what is no such number, or is exact.
fn binary(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, exponent) = match digits.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i64>().ok()?),
        None => (digits, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    if all.is_empty() || all.len() > MAX_DIGITS || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    if !(-MAX_EXPONENT..0).contains(&exponent) {
        return None;
    }
    let number: BigUint = all.parse().ok()?;
    let divisor = BigUint::from(10_u32).pow(u32::try_from(-exponent).ok()?);
    if number == BigUint::ZERO {
        return None;
    }
    // number / divisor = mantissa / 2^shift
    let mut shift = (MANTISSA + divisor.bits()).checked_sub(number.bits())?;
    let mut mantissa = quotient(&(&number << shift), &divisor);
    if mantissa.bits() > MANTISSA {
        shift = shift.checked_sub(1)?;
        mantissa = quotient(&(&number << shift), &divisor);
    }
    // mantissa / 2^shift = mantissa * 5^shift / 10^shift
    let places = usize::try_from(shift).ok()?;
    let decimal = (mantissa * BigUint::from(5_u32).pow(u32::try_from(shift).ok()?)).to_string();
    let decimal = format!("{decimal:0>width$}", width = places + 1);
    let (whole, fraction) = decimal.split_at(decimal.len() - places);
    Some(format!("{sign}{whole}.{fraction}"))
}

/// The nearest integer, the even one of two.
fn quotient(number: &BigUint, divisor: &BigUint) -> BigUint {
    let (quotient, twice) = (number / divisor, (number % divisor) << 1);
    let up = twice > *divisor || (twice == *divisor && quotient.bit(0));
    if up { quotient + 1_u32 } else { quotient }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_found_by_their_conversions() {
        let mut args: Vec<String> =
            ["-v", "x", "%s %5.2f%%%*d|", "0.1", "0.1", "0.1", "0.1", "0.1", "0.1"].map(str::to_owned).into();
        correct(&mut args);
        let changed: Vec<usize> = (0..args.len()).filter(|at| args[*at].starts_with("0.1000")).collect();
        assert_eq!(changed, [4, 8]);
        assert_eq!(with_octal_nul(r"a\\x00\x00\x0g\x01é\\"), r"a\\x00\000\000g\x01é\\");
    }

    #[test]
    fn digits_are_those_of_the_80_bit_number() {
        assert_eq!(binary("0.5").as_deref().map(|digits| digits.trim_end_matches('0')), Some("0.5"));
        assert!(binary("2.675").unwrap().starts_with("2.6749999999999999999"));
        assert!(binary("-1.005").unwrap().starts_with("-1.00499999999999999"));
        assert!(binary("0.1").unwrap().starts_with("0.100000000000000000001"));
        for other in ["", "7", "1e5", "0x1.8p1", "inf", "0.0", "1e-400", "abc", "1.2.3"] {
            assert_eq!(binary(other), None, "{other}");
        }
    }
}
