//! Fuzzes datetimes.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::text::datetime);
