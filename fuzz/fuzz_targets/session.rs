//! Fuzzes operations whose answers are arbitrary.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::client::session);
