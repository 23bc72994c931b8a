//! Fuzzes answers of a KDC.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::logins::kdc);
