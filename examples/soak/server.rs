//! The simulator, and what its repository holds.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use wsman::cim::{CimType, Class, MethodDecl, ParameterDecl};
use wsman::simulator::{
    DigestScheme, Knob, LoginScheme, MethodReply, NtlmScheme, PASSWORD, Simulator, USER,
};
use wsman::{Credentials, Instance, InstancePath, Session};

use crate::Outcome;

/// The class of what the sessions write.
pub(crate) const LAMP: &str = "Acme_Lamp";

/// The class of the events.
pub(crate) const BLINK: &str = "Acme_Blink";

/// How many events the simulator keeps for bookmarks. They are there from the start, so that they are no
/// growth.
const KEPT_EVENTS: u32 = 1000;

pub(crate) struct Server {
    simulator: Simulator,
    restarts: AtomicU32,
}

fn classes() -> [Class; 3] {
    let echo = MethodDecl::new("Echo")
        .as_static()
        .returns(CimType::Uint32)
        .with(ParameterDecl::input("Number", CimType::Uint32));
    let lamp = Class::new(LAMP)
        .with_key("Name", CimType::String)
        .with("Owner", CimType::String)
        .with("Level", CimType::Uint32)
        .with_method(echo);
    let indication = Class::new("CIM_Indication").as_indication().as_abstract();
    let blink = Class::new(BLINK).extends("CIM_Indication").as_indication();
    let blink = blink
        .with("Owner", CimType::String)
        .with("Number", CimType::Uint32);
    [lamp, indication, blink]
}

/// Returns the path of a lamp.
pub(crate) fn lamp(name: &str) -> InstancePath {
    InstancePath::new(LAMP).with_key("Name", name)
}

impl Server {
    pub(crate) async fn start() -> Outcome<Self> {
        let namespace = "root/cimv2".parse();
        let builder = Simulator::builder().namespace(namespace.map_err(text)?);
        let builder = classes()
            .into_iter()
            .fold(builder, |builder, class| builder.class(class));
        let schemes = [
            LoginScheme::Basic,
            LoginScheme::Digest(DigestScheme::new()),
            LoginScheme::Ntlm(NtlmScheme::new()),
        ];
        let builder = builder
            .method(LAMP, "Echo", |call| {
                Ok(MethodReply::new(call.get::<u32>("Number")?))
            })
            .logins(schemes)
            .remembered_requests(0)
            .enumeration_timeout(Duration::from_secs(5));
        let server = Self {
            simulator: builder.start().await.map_err(text)?,
            restarts: AtomicU32::new(0),
        };
        for number in 0..KEPT_EVENTS {
            server.blink("none", number)?;
        }
        Ok(server)
    }

    /// The credentials of a session: one of three schemes.
    pub(crate) fn credentials(number: u32) -> Credentials {
        match number % 3 {
            0 => Credentials::basic(USER, PASSWORD),
            1 => Credentials::digest(USER, PASSWORD),
            _ => Credentials::ntlm(USER, PASSWORD),
        }
    }

    pub(crate) fn fail(&self, knob: Knob) {
        self.simulator.next(knob);
    }

    /// Closes all connections, and forgets logins and subscriptions.
    pub(crate) fn restart(&self) {
        self.restarts.fetch_add(1, Ordering::Relaxed);
        self.simulator.restart();
        self.simulator.forget_subscriptions();
    }

    pub(crate) fn restarts(&self) -> u32 {
        self.restarts.load(Ordering::Relaxed)
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.simulator.open_connections()
    }

    /// The level of a lamp in the repository; `None` without such a lamp.
    pub(crate) fn level(&self, name: &str) -> Outcome<Option<u32>> {
        let found = self.simulator.instance(&lamp(name));
        found
            .map(|lamp| lamp.get("Level").map_err(text))
            .transpose()
    }

    pub(crate) fn remove(&self, name: &str) {
        self.simulator.remove(&lamp(name));
    }

    /// Emits an event of this owner.
    pub(crate) fn blink(&self, owner: &str, number: u32) -> Outcome<()> {
        let event = Instance::new(BLINK).with("Owner", owner);
        let event = event.with("Number", number);
        self.simulator.emit(event).map_err(text)
    }

    /// Opens a session of this number.
    pub(crate) fn session(&self, number: u32) -> Outcome<Session> {
        let builder = Session::builder(self.simulator.url())
            .credentials(Self::credentials(number))
            .allow_unencrypted()
            .namespace("root/cimv2")
            .operation_timeout(Duration::from_secs(2))
            .network_delay(Duration::from_secs(1));
        let builder = if number.is_multiple_of(2) {
            builder.retry(crate::session::retries())
        } else {
            builder
        };
        builder.build().map_err(text)
    }
}

/// Returns the text of an error.
pub(crate) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
