//! `tar -x` and `-d`.

use super::super::call::{Call, Stop, join, reason, system_time};
use super::super::paths;
use super::archive::Member;
use super::settings::Settings;
use bashkit::FileType;
use std::path::PathBuf;
use std::time::SystemTime;
use tar::EntryType;

/// Where members go to, and what is left to do when all are there.
pub struct Extraction<'s> {
    settings: &'s Settings,
    directory: String,
    directories: Vec<(PathBuf, u32, SystemTime)>,
    removed_root: bool,
}

impl<'s> Extraction<'s> {
    /// Members go into `directory`; the current one when it is empty.
    pub fn new(settings: &'s Settings, directory: String) -> Self {
        Self { settings, directory, directories: Vec::new(), removed_root: false }
    }

    /// The path of a member; none when it is not to be.
    async fn place(&mut self, call: &mut Call<'_>, name: &str) -> Result<Option<String>, Stop> {
        let mut name = self.settings.transform.iter().fold(name.to_owned(), |name, transform| transform.apply(&name));
        if name.split('/').any(|part| part == "..") {
            call.complain(format!("{name}: Member name contains '..'")).await?;
            call.failed = 2;
            return Ok(None);
        }
        if name.starts_with('/') && !self.settings.absolute {
            if !self.removed_root {
                self.removed_root = true;
                call.warn("Removing leading `/' from member names").await?;
            }
            name = name.trim_start_matches('/').to_owned();
        }
        for _ in 0..self.settings.strip {
            match name.split_once('/') {
                Some((_, rest)) => name = rest.trim_start_matches('/').to_owned(),
                None => return Ok(None),
            }
        }
        let name = name.trim_end_matches('/');
        if name.is_empty() {
            return Ok(None);
        }
        let in_directory = self.directory.is_empty() || name.starts_with('/');
        Ok(Some(if in_directory { name.to_owned() } else { join(&self.directory, name) }))
    }

    /// Puts one member in its place. Whether that was meant to be.
    pub async fn member(&mut self, call: &mut Call<'_>, member: &Member) -> Result<bool, Stop> {
        if self.settings.to_stdout {
            call.print(&member.content).await?;
            return Ok(true);
        }
        let Some(place) = self.place(call, &member.name).await? else { return Ok(false) };
        let path = call.path(&place);
        let there = call.ctx.fs.lstat(&path).await.ok();
        let time = if self.settings.touch { SystemTime::now() } else { system_time(member.time, 0) };
        if let Some(there) = &there
            && !(there.file_type.is_dir() && member.file_type().is_dir())
        {
            if self.settings.skip_old {
                return Ok(true);
            }
            if self.settings.keep {
                call.complain(format!("{}: Cannot open: File exists", member.name)).await?;
                call.failed = 2;
                return Ok(true);
            }
            if let Err(error) = call.ctx.fs.remove(&path, false).await {
                call.complain(format!("{}: Cannot open: {}", member.name, reason(&error))).await?;
                call.failed = 2;
                return Ok(true);
            }
        } else if there.is_none() {
            let _ = call.ctx.fs.mkdir(&paths::parent(&path), true).await;
        }
        let fs = &call.ctx.fs;
        let done = match member.kind {
            EntryType::Directory => {
                let made = if there.is_some() { Ok(()) } else { fs.mkdir(&path, false).await };
                if made.is_ok() {
                    self.directories.push((path, member.mode, time));
                }
                made
            }
            EntryType::Symlink => fs.symlink(member.link.as_deref().unwrap_or_default().as_ref(), &path).await,
            EntryType::Link => match self.place(call, member.link.as_deref().unwrap_or_default()).await? {
                Some(target) => paths::copy_entry(call, &call.path(&target), &path).await,
                None => return Ok(true),
            },
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let written = fs.write_file(&path, &member.content).await;
                if written.is_ok() {
                    let _ = fs.chmod(&path, member.mode).await;
                    let _ = fs.set_modified_time(&path, time).await;
                }
                written
            }
            _ => {
                call.complain(format!("{}: Cannot mknod: Operation not permitted", member.name)).await?;
                call.failed = 2;
                return Ok(true);
            }
        };
        if let Err(error) = done {
            call.complain(format!("{}: Cannot open: {}", member.name, reason(&error))).await?;
            call.failed = 2;
        }
        Ok(true)
    }

    /// Directories get their times when their members are there.
    pub async fn finish(self, call: &Call<'_>) {
        for (path, mode, time) in self.directories.into_iter().rev() {
            let _ = call.ctx.fs.chmod(&path, mode).await;
            let _ = call.ctx.fs.set_modified_time(&path, time).await;
        }
    }

    /// Says how a member differs from what is there.
    pub async fn compare(&mut self, call: &mut Call<'_>, member: &Member) -> Result<(), Stop> {
        let Some(place) = self.place(call, &member.name).await? else { return Ok(()) };
        let found = match call.lstat(&place).await {
            Ok(found) => found,
            Err(reason) => {
                call.complain(format!("{}: Warning: Cannot stat: {reason}", member.name)).await?;
                return Ok(());
            }
        };
        let mut differences = Vec::new();
        if found.file_type != member.file_type() {
            differences.push("File type differs");
        } else {
            if found.file_type != FileType::Symlink && found.mode & 0o7777 != member.mode {
                differences.push("Mode differs");
            }
            if found.file_type == FileType::File {
                if super::super::date::instant(found.modified).0 != member.time {
                    differences.push("Mod time differs");
                }
                if found.size != member.size {
                    differences.push("Size differs");
                } else if call.read(&place).await?.is_ok_and(|content| content != member.content) {
                    differences.push("Contents differ");
                }
            }
        }
        for difference in differences {
            call.print(format!("{}: {difference}\n", member.name).as_bytes()).await?;
            call.failed = call.failed.max(1);
        }
        Ok(())
    }
}
