//! Numbers as text.

use super::number::{Number, ten};
use num_bigint::BigInt;

/// The number in `base`, without a 0 before the point.
pub fn show(number: &Number, base: u32) -> String {
    if number.is_zero() {
        return "0".to_owned();
    }
    let sign = if number.is_negative() { "-" } else { "" };
    let absolute = Number { digits: number.digits.magnitude().clone().into(), scale: number.scale };
    let unit = ten(number.scale);
    let whole = &absolute.digits / &unit;
    let rest = &absolute.digits % &unit;
    if base == 10 {
        let whole = if whole == BigInt::default() { String::new() } else { whole.to_string() };
        if number.scale == 0 {
            return format!("{sign}{whole}");
        }
        return format!("{sign}{whole}.{rest:0>width$}", rest = rest.to_string(), width = number.scale as usize);
    }
    let wide = base > 16;
    let width = (base - 1).to_string().len();
    let digit = |value: u32, out: &mut String| {
        if wide {
            out.push_str(&format!(" {value:0width$}"));
        } else {
            out.push(char::from_digit(value, 36).unwrap_or('?').to_ascii_uppercase());
        }
    };
    let mut out = sign.to_owned();
    if whole != BigInt::default() {
        for value in whole.magnitude().to_radix_be_wide(base) {
            digit(value, &mut out);
        }
    }
    if number.scale > 0 {
        out.push('.');
        let (mut rest, mut reached) = (rest, BigInt::from(1));
        while reached < unit {
            rest *= base;
            reached *= base;
            let value = &rest / &unit;
            rest %= &unit;
            digit(u32::try_from(value).unwrap_or(0), &mut out);
        }
    }
    out
}

/// Digits in any base.
trait Radix {
    fn to_radix_be_wide(&self, base: u32) -> Vec<u32>;
}

impl Radix for num_bigint::BigUint {
    fn to_radix_be_wide(&self, base: u32) -> Vec<u32> {
        if base <= 256 {
            return self.to_radix_be(base).into_iter().map(u32::from).collect();
        }
        let (mut digits, mut rest) = (Vec::new(), self.clone());
        while rest != Self::default() {
            digits.push(u32::try_from(&rest % base).unwrap_or(0));
            rest /= base;
        }
        digits.reverse();
        digits
    }
}

/// Long numbers go on in the next line, behind a backslash.
pub fn wrap(text: &str, length: usize) -> String {
    if length < 3 || text.len() <= length - 2 {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let lines: Vec<String> = chars.chunks(length - 2).map(|line| line.iter().collect()).collect();
    lines.join("\\\n")
}
