//! What must hold of any input, for the targets in `fuzz_targets/`.
//!
//! | file | invariants of |
//! |---|---|
//! | `bounds` | time and memory, for every target |
//! | `well_formed` | what is written, by a parser that is not the library's |
//! | `messages` | envelopes, faults, instances, pages, classes, events and callbacks |
//! | `text` | datetimes, object paths and queries |
//! | `values` | generated instances |
//! | `logins` | challenges, tokens and sealed messages |
//! | `files` | keytabs, `krb5.conf` and `case.toml` |
//! | `client` | whole operations |
//! | `command_line` | the words of a command line |

mod bounds;
pub mod client;
#[cfg(feature = "cli")]
pub mod command_line;
pub mod files;
pub mod logins;
pub mod messages;
pub mod text;
pub mod values;
mod well_formed;

pub use bounds::bounded;
pub use libfuzzer_sys;

/// Makes a target of a function that asserts what must hold of its input.
#[macro_export]
macro_rules! target {
    ($check:path) => {
        $crate::libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::bounded(data, $check));
    };
}
