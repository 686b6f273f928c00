//! What a script would read and write, and how the parts of it add up.

/// How sure a cost is. The order is that of doubt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// The low and the high value are the value.
    #[default]
    Exact,
    /// Somewhere between low and high.
    Range,
    /// Nobody knows before it runs; the values are what is known of it.
    Unknown,
}

impl Precision {
    /// The word in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Range => "range",
            Self::Unknown => "unknown",
        }
    }
}

/// Bytes from and to backends, `(low, high)`, and how often one is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Bytes that are read.
    pub read: (u64, u64),
    /// Bytes that are written.
    pub write: (u64, u64),
    /// Reads.
    pub read_ops: u64,
    /// How sure that is.
    pub precision: Precision,
}

/// The cost of a part of a script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Estimate {
    /// `;`, `&&`, `||` or `|`; none for a command.
    pub op: Option<&'static str>,
    /// The command's text, or the loop's word.
    pub command: Option<String>,
    /// The parts.
    pub children: Vec<Estimate>,
    /// The sum.
    pub cost: Cost,
}

impl Cost {
    pub(super) const UNKNOWN: Self = Self { read: (0, 0), write: (0, 0), read_ops: 0, precision: Precision::Unknown };

    /// One question that moves no bytes.
    pub(super) const LOOK: Self = Self { read: (0, 0), write: (0, 0), read_ops: 1, precision: Precision::Exact };

    pub(super) fn plus(self, other: Self) -> Self {
        let add = |a: (u64, u64), b: (u64, u64)| (a.0.saturating_add(b.0), a.1.saturating_add(b.1));
        Self {
            read: add(self.read, other.read),
            write: add(self.write, other.write),
            read_ops: self.read_ops.saturating_add(other.read_ops),
            precision: self.precision.max(other.precision),
        }
    }

    /// One of the two happens, and nobody knows which.
    fn or(self, other: Self) -> Self {
        let either = |a: (u64, u64), b: (u64, u64)| (a.0.min(b.0), a.1.max(b.1));
        Self {
            read: either(self.read, other.read),
            write: either(self.write, other.write),
            read_ops: self.read_ops.min(other.read_ops),
            precision: self.precision.max(other.precision).max(Precision::Range),
        }
    }
}

impl Estimate {
    pub(super) fn leaf(command: String, cost: Cost) -> Self {
        Self { op: None, command: Some(command), children: Vec::new(), cost }
    }

    /// Everything happens, one after the other.
    pub(super) fn all(op: &'static str, children: Vec<Self>) -> Self {
        let cost = children.iter().fold(Cost::default(), |sum, child| sum.plus(child.cost));
        Self { op: Some(op), command: None, children, cost }
    }

    /// A pipeline: what comes after an unknown part is unknown too, because it reads what that one says.
    pub(super) fn pipeline(mut children: Vec<Self>) -> Self {
        let mut unknown = false;
        for child in &mut children {
            if unknown {
                child.cost.precision = Precision::Unknown;
            }
            unknown |= child.cost.precision == Precision::Unknown;
        }
        Self::all("|", children)
    }

    /// One of the parts happens, or the first ones until one is a success.
    pub(super) fn either(children: Vec<Self>) -> Self {
        let cost = children.iter().map(|child| child.cost).reduce(Cost::or).unwrap_or_default();
        Self { op: Some("||"), command: None, children, cost }
    }

    /// The same, of which nobody knows how often.
    pub(super) fn repeated(mut self, word: &str) -> Self {
        self.command = Some(word.to_owned());
        self.cost.precision = Precision::Unknown;
        self
    }
}
