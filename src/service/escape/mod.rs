//! Values as the formats of service definitions want them written, or a refusal that names the value.

pub(super) mod xml;
