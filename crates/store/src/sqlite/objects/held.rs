//! Blobs that are being read: an object that is replaced or erased stays on the disk until its last reader is through.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;

use super::super::Inner;

/// Which blobs are being read.
#[derive(Debug, Default)]
pub(in crate::sqlite) struct Readers(Mutex<HashMap<String, Reading>>);

#[derive(Debug, Default)]
struct Reading {
    readers: usize,
    /// Somebody wanted to remove it meanwhile.
    erased: bool,
}

impl Readers {
    /// Each function changes one entry at a time, so a panic leaves nothing half done.
    fn map(&self) -> MutexGuard<'_, HashMap<String, Reading>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those that nobody reads. The others are remembered: whoever reads one last will have it removed.
    pub(in crate::sqlite) fn unread(&self, mut blobs: Vec<String>) -> Vec<String> {
        let mut map = self.map();
        blobs.retain(|blob| match map.get_mut(blob) {
            Some(reading) => {
                reading.erased = true;
                false
            }
            None => true,
        });
        blobs
    }
}

/// Keeps blobs on the disk until it is dropped.
pub(super) struct Hold {
    inner: Arc<Inner>,
    blobs: Vec<String>,
}

impl Hold {
    pub(super) fn new(inner: &Arc<Inner>, blobs: Vec<String>) -> Self {
        let mut map = inner.readers_of_blobs.map();
        for blob in &blobs {
            map.entry(blob.clone()).or_default().readers += 1;
        }
        drop(map);
        Self {
            inner: Arc::clone(inner),
            blobs,
        }
    }

    /// Gives the blobs free; tells whether one of them is to be removed now.
    fn release(&self) -> bool {
        let mut map = self.inner.readers_of_blobs.map();
        let mut erased = false;
        for blob in &self.blobs {
            let Some(reading) = map.get_mut(blob) else {
                continue;
            };
            reading.readers -= 1;
            if reading.readers == 0 {
                erased |= reading.erased;
                map.remove(blob);
            }
        }
        erased
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // Without a runtime, the next erasure or the next start does it.
        if self.release()
            && let Ok(runtime) = Handle::try_current()
        {
            let inner = Arc::clone(&self.inner);
            runtime.spawn(async move { inner.remove_erased_blobs().await });
        }
    }
}
