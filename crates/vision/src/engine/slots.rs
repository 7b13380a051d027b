//! A fixed set of things of which each is used by one thread at a time.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, PoisonError};

/// Lends its items; a caller waits while all are out.
#[derive(Debug)]
pub(super) struct Slots<T> {
    free: Mutex<Vec<T>>,
    returned: Condvar,
}

impl<T> Slots<T> {
    pub(super) fn new(items: Vec<T>) -> Self {
        debug_assert!(!items.is_empty(), "nobody could ever take an item");
        Self {
            free: Mutex::new(items),
            returned: Condvar::new(),
        }
    }

    /// Takes an item, the one used last if there is a choice: its memory is the most likely to be in the cache.
    pub(super) fn take(&self) -> Slot<'_, T> {
        // A panic elsewhere cannot leave the vector half changed, so a poisoned lock is as good as any.
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(item) = free.pop() {
                return Slot {
                    slots: self,
                    item: Some(item),
                };
            }
            free = self.returned.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// An item on loan; dropping it gives it back, also while a panic unwinds.
pub(super) struct Slot<'a, T> {
    slots: &'a Slots<T>,
    item: Option<T>,
}

impl<T> Deref for Slot<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.item.as_ref().expect("taken only when dropped")
    }
}

impl<T> DerefMut for Slot<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.item.as_mut().expect("taken only when dropped")
    }
}

impl<T> Drop for Slot<'_, T> {
    fn drop(&mut self) {
        let mut free = self.slots.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.extend(self.item.take());
        drop(free);
        self.slots.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn never_more_out_than_there_are() {
        let slots = Slots::new(vec![(), ()]);
        let (out, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let slot = slots.take();
                        most.fetch_max(out.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        out.fetch_sub(1, Ordering::SeqCst);
                        drop(slot);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 2);
    }

    #[test]
    fn a_panic_gives_the_item_back() {
        let slots = Slots::new(vec![7]);
        let panicked = std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    let _slot = slots.take();
                    panic!("on purpose");
                })
                .join()
        });
        assert!(panicked.is_err());
        assert_eq!(*slots.take(), 7);
    }
}
