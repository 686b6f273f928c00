//! The token of the node's own `/v1`: made once, read by the command line of the same user.

use super::{Home, StateError};
use crate::base::{Secret, random_token, read_private, write_private};
use std::io::ErrorKind;

impl Home {
    /// The token of the node's own `/v1`, if the node ever ran.
    ///
    /// # Errors
    /// When others may read the file, or what the file system said.
    pub fn api_token(&self) -> Result<Option<Secret>, StateError> {
        let path = self.api_token_file();
        match read_private(&path) {
            Ok(token) => Ok(Some(Secret::new(token)).filter(|token| !token.is_empty())),
            Err(missing) if missing.kind() == ErrorKind::NotFound => Ok(None),
            Err(not_text) if not_text.kind() == ErrorKind::InvalidData => {
                Err(StateError::Damaged { path, way_out: "delete it, and the node makes a new one at its next start" })
            }
            Err(failed) => Err(StateError::io(&path)(failed)),
        }
    }

    /// The same, made when there is none.
    ///
    /// # Errors
    /// As [`Home::api_token`].
    pub fn api_token_or_new(&self) -> Result<Secret, StateError> {
        if let Some(token) = self.api_token()? {
            return Ok(token);
        }
        let path = self.api_token_file();
        let token = random_token("wpa");
        write_private(&path, format!("{token}\n").as_bytes()).map_err(StateError::io(&path))?;
        Ok(Secret::new(token))
    }
}
