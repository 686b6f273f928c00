//! The routes, without a listener.
