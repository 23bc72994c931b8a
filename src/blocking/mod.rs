//! A blocking face for scripts: the same requests, without an async runtime of the caller.
//!
//! [`Request::wait`](crate::Request::wait) does what `.await` does, and
//! [`Request::iter`](crate::Request::iter) what `.stream()` does. They run on a runtime of this crate, in a
//! thread of its own. Inside an async runtime they fail with [`Error::Config`]: await there.
//!
//! ```
//! use wsman::blocking::Session;
//! use wsman::{Credentials, Instance};
//!
//! # wsman::doc_examples::in_a_thread(|url, user, password| {
//! let session = Session::builder(url).credentials(Credentials::basic(user, password))
//!     .namespace("root/cimv2").allow_unencrypted().build_blocking()?;
//! let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Path", r"C:\logs");
//! println!("{:?}", session.put_instance(&share).wait()?.outcome);
//! for service in session.enumerate_instances("Win32_Service").iter() {
//!     println!("{}", service?.get::<String>("Name")?);
//! }
//! # Ok(()) });
//! ```

mod iter;
mod runtime;

pub use iter::{Iter, iter};

use std::ops::Deref;

use runtime::run;

use crate::error::Error;
use crate::session::SessionBuilder;
use crate::session::enumerate::Enumerates;
use crate::session::request::{Perform, Request};
use crate::transport::{Endpoint, EndpointError};

/// The operations on one server, for a program without an async runtime.
///
/// It has all methods of [`wsman::Session`](crate::session::Session), whose requests are waited for
/// ([`Request::wait`]) or iterated ([`Request::iter`]).
#[derive(Clone, Debug)]
pub struct Session(crate::session::Session);

impl Session {
    /// Returns a builder, as [`wsman::Session::builder`](crate::session::Session::builder) does; build it with
    /// [`build_blocking`](SessionBuilder::build_blocking).
    pub fn builder<E: TryInto<Endpoint>>(endpoint: E) -> SessionBuilder
    where
        E::Error: Into<EndpointError>,
    {
        crate::session::Session::builder(endpoint)
    }

    /// Returns the async session, which shares connections and settings.
    pub fn into_async(self) -> crate::session::Session {
        self.0
    }
}

impl From<crate::session::Session> for Session {
    fn from(session: crate::session::Session) -> Self {
        Self(session)
    }
}

impl Deref for Session {
    type Target = crate::session::Session;

    fn deref(&self) -> &crate::session::Session {
        &self.0
    }
}

impl SessionBuilder {
    /// Builds the session for a program without an async runtime.
    ///
    /// # Errors
    /// As [`build`](SessionBuilder::build).
    pub fn build_blocking(self) -> Result<Session, Error> {
        self.build().map(Session)
    }
}

impl<O: Perform> Request<O> {
    /// Sends the operation and blocks the thread until its result, for a program without an async
    /// runtime: see [`blocking`](crate::blocking).
    ///
    /// # Errors
    /// Those of the operation; [`Error::Config`] inside an async runtime, before anything is sent.
    pub fn wait(self) -> Result<O::Output, Error> {
        run(self.into_future())?
    }
}

impl<O: Enumerates> Request<O> {
    /// Returns the rows one after the other, and blocks the thread until each: see
    /// [`blocking`](crate::blocking). Dropping the iterator releases the enumeration.
    ///
    /// # Errors
    /// Those of a [stream](Request::stream); [`Error::Config`] inside an async runtime, as the only item.
    pub fn iter(self) -> Iter<Result<O::Row, Error>>
    where
        O::Row: Send,
    {
        iter(self.stream())
    }
}
