//! Fuzzes the exchange of a Digest login.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::logins::digest);
