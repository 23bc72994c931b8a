//! MOF, the text form of classes and instances (DSP0004 annex A): a reader, and a writer of instances.
//!
//! [`Instance::to_mof`](crate::Instance::to_mof) writes. [`Mof::parse`] and [`MofReader`] read:
//!
//! | in the text | becomes |
//! |---|---|
//! | a class | a [`Class`](super::Class) with the members that it declares, and the qualifiers that it inherits |
//! | an instance | an [`Instance`](super::Instance) in the types of its class, with the defaults of properties that it leaves out |
//! | a declaration of a qualifier | the types, values and flavors of its uses |
//! | an embedded instance, as a string or without quotes as WMI writes it | a [`Value::Instance`](crate::Value::Instance) |
//! | an alias, which may stand before its instance | the path of the instance |
//! | `#pragma namespace`, `#pragma include` | the namespace of what follows; the content of the file |
//!
//! Classes may stand in any order. A superclass must be declared; the class of a reference need not be.
//! A qualifier that is not declared takes its type from its value, and the flavors that DSP0004 gives it.
//! The scope of a qualifier, the size of an array and other pragmas are read and ignored. What is read is
//! bounded: files, bytes, nesting, and names in one declaration.
//!
//! ```
//! use wsman::cim::mof::Mof;
//! let mof = Mof::parse(r#"
//!     class Acme_Lamp {
//!         [Key] uint32 Id;
//!         boolean On = FALSE;
//!         [Static] uint32 SwitchAll([In] boolean On);
//!     };
//!     instance of Acme_Lamp { Id = 7; };
//! "#)?;
//! let lamp = mof.classes().next().unwrap();
//! assert!(lamp.property("Id").is_some_and(|id| id.key));
//! assert!(lamp.method("SwitchAll").is_some_and(|method| method.is_static));
//! let first = mof.instances().next().unwrap();
//! assert_eq!(first.path().unwrap().to_string(), "Acme_Lamp.Id=7");
//! assert!(!first.get::<bool>("On")?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod content;
mod error;
mod lexer;
mod number;
mod parser;
mod reader;
mod resolve;
mod source;
mod syntax;
mod write;

pub use content::{Mof, MofNamespace};
pub use error::MofError;
pub use reader::MofReader;
pub(super) use write::{write_instance, write_value};
