//! The list of our own commands.

use super::bc::Bc;
use super::call::Gnu;
use super::checksum::{Checksum, NAMES};
use super::chmod::Chmod;
use super::cmp::Cmp;
use super::cp::Cp;
use super::csplit::Csplit;
use super::cut::Cut;
use super::date::Date;
use super::diff::Diff;
use super::du::Du;
use super::expr::Expr;
use super::file::File;
use super::gzip::Gzip;
use super::jq::Jq;
use super::ln::Ln;
use super::ls::Ls;
use super::mkdir::{Mkdir, Rmdir};
use super::mktemp::Mktemp;
use super::mv::Mv;
use super::patch::Patch;
use super::realpath::Realpath;
use super::rm::Rm;
use super::seq::Seq;
use super::split::Split;
use super::stat::Stat;
use super::tar::Tar;
use super::tee::Tee;
use super::touch::Touch;
use super::tr::Tr;
use super::wc::Wc;
use super::xargs::Xargs;
use super::yes::Yes;
use bashkit::BashBuilder;

/// Puts our commands in the place of the engine's, one line each.
pub(in crate::workspace) fn register(builder: BashBuilder) -> BashBuilder {
    let builder = builder
        .command("bc", Gnu(Bc))
        .command("chmod", Gnu(Chmod))
        .command("cmp", Gnu(Cmp))
        .command("cp", Gnu(Cp))
        .command("csplit", Gnu(Csplit))
        .command("cut", Gnu(Cut))
        .command("date", Gnu(Date))
        .command("diff", Gnu(Diff))
        .command("du", Gnu(Du))
        .command("expr", Expr)
        .command("file", File)
        .command("jq", Jq)
        .command("ln", Gnu(Ln))
        .command("ls", Gnu(Ls))
        .command("mkdir", Gnu(Mkdir))
        .command("mktemp", Gnu(Mktemp))
        .command("mv", Mv)
        .command("patch", Gnu(Patch))
        .command("realpath", Gnu(Realpath))
        .command("rm", Gnu(Rm))
        .command("rmdir", Gnu(Rmdir))
        .command("seq", Seq)
        .command("split", Gnu(Split))
        .command("stat", Gnu(Stat))
        .command("tar", Gnu(Tar))
        .command("tee", Gnu(Tee))
        .command("touch", Gnu(Touch))
        .command("tr", Gnu(Tr))
        .command("wc", Gnu(Wc))
        .builtin("xargs", Box::new(Xargs))
        .command("yes", Yes);
    let builder = super::timeout::register(super::find::register(builder));
    let packers = ["gzip", "gunzip", "zcat", "bzip2", "bunzip2", "bzcat"];
    let builder = packers.into_iter().fold(builder, |builder, name| builder.command(name, Gnu(Gzip)));
    NAMES.into_iter().fold(builder, |builder, (name, ..)| builder.command(name, Gnu(Checksum)))
}
