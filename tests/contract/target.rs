//! The target of the checks: a class and one instance of it.

use std::collections::BTreeSet;

use wsman::cim::{Name, Value, WireForm};
use wsman::{Delivery, Error, Instance, InstancePath, Put, PutOutcome, Session};

use crate::expected::{Behaviour, answer, behaviour};
pub(crate) use crate::expected::{TEXT, Wrong};

/// The result of a check; a failure is a panic.
pub(crate) type Outcome = Result<(), Unable>;

/// The reason why a check is unsupported on this server.
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
    /// A property and a value that its provider rejects.
    pub(crate) refused: Option<(String, String)>,
    /// A string that may be NULL.
    pub(crate) other: Option<String>,
    /// A method of its instances that needs no arguments and returns 0.
    pub(crate) method: Option<String>,
    /// A class of associations that has instances.
    pub(crate) association: Option<String>,
    /// A class of events that happen by themselves.
    pub(crate) event: Option<String>,
}

/// The number of instances that a check of rows creates.
pub(crate) const ROWS: u32 = 5;

impl Target {
    pub(crate) fn of_sample(form: WireForm, name: &str) -> Self {
        Self {
            form,
            class: "Win32_Share".into(),
            key: "Name".into(),
            name: name.into(),
            property: "MaximumAllowed".into(),
            not_null: Some("Path".into()),
            refused: None,
            other: Some("Description".into()),
            method: Some("SetShareInfo".into()),
            association: Some("Win32_SystemServices".into()),
            event: Some("Demo_Tick".into()),
        }
    }

    /// Returns one of several instances, by its number.
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

    /// Returns every instance that a check may have created.
    pub(crate) fn all_paths(&self) -> impl Iterator<Item = InstancePath> {
        let rows = (1..=ROWS).map(|number| self.row(number).path());
        std::iter::once(self.path()).chain(rows)
    }

    /// Returns the instance with a number, and a text in every known string.
    pub(crate) fn instance(&self, number: u32) -> Instance {
        let instance = self.least(number);
        match &self.other {
            Some(other) => instance.with(other.as_str(), TEXT),
            None => instance,
        }
    }

    /// Returns the instance with a number and its mandatory properties.
    pub(crate) fn least(&self, number: u32) -> Instance {
        let instance = self.bare().with(self.property.as_str(), number);
        match &self.not_null {
            Some(not_null) => instance.with(not_null.as_str(), TEXT),
            None => instance,
        }
    }

    /// Returns the instance with its key only.
    pub(crate) fn bare(&self) -> Instance {
        Instance::new(self.class.as_str()).with_key(self.key.as_str(), self.name.as_str())
    }

    pub(crate) fn path(&self) -> InstancePath {
        InstancePath::new(self.class.as_str()).with_key(self.key.as_str(), self.name.as_str())
    }

    /// Returns the property that may be NULL, if known.
    pub(crate) fn other(&self) -> Result<&str, Unable> {
        let none = || Unable("no second property is known: set WSMAN_TEST_OTHER".into());
        self.other.as_deref().ok_or_else(none)
    }

    /// Returns the method, if known.
    pub(crate) fn method(&self) -> Result<&str, Unable> {
        let none = || Unable("no method is known: set WSMAN_TEST_METHOD".into());
        self.method.as_deref().ok_or_else(none)
    }

    /// Returns the class of associations, if known.
    pub(crate) fn association(&self) -> Result<&str, Unable> {
        let none = || Unable("no association is known: set WSMAN_TEST_ASSOCIATION".into());
        self.association.as_deref().ok_or_else(none)
    }

