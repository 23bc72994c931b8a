//! An event that a subscription delivered.

use super::Bookmark;
use crate::cim::Instance;
use crate::protocol::eventing::LogEvent;

/// An event.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// The instance of a class of events. Its raw XML is [`Instance::xml`], which an event of an event log
    /// always keeps.
    pub instance: Instance,
    /// The bookmark of this event, from which a new subscription resumes with the next one.
    ///
    /// If the server sends several events in one answer, only the last has a bookmark. `None` also if the
    /// bookmark identifies no event, because it is that of the oldest event or does not change.
    pub bookmark: Option<Bookmark>,
}

impl Event {
    /// Returns the event of an event log, whose data are XML attributes; `None` for any other event.
    pub fn log(&self) -> Option<LogEvent> {
        LogEvent::of(&self.instance)
    }

    /// Makes the events of one answer, whose bookmark belongs to the last of them.
    pub(super) fn of_page(instances: Vec<Instance>, bookmark: Option<Bookmark>) -> Vec<Self> {
        let mut events: Vec<Event> = instances
            .into_iter()
            .map(|instance| Event {
                instance,
                bookmark: None,
            })
            .collect();
        if let Some(last) = events.last_mut() {
            last.bookmark = bookmark;
        }
        events
    }
}
