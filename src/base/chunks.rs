//! Bytes in the chunks in which they came, taken away from the front.

use bytes::Bytes;
use std::collections::VecDeque;

/// Consecutive bytes.
#[derive(Debug, Default, Clone)]
pub struct Chunks {
    chunks: VecDeque<Bytes>,
    len: usize,
}

impl Chunks {
    /// How many bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds bytes at the end.
    pub fn push(&mut self, chunk: Bytes) {
        if !chunk.is_empty() {
            self.len += chunk.len();
            self.chunks.push_back(chunk);
        }
    }

    /// The first `most` bytes, or all. Nothing is copied.
    pub fn first(&self, most: usize) -> Vec<Bytes> {
        let mut left = most.min(self.len);
        let mut first = Vec::new();
        for chunk in &self.chunks {
            if left == 0 {
                break;
            }
            let part = chunk.slice(..chunk.len().min(left));
            left -= part.len();
            first.push(part);
        }
        first
    }

    /// Takes the first `count` bytes away, or all.
    pub fn forget(&mut self, count: usize) {
        let mut left = count.min(self.len);
        self.len -= left;
        while left > 0 {
            let Some(mut chunk) = self.chunks.pop_front() else { return };
            let gone = chunk.len().min(left);
            left -= gone;
            if gone < chunk.len() {
                self.chunks.push_front(chunk.split_off(gone));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_taken_from_the_front_wherever_chunks_end() {
        let mut chunks = Chunks::default();
        for part in ["ab", "", "cde", "f"] {
            chunks.push(Bytes::from_static(part.as_bytes()));
        }
        for forgotten in 0..=7 {
            let mut rest = chunks.clone();
            rest.forget(forgotten);
            let text = "abcdef".get(forgotten..).unwrap_or_default();
            assert_eq!((rest.len(), rest.is_empty()), (text.len(), text.is_empty()));
            for most in 0..8 {
                assert_eq!(rest.first(most).concat(), text.as_bytes()[..most.min(text.len())]);
            }
        }
    }
}
