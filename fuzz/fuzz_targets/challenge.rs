//! Fuzzes the challenges of a server.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::logins::challenge);
