//! Fuzzes class declarations.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::messages::class);
