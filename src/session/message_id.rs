//! Identifiers of messages and sessions.

use uuid::Uuid;

/// Returns a new identifier of a message or session, in upper case as Windows writes it.
pub(super) fn new_id() -> String {
    let mut buffer = Uuid::encode_buffer();
    let uuid = Uuid::new_v4();
    ["uuid:", uuid.hyphenated().encode_upper(&mut buffer)].concat()
}
