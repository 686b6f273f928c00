//! Decimal numbers as `bc` has them: an integer and how many of its digits are behind the point.

use num_bigint::{BigInt, Sign};
use std::cmp::Ordering;

/// The most digits of a number.
pub const MAX_DIGITS: u64 = 200_000;

/// `digits / 10^scale`.
#[derive(Clone, Debug, Default)]
pub struct Number {
    pub digits: BigInt,
    pub scale: u32,
}

/// 10 to the `power`.
pub fn ten(power: u32) -> BigInt {
    BigInt::from(10).pow(power)
}

impl Number {
    /// A whole number.
    pub fn whole(value: i64) -> Self {
        Self { digits: value.into(), scale: 0 }
    }

    /// The same with another scale, digits cut off.
    pub fn rescaled(&self, scale: u32) -> Self {
        let digits = match scale.cmp(&self.scale) {
            Ordering::Equal => self.digits.clone(),
            Ordering::Greater => &self.digits * ten(scale - self.scale),
            Ordering::Less => &self.digits / ten(self.scale - scale),
        };
        Self { digits, scale }
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        self.digits.sign() == Sign::NoSign
    }

    /// Whether it is below 0.
    pub fn is_negative(&self) -> bool {
        self.digits.sign() == Sign::Minus
    }

    fn aligned(&self, other: &Self) -> (BigInt, BigInt, u32) {
        let scale = self.scale.max(other.scale);
        (self.rescaled(scale).digits, other.rescaled(scale).digits, scale)
    }

    /// Sum.
    pub fn plus(&self, other: &Self) -> Self {
        let (a, b, scale) = self.aligned(other);
        Self { digits: a + b, scale }
    }

    /// Difference.
    pub fn minus(&self, other: &Self) -> Self {
        let (a, b, scale) = self.aligned(other);
        Self { digits: a - b, scale }
    }

    /// Product, with at most as many digits behind the point as `scale` and both have.
    pub fn times(&self, other: &Self, scale: u32) -> Result<Self, String> {
        if self.digits.bits() + other.digits.bits() > MAX_DIGITS * 4 {
            return Err("number is too large".to_owned());
        }
        let product = Self { digits: &self.digits * &other.digits, scale: self.scale + other.scale };
        Ok(product.rescaled((self.scale + other.scale).min(scale.max(self.scale).max(other.scale))))
    }

    /// Quotient with `scale` digits behind the point.
    pub fn over(&self, other: &Self, scale: u32) -> Result<Self, String> {
        if other.is_zero() {
            return Err("Divide by zero".to_owned());
        }
        let shifted = self.rescaled(self.scale.max(scale + other.scale));
        let quotient = Self { digits: &shifted.digits / &other.digits, scale: shifted.scale - other.scale };
        Ok(quotient.rescaled(scale))
    }

    /// What a division with `scale` digits leaves.
    pub fn modulo(&self, other: &Self, scale: u32) -> Result<Self, String> {
        let quotient = self.over(other, scale).map_err(|_| "Modulo by zero".to_owned())?;
        let scale = self.scale.max(scale + other.scale);
        Ok(self.minus(&quotient.times(other, scale)?).rescaled(scale))
    }

    /// A whole power.
    pub fn power(&self, exponent: &Self, scale: u32) -> Result<Self, String> {
        let exponent = exponent.rescaled(0).digits;
        let count = u32::try_from(exponent.magnitude()).map_err(|_| "exponent too large in raise".to_owned())?;
        if self.digits.bits().saturating_mul(u64::from(count)) > MAX_DIGITS * 4 && self.digits.bits() > 1 {
            return Err("number is too large".to_owned());
        }
        if self.scale.checked_mul(count).is_none_or(|scale| u64::from(scale) > MAX_DIGITS) {
            return Err("number is too large".to_owned());
        }
        let raised = Self { digits: self.digits.pow(count), scale: self.scale * count };
        if exponent.sign() == Sign::Minus {
            return Self::whole(1).over(&raised, scale);
        }
        Ok(raised.rescaled(raised.scale.min(scale.max(self.scale))))
    }

    /// Square root.
    pub fn root(&self, scale: u32) -> Result<Self, String> {
        if self.is_negative() {
            return Err("Square root of a negative number".to_owned());
        }
        let scale = scale.max(self.scale);
        Ok(Self { digits: self.rescaled(2 * scale).digits.sqrt(), scale })
    }

    /// Which is larger.
    pub fn compare(&self, other: &Self) -> Ordering {
        let (a, b, _) = self.aligned(other);
        a.cmp(&b)
    }

    /// How many digits it has.
    pub fn length(&self) -> usize {
        let digits = self.digits.magnitude().to_string().len();
        if self.is_zero() { (self.scale as usize).max(1) } else { digits.max(self.scale as usize) }
    }

    /// The whole part when it fits.
    pub fn to_usize(&self) -> Option<usize> {
        usize::try_from(self.rescaled(0).digits).ok()
    }

    /// Digits in a base up to 16, with a fraction; single digits mean themselves in any base.
    pub fn read(text: &str, base: u32) -> Self {
        let single = text.trim_start_matches('0').len() == 1 && !text.contains('.');
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digit = |c: char| c.to_digit(36).unwrap_or(0).min(if single { 35 } else { base - 1 });
        let scale = u32::try_from(fraction.len()).unwrap_or(0);
        if base == 10 {
            let all: String = whole
                .chars()
                .chain(fraction.chars())
                .map(|c| char::from_digit(digit(c).min(9), 10).unwrap_or('0'))
                .collect();
            if single {
                return Self { digits: digit(text.chars().last().unwrap_or('0')).into(), scale: 0 };
            }
            return Self { digits: all.parse().unwrap_or_default(), scale };
        }
        let value = |text: &str| text.chars().fold(BigInt::default(), |value, c| value * base + digit(c));
        let part = Self { digits: value(fraction), scale: 0 };
        let unit = Self { digits: BigInt::from(base).pow(scale), scale: 0 };
        let fraction = part.over(&unit, scale).unwrap_or_default();
        Self { digits: value(whole), scale: 0 }.plus(&fraction)
    }
}
