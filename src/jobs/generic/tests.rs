//! The queue, with runs of its own.
