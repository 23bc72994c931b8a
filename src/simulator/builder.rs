//! The builder of a simulator.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tokio::sync::watch;

use crate::cim::mof::{Mof, MofReader};
use crate::cim::{Class, Instance, Name, Namespace};
use crate::simulator::Simulator;
use crate::simulator::dialect::Dialect;
use crate::simulator::http::listen;
#[cfg(feature = "rustls")]
use crate::simulator::http::tls::TlsFiles;
use crate::simulator::login::{Gate, LoginScheme, Refusal, Refusals};
use crate::simulator::model::declared::declared;
use crate::simulator::model::generated::Generated;
use crate::simulator::model::method::{Method, MethodCall, MethodFailure, MethodReply};
use crate::simulator::model::repository::{Repository, Space};
use crate::simulator::panics::Panics;
use crate::simulator::provider::Provider;
use crate::simulator::provider::enumeration::Enumerations;
use crate::simulator::state::{Log, State};

/// Builds a [`Simulator`]; from [`Simulator::builder`] or [`sample`](crate::simulator::sample).
///
/// ```
/// use wsman::Instance;
/// use wsman::cim::{CimType, Class};
/// use wsman::simulator::{Dialect, Simulator};
/// # wsman::doc_examples::block_on(async || {
/// let simulator = Simulator::builder()
///     .dialect(Dialect::Openwsman)
///     .namespace("root/cimv2".parse()?)
///     .class(Class::new("Acme_Lamp").with_key("Id", CimType::Uint32).with("On", CimType::Boolean))
///     .instance(Instance::new("Acme_Lamp").with_key("Id", 1u32).with("On", true))
///     .start()
///     .await?;
/// assert_eq!(simulator.instances("acme_lamp").len(), 1);
/// # Ok(()) });
/// ```
#[derive(Debug)]
#[must_use]
pub struct SimulatorBuilder {
    dialect: Dialect,
    user: String,
    password: String,
    schemes: Option<Vec<LoginScheme>>,
    refusals: Refusals,
    any_login: bool,
    address: SocketAddr,
    enumeration_timeout: Option<Duration>,
    rows_per_second: Option<NonZeroU32>,
    remembered_requests: usize,
    spaces: Vec<Model>,
    /// The number of the namespace to which the next classes and instances belong.
    current: usize,
    #[cfg(feature = "rustls")]
    tls: Option<TlsFiles>,
}

/// The content of a namespace.
#[derive(Debug)]
struct Model {
    namespace: Namespace,
    classes: Vec<Class>,
    assigned: Vec<(Name, Name)>,
    /// The methods of classes in MOF, which do nothing.
    declared: Vec<Method>,
    methods: Vec<Method>,
    instances: Vec<Instance>,
    generated: Vec<Generated>,
}

impl SimulatorBuilder {
    /// Starts with a server without namespaces.
    pub(super) fn new() -> Self {
        Self {
            dialect: Dialect::default(),
            user: super::USER.to_owned(),
            password: super::PASSWORD.to_owned(),
            schemes: None,
            refusals: Refusals::default(),
            any_login: false,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            enumeration_timeout: None,
            rows_per_second: None,
            remembered_requests: usize::MAX,
            spaces: Vec::new(),
            current: 0,
            #[cfg(feature = "rustls")]
            tls: None,
        }
    }

    /// Sets the server to behave like. Defaults to Windows.
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Sets the user and the password. Defaults to [`USER`](super::USER) and
    /// [`PASSWORD`](super::PASSWORD).
    pub fn login(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.user = user.into();
        self.password = password.into();
        self
    }

    /// Sets the login schemes, in the order in which the server offers them. By default the server
    /// accepts Basic, and refuses the other schemes that the dialect's server offers.
    pub fn logins(mut self, schemes: impl IntoIterator<Item = LoginScheme>) -> Self {
        self.schemes = Some(schemes.into_iter().collect());
        self
    }

    /// Accepts any login by Basic, and messages without a login. NTLM, Kerberos and Digest prove that
    /// both sides know the password, so that only the server's own user can log in with them.
    ///
    /// ```
    /// # wsman::doc_examples::block_on(async || {
    /// let simulator = wsman::simulator::sample().any_login().start().await?;
    /// let session = wsman::Session::builder(simulator.url()).namespace("root/cimv2").build()?;
    /// assert_eq!(session.enumerate_instances("Win32_LogicalDisk").await?.len(), 2);
    /// # Ok(()) });
    /// ```
    pub fn any_login(mut self) -> Self {
        self.any_login = true;
        self
    }

