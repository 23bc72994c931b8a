//! The bookmark from which a new subscription resumes, and which bookmarks are usable.

use super::Bookmark;
use crate::cim::Instance;
use crate::error::{Error, Failure};
use crate::transport::Delivery;

/// The bookmark from which a new subscription would resume.
///
/// OMI sends the bookmark of the oldest event with each event whose provider supplies none, and keeps no
/// events for it. A bookmark that never changes identifies no event either.
#[derive(Debug, Default)]
pub(super) struct Resume {
    from: Option<Bookmark>,
    /// The last event before the bookmark, if it was received.
    last: Option<Instance>,
    /// Whether the subscription began at the bookmark and has received no other since.
    resumed: bool,
    /// Whether the server sent the same bookmark for different events.
    is_fixed: bool,
}

/// The result of reading the bookmark of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Learnt {
    /// The bookmark, if it identifies an event.
    pub(super) bookmark: Option<Bookmark>,
    /// Whether the subscription resumed from a bookmark that identifies no event.
    pub(super) missed: bool,
}

impl Resume {
    /// Begins with the bookmark of the caller.
    pub(super) fn new(from: Option<Bookmark>) -> Self {
        Self {
            from,
            ..Self::default()
        }
    }

    /// Returns the bookmark with which a new subscription begins.
    pub(super) fn from(&self) -> Option<&Bookmark> {
        self.from.as_ref()
    }

    /// Returns the bookmark from which a new subscription misses no event.
    pub(super) fn place(&self) -> Option<&Bookmark> {
        self.from().filter(|bookmark| bookmark.is_place())
    }

    /// Records that a new subscription began, at the bookmark if there is one.
    pub(super) fn begun(&mut self) {
        self.resumed = self.from.is_some();
    }

    /// Forgets the bookmark, which the server refused.
    pub(super) fn forget(&mut self) {
        self.from = None;
        self.last = None;
    }

    /// Takes the bookmark of an answer with these events.
    pub(super) fn learn(&mut self, bookmark: Option<String>, events: &[Instance]) -> Learnt {
        let place = bookmark.map(Bookmark::from).filter(Bookmark::is_place);
        let mut missed = false;
        if let (Some(last), Some(_)) = (events.last(), &place) {
            let is_same = self.from == place && self.last.is_some();
            let is_repeated = self.resumed && self.last.as_ref() == Some(last);
            if is_same && !is_repeated {
                self.is_fixed = true;
                missed = self.resumed;
            }
        }
        let place = place.filter(|_| !self.is_fixed);
        if place.is_some() || !events.is_empty() {
            let is_same = place.is_some() && self.from == place;
            self.resumed &= is_same;
            if !is_same || !events.is_empty() {
                self.last = events.last().filter(|_| place.is_some()).cloned();
            }
            self.from.clone_from(&place);
        }
        Learnt {
            bookmark: place,
            missed,
        }
    }
}

/// Makes the cause of missed events after a server sent the same bookmark for different events.
pub(super) fn fixed_bookmark() -> Error {
    let text = "the server sends the same bookmark for different events";
    Error::Fault(Failure::new(text).delivery(Delivery::Answered))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARLIEST: &str = "http://schemas.dmtf.org/wbem/wsman/1/wsman/bookmark/earliest";

    fn tick(number: u32) -> Instance {
        Instance::new("Demo_Tick").with("Number", number)
    }

    fn at(text: &str) -> Option<Bookmark> {
        Some(Bookmark::At(text.to_owned()))
    }

    /// Takes an answer with this bookmark and these events.
    fn learn(resume: &mut Resume, bookmark: &str, ticks: &[u32]) -> Learnt {
        let events: Vec<_> = ticks.iter().copied().map(tick).collect();
        resume.learn(Some(bookmark.to_owned()), &events)
    }

    fn learnt(bookmark: Option<Bookmark>) -> Learnt {
        Learnt {
            bookmark,
            missed: false,
        }
    }

    #[test]
    fn ignores_a_bookmark_that_identifies_no_event() {
        for text in [
            EARLIEST,
            " \n",
            "",
            &EARLIEST.to_ascii_uppercase(),
            &[" ", EARLIEST, "\n"].concat(),
        ] {
            let mut resume = Resume::new(at("bm-0"));
            assert_eq!(learn(&mut resume, text, &[1]), learnt(None), "{text}");
            assert_eq!(resume.from(), None, "{text}");
        }
    }

    #[test]
    fn keeps_a_bookmark_that_changes() {
        let mut resume = Resume::new(None);
        for (text, ticks) in [("bm-1", &[1][..]), ("bm-3", &[2, 3]), ("bm-4", &[])] {
            assert_eq!(learn(&mut resume, text, ticks), learnt(at(text)));
            assert_eq!(resume.place(), at(text).as_ref());
        }
        // Events without a bookmark are later than any known one.
        assert_eq!(resume.learn(None, &[tick(5)]), learnt(None));
        assert_eq!(resume.from(), None);
    }

    #[test]
    fn keeps_the_bookmark_without_events() {
        let mut resume = Resume::new(at("bm-1"));
        assert_eq!(resume.learn(None, &[]), learnt(None));
        assert_eq!(learn(&mut resume, EARLIEST, &[]), learnt(None));
        assert_eq!(resume.place(), at("bm-1").as_ref());
    }

    #[test]
    fn ignores_a_bookmark_once_different_events_share_it() {
        let mut resume = Resume::new(None);
        assert_eq!(learn(&mut resume, "x", &[1]), learnt(at("x")));
        for (text, number) in [("x", 1), ("x", 2), ("y", 3)] {
            assert_eq!(learn(&mut resume, text, &[number]), learnt(None), "{text}");
            assert_eq!(resume.from(), None);
        }
    }

    #[test]
    fn accepts_events_that_are_repeated_after_resuming() {
        let mut resume = Resume::new(None);
        learn(&mut resume, "bm-2", &[1, 2]);
        resume.begun();
        assert_eq!(learn(&mut resume, "bm-2", &[2]), learnt(at("bm-2")));
        assert_eq!(learn(&mut resume, "bm-3", &[3]), learnt(at("bm-3")));
    }

    #[test]
    fn reports_missed_events_after_resuming_from_a_fixed_bookmark() {
        let mut resume = Resume::new(None);
        learn(&mut resume, "x", &[1]);
        resume.begun();
        let found = learn(&mut resume, "x", &[7]);
        let expected = Learnt {
            bookmark: None,
            missed: true,
        };
        assert_eq!(found, expected);
        assert_eq!(learn(&mut resume, "x", &[8]), learnt(None), "reported once");
    }

    #[test]
    fn begins_with_the_bookmark_of_the_caller() {
        let earliest = Resume::new(Some(Bookmark::Earliest));
        assert_eq!(earliest.from(), Some(&Bookmark::Earliest));
        assert_eq!(earliest.place(), None, "events before it may be gone");
        let mut named = Resume::new(at("bm-1"));
        named.begun();
        // The server may include the event of the bookmark.
        assert_eq!(learn(&mut named, "bm-1", &[1]), learnt(at("bm-1")));
        assert_eq!(learn(&mut named, "bm-1", &[2]).bookmark, None);
    }
}
