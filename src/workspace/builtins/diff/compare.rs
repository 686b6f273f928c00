//! The smallest edit between two sequences, by Myers's algorithm in linear space, with runs of changes moved to where
//! GNU diff shows them.

/// Which lines of each side are changed.
pub struct Changed {
    pub left: Vec<bool>,
    pub right: Vec<bool>,
}

/// How many changes a search looks for before it settles for an edit that is not the smallest; and for how many when all
/// searches together took this many steps.
const PATIENCE: usize = 4096;
const IMPATIENCE: usize = 64;
const MAX_STEPS: usize = 100_000_000;

/// Compares two sequences of line numbers; equal numbers are equal lines.
pub fn compare(left: &[usize], right: &[usize], kinds: usize) -> Changed {
    let mut changed = Changed { left: vec![true; left.len()], right: vec![true; right.len()] };
    let start = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let rest = left.len().min(right.len()) - start;
    let end = left.iter().rev().zip(right.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    // What has no counterpart is changed in any case, and need not be searched.
    let mut present = (vec![false; kinds], vec![false; kinds]);
    left[start..left.len() - end].iter().for_each(|kind| present.0[*kind] = true);
    right[start..right.len() - end].iter().for_each(|kind| present.1[*kind] = true);
    let keep = |side: &[usize], present: &[bool]| -> Vec<usize> {
        (start..side.len() - end).filter(|at| present[side[*at]]).collect()
    };
    let (at_left, at_right) = (keep(left, &present.1), keep(right, &present.0));
    for at in (0..start).chain(left.len() - end..left.len()) {
        changed.left[at] = false;
    }
    for at in (0..start).chain(right.len() - end..right.len()) {
        changed.right[at] = false;
    }
    let a: Vec<usize> = at_left.iter().map(|at| left[*at]).collect();
    let b: Vec<usize> = at_right.iter().map(|at| right[*at]).collect();
    let size = a.len() + b.len() + 3;
    let mut search =
        Search { a: &a, b: &b, forward: vec![0; size], backward: vec![0; size], same: Vec::new(), steps: 0 };
    search.run();
    for (x, y) in search.same {
        changed.left[at_left[x]] = false;
        changed.right[at_right[y]] = false;
    }
    settle(left, &mut changed.left, &changed.right);
    settle(right, &mut changed.right, &changed.left);
    changed
}

struct Search<'a> {
    a: &'a [usize],
    b: &'a [usize],
    /// The furthest x on each diagonal, from the start and from the end.
    forward: Vec<isize>,
    backward: Vec<isize>,
    same: Vec<(usize, usize)>,
    steps: usize,
}

