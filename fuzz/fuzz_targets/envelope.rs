//! Fuzzes any message.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::messages::envelope);
