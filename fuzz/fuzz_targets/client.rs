//! Fuzzes the client against a stream of bytes.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::client::client);
