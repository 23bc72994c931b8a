//! The class cache of a session.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::secrets::has_secrets;
use crate::cim::{Class, Name, Namespace};
use crate::error::Error;

/// The classes that a session has read, shared by its clones. A full cache evicts the least recently
/// used class.
#[derive(Debug)]
pub(in crate::session) struct ClassCache {
    capacity: usize,
    /// The most bytes of the answers with the classes.
    bytes: usize,
    state: Mutex<State>,
    /// Whether a class with a secret was read.
    has_secrets: AtomicBool,
}

/// The key of a class.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ClassId {
    /// Compared without case, like a name.
    namespace: Option<Name>,
    class: Name,
}

impl ClassId {
    pub(super) fn new(namespace: Option<&Namespace>, class: &Name) -> Self {
        Self {
            namespace: namespace.map(|namespace| Name::new(namespace.as_str())),
            class: class.clone(),
        }
    }
}

#[derive(Debug, Default)]
struct State {
    entries: HashMap<ClassId, (Arc<Entry>, u64)>,
    /// The number of uses, which orders the entries.
    uses: u64,
}

/// A class that is read, is being read, or failed to be read.
#[derive(Debug, Default)]
struct Entry {
    class: OnceLock<Arc<Class>>,
    /// The bytes of the answer with the class.
    bytes: AtomicUsize,
    /// Held by the caller that reads the class.
    turn: tokio::sync::Mutex<()>,
    failures: AtomicU64,
}

