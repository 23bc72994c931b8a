//! Fuzzes the words of a command line.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::command_line::values);
