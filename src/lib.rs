//! Manage CIM/WMI instances on a remote host over WS-Management (WinRM, OMI, openwsman, Intel AMT,
//! iDRAC) from any operating system.
//!
//! A [`Session`] reads, creates, updates and deletes instances. [`PutMode`] chooses whether a put
//! creates or updates, only updates, or only creates, as WMI's `PutInstance` does. A session also
//! enumerates, queries, follows associations, invokes methods, reads classes and subscribes to events.
//! Every error is a value to match ([`Error`]) and states whether the server may have done the
//! operation ([`Delivery`]).
//!
//! ```
//! use wsman::{Credentials, Error, Instance, PutMode, Session};
//!
//! # #[cfg(feature = "simulator")]
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let simulator = wsman::simulator::sample().start().await?;
//! # let (url, user, password) = (simulator.url(), simulator.user(), simulator.password());
//! let session = Session::builder(url).credentials(Credentials::basic(user, password))
//!     .namespace("root/cimv2").allow_unencrypted().build()?;
//! let share = Instance::new("Win32_Share").key("Name", "logs").with("Path", r"C:\logs");
//! let put = session.put_instance(&share).await?;
//! println!("{:?} {}", put.outcome, put.path);
//! match session.put_instance(&share).mode(PutMode::CreateOnly).await {
//!     Err(Error::AlreadyExists(_)) => println!("there it is"),
//!     other => println!("{other:?}"),
//! }
//! # Ok(()) }
//! # #[cfg(not(feature = "simulator"))] fn main() {}
//! ```
//!
//! | module | contents |
//! |---|---|
//! | [`cim`] | the model: values, instances, paths and classes, without I/O |
//! | [`transport`] | HTTP, proxies and TLS |
//! | `record` | records exchanges and replays them (feature `record`) |
//! | [`auth`] | credentials and authentication |
//! | `simulator` | an embedded CIM server for tests (feature `simulator`) |

pub mod auth;
mod calendar;
#[cfg(feature = "record")]
mod case;
pub mod cim;
mod error;
mod protocol;
#[cfg(feature = "record")]
pub mod record;
mod session;
mod shown;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod transport;
mod xml;

pub use auth::Credentials;
pub use cim::{Instance, InstancePath, Value};
pub use error::{Error, Failure};
pub use protocol::{
    Callbacks, ErrorMode, MessageChannel, ProgressReport, PromptAnswer, PromptImportance,
    PromptMode,
};
pub use protocol::{
    DecodeError, Fault, FaultCode, FaultDetail, FaultSubcode, Identity, LogEvent, Message,
    MessageKind, PolymorphismMode, ResourceUriPrefix, SelectorSet, SelectorValue, WireForm,
    WsmanCode, WsmanOption,
};
pub use session::{
    AsksForClasses, Associators, Bookmark, Canceller, Check, CheckKind, CheckOutcome,
    CreateInstance, DeleteInstance, Diagnosis, EnumerateClasses, EnumerateInstances,
    EnumeratePaths, Enumerates, Event, GetClass, GetInstance, GetProperty, Identify, InvokeMethod,
    MethodResult, MethodTarget, Operation, OperationStatus, PartialUpdate, Perform, Put,
    PutExtensions, PutFlags, PutInstance, PutMode, PutOutcome, QueryDialect, QueryInstances,
    References, Request, RowKind, RowStruct, Rows, Session, SessionBuilder, Subscribe,
    Subscription, TypedRows,
};
pub use session::{
    Callback, CallbackStream, ErrorReport, OperationFlags, Prompt, ProviderArchitecture,
};
pub use shown::Shown;
pub use transport::{Delivery, TimeoutKind, TlsConfig};
pub use url::Url;
pub use xml::{BadCharacter, Limits, XmlAttribute, XmlElement, XmlError, XmlNode};

/// Compiles the README's example as a doc test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
