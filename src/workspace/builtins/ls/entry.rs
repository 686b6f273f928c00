//! One line of a listing.

use super::super::call::{Call, join};
use super::super::quote::quote;
use super::settings::{Quoting, Settings};
use bashkit::{FileType, Metadata};

/// A name with what is there.
pub struct Entry {
    /// As given, or as in its directory.
    pub name: String,
    /// The link itself unless links are followed.
    pub found: Metadata,
    /// A link's target, and what is there if anything is.
    pub target: Option<(String, Option<Metadata>)>,
}

impl Entry {
    /// What is at `path`, shown as `name`.
    pub async fn at(call: &Call<'_>, name: String, path: &str, follow: bool) -> Result<Self, String> {
        let mut found = call.lstat(path).await?;
        let mut target = None;
        if found.file_type == FileType::Symlink {
            let there = call.stat(path).await.ok();
            match there {
                Some(there) if follow => found = there,
                // A link that may not be read, as one that leaves its mount, is listed without its target.
                there => {
                    let text = call.ctx.fs.read_link(&call.path(path)).await;
                    target = text.ok().map(|text| (text.to_string_lossy().into_owned(), there));
                }
            }
        }
        Ok(Self { name, found, target })
    }

    /// A directory's members.
    pub async fn members(call: &Call<'_>, settings: &Settings, dir: &str) -> Result<Vec<Self>, String> {
        let mut entries = Vec::new();
        if settings.all {
            for name in [".", ".."] {
                entries.push(Self::at(call, name.to_owned(), &join(dir, name), false).await?);
            }
        }
        let hidden = settings.all || settings.almost_all;
        let matches =
            |patterns: &[String], name: &str| patterns.iter().any(|pattern| super::super::glob::matches(pattern, name));
        for (name, found) in call.list(dir).await? {
            if (!hidden && (name.starts_with('.') || matches(&settings.hide, &name)))
                || matches(&settings.ignore, &name)
            {
                continue;
            }
            if found.file_type == FileType::Symlink {
                let path = join(dir, &name);
                entries.push(Self::at(call, name, &path, settings.dereference).await?);
            } else {
                entries.push(Self { name, found, target: None });
            }
        }
        Ok(entries)
    }

    /// The name as it is printed, with its mark.
    pub fn shown(&self, settings: &Settings) -> String {
        let mut shown = quoted(&self.name, settings.quoting);
        shown.push_str(mark(&self.found, settings, settings.layout == super::settings::Layout::Long));
        shown
    }
}

/// What `-F` and `-p` put behind a name.
pub fn mark(found: &Metadata, settings: &Settings, long: bool) -> &'static str {
    if !(settings.classify || settings.slash || settings.file_type) {
        return "";
    }
    match found.file_type {
        FileType::Directory => "/",
        FileType::Symlink if (settings.classify || settings.file_type) && !long => "@",
        FileType::Fifo if settings.classify || settings.file_type => "|",
        FileType::File if settings.classify && found.mode & 0o111 != 0 => "*",
        _ => "",
    }
}

/// The name in the style asked for.
pub fn quoted(name: &str, quoting: Quoting) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_@%+:,./-^".contains(c);
    match quoting {
        Quoting::Literal => name.to_owned(),
        Quoting::Shell if !name.is_empty() && name.chars().all(is_plain) => name.to_owned(),
        Quoting::Shell | Quoting::ShellAlways => quote(name),
        Quoting::C => format!("\"{}\"", escaped(name, '"')),
        Quoting::Escape => escaped(name, ' '),
    }
}

fn escaped(name: &str, also: char) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\\' => out.push_str("\\\\"),
            c if c == also => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\{:03o}", c as u32)),
            c => out.push(c),
        }
    }
    out
}
