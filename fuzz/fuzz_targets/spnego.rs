//! Fuzzes tokens of SPNEGO.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::logins::spnego);
