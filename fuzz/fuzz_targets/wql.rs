//! Fuzzes queries.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::text::wql);
