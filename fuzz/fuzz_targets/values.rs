//! Fuzzes instances of a caller.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::values::values);
