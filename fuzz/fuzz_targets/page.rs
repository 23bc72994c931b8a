//! Fuzzes pages of rows.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::messages::page);
