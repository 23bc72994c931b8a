//! Identifiers of messages and sessions.

use std::cell::RefCell;

use uuid::{Builder, Uuid};

/// The size of an identifier.
const SIZE: usize = 16;

/// The number of identifiers for which one system call brings the random bytes.
const AT_ONCE: usize = 32;

/// Random bytes of the operating system that no identifier has used.
struct Unused {
    bytes: [u8; SIZE * AT_ONCE],
    left: usize,
}

thread_local! {
    /// One for each thread, so that threads do not wait for each other.
    static UNUSED: RefCell<Unused> = const {
        RefCell::new(Unused { bytes: [0; SIZE * AT_ONCE], left: 0 })
    };
}

/// Returns a new identifier of a message or session, in upper case as Windows writes it.
pub(super) fn new_id() -> String {
    let mut buffer = Uuid::encode_buffer();
    let uuid = match UNUSED.try_with(|unused| unused.try_borrow_mut().ok()?.next()) {
        Ok(Some(random)) => Builder::from_random_bytes(random).into_uuid(),
        // The thread is about to end, or the system refused.
        _ => Uuid::new_v4(),
    };
    ["uuid:", uuid.hyphenated().encode_upper(&mut buffer)].concat()
}

impl Unused {
    /// Takes random bytes. No byte is taken twice.
    fn next(&mut self) -> Option<[u8; SIZE]> {
        if self.left == 0 {
            getrandom::fill(&mut self.bytes).ok()?;
            self.left = AT_ONCE;
        }
        self.left -= 1;
        let (identifiers, _) = self.bytes.as_chunks::<SIZE>();
        identifiers.get(self.left).copied()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use super::*;

    #[test]
    fn identifiers_are_random_uuids_and_differ_in_all_threads() {
        let make = || (0..1000).map(|_| new_id()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| thread::spawn(make)).collect();
        let made = threads.into_iter().flat_map(|made| made.join().unwrap());
        let made: HashSet<String> = made.collect();
        assert_eq!(made.len(), 4000);
        for id in made {
            let uuid: Uuid = id.strip_prefix("uuid:").unwrap().parse().unwrap();
            assert_eq!(
                (uuid.get_version_num(), id.to_uppercase()),
                (4, ["UUID:", &id[5..]].concat())
            );
        }
    }
}
