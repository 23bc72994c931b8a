//! Fuzzes the envelopes of a running operation.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::messages::callback);
