//! Names in columns.

/// Names beside each other in lines of at most `width`; `down` fills columns first.
pub fn columns(names: &[String], width: usize, down: bool) -> String {
    if names.is_empty() {
        return String::new();
    }
    let lengths: Vec<usize> = names.iter().map(|name| name.chars().count()).collect();
    let most = (width / 3).max(1).min(names.len());
    let width = if width == 0 { usize::MAX } else { width };
    let (mut count, mut widths) = (1, vec![0]);
    for columns in (1..=most).rev() {
        let fitting = measure(&lengths, columns, down);
        if columns == 1 || fitting.iter().sum::<usize>() < width {
            (count, widths) = (columns, fitting);
            break;
        }
    }
    let rows = names.len().div_ceil(count);
    let mut out = String::new();
    for row in 0..rows {
        let mut at = 0;
        let mut target = 0;
        for (column, column_width) in widths.iter().enumerate() {
            let index = if down { column * rows + row } else { row * count + column };
            let Some(name) = names.get(index).filter(|_| !down || column * rows + row < names.len()) else { break };
            indent(&mut out, &mut at, target);
            out.push_str(name);
            at += lengths[index];
            target += column_width;
        }
        out.push('\n');
    }
    out
}

fn measure(lengths: &[usize], columns: usize, down: bool) -> Vec<usize> {
    let rows = lengths.len().div_ceil(columns);
    let mut widths = vec![0; columns];
    for (at, length) in lengths.iter().enumerate() {
        let column = if down { at / rows } else { at % columns };
        let gap = if column == columns - 1 { 0 } else { 2 };
        widths[column] = widths[column].max(length + gap);
    }
    widths
}

/// Blanks up to `to`, tabs where they reach.
fn indent(out: &mut String, at: &mut usize, to: usize) {
    while *at < to {
        if to / 8 > (*at + 1) / 8 {
            out.push('\t');
            *at += 8 - *at % 8;
        } else {
            out.push(' ');
            *at += 1;
        }
    }
}
