//! An event that a subscription delivered.

use super::Bookmark;
use crate::cim::Instance;
use crate::protocol::LogEvent;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// What: an instance of a class of events. Its raw XML is [`Instance::xml`], which an event of an
    /// event log always keeps.
    pub instance: Instance,
    /// Stands for this event and all before it: a new subscription with it gives those that follow.
    /// If the server sent several events in one answer, only the last has one. `None` where the server
    /// sends a bookmark that names no place: that of the oldest event, or one that does not change.
    pub bookmark: Option<Bookmark>,
}

impl Event {
    /// Returns the event of an event log, whose data stand in attributes; `None` for any other event.
    pub fn log(&self) -> Option<LogEvent> {
        LogEvent::of(&self.instance)
    }

    /// The events of one answer, whose bookmark belongs to the last of them.
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
