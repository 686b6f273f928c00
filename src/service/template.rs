//! Filling in the files of `service-templates/`.

use super::ServiceError;

/// A definition's text with a value for every placeholder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Template {
    /// Its file name, for errors.
    pub name: &'static str,
    /// Its text; a placeholder is `{{name}}`.
    pub text: &'static str,
}

impl Template {
    /// Fills it. Values must be escaped for the format already.
    ///
    /// # Errors
    /// [`ServiceError::Template`] for a placeholder without a value and for a value without a placeholder.
    pub(super) fn fill(&self, values: &[(&str, String)]) -> Result<String, ServiceError> {
        let wrong = |reason: String| ServiceError::Template { template: self.name, reason };
        let mut filled = String::with_capacity(self.text.len() * 2);
        let mut used = vec![false; values.len()];
        let mut rest = self.text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").ok_or_else(|| wrong("an open placeholder".to_owned()))?;
            let at = values.iter().position(|(known, _)| *known == name);
            let at = at.ok_or_else(|| wrong(format!("no value for {name}")))?;
            used[at] = true;
            filled.push_str(before);
            filled.push_str(&values[at].1);
            rest = after;
        }
        filled.push_str(rest);
        match used.iter().position(|used| !used) {
            Some(unused) => Err(wrong(format!("no place for {}", values[unused].0))),
            None => Ok(filled),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_placeholders_must_match() {
        let template = Template { name: "t", text: "a {{x}} b {{y}} {{x}}\n" };
        let fill = |values: &[(&str, &str)]| {
            let values: Vec<_> = values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            template.fill(&values).map_err(|failed| failed.to_string())
        };
        assert_eq!(fill(&[("x", "1"), ("y", "{{x}}")]).unwrap(), "a 1 b {{x}} 1\n");
        assert!(fill(&[("x", "1")]).unwrap_err().contains("no value for y"));
        assert!(fill(&[("x", "1"), ("y", "2"), ("z", "3")]).unwrap_err().contains("no place for z"));
    }
}
