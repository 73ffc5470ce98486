//! What the schemes' tests share.

/// One bit changed.
pub(crate) mod flip {
    use proptest::sample::Index;

    /// In bytes.
    pub(crate) fn bytes(bytes: &[u8], which: Index) -> Vec<u8> {
        let mut changed = bytes.to_vec();
        let bit = which.index(bytes.len() * 8);
        changed[bit / 8] ^= 1 << (bit % 8);
        changed
    }

    /// In ASCII text, which stays ASCII text.
    pub(crate) fn text(text: &str, which: Index) -> String {
        let mut changed = text.as_bytes().to_vec();
        let bit = which.index(text.len() * 7);
        changed[bit / 7] ^= 1 << (bit % 7);
        String::from_utf8(changed).unwrap()
    }
}
