//! A login with a script, for tests of what drives logins.

use std::future::ready;

use super::{ConnectionLogin, Kdc, KdcFuture, KdcRequest, LoginError, TokenFuture};
use crate::auth::seal::{Protocol, Sealed, Sealer};
use crate::auth::{LoginAttempt, LoginProblem};

/// A mechanism with a number of steps, whose tokens and signatures are its name; those of the
/// server are ignored.
#[derive(Debug)]
pub(crate) struct Scripted {
    name: &'static str,
    steps: usize,
    done: usize,
    pub(crate) fails: Option<LoginProblem>,
    pub(crate) wants_signature: bool,
}

pub(crate) fn scripted(name: &'static str, steps: usize) -> Scripted {
    Scripted {
        name,
        steps,
        done: 0,
        fails: None,
        wants_signature: false,
    }
}

impl Sealer for Scripted {
    type Error = LoginError;

    fn seal(&mut self, message: &[u8]) -> Result<Sealed, LoginError> {
        Ok(Sealed {
            header: self.name.into(),
            data: message.to_vec().into(),
        })
    }

    fn unseal(&mut self, _: &[u8], data: &[u8]) -> Result<Vec<u8>, LoginError> {
        Ok(data.to_vec())
    }
}

impl ConnectionLogin for Scripted {
    fn scheme(&self) -> &'static str {
        "Negotiate"
    }

    fn protocol(&self) -> Protocol {
        Protocol::Spnego
    }

    fn bind(&mut self, _: &[u8]) {}

    fn step<'a>(&'a mut self, _: Option<&'a [u8]>, _: &'a dyn Kdc) -> TokenFuture<'a> {
        if let Some(problem) = self.fails {
            return Box::pin(ready(Err(LoginError::of(problem, "it fails"))));
        }
        let token = (self.done < self.steps).then(|| self.name.as_bytes().to_vec());
        self.done += 1;
        Box::pin(ready(Ok(token)))
    }

    fn is_complete(&self) -> bool {
        self.done >= self.steps
    }

    fn wants_signature(&self) -> bool {
        self.wants_signature
    }

    fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, LoginError> {
        Ok([b"client ", message].concat())
    }

    fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), LoginError> {
        if signature == [b"server ", message].concat() {
            Ok(())
        } else {
            Err(LoginError::new("broken"))
        }
    }

    fn attempts(&self) -> Vec<LoginAttempt> {
        vec![LoginAttempt::Ntlm { step: 7 }]
    }
}

/// Answers no request for a ticket.
pub(crate) struct NoKdc;

impl Kdc for NoKdc {
    fn ask(&self, _: KdcRequest) -> KdcFuture<'_> {
        Box::pin(ready(Err(LoginError::new("no KDC is configured"))))
    }
}
