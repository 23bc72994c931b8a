//! What WS-Management says: messages, faults, identifiers and options, without any I/O.
//!
//! [`Message`] reads any message, for tools and logs. [`Fault`] is a server's refusal, as it sent it.

// | file | contents |
// |---|---|
// | `uri` | resource and action URIs |
// | `header`, `envelope` | the frame of every message |
// | `answer` | matches a response to its request |
// | `epr`, `option` | selectors, endpoint references and options |
// | `item`, `instance`, `decode`, `embedded`, `encode`, `xsi_type` | instances and their values |
// | `class` | classes, in CIM-XML |
// | `transfer`, `enumeration`, `invoke`, `identify`, `fragment` | the bodies of the operations |
// | `interactive` | events and prompts while an operation runs |
// | `fault`, `codes` | the faults of a server and their codes |
// | `message` | any message, for tools |

mod answer;
mod body;
mod class;
mod code_names;
mod codes;
mod decode;
mod embedded;
mod encode;
pub(crate) mod enumeration;
mod envelope;
mod epr;
mod error;
pub(crate) mod eventing;
mod fault;
mod fixed_header;
mod fragment;
mod header;
mod identify;
mod instance;
pub(crate) mod interactive;
mod invoke;
mod item;
mod message;
mod option;
#[cfg(test)]
mod tests;
mod transfer;
mod uri;
#[cfg(test)]
mod value_tests;
mod xsi_type;

pub use crate::cim::WireForm;
pub(crate) use answer::{AnswerAction, Asked, Reply, read_reply};
pub(crate) use body::Body;
#[cfg(feature = "simulator")]
pub(crate) use class::write_class;
pub use codes::WsmanCode;
#[cfg(feature = "simulator")]
pub(crate) use encode::write_picked;
pub(crate) use encode::{EncodeContext, write_instance};

pub(crate) use enumeration::{
    AssociationFilter, EnumerateBody, EnumerationMode, Filter, FilterContext, Page,
    PolymorphismMode, PullBody, ReleaseBody, ResultKind, Row,
};
pub(crate) use envelope::{read_envelope, write_envelope};
pub(crate) use epr::EndpointReference;
#[cfg(feature = "simulator")]
pub(crate) use epr::write_reference;
pub use epr::{SelectorSet, SelectorValue};
pub use error::DecodeError;

#[cfg(feature = "simulator")]
pub(crate) use eventing::{Delivered, RenewResponse, SubscriptionEnd};
pub(crate) use eventing::{
    DeliveryMode, EventPage, Expires, RenewBody, SubscribeBody, Subscribed, UnsubscribeBody,
};
pub use fault::{Fault, FaultCode, FaultDetail, FaultSubcode};
pub(crate) use fixed_header::{FixedHeader, SessionHeaders};
pub(crate) use fragment::FragmentBody;
pub(crate) use header::Header;
pub use identify::Identity;
pub(crate) use identify::{read_identify, write_identify};
pub(crate) use instance::InstanceReader;
pub(crate) use interactive::{
    Callbacks, Control, InteractiveEvent, InteractiveResponse, PromptAnswer, PromptImportance,
    PromptMode, Question, Said, Turn,
};
#[cfg(feature = "simulator")]
pub(crate) use interactive::{ErrorMode, MessageChannel, ProgressReport};
#[cfg(feature = "simulator")]
pub(crate) use invoke::write_output;
pub(crate) use invoke::{Output, PARAMETERS, RETURN_VALUE, write_input};
pub use message::{Message, MessageKind};
pub use option::WsmanOption;
#[cfg(feature = "simulator")]
pub(crate) use uri::ClassUri;
pub use uri::ResourceUriPrefix;
pub(crate) use uri::action;
