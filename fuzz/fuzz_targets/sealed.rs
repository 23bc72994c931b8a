//! Fuzzes sealed messages.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::logins::sealed);
