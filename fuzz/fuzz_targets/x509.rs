//! Fuzzes certificates.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::logins::certificate);
