//! What `ls` was asked for.

use super::super::options::Options;

/// How the names stand.
#[derive(Clone, Copy, PartialEq, Default)]
pub enum Layout {
    /// One per line.
    #[default]
    Single,
    /// With all that is known of them.
    Long,
    /// In columns, downwards.
    Columns,
    /// In columns, across.
    Across,
    /// One line with commas.
    Commas,
}

/// What the order goes by.
#[derive(Clone, Copy, PartialEq, Default)]
pub enum Order {
    #[default]
    Name,
    Size,
    Time,
    Version,
    Extension,
    Width,
    None,
}

/// How names are written.
#[derive(Clone, Copy, PartialEq, Default)]
pub enum Quoting {
    #[default]
    Literal,
    C,
    Escape,
    Shell,
    ShellAlways,
}

/// All of it.
#[derive(Default)]
pub struct Settings {
    pub all: bool,
    pub almost_all: bool,
    pub layout: Layout,
    pub order: Order,
    pub reverse: bool,
    pub recursive: bool,
    pub directory: bool,
    pub classify: bool,
    pub slash: bool,
    pub file_type: bool,
    pub human: Option<u64>,
    pub block: u64,
    pub inode: bool,
    pub blocks: bool,
    pub numeric: bool,
    pub no_owner: bool,
    pub no_group: bool,
    pub author: bool,
    pub dereference: bool,
    pub dereference_operands: bool,
    pub directories_first: bool,
    pub style: Option<String>,
    pub quoting: Quoting,
    pub width: usize,
    pub ignore: Vec<String>,
    pub hide: Vec<String>,
    pub zero: bool,
}

impl Settings {
    /// Reads the options; the error is a message.
    pub fn of(options: &Options) -> Result<Self, String> {
        let mut settings = Self { block: 1, width: 80, ..Self::default() };
        for (letter, value) in &options.given {
            let value = value.as_deref().unwrap_or_default();
            match letter {
                'a' => settings.all = true,
                'A' => settings.almost_all = true,
                'f' => (settings.all, settings.order) = (true, Order::None),
                'l' => settings.layout = Layout::Long,
                '1' if settings.layout != Layout::Long => settings.layout = Layout::Single,
                'C' => settings.layout = Layout::Columns,
                'x' => settings.layout = Layout::Across,
                'm' => settings.layout = Layout::Commas,
                'g' => (settings.layout, settings.no_owner) = (Layout::Long, true),
                'o' => (settings.layout, settings.no_group) = (Layout::Long, true),
                'n' => (settings.layout, settings.numeric) = (Layout::Long, true),
                'G' => settings.no_group = true,
                'S' => settings.order = Order::Size,
                't' => settings.order = Order::Time,
                'v' => settings.order = Order::Version,
                'X' => settings.order = Order::Extension,
                'U' => settings.order = Order::None,
                'r' => settings.reverse = true,
                'R' => settings.recursive = true,
                'd' => settings.directory = true,
                'F' if !matches!(value, "never" | "no" | "none") => settings.classify = true,
                'p' => settings.slash = true,
                'y' => settings.file_type = true,
                'h' => settings.human = Some(1024),
                'H' => settings.dereference_operands = true,
                'j' => settings.human = Some(1000),
                'k' => settings.block = 1024,
                'i' => settings.inode = true,
                's' => settings.blocks = true,
                'L' => settings.dereference = true,
                'q' | 'D' | 'Z' => {}
                'Q' => settings.quoting = Quoting::C,
                'b' => settings.quoting = Quoting::Escape,
                'N' => settings.quoting = Quoting::Literal,
                'W' => settings.quoting = quoting(value)?,
                'w' => settings.width = value.parse().unwrap_or(80),
                'I' => settings.ignore.push(value.to_owned()),
                'B' => settings.ignore.extend(["*~".to_owned(), ".*~".to_owned()]),
                'O' => settings.hide.push(value.to_owned()),
                'E' => settings.directories_first = true,
                'J' => settings.style = Some(value.to_owned()),
                'K' => (settings.layout, settings.style) = (Layout::Long, Some("full-iso".to_owned())),
                'M' => settings.order = order(value)?,
                'P' => settings.layout = layout(value)?,
                'Y' => {}
                '0' => settings.zero = true,
                _ => {}
            }
        }
        if settings.zero && !matches!(settings.layout, Layout::Long) {
            settings.layout = Layout::Single;
        }
        Ok(settings)
    }
}

fn invalid(value: &str, option: &str, valid: &[&str]) -> String {
    let list: String = valid.iter().map(|word| format!("\n  - '{word}'")).collect();
    format!("invalid argument '{value}' for '--{option}'\nValid arguments are:{list}")
}

fn order(word: &str) -> Result<Order, String> {
    Ok(match word {
        "none" => Order::None,
        "name" => Order::Name,
        "time" => Order::Time,
        "size" => Order::Size,
        "extension" => Order::Extension,
        "version" => Order::Version,
        "width" => Order::Width,
        _ => return Err(invalid(word, "sort", &["none", "time", "size", "extension", "version", "width"])),
    })
}

fn layout(word: &str) -> Result<Layout, String> {
    Ok(match word {
        "verbose" | "long" => Layout::Long,
        "commas" => Layout::Commas,
        "horizontal" | "across" => Layout::Across,
        "vertical" => Layout::Columns,
        "single-column" => Layout::Single,
        _ => {
            let valid = ["verbose", "long", "commas", "horizontal", "across", "vertical", "single-column"];
            return Err(invalid(word, "format", &valid));
        }
    })
}

fn quoting(word: &str) -> Result<Quoting, String> {
    Ok(match word {
        "literal" => Quoting::Literal,
        "shell" | "shell-escape" => Quoting::Shell,
        "shell-always" | "shell-escape-always" => Quoting::ShellAlways,
        "c" | "c-maybe" | "locale" | "clocale" => Quoting::C,
        "escape" => Quoting::Escape,
        _ => {
            let valid = ["literal", "shell", "shell-always", "shell-escape", "shell-escape-always", "c", "escape"];
            return Err(invalid(word, "quoting-style", &valid));
        }
    })
}
