//! Fuzzes tokens of a Kerberos service.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::logins::kerberos);
