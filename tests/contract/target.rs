//! What the checks are about: a class, one instance of it, and how a server answers.

use wsman::cim::Name;
use wsman::{Delivery, Error, Instance, InstancePath, Put, PutOutcome, Session, WireForm};

use crate::expected::{self, Manners, Says, Wrong};

/// What a check found; a failure is a panic.
pub(crate) type Outcome = Result<(), Unable>;

/// Why something cannot be checked on this server.
#[derive(Debug)]
pub(crate) struct Unable(pub(crate) String);

/// A class whose instances can be created and deleted, and the instance of one check.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) form: WireForm,
    pub(crate) class: String,
    /// Its only key, a string.
    pub(crate) key: String,
    /// The key of the instance.
    pub(crate) name: String,
    /// A `uint32`.
    pub(crate) property: String,
    /// A string that must not be NULL.
    pub(crate) not_null: Option<String>,
    /// A string that may be NULL.
    pub(crate) other: Option<String>,
    /// A method of its instances that needs no arguments and returns 0.
    pub(crate) method: Option<String>,
    /// A class of associations that has instances.
    pub(crate) association: Option<String>,
    /// A class of events that happen by themselves.
    pub(crate) event: Option<String>,
}

/// How many instances a check of rows creates.
pub(crate) const ROWS: u32 = 5;

/// What [`Target::instance`] gives the strings.
pub(crate) const TEXT: &str = "for the test";

impl Target {
    pub(crate) fn of_sample(form: WireForm, name: &str) -> Self {
        Self {
            form,
            class: "Win32_Share".into(),
            key: "Name".into(),
            name: name.into(),
            property: "MaximumAllowed".into(),
            not_null: Some("Path".into()),
            other: Some("Description".into()),
            method: Some("SetShareInfo".into()),
            association: Some("Win32_SystemServices".into()),
            event: Some("Demo_Tick".into()),
        }
    }

    /// One of several instances, by its number.
    pub(crate) fn row(&self, number: u32) -> Self {
        Self {
            name: format!("{}-{number}", self.name),
            ..self.clone()
        }
    }

    /// Creates all of them.
    pub(crate) async fn create_rows(&self, session: &Session) -> Outcome {
        for number in 1..=ROWS {
            self.row(number).create(session, number).await?;
        }
        Ok(())
    }

    /// Every instance that a check may have created.
    pub(crate) fn all_paths(&self) -> impl Iterator<Item = InstancePath> {
        let rows = (1..=ROWS).map(|number| self.row(number).path());
        std::iter::once(self.path()).chain(rows)
    }

    /// The instance with a number, and a text in every string that is known.
    pub(crate) fn instance(&self, number: u32) -> Instance {
        let instance = self.least(number);
        match &self.other {
            Some(other) => instance.with(other.as_str(), TEXT),
            None => instance,
        }
    }

    /// The instance with a number and what it must have.
    pub(crate) fn least(&self, number: u32) -> Instance {
        let instance = self.bare().with(self.property.as_str(), number);
        match &self.not_null {
            Some(not_null) => instance.with(not_null.as_str(), TEXT),
            None => instance,
        }
    }

    /// The instance with its key alone.
    pub(crate) fn bare(&self) -> Instance {
        Instance::new(self.class.as_str()).key(self.key.as_str(), self.name.as_str())
    }

    pub(crate) fn path(&self) -> InstancePath {
        InstancePath::new(self.class.as_str()).with_key(self.key.as_str(), self.name.as_str())
    }

    /// The property that may be NULL, if one is known.
    pub(crate) fn other(&self) -> Result<&str, Unable> {
        let none = || Unable("no second property is known: set WSMAN_TEST_OTHER".into());
        self.other.as_deref().ok_or_else(none)
    }

    /// The method, if one is known.
    pub(crate) fn method(&self) -> Result<&str, Unable> {
        let none = || Unable("no method is known: set WSMAN_TEST_METHOD".into());
        self.method.as_deref().ok_or_else(none)
    }

