//! One event of a running operation.

#[cfg(feature = "simulator")]
use crate::cim::ValueError;
use crate::cim::{Array, CimType, Instance, Name, Value};
#[cfg(feature = "simulator")]
use crate::protocol::encode::{EncodeContext, write_fragment, write_instance};
use crate::protocol::{Body, DecodeError};
use crate::xml::{Content, Ns, is_blank, trim};
#[cfg(feature = "simulator")]
use crate::xml::{Writer, uri};

/// The channel of a provider's message (`MI_WRITEMESSAGE_CHANNEL_…`).
///
/// Exhaustive: the protocol has these channels (MS-WSMV 2.2.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageChannel {
    /// `MI_WRITEMESSAGE_CHANNEL_WARNING`
    Warning = 0,
    /// `MI_WRITEMESSAGE_CHANNEL_VERBOSE`
    Verbose = 1,
    /// `MI_WRITEMESSAGE_CHANNEL_DEBUG`
    Debug = 2,
}

/// The progress of a provider (`writeProgress` of MI).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProgressReport {
    /// The activity as a whole.
    pub activity: String,
    /// The current step.
    pub current_operation: String,
    /// The status of the activity.
    pub status_description: String,
    /// The percentage done; `None` if the provider does not know it.
    pub percent_complete: Option<u32>,
    /// The remaining seconds; `None` if the provider does not know them.
    pub seconds_remaining: Option<u32>,
}

/// The importance of a prompt (`MI_PROMPTTYPE_…`).
///
/// Exhaustive: MI defines no other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PromptImportance {
    /// `MI_PROMPTTYPE_NORMAL`
    #[default]
    Normal,
    /// `MI_PROMPTTYPE_CRITICAL`: always asked, whatever the prompt mode
    Critical,
}

/// An event, written and read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum InteractiveEvent {
    Message(MessageChannel, String),
    Progress(ProgressReport),
    Confirm {
        text: String,
        importance: PromptImportance,
    },
    Error {
        /// A `CIM_Error`.
        error: Box<Instance>,
        /// Whether the provider waits for the caller to decide whether it continues.
        inquires: bool,
    },
    Parameter {
        name: Name,
        value: Value,
    },
}

/// The names of the events (MS-WSMV 2.2.5.11).
pub(super) const CONFIRM: &str = "Confirm";
pub(super) const ERROR: &str = "ErrorAction";
const PROGRESS: &str = "Progress";
const STREAMING: &str = "StreamingOutput";

const INQUIRE: &str = "Inquire";
const CRITICAL: &str = "Critical";

/// The offset from the number of a type to the number of its array (`MI_Type`).
const ARRAY: usize = 16;

impl MessageChannel {
    /// All names.
    pub const ALL: [MessageChannel; 3] = [
        MessageChannel::Warning,
        MessageChannel::Verbose,
        MessageChannel::Debug,
    ];

    fn event_type(self) -> &'static str {
        match self {
            MessageChannel::Warning => "Warning",
            MessageChannel::Verbose => "Verbose",
            MessageChannel::Debug => "Debug",
        }
    }
}

impl InteractiveEvent {
    /// Reads an event; the reader is in `i:InteractiveEvent`. An unknown type is an error, because it
    /// may require a response (MS-WSMV 3.2.7). A missing part counts as empty.
    pub(super) fn read(body: &mut Body<'_, '_>) -> Result<Self, DecodeError> {
        let mut parts = Parts::default();
        while let Some(element) = body.reader.child()? {
            match (body.reader.ns(&element), element.local_name()) {
                (Ns::Interactive, part) => parts.read(part, body)?,
                _ => body.reader.skip()?,
            }
        }
        parts.into_event()
    }
}

/// The parts of an event.
#[derive(Default)]
struct Parts {
    event_type: String,
    text: String,
    error: Option<Instance>,
    progress: ProgressReport,
    action_type: String,
    prompt_type: String,
    name: String,
    cim_type: Option<usize>,
    value: Value,
}

impl Parts {
    fn read(&mut self, part: &str, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        match part {
            "EventType" => self.event_type = word(body)?,
            "Description" => self.read_description(body)?,
            "Activity" => self.progress.activity = text(body)?,
            "CurrentOperation" => self.progress.current_operation = text(body)?,
            "StatusDescription" => self.progress.status_description = text(body)?,
            "PercentComplete" => self.progress.percent_complete = word(body)?.parse().ok(),
            "SecondsRemaining" => self.progress.seconds_remaining = word(body)?.parse().ok(),
            "ActionType" => self.action_type = word(body)?,
            "PromptType" => self.prompt_type = word(body)?,
            "Name" => self.name = word(body)?,
            "Type" => self.cim_type = word(body)?.parse().ok(),
            "Value" => self.read_value(body)?,
            _ => body.reader.skip()?,
        }
        Ok(())
    }

    /// Reads a display text, or the instance of an error.
    fn read_description(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        match body.reader.content()? {
            Content::Text(text) | Content::Mixed(text) => self.text = text.into_owned(),
            Content::Child(element) => {
                self.error = Some(body.instances.instance(body.reader, &element)?);
                body.reader.skip()?;
            }
        }
        Ok(())
    }

