//! An archive's bytes as members.

use super::super::mode;
use super::settings::Settings;
use bashkit::FileType;
use std::io::Read;
use tar::{Archive, EntryType};

/// The most members of an archive.
const MAX_MEMBERS: usize = 1_000_000;

/// One member.
pub struct Member {
    pub name: String,
    pub kind: EntryType,
    pub link: Option<String>,
    pub mode: u32,
    pub time: i64,
    pub size: u64,
    pub owner: (String, String),
    pub numbers: (u64, u64),
    pub content: Vec<u8>,
}

/// All members up to the end or to the first that cannot be read; and why it cannot.
pub fn members(bytes: &[u8]) -> (Vec<Member>, Option<String>) {
    let mut members = Vec::new();
    let mut archive = Archive::new(bytes);
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(error) => return (members, Some(error.to_string())),
    };
    for entry in entries {
        if members.len() >= MAX_MEMBERS {
            return (members, Some("Too many members".to_owned()));
        }
        let mut entry = match entry {
            Ok(entry) => entry,
            Err(_) if members.is_empty() => return (members, Some("This does not look like a tar archive".to_owned())),
            Err(_) => return (members, Some("Unexpected EOF in archive".to_owned())),
        };
        let header = entry.header();
        let text =
            |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
        let numbers = (header.uid().unwrap_or(0), header.gid().unwrap_or(0));
        let owner = (text(header.username_bytes()), text(header.groupname_bytes()));
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let link = entry.link_name_bytes().map(|link| String::from_utf8_lossy(&link).into_owned());
        let mut member = Member {
            name,
            kind: header.entry_type(),
            link,
            mode: header.mode().unwrap_or(0o644) & 0o7777,
            time: header.mtime().ok().and_then(|time| i64::try_from(time).ok()).unwrap_or(0),
            size: entry.size(),
            owner,
            numbers,
            content: Vec::new(),
        };
        if entry.read_to_end(&mut member.content).is_err() {
            return (members, Some("Unexpected EOF in archive".to_owned()));
        }
        members.push(member);
    }
    (members, None)
}

impl Member {
    /// What it becomes.
    pub fn file_type(&self) -> FileType {
        match self.kind {
            EntryType::Directory => FileType::Directory,
            EntryType::Symlink => FileType::Symlink,
            _ => FileType::File,
        }
    }

    /// `-rw-r--r-- user/group     5 2020-01-01 00:00 name`; `width` grows with the widest line so far.
    pub fn line(&self, settings: &Settings, zone: chrono_tz::Tz, width: &mut usize) -> String {
        let mut words = mode::words(self.file_type(), self.mode);
        if self.kind == EntryType::Link {
            words.replace_range(..1, "h");
        }
        let name = |name: &str, number: u64| {
            if settings.numeric || name.is_empty() { number.to_string() } else { name.to_owned() }
        };
        let owner = format!("{}/{}", name(&self.owner.0, self.numbers.0), name(&self.owner.1, self.numbers.1));
        let size =
            if self.file_type() == FileType::File && self.kind != EntryType::Link { self.size } else { 0 }.to_string();
        let pad = owner.chars().count() + 1 + size.len();
        *width = (*width).max(pad);
        let format = if settings.full_time { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M" };
        let time = super::super::dates::format(format, (self.time, 0), zone);
        let link = match (&self.link, self.kind) {
            (Some(link), EntryType::Symlink) => format!(" -> {link}"),
            (Some(link), EntryType::Link) => format!(" link to {link}"),
            _ => String::new(),
        };
        let gap = " ".repeat(*width - pad + 1);
        format!("{words} {owner}{gap}{size} {time} {}{link}\n", self.name)
    }
}
