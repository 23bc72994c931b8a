//! The data of the server and the rules of CIM, without a protocol.

pub(super) mod declared;
pub(super) mod generated;
pub(super) mod hierarchy;
pub(super) mod method;
pub(super) mod repository;
pub(super) mod semantics;
pub(super) mod wql;