    /// Listens on this address and port. Defaults to a free port of the loopback interface.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Refuses a valid login for this reason.
    pub fn refusing(mut self, refusal: Refusal) -> Self {
        self.refusals.add(refusal);
        self
    }

    /// Sets the server's clock ahead by this many seconds (negative for behind); it appears in
    /// `Date`.
    pub fn clock_ahead(mut self, seconds: i64) -> Self {
        self.refusals.set_clock(seconds);
        self
    }

    /// Serves HTTPS with this certificate, its chain and its key, in PEM.
    #[cfg(feature = "rustls")]
    pub fn tls(mut self, certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        let files = self.tls.get_or_insert_default();
        files.certificate = certificate.as_ref().to_vec();
        files.key = key.as_ref().to_vec();
        self
    }

    /// Requires from every client a certificate that one of these authorities signed, in PEM. The
    /// certificate also is a login if the request asks for it.
    #[cfg(feature = "rustls")]
    pub fn client_authority(mut self, certificates: impl AsRef<[u8]>) -> Self {
        let files = self.tls.get_or_insert_default();
        files.client_authority = Some(certificates.as_ref().to_vec());
        self
    }

    /// Adds a namespace, or returns to one that was added; the classes and instances added next belong to
    /// it. [`Simulator::instance`] and its like use the first one if a path names none.
    pub fn namespace(mut self, namespace: Namespace) -> Self {
        let mut known = self.spaces.iter();
        let known = known.position(|model| model.namespace == namespace);
        self.current = known.unwrap_or(self.spaces.len());
        if known.is_none() {
            self.spaces.push(Model::new(namespace));
        }
        self
    }

    /// The namespace to which the next classes and instances belong.
    fn model(&mut self) -> Option<&mut Model> {
        self.spaces.get_mut(self.current)
    }

    /// Returns a reader of MOF that knows the classes of this server. What stands before a
    /// `#pragma namespace` belongs to the last added namespace.
    ///
    /// ```
    /// # wsman::doc_examples::block_on(async || {
    /// let builder = wsman::simulator::sample().namespace("root/cimv2".parse()?);
    /// let mof = builder.mof_reader().text(r#"
    ///     class Acme_Folder : Win32_Share { uint64 Size = 0; };
    ///     instance of Acme_Folder { Name = "logs"; Path = "C:\\\\logs"; };
    /// "#)?;
    /// let simulator = builder.mof(&mof).start().await?;
    /// assert_eq!(simulator.instances("Acme_Folder")[0].get::<u64>("Size")?, 0);
    /// # Ok(()) });
    /// ```
    pub fn mof_reader(&self) -> MofReader {
        let reader = match self.spaces.get(self.current) {
            Some(model) => MofReader::new().namespace(model.namespace.clone()),
            None => MofReader::new(),
        };
        let classes = self.spaces.iter().flat_map(|model| {
            let classes = model.classes.iter().cloned();
            classes.map(|class| (model.namespace.clone(), class))
        });
        classes.fold(reader, |reader, (namespace, class)| {
            reader.known_class(namespace, class)
        })
    }

    /// Adds the classes and instances of MOF. What is in no namespace belongs to the last added one.
    ///
    /// A method that a class declares returns 0, and its in-out parameters as the client sent them, until
    /// [`method`](Self::method) adds what it does. It rejects arguments that are not declared.
    ///
    /// ```
    /// # wsman::doc_examples::block_on(async || {
    /// use wsman::cim::mof::Mof;
    /// use wsman::simulator::Simulator;
    /// let mof = Mof::parse("class Acme_Lamp { [Key] uint32 Id; }; instance of Acme_Lamp { Id = 7; };")?;
    /// let simulator = Simulator::builder().namespace("root/acme".parse()?).mof(&mof).start().await?;
    /// assert_eq!(simulator.instances("Acme_Lamp").len(), 1);
    /// # Ok(()) });
    /// ```
    pub fn mof(mut self, mof: &Mof) -> Self {
        let back = self.current;
        for part in mof.namespaces() {
            if let Some(namespace) = part.namespace() {
                self = self.namespace(namespace.clone());
            } else {
                self.current = back;
            }
            if let Some(model) = self.model() {
                model
                    .declared
                    .extend(part.classes().iter().flat_map(declared));
                model.classes.extend(part.classes().iter().cloned());
                model.instances.extend(part.instances().iter().cloned());
            }
        }
        self.current = back;
        self
    }

