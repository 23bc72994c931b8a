//! Events of an event log (Windows Event Schema), whose data is in attributes.

use crate::cim::{DateTime, Instance};
use crate::xml::{XmlElement, trim};

/// The namespace of these events.
pub(super) const EVENT_LOG: &str = "http://schemas.microsoft.com/win/2004/08/events/event";

/// An event of an event log, such as Windows sends for a subscription to `Security`.
///
/// Most of its data is in attributes, which an [`Instance`] does not have.
///
/// ```
/// let xml = br#"<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>
///     <Provider Name="disk"/><EventID Qualifiers="16384">7036</EventID>
///     <TimeCreated SystemTime="2024-01-02T03:04:05Z"/></System>
///     <EventData><Data Name="User">ops</Data><Data>5</Data></EventData></Event>"#;
/// let event = wsman::subscribe::LogEvent::read(xml)?;
/// assert_eq!((event.provider(), event.event_id()), (Some("disk"), Some(7036)));
/// assert_eq!(event.time_created().unwrap().to_xs().as_deref(), Some("2024-01-02T03:04:05Z"));
/// assert_eq!(event.value("User").as_deref(), Some("ops"));
/// assert_eq!(event.data().count(), 2);
/// # Ok::<(), wsman::xml::XmlError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LogEvent {
    xml: XmlElement,
}

impl LogEvent {
    /// Reads an event from its element.
    ///
    /// # Errors
    /// Fails if the bytes are not a complete element.
    pub fn read(xml: &[u8]) -> Result<Self, crate::xml::XmlError> {
        XmlElement::read(xml).map(|xml| Self { xml })
    }

    /// Returns the event that an instance was read from, if it is an event of an event log.
    pub(crate) fn of(instance: &Instance) -> Option<Self> {
        let xml = XmlElement::read_again(instance.xml()?).ok()?;
        let is_event = xml.namespace() == Some(EVENT_LOG);
        is_event.then_some(Self { xml })
    }

    /// Returns the name of the provider (`Provider/@Name`).
    pub fn provider(&self) -> Option<&str> {
        self.system("Provider")?.attribute("Name")
    }

    /// Returns the number of the event in the provider's numbering (`EventID`).
    pub fn event_id(&self) -> Option<u32> {
        self.number("EventID")
    }

    /// Returns the severity: 1 critical, 2 error, 3 warning, 4 information, 5 verbose (`Level`).
    pub fn level(&self) -> Option<u8> {
        self.number("Level")
    }

    /// Returns the time of the event (`TimeCreated/@SystemTime`).
    pub fn time_created(&self) -> Option<DateTime> {
        let text = self.system("TimeCreated")?.attribute("SystemTime")?;
        trim(text).parse().ok()
    }

    /// Returns the number of the record in its log (`EventRecordID`).
    pub fn record_id(&self) -> Option<u64> {
        self.number("EventRecordID")
    }

    /// Returns the name of the log (`Channel`).
    pub fn channel(&self) -> Option<String> {
        self.text("Channel")
    }

    /// Returns the computer on which the event happened (`Computer`).
    pub fn computer(&self) -> Option<String> {
        self.text("Computer")
    }

    /// Returns the security identifier of the user (`Security/@UserID`).
    pub fn user_id(&self) -> Option<&str> {
        self.system("Security")?.attribute("UserID")
    }

    /// Returns the data of the event in order, each with its name if it has one
    /// (`EventData/Data/@Name`).
    pub fn data(&self) -> impl Iterator<Item = (Option<&str>, String)> {
        let data = self.xml.child("EventData");
        let data = data.into_iter().flat_map(XmlElement::children);
        data.map(|datum| (datum.attribute("Name"), datum.text()))
    }

    /// Returns the first data item with this name.
    pub fn value(&self, name: &str) -> Option<String> {
        let mut data = self.data();
        data.find(|(known, _)| *known == Some(name))
            .map(|(_, value)| value)
    }

    /// Returns the element, for data without an accessor here.
    pub fn xml(&self) -> &XmlElement {
        &self.xml
    }

    fn system(&self, name: &str) -> Option<&XmlElement> {
        self.xml.child("System")?.child(name)
    }

    fn text(&self, name: &str) -> Option<String> {
        Some(trim(&self.system(name)?.text()).to_owned())
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }
}
