use super::*;
impl std::str::FromStr for InstancePath { type Err=ValueError; fn from_str(_:&str)->Result<Self,ValueError>{ Err(ValueError::new("","x")) } }
impl std::fmt::Display for InstancePath { fn fmt(&self,_:&mut std::fmt::Formatter<'_>)->std::fmt::Result{Ok(())} }