    /// Adds a class to the last added namespace.
    pub fn class(mut self, class: Class) -> Self {
        if let Some(model) = self.model() {
            model.classes.push(class);
        }
        self
    }

    /// Makes the server assign a key of a class in the last added namespace if a Create leaves it
    /// out: 1, 2, 3 and so on.
    pub fn assign_key(mut self, class: impl Into<Name>, key: impl Into<Name>) -> Self {
        if let Some(model) = self.model() {
            model.assigned.push((class.into(), key.into()));
        }
        self
    }

    /// Adds a method to a class of the last added namespace and to its subclasses. Clients call it
    /// on instances and on the class; [`MethodCall::instance`] rejects a call on the class.
    ///
    /// The closure runs while the repository is locked. It may change instances, and must not wait.
    /// The client gets its error as a fault in the server's words.
    ///
    /// ```
    /// use wsman::cim::{CimType, Class};
    /// use wsman::simulator::{MethodReply, Simulator};
    /// use wsman::{Credentials, Instance, Session};
    /// # wsman::doc_examples::block_on(async || {
    /// let simulator = Simulator::builder()
    ///     .namespace("root/cimv2".parse()?)
    ///     .class(Class::new("Acme_Lamp").with_key("Id", CimType::Uint32).with("On", CimType::Boolean))
    ///     .instance(Instance::new("Acme_Lamp").with_key("Id", 1u32).with("On", false))
    ///     .method("Acme_Lamp", "Switch", |call| {
    ///         let on: bool = call.get("On")?;
    ///         let lamp = call.instance()?;
    ///         let before: bool = lamp.get("On")?;
    ///         call.insert(lamp.with("On", on))?;
    ///         Ok(MethodReply::new(0u32).with("Before", before))
    ///     })
    ///     .start()
    ///     .await?;
    /// # let session = Session::builder(simulator.url()).credentials(Credentials::basic(simulator.user(), simulator.password()))
    /// #     .allow_unencrypted().namespace("root/cimv2").build()?;
    /// let done = session.invoke_method("Acme_Lamp.Id=1", "Switch").arg("On", true).await?;
    /// assert_eq!((done.return_code()?, done.get::<bool>("Before")?), (0, false));
    /// assert!(simulator.instances("Acme_Lamp")[0].get::<bool>("On")?);
    /// # Ok(()) });
    /// ```
    pub fn method(
        mut self,
        class: impl Into<Name>,
        name: impl Into<Name>,
        body: impl Fn(&mut MethodCall<'_>) -> Result<MethodReply, MethodFailure> + Send + Sync + 'static,
    ) -> Self {
        if let Some(model) = self.model() {
            model
                .methods
                .push(Method::new(class.into(), name.into(), body));
        }
        self
    }

    /// Adds an instance to the last added namespace.
    pub fn instance(mut self, instance: Instance) -> Self {
        if let Some(model) = self.model() {
            model.instances.push(instance);
        }
        self
    }

    /// Adds `count` instances of a class to the last added namespace. Each is generated from its
    /// number when a row is requested, so they take no memory. Only enumerations and queries return
    /// them: Get and the other operations do not.
    ///
    /// ```
    /// use wsman::Instance;
    /// use wsman::cim::{CimType, Class};
    /// use wsman::simulator::Simulator;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let many = Simulator::builder()
    ///     .namespace("root/cimv2".parse()?)
    ///     .class(Class::new("Acme_Star").with_key("Id", CimType::Uint64))
    ///     .generated("Acme_Star", 1_000_000, |id| Instance::new("Acme_Star").with_key("Id", id));
    /// # let _ = many;
    /// # Ok(())
    /// # }
    /// ```
    pub fn generated(
        mut self,
        class: impl Into<Name>,
        count: u64,
        make: impl Fn(u64) -> Instance + Send + Sync + 'static,
    ) -> Self {
        if let Some(model) = self.model() {
            model.generated.push(Generated {
                class: class.into(),
                count,
                make: Arc::new(make),
            });
        }
        self
    }

    /// Sets how long an enumeration waits for the next Pull before it expires. Defaults to 60 s on
    /// Windows and 100 s on openwsman; it never expires on OMI.
    pub fn enumeration_timeout(mut self, timeout: Duration) -> Self {
        self.enumeration_timeout = Some(timeout);
        self
    }

    /// Sets how fast the server finds the rows of an enumeration. An answer has the rows found until
    /// then and not sent yet, and a Pull waits for one at least. By default they are all there at
    /// once.
    ///
    /// OMI works like this: asked eagerly, it sends pages that are nearly empty.
    pub fn rows_per_second(mut self, rows: NonZeroU32) -> Self {
        self.rows_per_second = Some(rows);
        self
    }

    /// Limits the requests that [`Simulator::requests`] returns to the last ones. Defaults to all,
    /// for which a memory test may not have room.
    pub fn remembered_requests(mut self, most: usize) -> Self {
        self.remembered_requests = most;
        self
    }

    /// Starts the server in the current tokio runtime.
    ///
    /// # Errors
    /// Fails if it cannot listen on its address, if an instance is of an undeclared class, or if a
    /// certificate or key is invalid (both `InvalidInput`).
    pub async fn start(self) -> io::Result<Simulator> {
        let default = self.spaces.first().map(|model| model.namespace.clone());
        let spaces = self
            .spaces
            .into_iter()
            .map(|model| model.into_space(self.dialect))
            .collect::<io::Result<_>>()?;
        let enumerations =
            Enumerations::new(self.dialect, self.enumeration_timeout, self.rows_per_second);
        #[cfg(feature = "rustls")]
        let tls = self.tls.as_ref().map(TlsFiles::acceptor).transpose()?;
        let user = [self.user, self.password];
        let gate = Gate::new(user, self.dialect, self.schemes, self.refusals);
        let gate = if self.any_login {
            gate.open_to_all()
        } else {
            gate
        };
        #[cfg(all(feature = "negotiate", feature = "rustls"))]
        let gate = gate.bound_to(self.tls.as_ref().and_then(TlsFiles::channel_binding));
        let state = Arc::new(State {
            #[cfg(feature = "rustls")]
            tls,
            provider: Provider::new(Repository::new(spaces), self.dialect, enumerations),
            gate,
            knobs: Arc::default(),
            log: Log::new(self.remembered_requests),
            panics: Panics::default(),
            connections: AtomicUsize::new(0),
            open_connections: AtomicUsize::new(0),
            most_open_connections: AtomicUsize::new(0),
            restarts: watch::Sender::new(()),
        });
        let (address, listener) = listen::start(Arc::clone(&state), self.address).await?;
        Simulator::new(state, address, listener, default)
    }
}

impl Model {
    fn new(namespace: Namespace) -> Self {
        Self {
            namespace,
            classes: Vec::new(),
            assigned: Vec::new(),
            declared: Vec::new(),
            methods: Vec::new(),
            instances: Vec::new(),
            generated: Vec::new(),
        }
    }

    fn into_space(self, dialect: Dialect) -> io::Result<Space> {
        let mut space = Space::new(self.namespace);
        space.fold_keys(dialect.folds_keys());
        self.classes
            .into_iter()
            .for_each(|class| space.declare(class));
        self.assigned
            .into_iter()
            .for_each(|(class, key)| space.assign(class, key));
        // A method of the caller replaces a declared one.
        self.declared
            .into_iter()
            .chain(self.methods)
            .for_each(|method| space.add_method(method));
        for generated in self.generated {
            let class = &generated.class;
            space.schema(class).ok_or_else(|| no_class(class))?;
            space.generate(generated);
        }
        for instance in self.instances {
            let class = instance.class().clone();
            space.insert(instance).ok_or_else(|| no_class(&class))?;
        }
        Ok(space)
    }
}

pub(super) fn no_class(class: &Name) -> io::Error {
    invalid_input(format!("there is no class {class}"))
}

pub(super) fn invalid_input(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}
