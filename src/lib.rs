//! Manage CIM/WMI instances on a remote host over WS-Management (WinRM, OMI, openwsman, Intel AMT,
//! iDRAC) from any operating system.
//!
//! A [`Session`] reads, creates, updates and deletes instances. [`PutMode`] chooses whether a put creates
//! or updates, only updates, or only creates, as WMI's `PutInstance` does. A session also enumerates,
//! queries, follows associations, invokes methods, reads classes and subscribes to events. Every error is a
//! value to match ([`Error`]) and states whether the server may have done the operation ([`Delivery`]).
//!
//! # The first program
//!
//! ```sh
//! cargo add wsman --features simulator
//! cargo add tokio --features full
//! ```
//!
//! ```
//! use wsman::{Credentials, Error, Instance, PutMode, Session, simulator};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = simulator::sample().start().await?;
//!     let session = Session::builder(server.url())
//!         .credentials(Credentials::basic(server.user(), server.password()))
//!         .allow_unencrypted().namespace("root/cimv2").build()?;
//!
//!     let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Path", r"C:\logs");
//!     let put = session.put_instance(&share).await?;
//!     println!("{:?} {}", put.outcome, put.path);
//!     match session.put_instance(&share).mode(PutMode::CreateOnly).await {
//!         Err(Error::AlreadyExists(_)) => println!("it is there already"),
//!         other => println!("{other:?}"),
//!     }
//!     Ok(())
//! }
//! ```
//!
//! For a real host, the URL is such as `https://host:5986/wsman`, and [`Credentials`] says how to log in.
//!
//! # Features
//!
//! | feature | contents |
//! |---|---|
//! | `rustls` (default) | HTTPS |
//! | `negotiate` (default) | NTLM, Kerberos and both inside SPNEGO; messages sealed with their keys |
//! | `record` | records exchanges into a folder, and answers from one |
//! | `simulator` | an embedded CIM server |
//! | `dns-srv` | finds the key distribution centres of a realm in the DNS |
//! | `blocking` | the requests for a program without an async runtime |
//! | `metrics` | counts operations, messages, logins and more through the facade [`metrics`](https://docs.rs/metrics) |
//! | `full` | all of these |
//! | `gssapi` | the tickets of `kinit`; needs libkrb5, so it is not in `full` |
//!
//! # I want to…
//!
//! | I want to… | by | program |
//! |---|---|---|
//! | log in | [`Credentials`] | [Log in](#log-in) |
//! | read | [`Session::get_instance`], [`Session::enumerate_instances`] | [Read](#read) |
//! | filter | [`Session::query`], [`Session::query_instances`] | [Filter](#filter) |
//! | create, update or either | [`Session::put_instance`], [`PutMode`] | [Write](#write) |
//! | change some properties | [`Session::modify_instance`], [`PartialUpdate`] | [Change some properties](#change-some-properties) |
//! | call a method | [`Session::invoke_method`] | [Call a method](#call-a-method) |
//! | receive events | [`Session::subscribe`], [`Subscription`] | [Receive events](#receive-events) |
//! | work on many hosts | [`hosts::Hosts`] | [Work on many hosts](#work-on-many-hosts) |
//! | handle errors | [`Error`], [`Delivery`] | [Handle errors](#handle-errors) |
//! | limit the time | [`Request::deadline`](Request), [`Request::operation_timeout`](Request) | [Limit the time](#limit-the-time) |
//! | test my program | `simulator` | [Test your program](#test-your-program) |
//! | record and replay | `record` | [Record and replay](#record-and-replay) |
//! | see what happens | `tracing` | [Trace](#trace) |
//!
//! Each program runs as it is, on the simulator; those with a struct need `cargo add serde --features derive`.
//!
//! ## Log in
//!
//! `negotiate` is Kerberos or NTLM, sealed over HTTP: what a Windows host takes as installed. `basic` is for
//! HTTPS, and for servers without other logins. [`Session::diagnose`] checks a connection step by step.
//!
//! ```
//! use wsman::{Credentials, Session, simulator};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = simulator::sample().start().await?;
//!     let session = Session::builder(server.url())
//!         .credentials(Credentials::basic(server.user(), server.password()))
//!         .allow_unencrypted().namespace("root/cimv2").build()?;
//!     let identity = session.identify().await?;
//!     println!("{} {}", identity.product_vendor, identity.product_version);
//!     // A host by its name, with the account of a domain; nothing is sent before the first operation.
//!     let _windows = Session::builder("https://win01.example:5986/wsman")
//!         .credentials(Credentials::negotiate(r"EXAMPLE\ops", "hunter2"))
//!         .build()?;
//!     Ok(())
//! }
//! ```
//!
//! ## Read
//!
//! Awaiting an enumeration gives all rows, `stream` one after the other while the next page is on its way.
//!
//! ```
//! use wsman::{Credentials, Session, simulator};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = simulator::sample().start().await?;
//!     let session = Session::builder(server.url())
//!         .credentials(Credentials::basic(server.user(), server.password()))
//!         .allow_unencrypted().namespace("root/cimv2").build()?;
//!     let service = session.get_instance(r#"Win32_Service.Name="Spooler""#).await?;
//!     println!("{service}");
//!     let mut shares = session.enumerate_instances("Win32_Share").stream();
//!     while let Some(share) = shares.next().await {
//!         let share = share?;
//!         println!("{} {:?}", share.get::<String>("Name")?, share.get::<Option<String>>("Path")?);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! ## Filter
//!
//! The server filters. A struct asks only for its own fields, and every value is escaped.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use wsman::cim::wql::property;
//! use wsman::{CimClass, Credentials, Session, simulator};
//!
//! #[derive(Serialize, Deserialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct Service {
//!     name: String,
//!     process_id: Option<u32>, // None is NULL
//! }
//!
//! impl CimClass for Service {
//!     const CLASS: &'static str = "Win32_Service";
//!     const KEYS: &'static [&'static str] = &["Name"];
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = simulator::sample().start().await?;
//!     let session = Session::builder(server.url())
//!         .credentials(Credentials::basic(server.user(), server.password()))
//!         .allow_unencrypted().namespace("root/cimv2").build()?;
//!     let running = property("State").eq("Running").and(property("Name").starts_with("S"));
//!     for service in session.query::<Service>(running).await? {
//!         println!("{} {:?}", service.name, service.process_id);
//!     }
//!     let rows = session.query_instances("SELECT Name FROM Win32_Service WHERE StartMode = 'Auto'").await?;
//!     println!("{} start by themselves", rows.len());
//!     Ok(())
//! }
//! ```
//!
//! ## Write
//!
//! Without a mode a put updates the instance, or creates it if it is missing.
//!
//! ```
//! use wsman::{Credentials, Error, Instance, PutMode, Session, simulator};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = simulator::sample().start().await?;
//!     let session = Session::builder(server.url())
//!         .credentials(Credentials::basic(server.user(), server.password()))
//!         .allow_unencrypted().namespace("root/cimv2").build()?;
//!     let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Path", r"C:\logs").with("Type", 0u32);
//!     let missing = session.put_instance(&share).mode(PutMode::UpdateOnly).await;
//!     assert!(matches!(missing, Err(Error::NotFound(_))));
//!     let put = session.put_instance(&share).await?;
//!     println!("{:?} {}", put.outcome, put.path); // Created root\cimv2:Win32_Share.Name="logs"
//!     let exists = session.put_instance(&share).mode(PutMode::CreateOnly).await;
//!     assert!(matches!(exists, Err(Error::AlreadyExists(_))));
//!     Ok(())
//! }
//! ```
//!
//! ## Change some properties
//!
//! An instance that was read knows its path, and which properties were set since.
//!
//! ```
//! use wsman::{Credentials, Instance, PartialUpdate, Session, simulator};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = simulator::sample().start().await?;
//!     let session = Session::builder(server.url())
//!         .credentials(Credentials::basic(server.user(), server.password()))
//!         .allow_unencrypted().namespace("root/cimv2").build()?;
//!     let mut share = session.get_instance(r#"Win32_Share.Name="public""#).await?;
//!     share.set("Description", "for all");
//!     session.modify_instance(&share).await?;
//!     // Without reading it first; servers differ in what they do with properties that are not sent.
//!     let share = Instance::new("Win32_Share").with_key("Name", "public").with("MaximumAllowed", 5u32);
//!     session.put_instance(&share).partial(PartialUpdate::Merge).await?;
//!     Ok(())
//! }
//! ```
//!
//! ## Call a method
//!
//! A class, a path, an instance or a struct names the target. The return value is data: the class says which is an
//! error.
//!
//! ```
//! use wsman::{Credentials, Session, simulator};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = simulator::sample().start().await?;
//!     let session = Session::builder(server.url())
//!         .credentials(Credentials::basic(server.user(), server.password()))
//!         .allow_unencrypted().namespace("root/cimv2").build()?;
//!     let created = session
//!         .invoke_method("Win32_Share", "Create")
//!         .arg("Name", "logs")
//!         .arg("Path", r"C:\logs")
//!         .arg("Type", 0u32)
//!         .await?;
//!     assert_eq!(created.return_code()?, 0);
//!     let stopped = session.invoke_method(r#"Win32_Service.Name="Spooler""#, "StopService").await?;
//!     println!("{}", stopped.return_code()?);
//!     Ok(())
//! }
//! ```
//!
//! ## Receive events
//!
//! The session pulls, so no port is opened. It renews the subscription, and resumes it after an outage.
//!
//! ```
//! use wsman::{Credentials, Instance, Session, simulator};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = simulator::sample().start().await?;
//!     let session = Session::builder(server.url())
//!         .credentials(Credentials::basic(server.user(), server.password()))
//!         .allow_unencrypted().namespace("root/cimv2").build()?;
//!     let mut events = session.subscribe("SELECT * FROM Demo_Tick WHERE Number > 1").await?;
//!     for number in 1..=2u32 {
//!         server.emit(Instance::new("Demo_Tick").with("Number", number))?;
//!     }
//!     if let Some(event) = events.next().await {
//!         println!("{}", event?.instance.get::<u32>("Number")?); // 2
//!     }
//!     events.close().await?;
//!     Ok(())
//! }
//! ```
//!
//! ## Work on many hosts
//!
//! A bounded number at a time, each with its deadline. Hosts with one account share a gate and their Kerberos
//! tickets: a rejected password is one bad logon, and a KDC is asked once for the account.
//!
//! ```
//! use std::time::Duration;
//! use wsman::hosts::Hosts;
//! use wsman::{Credentials, Session, simulator};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = simulator::sample().start().await?;
//!     let login = Credentials::basic(server.user(), server.password());
//!     let urls = [server.url(), server.url()];
//!     let builders = urls.iter().map(|url| Session::builder(url).credentials(login.clone()).allow_unencrypted());
//!     let hosts = Hosts::new(builders).concurrency(50).deadline(Duration::from_secs(30));
//!     let mut results = hosts.run(async |session| session.identify().await);
//!     while let Some(host) = results.next().await {
//!         println!("{}: {:?}", host.endpoint, host.result.map(|identity| identity.product_vendor));
//!     }
//!     Ok(())
//! }
//! ```
//!
//! ## Handle errors
//!
//! One variant for each thing a caller does differently. [`Error::delivery`] says whether the server may have done it:
//! a write of unknown delivery is never repeated by itself.
//!
//! ```
//! use wsman::simulator::Knob;
//! use wsman::{Credentials, Delivery, Error, Instance, PutMode, Session, simulator};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = simulator::sample().start().await?;
//!     let session = Session::builder(server.url())
//!         .credentials(Credentials::basic(server.user(), server.password()))
//!         .allow_unencrypted().namespace("root/cimv2").build()?;
//!     let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Path", r"C:\logs");
//!     server.next(Knob::DropAnswer); // the simulator does it, and the answer is lost
//!     match session.put_instance(&share).mode(PutMode::CreateOnly).await {
//!         Ok(put) => println!("created {}", put.path),
//!         Err(Error::AlreadyExists(_)) => println!("it is there already"),
//!         Err(error @ Error::AccessDenied(_)) => println!("{error}: {:?}", error.wbem()),
//!         Err(error) if error.delivery() == Delivery::Unknown => {
//!             let found = session.get_instance(r#"Win32_Share.Name="logs""#).optional().await?;
//!             println!("{error}; it is {}", if found.is_some() { "there" } else { "missing" });
//!         }
//!         Err(error) => return Err(error.into()),
//!     }
//!     Ok(())
//! }
//! ```
//!
//! ## Limit the time
//!
//! `deadline` limits all messages of an operation together, `operation_timeout` what the server takes for each.
//!
//! ```
//! use std::time::Duration;
//! use wsman::simulator::Knob;
//! use wsman::{Credentials, Error, Session, simulator};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = simulator::sample().start().await?;
//!     let session = Session::builder(server.url())
//!         .credentials(Credentials::basic(server.user(), server.password()))
//!         .allow_unencrypted().namespace("root/cimv2").build()?;
//!     server.next(Knob::Delay(Duration::from_secs(60)));
//!     let late = session.enumerate_instances("Win32_Service").deadline(Duration::from_millis(200)).await;
//!     assert!(matches!(late, Err(Error::Timeout(_))));
//!     // In the background: ask, wait for a while, cancel.
//!     let mut operation = session.enumerate_instances("Win32_Service").start();
//!     if operation.wait(Duration::from_secs(5)).await.is_none() {
//!         println!("{:?}", operation.cancel().await);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! ## Test your program
//!
//! The feature `simulator` is a CIM server in the process, with classes of your own, and faults on demand.
//!
//! ```
//! use wsman::cim::{CimStatus, CimType, Class};
//! use wsman::simulator::{Knob, Simulator};
//! use wsman::{Credentials, Error, Instance, Session};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = Simulator::builder()
//!         .namespace("root/acme".parse()?)
//!         .class(Class::new("Acme_Lamp").with_key("Id", CimType::Uint32).with("On", CimType::Boolean))
//!         .instance(Instance::new("Acme_Lamp").with_key("Id", 1u32).with("On", true))
//!         .start()
//!         .await?;
//!     let session = Session::builder(server.url())
//!         .credentials(Credentials::basic(server.user(), server.password()))
//!         .allow_unencrypted().namespace("root/acme")
//!         .build()?;
//!     let lamp = Instance::new("Acme_Lamp").with_key("Id", 1u32).with("On", false);
//!     session.modify_instance(&lamp).await?;
//!     assert!(!server.instances("Acme_Lamp")[0].get::<bool>("On")?);
//!     server.next(Knob::Fault(CimStatus::AccessDenied));
//!     assert!(matches!(session.modify_instance(&lamp).await, Err(Error::AccessDenied(_))));
//!     Ok(())
//! }
//! ```
//!
//! ## Record and replay
//!
//! The feature `record` writes the exchanges of a session to a folder, without credentials, and answers from it.
//!
//! ```
//! use std::sync::Arc;
//! use wsman::record::Replay;
//! use wsman::{Credentials, Session, simulator};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let server = simulator::sample().start().await?;
//!     let folder = std::env::temp_dir().join(format!("wsman-recording-{}", std::process::id()));
//!     let session = Session::builder(server.url())
//!         .credentials(Credentials::basic(server.user(), server.password()))
//!         .allow_unencrypted().record(&folder, "simulator").build()?;
//!     let recorded = session.identify().await?;
//!
//!     let replay = Arc::new(Replay::load(&folder)?.matching());
//!     let session = Session::builder("http://host.invalid/wsman").transport(replay).build()?;
//!     assert_eq!(session.identify().await?, recorded);
//!     std::fs::remove_dir_all(folder)?;
//!     Ok(())
//! }
//! ```
//!
//! ## Trace
//!
//! Each operation and each HTTP request is a span, and each message an event, of the target `wsman`.
//! `docs/tracing.md` lists the names. `cargo add tracing-subscriber` prints them:
//!
//! ```
//! use wsman::{Credentials, Session, simulator};
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE).init();
//!     let server = simulator::sample().start().await?;
//!     let session = Session::builder(server.url())
//!         .credentials(Credentials::basic(server.user(), server.password()))
//!         .allow_unencrypted().namespace("root/cimv2").build()?;
//!     session.get_instance(r#"Win32_Service.Name="Spooler""#).await?;
//!     Ok(())
//! }
//! ```
//!
//! # Modules
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
//! | [`retry`] | which messages are sent again |
//! | [`operation`] | an operation in the background: status, wait, cancel |
//! | [`callback`] | messages, progress and prompts of the server while an operation runs |
//! | [`error`] | the one error of the session, and what a caller does with it |
//! | [`hosts`] | many hosts at once, with one login gate for each account |
//! | [`diagnose`] | checks a connection step by step |
//! | [`transport`] | HTTP, proxies and TLS, and transports of your own |
//! | [`protocol`] | messages, faults, identifiers and options of WS-Management |
//! | [`xml`] | a document as it was sent |
//! | `blocking` | the same requests for a program without an async runtime (feature `blocking`) |
//! | `record` | records exchanges and replays them (feature `record`) |
//! | `simulator` | an embedded CIM server for tests (feature `simulator`) |
#![cfg_attr(docsrs, feature(doc_cfg))]

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
#[cfg(fuzzing)]
pub mod fuzzing;
pub mod hosts;
mod meter;
pub mod protocol;
#[cfg(feature = "record")]
pub mod record;
mod secret;
mod session;
mod shown;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod transport;
mod white_space;
pub mod xml;

pub use session::{
    callback, diagnose, enumerate, invoke, operation, put, request, retry, subscribe,
};

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

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
