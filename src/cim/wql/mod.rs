//! Queries and their conditions, built so that values are always escaped (MS-WMI 2.2.1).
//!
//! Servers parse the same text differently, so each query is written in the form of its server
//! ([`WireForm`](super::WireForm)). A query that the server cannot express fails before it is sent. A
//! session without a form sets it with one Identify, and only for a query that differs between the
//! forms.
//!
//! ```
//! use wsman::cim::WireForm;
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