    /// Reads an element for the value, or one for each element of an array.
    fn read_value(&mut self, body: &mut Body<'_, '_>) -> Result<(), DecodeError> {
        self.value = match body.reader.content()? {
            Content::Text(text) if is_blank(&text) => Value::Null,
            Content::Text(text) | Content::Mixed(text) => Value::Untyped(text.into_owned()),
            Content::Child(first) => {
                let holder = body.instances.properties(body.reader, "", Some(first))?;
                let first = holder.properties().first();
                first.map_or(Value::Null, |property| property.value().clone())
            }
        };
        Ok(())
    }

    fn into_event(self) -> Result<InteractiveEvent, DecodeError> {
        let channel = MessageChannel::ALL
            .into_iter()
            .find(|channel| channel.event_type() == self.event_type);
        if let Some(channel) = channel {
            return Ok(InteractiveEvent::Message(channel, self.text));
        }
        Ok(match self.event_type.as_str() {
            PROGRESS => InteractiveEvent::Progress(self.progress),
            CONFIRM => InteractiveEvent::Confirm {
                text: self.text,
                importance: if self.prompt_type == CRITICAL {
                    PromptImportance::Critical
                } else {
                    PromptImportance::Normal
                },
            },
            ERROR => InteractiveEvent::Error {
                error: Box::new(self.error.unwrap_or_else(|| plain_error(self.text))),
                inquires: self.action_type == INQUIRE,
            },
            STREAMING => InteractiveEvent::Parameter {
                name: Name::new(&self.name),
                value: typed(self.value, self.cim_type),
            },
            "" => return Err(DecodeError::Missing("i:EventType")),
            _ => return Err(DecodeError::Unexpected(self.event_type)),
        })
    }
}

/// Creates an error instance from a text alone.
fn plain_error(text: String) -> Instance {
    Instance::new("CIM_Error").with("Message", text)
}

/// Converts a value to the type that the event gives by number, unless the value is already typed.
fn typed(value: Value, number: Option<usize>) -> Value {
    let Some(number) = number else { return value };
    let Some(cim_type) = CimType::ALL.get(number % ARRAY).copied() else {
        return value;
    };
    let value = match value.cim_type() {
        None => value.typed_as(cim_type).unwrap_or(value),
        Some(_) => value,
    };
    let is_lone_element = number >= ARRAY && !value.is_null() && !matches!(value, Value::Array(_));
    if is_lone_element {
        Value::Array(Array::of(value.cim_type(), vec![value]))
    } else {
        value
    }
}

fn text(body: &mut Body<'_, '_>) -> Result<String, DecodeError> {
    Ok(body.reader.text()?.into_owned())
}

fn word(body: &mut Body<'_, '_>) -> Result<String, DecodeError> {
    Ok(trim(&body.reader.text()?).to_owned())
}

#[cfg(feature = "simulator")]
impl InteractiveEvent {
    /// Writes the event; `context` applies to its values.
    pub(crate) fn write(
        &self,
        w: &mut Writer,
        context: EncodeContext<'_>,
    ) -> Result<(), ValueError> {
        w.open("i:InteractiveEvent", &[("xmlns:i", uri::INTERACTIVE)])?;
        match self {
            Self::Message(channel, text) => {
                w.leaf("i:EventType", &[], channel.event_type())?;
                w.leaf("i:Description", &[], text)?;
            }
            Self::Progress(progress) => progress.write(w)?,
            Self::Confirm { text, importance } => {
                w.leaf("i:EventType", &[], CONFIRM)?;
                w.leaf("i:Description", &[], text)?;
                let importance = match importance {
                    PromptImportance::Normal => "Normal",
                    PromptImportance::Critical => CRITICAL,
                };
                w.leaf("i:PromptType", &[], importance)?;
            }
            Self::Error { error, inquires } => {
                w.leaf("i:EventType", &[], ERROR)?;
                w.open("i:Description", &[])?;
                write_instance(w, error, context)?;
                w.close("i:Description");
                let action = if *inquires { INQUIRE } else { "Report" };
                w.leaf("i:ActionType", &[], action)?;
            }
            Self::Parameter { name, value } => write_parameter(w, name, value, context)?,
        }
        w.close("i:InteractiveEvent");
        Ok(())
    }
}

#[cfg(feature = "simulator")]
impl ProgressReport {
    fn write(&self, w: &mut Writer) -> Result<(), ValueError> {
        w.leaf("i:EventType", &[], PROGRESS)?;
        w.leaf("i:Activity", &[], &self.activity)?;
        w.leaf("i:CurrentOperation", &[], &self.current_operation)?;
        w.leaf("i:StatusDescription", &[], &self.status_description)?;
        for (name, number) in [
            ("i:PercentComplete", self.percent_complete),
            ("i:SecondsRemaining", self.seconds_remaining),
        ] {
            if let Some(number) = number {
                w.leaf(name, &[], &number.to_string())?;
            }
        }
        Ok(())
    }
}

#[cfg(feature = "simulator")]
fn write_parameter(
    w: &mut Writer,
    name: &Name,
    value: &Value,
    context: EncodeContext<'_>,
) -> Result<(), ValueError> {
    w.leaf("i:EventType", &[], STREAMING)?;
    w.leaf("i:Name", &[], name.as_str())?;
    if let Some(cim_type) = value.cim_type() {
        let array = matches!(value, Value::Array(_));
        let number = cim_type as usize + if array { ARRAY } else { 0 };
        w.leaf("i:Type", &[], &number.to_string())?;
    }
    w.open("i:Value", &[])?;
    let parameter = crate::cim::Property::read(name.clone(), value.clone());
    write_fragment(w, "Parameters", name.as_str(), &parameter, context)?;
    w.close("i:Value");
    Ok(())
}
