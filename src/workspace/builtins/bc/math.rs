//! The functions of `bc -l`.

use super::number::Number;

type Computed = Result<Number, String>;

/// Digits beyond those asked for, so that what is cut off does not show.
const GUARD: u32 = 12;
/// More digits than this take too long.
const MAX_SCALE: u32 = 5000;

/// Whether a name is one of them.
pub fn is_function(name: &str) -> bool {
    matches!(name, "s" | "c" | "a" | "l" | "e")
}

/// The function's value, cut off behind `scale` digits.
pub fn call(name: &str, x: &Number, scale: u32) -> Computed {
    if scale > MAX_SCALE {
        return Err(format!("scale is limited to {MAX_SCALE} here"));
    }
    let size = u32::try_from(x.rescaled(0).digits.bits() / 3).unwrap_or(u32::MAX);
    if size > 200 && name != "l" && name != "a" {
        return Err("number is too large".to_owned());
    }
    let work = scale + GUARD + size.min(500) + if name == "e" { 2 * size } else { 0 };
    let value = match name {
        "e" => exponential(x, work)?,
        "l" if x.is_zero() || x.is_negative() => {
            // As the library says it: minus the largest number.
            return Number::whole(1)
                .minus(&Number::whole(10).power(&Number::whole(i64::from(scale)), 0)?)
                .over(&Number::whole(1), scale);
        }
        "l" => logarithm(x, work)?,
        "s" => sine(x, work)?,
        "c" => sine(&x.plus(&arctangent(&Number::whole(1), work)?.times(&Number::whole(2), work)?), work)?,
        _ => arctangent(x, work)?,
    };
    // 0.99999999999 of a rounding error is 1.
    let nudge = Number { digits: 1.into(), scale: scale + GUARD / 2 };
    let nudged = if value.is_negative() { value.minus(&nudge) } else { value.plus(&nudge) };
    Ok(nudged.rescaled(scale))
}

fn half(x: &Number, scale: u32) -> Computed {
    x.over(&Number::whole(2), scale)
}

/// Halves the argument until it is small, sums the series, and squares as often.
fn exponential(x: &Number, scale: u32) -> Computed {
    if x.is_negative() {
        let positive = exponential(&Number::default().minus(x), scale)?;
        return Number::whole(1).over(&positive, scale);
    }
    let (mut x, mut halvings) = (x.clone(), 0);
    let work = scale + 10;
    while x.compare(&Number { digits: 1.into(), scale: 1 }).is_gt() {
        x = half(&x, work)?;
        halvings += 1;
        if halvings > 40 {
            return Err("number is too large".to_owned());
        }
    }
    let (mut sum, mut term) = (Number::whole(1), Number::whole(1));
    for n in 1.. {
        term = term.times(&x, work)?.rescaled(work).over(&Number::whole(n), work)?;
        if term.is_zero() {
            break;
        }
        sum = sum.plus(&term);
    }
    for _ in 0..halvings {
        sum = sum.times(&sum, work)?.rescaled(work);
    }
    Ok(sum)
}

/// Takes roots until it is near 1, then 2 * atanh((x-1)/(x+1)).
fn logarithm(x: &Number, scale: u32) -> Computed {
    let work = scale + 20;
    let (mut x, mut factor) = (x.rescaled(work.max(x.scale)), Number::whole(2));
    let near = |x: &Number| {
        x.compare(&Number { digits: 11.into(), scale: 1 }).is_lt()
            && x.compare(&Number { digits: 9.into(), scale: 1 }).is_gt()
    };
    while !near(&x) {
        x = x.root(work)?;
        factor = factor.times(&Number::whole(2), work)?;
    }
    let z = x.minus(&Number::whole(1)).over(&x.plus(&Number::whole(1)), work)?;
    let square = z.times(&z, work)?.rescaled(work);
    let (mut sum, mut power) = (z.clone(), z);
    for n in (3..).step_by(2) {
        power = power.times(&square, work)?.rescaled(work);
        let term = power.over(&Number::whole(n), work)?;
        if term.is_zero() {
            break;
        }
        sum = sum.plus(&term);
    }
    sum.times(&factor, work)
}

fn sine(x: &Number, scale: u32) -> Computed {
    let work = scale + 10;
    // Into -pi/2 .. pi/2.
    let pi = arctangent(&Number::whole(1), work)?.times(&Number::whole(4), work)?;
    let turns = x.over(&pi, 1)?;
    let half = Number { digits: if x.is_negative() { -5 } else { 5 }.into(), scale: 1 };
    let turns = turns.plus(&half).rescaled(0);
    let x = x.minus(&turns.times(&pi, work)?);
    let square = x.times(&x, work)?.rescaled(work);
    let (mut sum, mut term) = (x.clone(), x);
    for n in (2..).step_by(2) {
        term = Number::default()
            .minus(&term.times(&square, work)?.rescaled(work).over(&Number::whole(n * (n + 1)), work)?);
        if term.is_zero() {
            break;
        }
        sum = sum.plus(&term);
    }
    let odd = (&turns.digits % 2) != num_bigint::BigInt::default();
    Ok(if odd { Number::default().minus(&sum) } else { sum })
}

/// Halves the angle until the series is short.
fn arctangent(x: &Number, scale: u32) -> Computed {
    let work = scale + 10;
    let (mut x, mut factor) = (x.clone(), Number::whole(1));
    while x.times(&x, 4)?.compare(&Number { digits: 1.into(), scale: 2 }).is_gt() {
        let root = x.times(&x, work)?.rescaled(work).plus(&Number::whole(1)).root(work)?;
        x = x.over(&root.plus(&Number::whole(1)), work)?;
        factor = factor.times(&Number::whole(2), work)?;
    }
    let square = x.times(&x, work)?.rescaled(work);
    let (mut sum, mut power) = (x.clone(), x);
    for n in (3..).step_by(2) {
        power = Number::default().minus(&power.times(&square, work)?.rescaled(work));
        let term = power.over(&Number::whole(n), work)?;
        if term.is_zero() {
            break;
        }
        sum = sum.plus(&term);
    }
    sum.times(&factor, work)
}
