//! `tar -c`, `-r` and `-u`.

use super::super::call::{Call, MAX_DEPTH, Stop, join};
use super::super::date::instant;
use super::settings::Settings;
use bashkit::{FileType, Metadata};
use std::collections::HashMap;
use tar::{Builder, EntryType, Header};

/// An archive that is being written.
pub struct Writer {
    builder: Builder<Vec<u8>>,
    /// Files that go into it, to be taken away when it is written.
    pub taken: Vec<String>,
    /// Members that are there already, and their times: for `-u`.
    pub newest: HashMap<String, i64>,
    removed_root: bool,
}

impl Writer {
    /// Goes on behind `old`, whose end is not in it.
    pub fn new(old: Vec<u8>) -> Self {
        Self { builder: Builder::new(old), taken: Vec::new(), newest: HashMap::new(), removed_root: false }
    }

    /// The archive, filled up to whole records.
    pub fn finish(self) -> Result<Vec<u8>, Stop> {
        let mut bytes = self.builder.into_inner().map_err(|error| error.to_string())?;
        bytes.resize(bytes.len().div_ceil(10_240) * 10_240, 0);
        Ok(bytes)
    }

    /// Adds what is at `name` in `dir`, with everything below it.
    pub async fn add(
        &mut self,
        call: &mut Call<'_>,
        settings: &Settings,
        dir: &str,
        name: &str,
        aloud: bool,
    ) -> Result<(), Stop> {
        let mut todo = vec![(name.to_owned(), 0)];
        while let Some((name, depth)) = todo.pop() {
            if settings.excludes(&name) {
                continue;
            }
            let path = if dir.is_empty() { name.clone() } else { join(dir, &name) };
            let found = if settings.dereference { call.stat(&path).await } else { call.lstat(&path).await };
            let found = match found {
                Ok(found) => found,
                Err(reason) => {
                    call.complain(format!("{name}: Cannot stat: {reason}")).await?;
                    call.failed = 2;
                    continue;
                }
            };
            let stored = self.stored(call, settings, &name).await?;
            let time = instant(found.modified).0;
            if self.newest.get(&stored).is_some_and(|newest| *newest >= time) {
                continue;
            }
            self.member(call, settings, (&path, &stored), &found).await?;
            if aloud {
                let mark = if found.file_type.is_dir() && !stored.ends_with('/') { "/" } else { "" };
                call.print(format!("{name}{mark}\n").as_bytes()).await?;
            }
            if found.file_type.is_dir() && settings.recurse && depth < MAX_DEPTH {
                let members = call.list(&path).await.unwrap_or_default();
                todo.extend(members.into_iter().rev().map(|(member, _)| (join(&name, &member), depth + 1)));
            }
            self.taken.push(path);
        }
        Ok(())
    }

    /// Writes a member under this very name: the library would leave out a `./` before it.
    fn append(&mut self, header: &mut Header, name: &str, link: Option<&str>, content: &[u8]) -> std::io::Result<()> {
        const LONGEST: usize = 100;
        for (kind, text) in [(b'K', link.unwrap_or_default()), (b'L', name)] {
            if text.len() > LONGEST {
                let mut long = Header::new_gnu();
                put(&mut long.as_old_mut().name, "././@LongLink");
                long.set_mode(0o644);
                long.set_size(text.len() as u64 + 1);
                long.set_entry_type(EntryType::new(kind));
                long.set_cksum();
                self.builder.append(&long, [text.as_bytes(), b"\0"].concat().as_slice())?;
            }
        }
        put(&mut header.as_old_mut().name, name);
        put(&mut header.as_old_mut().linkname, link.unwrap_or_default());
        header.set_cksum();
        self.builder.append(header, content)
    }

    /// The name in the archive.
    async fn stored(&mut self, call: &mut Call<'_>, settings: &Settings, name: &str) -> Result<String, Stop> {
        let mut stored = settings.transform.iter().fold(name.to_owned(), |name, transform| transform.apply(&name));
        if !settings.absolute && stored.starts_with('/') {
            if !self.removed_root {
                self.removed_root = true;
                call.warn("Removing leading `/' from member names").await?;
            }
            stored = stored.trim_start_matches('/').to_owned();
            if stored.is_empty() {
                stored = "./".to_owned();
            }
        }
        Ok(stored)
    }

    async fn member(
        &mut self,
        call: &mut Call<'_>,
        settings: &Settings,
        (path, stored): (&str, &str),
        found: &Metadata,
    ) -> Result<(), Stop> {
        let mut header = Header::new_gnu();
        header.set_mode(found.mode & 0o7777);
        header.set_mtime(u64::try_from(settings.mtime.unwrap_or(instant(found.modified).0)).unwrap_or(0));
        let owner = |given: &Option<String>| {
            let (name, number) = given.as_deref().map_or(("user", None), |text| {
                text.split_once(':').map_or((text, None), |(name, number)| (name, Some(number)))
            });
            let id = number.unwrap_or(name).parse::<u64>();
            let name = if number.is_none() && id.is_ok() { if id == Ok(0) { "root" } else { "" } } else { name };
            (name.to_owned(), id.unwrap_or(1000))
        };
        let (user, uid) = owner(&settings.owner);
        let (group, gid) = owner(&settings.group);
        header.set_uid(uid);
        header.set_gid(gid);
        let _ = header.set_username(&user);
        let _ = header.set_groupname(&group);
        let written = match found.file_type {
            FileType::Directory => {
                header.set_entry_type(EntryType::Directory);
                header.set_size(0);
                let name = if stored.ends_with('/') { stored.to_owned() } else { format!("{stored}/") };
                self.append(&mut header, &name, None, &[])
            }
            FileType::Symlink => {
                header.set_entry_type(EntryType::Symlink);
                header.set_size(0);
                let target = call.ctx.fs.read_link(&call.path(path)).await?;
                self.append(&mut header, stored, Some(&target.to_string_lossy()), &[])
            }
            _ => {
                let content = match call.read(path).await? {
                    Ok(content) => content,
                    Err(reason) => {
                        call.complain(format!("{path}: Cannot open: {reason}")).await?;
                        call.failed = 2;
                        return Ok(());
                    }
                };
                header.set_entry_type(EntryType::Regular);
                header.set_size(content.len() as u64);
                self.append(&mut header, stored, None, &content)
            }
        };
        if let Err(error) = written {
            call.complain(format!("{stored}: {error}")).await?;
            call.failed = 2;
        }
        Ok(())
    }
}

/// As much of a text as the field holds, and zeros behind it.
fn put(field: &mut [u8; 100], text: &str) {
    let length = text.len().min(field.len());
    field.fill(0);
    field[..length].copy_from_slice(&text.as_bytes()[..length]);
}
