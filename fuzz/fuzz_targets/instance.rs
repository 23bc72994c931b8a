//! Fuzzes the response to a Get.
#![no_main]

wsman_fuzz::target!(wsman_fuzz::messages::instance);
