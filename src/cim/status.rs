//! Status codes: of CIM operations and of WMI.

use std::fmt;
