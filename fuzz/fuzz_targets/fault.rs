//! Fuzzes faults.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::messages::fault);
