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
//! # wsman::doc_examples::block_on(async || {
//! # let simulator = wsman::simulator::sample().start().await?;
//! # let (url, user, password) = (simulator.url(), simulator.user(), simulator.password());
//! let session = Session::builder(url).credentials(Credentials::basic(user, password))
//!     .namespace("root/cimv2").allow_unencrypted().build()?;
//! let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Path", r"C:\logs");
//! let put = session.put_instance(&share).await?;
//! println!("{:?} {}", put.outcome, put.path);
//! match session.put_instance(&share).mode(PutMode::CreateOnly).await {
//!     Err(Error::AlreadyExists(_)) => println!("there it is"),
//!     other => println!("{other:?}"),
//! }
//! # Ok(()) });
//! ```
//!
//! | module | contents |
//! |---|---|
//! | [`cim`] | the model: values, instances, paths and classes, without I/O |
//! | [`auth`] | credentials and authentication |
//! | [`request`] | what all operations have in common, and the operations on one instance |
//! | [`put`] | create and update: modes, flags, partial updates |
//! | [`enumerate`] | many rows: enumerations, queries, associations, classes |
//! | [`invoke`] | methods |
//! | [`subscribe`] | events |
//! | [`operation`] | an operation in the background: status, wait, cancel |
//! | [`callback`] | messages, progress and prompts of the server while an operation runs |
//! | [`error`] | the one error of the session, and what a caller does with it |
//! | [`hosts`] | many hosts at once, with one login gate for each account |
//! | [`diagnose`] | checks a connection step by step |
//! | [`transport`] | HTTP, proxies and TLS |
//! | [`protocol`] | messages, faults, identifiers and options of WS-Management |
//! | [`xml`] | a document as it was sent |
//! | `blocking` | the same requests for a program without an async runtime (feature `blocking`) |
//! | `record` | records exchanges and replays them (feature `record`) |
//! | `simulator` | an embedded CIM server for tests (feature `simulator`) |

pub mod auth;
#[cfg(feature = "blocking")]
pub mod blocking;
mod calendar;
#[cfg(feature = "record")]
mod case;
pub mod cim;
#[cfg(feature = "simulator")]
#[doc(hidden)]
pub mod doc_examples;
pub mod error;
pub mod hosts;
pub mod protocol;
#[cfg(feature = "record")]
pub mod record;
mod secret;
mod session;
mod shown;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod transport;
pub mod xml;

pub use session::{callback, diagnose, enumerate, invoke, operation, put, request, subscribe};

#[doc(inline)]
pub use auth::Credentials;
#[doc(inline)]
pub use callback::{Callback, Callbacks};
#[doc(inline)]
pub use cim::{CimClass, Instance, InstancePath, Value};
#[doc(inline)]
pub use enumerate::Rows;
#[doc(inline)]
pub use error::{Delivery, Error};
#[doc(inline)]
pub use invoke::MethodResult;
#[doc(inline)]
pub use operation::Operation;
#[doc(inline)]
pub use protocol::WsmanOption;
#[doc(inline)]
pub use put::{PartialUpdate, Put, PutMode, PutOutcome};
#[doc(inline)]
pub use request::Request;
pub use session::{Session, SessionBuilder};
#[doc(inline)]
pub use subscribe::{Event, Subscription};
#[doc(inline)]
pub use transport::TlsConfig;
pub use url::Url;

/// Compiles the README's example as a doc test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
