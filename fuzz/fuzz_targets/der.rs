//! Fuzzes DER.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::logins::der);
