//! Fuzzes messages of NTLM.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::logins::ntlm);