    /// The class of associations, if one is known.
    pub(crate) fn association(&self) -> Result<&str, Unable> {
        let none = || Unable("no association is known: set WSMAN_TEST_ASSOCIATION".into());
        self.association.as_deref().ok_or_else(none)
    }

    /// The class of events, if one is known.
    pub(crate) fn event(&self) -> Result<&str, Unable> {
        let none = || Unable("no class of events is known: set WSMAN_TEST_EVENT".into());
        self.event.as_deref().ok_or_else(none)
    }

    /// Creates the instance.
    pub(crate) async fn create(&self, session: &Session, number: u32) -> Outcome {
        let created = session.create_instance(&self.instance(number)).await;
        able("create", created).map(drop)
    }

    pub(crate) async fn read(&self, session: &Session) -> Instance {
        let read = session.get_instance(&self.path()).await;
        read.unwrap_or_else(|error| panic!("the instance cannot be read: {error:?}"))
    }

    /// The number that the instance has on the server.
    pub(crate) async fn number(&self, session: &Session) -> u32 {
        let instance = self.read(session).await;
        instance.get(&self.property).unwrap()
    }

    /// The text of the second property; `None` if it is NULL or not there.
    pub(crate) async fn text(&self, session: &Session) -> Result<Option<String>, Unable> {
        let other = self.other()?;
        Ok(self.read(session).await.get(other).unwrap())
    }

    pub(crate) async fn assert_missing(&self, session: &Session) {
        let read = session.get_instance(&self.path()).await;
        assert!(matches!(read, Err(Error::NotFound(_))), "{read:?}");
    }

    /// Whether a put says what it did to this instance.
    pub(crate) fn assert_put(&self, put: &Put, outcome: PutOutcome, messages: u32) {
        assert_eq!((put.outcome, put.messages), (outcome, messages));
        assert!(put.path.same_instance(&self.path()), "{}", put.path);
        if let Some(instance) = &put.instance {
            assert_eq!(*instance.class(), Name::new(&self.class));
        }
    }

    /// How this server treats what others treat differently.
    pub(crate) fn manners(&self) -> Manners {
        expected::manners(self.form)
    }

    /// Whether an answer is what this server says to a wrong request; the result if it takes it.
    pub(crate) fn answers<T: std::fmt::Debug>(
        &self,
        wrong: Wrong,
        result: Result<T, Error>,
    ) -> Option<T> {
        match (expected::answer(wrong, self.form), result) {
            (Says::Takes, Ok(taken)) => Some(taken),
            (Says::Refuses(name, wbem), Err(error)) => {
                assert_eq!((error.name(), error.wbem()), (name, wbem), "{error:?}");
                assert!(!error.is_ambiguous(), "{error:?}");
                assert_eq!(error.delivery(), Delivery::Answered, "{error:?}");
                None
            }
            (Says::Perhaps(name), Err(error)) => {
                assert_eq!(error.name(), name, "{error:?}");
                assert!(error.is_ambiguous(), "{error:?}");
                None
            }
            (says, result) => panic!("{wrong:?} should be {says:?}: {result:?}"),
        }
    }
}

/// The result of a step that the server may be unable to do.
pub(crate) fn able<T>(step: &str, result: Result<T, Error>) -> Result<T, Unable> {
    result.map_err(|error| match error {
        Error::NotSupported(_) | Error::AccessDenied(_) => {
            Unable(format!("the server cannot {step}: {error}"))
        }
        error => panic!("{step}: {error:?}"),
    })
}

/// Whether a request was refused before anything was sent; the error.
pub(crate) fn refused_here<T: std::fmt::Debug>(name: &str, result: Result<T, Error>) -> Error {
    let error = result.expect_err("refused before it was sent");
    assert_eq!((error.name(), error.delivery()), (name, Delivery::NotSent));
    assert!(error.fault().is_none(), "{error:?}");
    error
}
