//! Fuzzes pages of events.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::messages::event);