    /// Returns the class of events, if known.
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
        let read = session.get_instance(self.path()).await;
        read.unwrap_or_else(|error| panic!("the instance cannot be read: {error:?}"))
    }

    /// Returns the number that the instance has on the server.
    pub(crate) async fn number(&self, session: &Session) -> u32 {
        let instance = self.read(session).await;
        instance.get(&self.property).unwrap()
    }

    /// Returns the text of the second property; `None` if it is NULL or missing.
    pub(crate) async fn text(&self, session: &Session) -> Result<Option<String>, Unable> {
        let other = self.other()?;
        Ok(self.read(session).await.get(other).unwrap())
    }

    pub(crate) async fn assert_missing(&self, session: &Session) {
        let read = session.get_instance(self.path()).await;
        assert!(matches!(read, Err(Error::NotFound(_))), "{read:?}");
    }

    /// Asserts that a put reports its outcome for this instance.
    pub(crate) fn assert_put(&self, put: &Put, outcome: PutOutcome, messages: u32) {
        assert_eq!((put.outcome, put.messages), (outcome, messages));
        assert!(put.path.same_instance(&self.path()), "{}", put.path);
        if let Some(instance) = &put.instance {
            assert_eq!(*instance.class(), Name::new(&self.class));
        }
    }

    /// Returns how this server treats a point on which servers differ.
    pub(crate) fn manners(&self) -> Behaviour {
        behaviour(self.form)
    }

    /// Asserts that a response to an invalid request is that of this server; returns the result if the
    /// server accepts it.
    pub(crate) fn answers<T: std::fmt::Debug>(
        &self,
        wrong: Wrong,
        result: Result<T, Error>,
    ) -> Option<T> {
        let says = answer(wrong, self.form);
        assert!(
            says.is_said_by(&result),
            "{wrong:?} should be {says:?}: {result:?}"
        );
        result.ok()
    }

    /// Finds the numbers that grow with each write, such as a version counter, by writing another
    /// instance.
    pub(crate) async fn counters(&self, session: &Session) -> Result<Vec<Name>, Unable> {
        let probe = self.row(ROWS);
        probe.create(session, 1).await?;
        let before = probe.read(session).await;
        let mut instance = before.clone();
        instance.set(probe.property.as_str(), 2u32);
        able("put", session.modify_instance(&instance).await)?;
        let after = probe.read(session).await;
        let counted = changes(&before, &after).into_iter().filter(Change::counts);
        Ok(counted.map(|change| change.name).collect())
    }

    /// Asserts that a write of the number left everything else unchanged, except for the server's
    /// counters.
    pub(crate) fn assert_number_alone_changed(
        &self,
        before: &Instance,
        after: &Instance,
        counters: &[Name],
    ) {
        for change in changes(before, after) {
            let Change { name, was, is } = &change;
            let is_meant = *name == self.property.as_str();
            let is_counter = counters.contains(name) && change.counts();
            assert!(is_meant || is_counter, "{name} was {was:?} and is {is:?}");
        }
    }

    /// Returns the values that the provider is known to reject, with the fault for an update and for a
    /// create.
    pub(crate) fn forbidden(&self) -> Result<Vec<Forbidden<'_>>, Unable> {
        let null = self.not_null.as_deref().map(|property| Forbidden {
            instance: self.instance(1).with_null(property),
            property,
            update: Wrong::Null,
            create: Wrong::NullOfCreate,
        });
        let refused = self.refused.as_ref().map(|(property, value)| Forbidden {
            instance: self.instance(1).with(property.as_str(), value.as_str()),
            property,
            update: Wrong::Refused,
            create: Wrong::Refused,
        });
        let all: Vec<_> = null.into_iter().chain(refused).collect();
        if all.is_empty() {
            let ways = "set WSMAN_TEST_NOT_NULL or WSMAN_TEST_REFUSED";
            return Err(Unable(format!("no value that is refused is known: {ways}")));
        }
        Ok(all)
    }
}

/// Returns an instance with a property that its provider rejects.
pub(crate) struct Forbidden<'a> {
    pub(crate) instance: Instance,
    pub(crate) property: &'a str,
    pub(crate) update: Wrong,
    pub(crate) create: Wrong,
}

/// Returns a property that differs between two reads; a missing property counts as NULL.
struct Change {
    name: Name,
    was: Value,
    is: Value,
}

impl Change {
    /// Returns whether a number grew.
    fn counts(&self) -> bool {
        let numbers = (self.was.to::<u64>(), self.is.to::<u64>());
        matches!(numbers, (Ok(was), Ok(is)) if was < is)
    }
}

fn changes(before: &Instance, after: &Instance) -> Vec<Change> {
    let all = before.properties().iter().chain(after.properties());
    let names: BTreeSet<&Name> = all.map(|property| property.name()).collect();
    let value =
        |of: &Instance, name: &Name| of.value(name.as_str()).cloned().unwrap_or(Value::Null);
    let change = |name: &Name| Change {
        name: name.clone(),
        was: value(before, name),
        is: value(after, name),
    };
    let changes = names.into_iter().map(change);
    changes.filter(|change| change.was != change.is).collect()
}

/// Returns the result of a step that the server may not support.
pub(crate) fn able<T>(step: &str, result: Result<T, Error>) -> Result<T, Unable> {
    result.map_err(|error| match error {
        Error::NotSupported(_) | Error::AccessDenied(_) => {
            Unable(format!("the server cannot {step}: {error}"))
        }
        error => panic!("{step}: {error:?}"),
    })
}

/// Asserts that a request was rejected before anything was sent; returns the error.
pub(crate) fn refused_here<T: std::fmt::Debug>(name: &str, result: Result<T, Error>) -> Error {
    let error = result.expect_err("refused before it was sent");
    assert_eq!((error.name(), error.delivery()), (name, Delivery::NotSent));
    assert!(error.fault().is_none(), "{error:?}");
    error
}
