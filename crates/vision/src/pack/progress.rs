//! How a caller learns what a long fetch is doing. The library itself prints nothing.

/// Receives the course of downloads. Implementations must be cheap: `advance` is called for each block.
pub trait Progress: Send + Sync {
    /// A transfer called `name` begins; `total_bytes` where it is known.
    fn start(&self, name: &str, total_bytes: Option<u64>);
    /// `size_bytes` more of `name` have arrived.
    fn advance(&self, name: &str, size_bytes: u64);
    /// The transfer ended, well or not; what failed is told by the error that is returned.
    fn finish(&self, name: &str);
    /// Something worth one line to a person: what is waited for, what is fetched again and why.
    fn message(&self, text: &str);
}

/// Discards everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _name: &str, _total_bytes: Option<u64>) {}
    fn advance(&self, _name: &str, _size_bytes: u64) {}
    fn finish(&self, _name: &str) {}
    fn message(&self, _text: &str) {}
}

/// Calls `finish` however the transfer ends.
pub(crate) struct Transfer<'a> {
    progress: &'a dyn Progress,
    name: &'a str,
}

impl<'a> Transfer<'a> {
    pub(crate) fn start(progress: &'a dyn Progress, name: &'a str, total_bytes: Option<u64>) -> Self {
        progress.start(name, total_bytes);
        Self { progress, name }
    }

    pub(crate) fn advance(&self, size_bytes: u64) {
        self.progress.advance(self.name, size_bytes);
    }
}

impl Drop for Transfer<'_> {
    fn drop(&mut self) {
        self.progress.finish(self.name);
    }
}
