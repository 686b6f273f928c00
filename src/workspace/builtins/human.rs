//! Sizes for people: `1.5K`, `10M`.

/// The number with at most three digits and a unit, rounded up as GNU's utilities do. `base` is 1024 or 1000.
pub fn short(number: u64, base: u64) -> String {
    if number < base {
        return number.to_string();
    }
    let units = if base == 1000 { ["k", "M", "G", "T", "P", "E"] } else { ["K", "M", "G", "T", "P", "E"] };
    let (number, base) = (u128::from(number), u128::from(base));
    let mut factor = base;
    for unit in units {
        let tenths = (number * 10).div_ceil(factor);
        if tenths < 100 {
            return format!("{}.{}{unit}", tenths / 10, tenths % 10);
        }
        let whole = number.div_ceil(factor);
        if whole < base {
            return format!("{whole}{unit}");
        }
        factor *= base;
    }
    number.to_string()
}
