//! Here-documents: where they start, and the expansions in them.

use super::scan::Scan;

/// A here-document that starts after the current line.
pub(super) struct Document {
    delimiter: String,
    literal: bool,
}

impl<'a> Scan<'a> {
    /// Copies `<<WORD` and notes the delimiter.
    pub fn here_document(&mut self) -> &'a str {
        let start = self.at;
        self.at += 2;
        if self.byte(0) == b'-' {
            self.at += 1;
        }
        self.at += self.rest().bytes().take_while(|byte| b" \t".contains(byte)).count();
        let word = self.rest().split([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']).next().unwrap_or_default();
        self.at += word.len();
        let delimiter: String = word.chars().filter(|c| !['\'', '"', '\\'].contains(c)).collect();
        self.documents.push(Document { literal: delimiter.len() < word.len(), delimiter });
        &self.text[start..self.at]
    }

    /// The here-documents that start here, with what follows their lines.
    pub fn here_documents(&mut self) -> Option<String> {
        let mut out = String::new();
        for document in std::mem::take(&mut self.documents) {
            let start = self.at;
            let mut end = start;
            loop {
                let line = self.text.get(end..)?.split_inclusive('\n').next().unwrap_or_default();
                if line.is_empty() || line.trim_end_matches('\n').trim_start_matches('\t') == document.delimiter {
                    let body = &self.text[start..end];
                    out.push_str(&if document.literal { body.to_owned() } else { self.document(body)? });
                    out.push_str(line);
                    self.at = end + line.len();
                    break;
                }
                end += line.len();
            }
        }
        Some(out)
    }

    /// The body of a here-document with expansions.
    fn document(&mut self, body: &'a str) -> Option<String> {
        let mut scan = Scan { text: body, at: 0, changed: false, documents: Vec::new(), ..*self };
        let mut out = String::new();
        while scan.at < body.len() {
            out.push_str(&scan.piece(true)?);
        }
        self.changed |= scan.changed;
        Some(out)
    }
}
