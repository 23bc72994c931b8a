//! Fuzzes object paths.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::text::object_path);
