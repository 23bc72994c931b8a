//! Fuzzes keytabs.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::files::keytab);
