//! The `/v1` surface as an OpenAPI 3.1 document, made from the operation table and the types of parameters and answers.

mod document;
mod summaries;
mod types;

pub use document::document;