impl Entry {
    fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl ClassCache {
    pub(in crate::session) fn new(capacity: usize, bytes: usize) -> Self {
        Self {
            capacity,
            bytes,
            state: Mutex::default(),
            has_secrets: AtomicBool::new(false),
        }
    }

    pub(super) fn clear(&self) {
        self.lock().entries.clear();
    }

    /// Returns a class from the cache, else reads it. One caller reads while the others wait.
    ///
    /// Errors are not cached. After a failed read all waiting callers read concurrently, so that they do
    /// not wait for one timeout after the other. A cancelled caller passes its turn to the next.
    pub(super) async fn get(
        &self,
        id: ClassId,
        read: impl Future<Output = Result<(Class, usize), Error>>,
    ) -> Result<Arc<Class>, Error> {
        let entry = self.entry(id);
        if let Some(class) = entry.class.get() {
            return Ok(Arc::clone(class));
        }
        let failures = entry.failures.load(Ordering::Acquire);
        let turn = entry.turn.lock().await;
        if let Some(class) = entry.class.get() {
            return Ok(Arc::clone(class));
        }
        let failed_meanwhile = entry.failures.load(Ordering::Acquire) != failures;
        let _turn = (!failed_meanwhile).then_some(turn);
        match read.await {
            Ok((class, bytes)) => {
                if has_secrets(&class) {
                    self.has_secrets.store(true, Ordering::Release);
                }
                entry.bytes.store(bytes, Ordering::Relaxed);
                let class = Arc::clone(entry.class.get_or_init(|| Arc::new(class)));
                self.shrink();
                Ok(class)
            }
            Err(error) => {
                entry.failures.fetch_add(1, Ordering::AcqRel);
                Err(error)
            }
        }
    }

    /// Returns whether a class with a secret was read.
    pub(super) fn has_secrets(&self) -> bool {
        self.has_secrets.load(Ordering::Acquire)
    }

    /// Returns the classes of this name, of every namespace.
    pub(super) fn of_name(&self, class: &Name) -> Vec<Arc<Class>> {
        let state = self.lock();
        let named = state.entries.iter().filter(|(id, _)| id.class == *class);
        named
            .filter_map(|(_, (entry, _))| entry.class.get().cloned())
            .collect()
    }

    /// Evicts the least recently used classes until the rest has few enough bytes.
    fn shrink(&self) {
        let mut state = self.lock();
        let sizes = state.entries.values().map(|(entry, _)| entry.bytes());
        let mut total = sizes.fold(0, usize::saturating_add);
        while total > self.bytes {
            let filled = || {
                state
                    .entries
                    .iter()
                    .filter(|(_, (entry, _))| entry.bytes() > 0)
            };
            let too_large = filled().find(|(_, (entry, _))| entry.bytes() > self.bytes);
            let oldest = || filled().min_by_key(|(_, (_, used))| *used);
            let evicted = too_large.or_else(oldest);
            let Some((id, bytes)) = evicted.map(|(id, (entry, _))| (id.clone(), entry.bytes()))
            else {
                return;
            };
            state.entries.remove(&id);
            total = total.saturating_sub(bytes);
        }
    }

    fn entry(&self, id: ClassId) -> Arc<Entry> {
        let mut state = self.lock();
        state.uses += 1;
        let now = state.uses;
        if !state.entries.contains_key(&id) && state.entries.len() >= self.capacity {
            let oldest = state.entries.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                state.entries.remove(&oldest);
            }
        }
        let (entry, used) = state.entries.entry(id).or_default();
        *used = now;
        Arc::clone(entry)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;
    use crate::error::Failure;

    fn id(class: &str) -> ClassId {
        ClassId::new(None, &Name::new(class))
    }

    /// A slow read, during which other callers arrive.
    async fn slow(
        reads: &AtomicUsize,
        result: Result<Class, Error>,
    ) -> Result<(Class, usize), Error> {
        reads.fetch_add(1, Ordering::AcqRel);
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        result.map(|class| (class, 1))
    }

    fn failed() -> Result<Class, Error> {
        Err(Error::Fault(Failure::new("no")))
    }

    #[tokio::test]
    async fn callers_share_one_read() {
        let (cache, reads) = (ClassCache::new(8, 100), AtomicUsize::new(0));
        let one = || cache.get(id("A"), slow(&reads, Ok(Class::new("A"))));
        let (a, b, c) = tokio::join!(one(), one(), one());
        assert!(Arc::ptr_eq(&a.unwrap(), &b.unwrap()));
        assert_eq!(c.unwrap().name(), &Name::new("A"));
        assert_eq!(reads.load(Ordering::Acquire), 1);
        cache.get(id("a"), slow(&reads, failed())).await.unwrap();
        cache.clear();
        assert!(cache.get(id("a"), slow(&reads, failed())).await.is_err());
    }

    #[tokio::test]
    async fn an_error_is_not_kept() {
        let (cache, reads) = (ClassCache::new(8, 100), AtomicUsize::new(0));
        let one = || cache.get(id("A"), slow(&reads, failed()));
        let (a, b) = tokio::join!(one(), one());
        assert!(a.is_err() && b.is_err());
        let later = cache.get(id("A"), slow(&reads, Ok(Class::new("A")))).await;
        assert!(later.is_ok());
        assert_eq!(reads.load(Ordering::Acquire), 3);
    }

    #[tokio::test]
    async fn a_cancelled_read_leaves_its_turn_to_the_next() {
        let cache = ClassCache::new(8, 100);
        let mut stuck = Box::pin(cache.get(id("A"), std::future::pending()));
        let mut next = Box::pin(cache.get(id("A"), async { Ok((Class::new("A"), 1)) }));
        let both_wait = std::future::poll_fn(|context| {
            let waits = stuck.as_mut().poll(context).is_pending();
            Poll::Ready(waits && next.as_mut().poll(context).is_pending())
        });
        assert!(both_wait.await);
        drop(stuck);
        assert!(next.await.is_ok());
    }

    #[tokio::test]
    async fn it_holds_no_more_than_it_may() {
        let (cache, reads) = (ClassCache::new(2, 100), AtomicUsize::new(0));
        for name in ["A", "B", "A", "C", "A", "B"] {
            let class = slow(&reads, Ok(Class::new(name)));
            cache.get(id(name), class).await.unwrap();
        }
        assert_eq!(cache.lock().entries.len(), 2);
        assert_eq!(
            reads.load(Ordering::Acquire),
            4,
            "C evicted B, and B evicted C"
        );
    }

    #[tokio::test]
    async fn it_holds_no_more_bytes_than_it_may() {
        let cache = ClassCache::new(8, 100);
        let names = || {
            let mut names: Vec<_> = cache.lock().entries.keys().cloned().collect();
            names.sort_by_key(|id| id.class.to_string());
            names
        };
        for (name, bytes, kept) in [
            ("A", 60, vec!["A"]),
            ("B", 40, vec!["A", "B"]),
            ("C", 1, vec!["B", "C"]),
            ("D", 101, vec!["B", "C"]),
            ("E", 100, vec!["E"]),
        ] {
            let read = async { Ok((Class::new(name), bytes)) };
            let class = cache.get(id(name), read).await.unwrap();
            assert_eq!(class.name(), &Name::new(name));
            let kept: Vec<_> = kept.into_iter().map(id).collect();
            assert_eq!(names(), kept, "{name}");
        }
    }
}
