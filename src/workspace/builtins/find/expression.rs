//! What an expression becomes: a list of steps, so that it can stop at a command and go on when that has ended.

use super::super::dates::Instant;
use regex::Regex;
use std::path::PathBuf;

/// One step. Each test leaves whether it held for the next step.
pub enum Step {
    /// Asks for a file.
    Test(Test),
    /// Turns the answer round.
    Not,
    /// Goes on elsewhere when it held.
    IfTrue(usize),
    /// Goes on elsewhere when it did not.
    IfFalse(usize),
}

/// `+N`, `-N` or `N`.
#[derive(Clone, Copy)]
pub enum Count<T> {
    More(T),
    Less(T),
    Exactly(T),
}

impl Count<u64> {
    /// Whether `value` is so many.
    pub fn fits(self, value: u64) -> bool {
        match self {
            Self::More(than) => value > than,
            Self::Less(than) => value < than,
            Self::Exactly(this) => value == this,
        }
    }
}

/// Which text a pattern is compared with.
#[derive(Clone, Copy, PartialEq)]
pub enum Text {
    /// The last component.
    Name,
    /// All of it, from the starting point on.
    Path,
    /// What a link says.
    Link,
}

/// Which bits have to be there.
#[derive(Clone, Copy)]
pub enum Bits {
    Exactly(u32),
    All(u32),
    Any(u32),
}

/// Where an action writes: standard output, or one of [`Expression::files`].
pub type Out = Option<usize>;

/// A test or an action.
pub enum Test {
    Constant(bool),
    Glob {
        pattern: String,
        fold: bool,
        text: Text,
    },
    Regex(Regex),
    /// The letters of types; the second asks what is behind a link.
    Type(Vec<char>, bool),
    Size(Count<u64>, u64),
    Empty,
    /// In days of 86,400 seconds when `true`, in minutes otherwise.
    Age(Count<f64>, bool),
    Newer(Instant),
    Perm(Bits),
    /// `r`, `w` or `x`.
    Access(char),
    Links(Count<u64>),
    Inode(Count<u64>),
    SameFile(PathBuf),
    /// The number of the owner or the group.
    Owner(Count<u64>),
    Prune,
    Quit,
    /// The end of each line.
    Print(char, Out),
    Printf(String, Out),
    List(Out),
    Delete,
    /// One of [`Expression::commands`].
    Exec(usize),
}

/// A command of `-exec` and its like.
pub struct Exec {
    /// With `{}` in the place of the file.
    pub words: Vec<String>,
    /// Many files at once.
    pub many: bool,
    /// In the file's directory.
    pub inside: bool,
    /// Asks first.
    pub asks: bool,
}

/// All that the arguments say.
#[derive(Default)]
pub struct Expression {
    pub starts: Vec<String>,
    pub steps: Vec<Step>,
    pub commands: Vec<Exec>,
    /// Files that actions write to.
    pub files: Vec<String>,
    /// Follow all links.
    pub follow: bool,
    /// Follow links that are starting points.
    pub follow_starts: bool,
    /// A directory comes after what is in it.
    pub depth_first: bool,
    pub min_depth: usize,
    pub max_depth: Option<usize>,
    /// Messages that stop nothing.
    pub warnings: Vec<String>,
    /// Now, or the end of today for `-daystart`.
    pub now: f64,
}