impl Search<'_> {
    fn run(&mut self) {
        let mut todo = vec![(0, self.a.len(), 0, self.b.len())];
        while let Some((mut left, mut left_end, mut right, mut right_end)) = todo.pop() {
            while left < left_end && right < right_end && self.a[left] == self.b[right] {
                self.same.push((left, right));
                (left, right) = (left + 1, right + 1);
            }
            while left < left_end && right < right_end && self.a[left_end - 1] == self.b[right_end - 1] {
                (left_end, right_end) = (left_end - 1, right_end - 1);
                self.same.push((left_end, right_end));
            }
            if left == left_end || right == right_end {
                continue;
            }
            let (x, y) = self.middle(left, left_end, right, right_end);
            if (x, y) != (left, right) && (x, y) != (left_end, right_end) {
                todo.push((left, x, right, y));
                todo.push((x, left_end, y, right_end));
            }
        }
    }

    /// A point on a shortest path between the corners.
    fn middle(&mut self, left: usize, left_end: usize, right: usize, right_end: usize) -> (usize, usize) {
        let (x0, x1, y0, y1) = (left as isize, left_end as isize, right as isize, right_end as isize);
        let offset = self.b.len() as isize + 1;
        let at = |diagonal: isize| (diagonal + offset) as usize;
        let (low, high) = (x0 - y1, x1 - y0);
        let (start, end) = (x0 - y0, x1 - y1);
        let (mut forward_low, mut forward_high, mut backward_low, mut backward_high) = (start, start, end, end);
        let odd = (start - end) & 1 != 0;
        self.forward[at(start)] = x0;
        self.backward[at(end)] = x1;
        for cost in 1.. {
            if forward_low > low {
                forward_low -= 1;
                self.forward[at(forward_low - 1)] = -1;
            } else {
                forward_low += 1;
            }
            if forward_high < high {
                forward_high += 1;
                self.forward[at(forward_high + 1)] = -1;
            } else {
                forward_high -= 1;
            }
            let mut diagonal = forward_high;
            while diagonal >= forward_low {
                let (below, above) = (self.forward[at(diagonal - 1)], self.forward[at(diagonal + 1)]);
                let mut x = if below < above { above } else { below + 1 };
                while x < x1 && x - diagonal < y1 && self.a[x as usize] == self.b[(x - diagonal) as usize] {
                    x += 1;
                }
                self.forward[at(diagonal)] = x;
                if odd && (backward_low..=backward_high).contains(&diagonal) && self.backward[at(diagonal)] <= x {
                    return (x as usize, (x - diagonal) as usize);
                }
                diagonal -= 2;
            }
            if backward_low > low {
                backward_low -= 1;
                self.backward[at(backward_low - 1)] = isize::MAX;
            } else {
                backward_low += 1;
            }
            if backward_high < high {
                backward_high += 1;
                self.backward[at(backward_high + 1)] = isize::MAX;
            } else {
                backward_high -= 1;
            }
            let mut diagonal = backward_high;
            while diagonal >= backward_low {
                let (below, above) = (self.backward[at(diagonal - 1)], self.backward[at(diagonal + 1)]);
                let mut x = if below < above { below } else { above.saturating_sub(1) };
                while x > x0 && x - diagonal > y0 && self.a[x as usize - 1] == self.b[(x - diagonal) as usize - 1] {
                    x -= 1;
                }
                self.backward[at(diagonal)] = x;
                if !odd && (forward_low..=forward_high).contains(&diagonal) && x <= self.forward[at(diagonal)] {
                    return (x as usize, (x - diagonal) as usize);
                }
                diagonal -= 2;
            }
            self.steps += 2 * cost;
            if cost >= if self.steps > MAX_STEPS { IMPATIENCE } else { PATIENCE } {
                break;
            }
        }
        self.furthest((x0, x1, y0, y1), (forward_low, forward_high), at)
    }

    /// Where the search came furthest, when it is given up.
    fn furthest(
        &self,
        (x0, x1, y0, y1): (isize, isize, isize, isize),
        (low, high): (isize, isize),
        at: impl Fn(isize) -> usize,
    ) -> (usize, usize) {
        let mut best = (x0, y0);
        let mut diagonal = high;
        while diagonal >= low {
            let x = self.forward[at(diagonal)].min(x1);
            let y = (x - diagonal).min(y1);
            let x = (y + diagonal).min(x1);
            if x >= x0 && y >= y0 && x + y > best.0 + best.1 {
                best = (x, y);
            }
            diagonal -= 2;
        }
        if best == (x0, y0) || best == (x1, y1) {
            best = ((x0 + x1) / 2, (y0 + y1) / 2);
        }
        (best.0 as usize, best.1 as usize)
    }
}

/// Moves each run of changes down as far as it goes, merging runs that meet, but keeps it beside a run of the other side.
fn settle(lines: &[usize], changed: &mut [bool], other: &[bool]) {
    let end = lines.len();
    let is = |flags: &[bool], at: isize| usize::try_from(at).is_ok_and(|at| flags.get(at).copied().unwrap_or(false));
    let (mut i, mut j) = (0_usize, 0_isize);
    loop {
        while i < end && !changed[i] {
            while is(other, j) {
                j += 1;
            }
            j += 1;
            i += 1;
        }
        if i == end {
            return;
        }
        let mut start = i;
        while i < end && changed[i] {
            i += 1;
        }
        while is(other, j) {
            j += 1;
        }
        let mut corresponding;
        loop {
            let length = i - start;
            while start > 0 && lines[start - 1] == lines[i - 1] {
                start -= 1;
                changed[start] = true;
                i -= 1;
                changed[i] = false;
                while start > 0 && changed[start - 1] {
                    start -= 1;
                }
                j -= 1;
                while is(other, j) {
                    j -= 1;
                }
            }
            corresponding = if is(other, j - 1) { i } else { end };
            while i < end && lines[start] == lines[i] {
                changed[start] = false;
                start += 1;
                changed[i] = true;
                i += 1;
                while i < end && changed[i] {
                    i += 1;
                }
                j += 1;
                while is(other, j) {
                    corresponding = i;
                    j += 1;
                }
            }
            if length == i - start {
                break;
            }
        }
        while corresponding < i {
            start -= 1;
            changed[start] = true;
            i -= 1;
            changed[i] = false;
            j -= 1;
            while is(other, j) {
                j -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_unchanged_is_the_same_on_both_sides_also_when_the_search_is_given_up() {
        let mut seed = 7_u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for round in 0..300 {
            let kinds = if round == 0 { 2 } else { 1 + random(20) };
            let size = if round == 0 { 12_000 } else { 40 };
            let mut side = || (0..random(size) + size / 2).map(|_| random(kinds) as usize).collect::<Vec<_>>();
            let (left, right) = (side(), side());
            let changed = compare(&left, &right, kinds as usize);
            let keep = |side: &[usize], flags: &[bool]| {
                side.iter().zip(flags).filter(|(_, changed)| !**changed).map(|(kind, _)| *kind).collect::<Vec<_>>()
            };
            assert_eq!(keep(&left, &changed.left), keep(&right, &changed.right));
        }
    }
}
