//! Queries and their conditions, built so that no value can change what is asked (MS-WMI 2.2.1).
//!
//! Servers read the same text differently: each query is written in the form of the server it is sent to
//! ([`WireForm`](super::WireForm)), and what cannot be said there is an error before anything is sent. A session that was
//! not told the form learns it with an Identify, once, and only for a query that is not the same in every
//! form.
//!
//! ```
//! use wsman::WireForm;
//! use wsman::cim::wql::property;
//! let running = property("State").eq("Running");
//! let of_user = property("StartName").eq(r"O'Hara\svc").and(property("DisplayName").starts_with("100%"));
//! assert_eq!(running.to_string(), "State = 'Running'");
//! let both = running.and(of_user);
//! assert_eq!(
//!     both.text_for(WireForm::Windows).unwrap(),
//!     r"State = 'Running' AND (StartName = 'O\'Hara\\svc' AND DisplayName LIKE '100[%]%')"
//! );
//! assert_eq!(
//!     both.text_for(WireForm::Openwsman).unwrap(),
//!     r#"State = 'Running' AND (StartName = "O'Hara\svc" AND DisplayName LIKE '100%%')"#
//! );
//! ```

mod condition;
mod literal;
mod per_form;
mod query;

pub use condition::{Condition, Operand, is_a, property};
pub use query::Query;
