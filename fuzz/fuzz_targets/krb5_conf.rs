//! Fuzzes the file krb5.conf.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::files::krb5_conf);
