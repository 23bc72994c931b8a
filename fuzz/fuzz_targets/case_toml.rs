//! Fuzzes recorded cases.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::files::case_toml);
