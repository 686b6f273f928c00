//! Steps in a directory of their own, with commands that are played.
