//! Enumerate: reads the instances of a class.

use super::dialect::QueryDialect;
use super::paging::EnumerateRequest;
use super::{Enumerates, FromRow, Paging, Plan, PlanRows};
use crate::cim::wql::{Query, property};
use crate::cim::{Instance, InstancePath, Key, Keys, Name, Value};
use crate::error::{Error, Failure, OperationKind, Subject};
use crate::protocol::{EnumerationMode, Filter, PolymorphismMode};
use crate::session::Session;
use crate::session::call::Call;
use crate::session::request::Request;
use crate::session::target::{Target, selectors};

/// The operation of [`Session::enumerate_instances`].
#[derive(Clone, Debug)]
pub struct EnumerateInstances {
    class: Name,
    paths: PathSource,
    polymorphism: Option<PolymorphismMode>,
    matching: Vec<Key>,
    picked: Vec<String>,
    paging: Paging,
}

/// Where the paths of the rows come from.
#[derive(Clone, Debug)]
enum PathSource {
    /// The references that the server sends.
    Server,
    /// Key properties of the rows.
    Keys(Vec<Name>),
    None,
}

impl Session {
    /// Reads the instances of a class and of its subclasses (`MI_Session_EnumerateInstances`; Enumerate
    /// and Pull, DSP0226 8, MS-WSMV 3.1.4.8): [`stream`](Request::stream) them, or await them all.
    ///
    /// Each instance contains its path, so that it can be changed and put back.
    ///
    /// # Errors
    /// [`Error::InvalidClass`] if the class does not exist; OMI reports it with the first row.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let shares = session.enumerate_instances("Win32_Share").await?;
    /// assert!(shares.iter().all(|share| share.path().is_some()));
    /// # Ok(()) });
    /// ```
    pub fn enumerate_instances(&self, class: impl Into<Name>) -> Request<EnumerateInstances> {
        Request::new(
            self,
            EnumerateInstances {
                class: class.into(),
                paths: PathSource::Server,
                polymorphism: None,
                matching: Vec::new(),
                picked: Vec::new(),
                paging: Paging::default(),
            },
        )
    }
}

impl Request<EnumerateInstances> {
    /// Sets whether the rows include instances of subclasses, and which of their properties. By default
    /// none is sent and servers include all. Windows ignores the mode.
    pub fn polymorphism(mut self, mode: PolymorphismMode) -> Self {
        self.operation.polymorphism = Some(mode);
        self
    }

    /// Reads the instances without their paths, which halves the answers of most classes.
    pub fn without_paths(mut self) -> Self {
        self.operation.paths = PathSource::None;
        self
    }

    /// Makes the paths from key properties of the rows, instead of the references of the server, which
    /// are half of the bytes of most answers.
    ///
    /// Name all keys of the class, such as [`CimClass::KEYS`](crate::cim::CimClass::KEYS) of a struct. A row
    /// gets a path only if it is of exactly this class, and each key is there and is a scalar value. For
    /// every other row [`Instance::path_problem`] says why it has none; a row of a derived class is one,
    /// because that class may be keyed otherwise.
    ///
    /// Without names, with [`select`](Self::select), or with the properties of the base class alone the
    /// request fails before it is sent ([`Error::InvalidParameter`]).
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let services = session.enumerate_instances("Win32_Service").paths_from_keys(["Name"]);
    /// for service in services.await? {
    ///     let path = service.path().ok_or("no path")?;
    ///     assert_eq!(path.key("Name"), service.value("Name"));
    /// }
    /// # Ok(()) });
    /// ```
    pub fn paths_from_keys<K: Into<Name>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        let keys = keys.into_iter().map(Into::into);
        self.operation.paths = PathSource::Keys(keys.collect());
        self
    }

    /// Reads only these properties, with a WQL query of the class, because an enumeration cannot select
    /// properties. The rows have no path, and a polymorphism mode is an error.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let names = session.enumerate_instances("Win32_Share").select(["Name"]).await?;
    /// assert!(names.iter().all(|share| share.properties().len() == 1));
    /// # Ok(()) });
    /// ```
    pub fn select<P: Into<String>>(mut self, properties: impl IntoIterator<Item = P>) -> Self {
        let properties = properties.into_iter().map(Into::into);
        self.operation.picked.extend(properties);
        self
    }

    /// Reads only instances whose property has this value (selector filter, MS-WSMV 3.1.4.1.13). Several
    /// calls combine with AND. OMI accepts the filter but sends all rows, so the client filters again.
    pub fn matching(mut self, property: impl Into<Name>, value: impl Into<Value>) -> Self {
        self.operation.matching.push(Key {
            name: property.into(),
            value: value.into(),
        });
        self
    }
}

impl Enumerates for EnumerateInstances {
    type Row = Instance;
}

impl PlanRows<Instance> for EnumerateInstances {
    fn plan(&mut self, call: &Call) -> Result<Plan<Instance>, Error> {
        let (target, question) = if self.picked.is_empty() {
            self.whole(call)?
        } else {
            self.query(call)?
        };
        let wanted = std::mem::take(&mut self.matching);
        let names = self.names(call, &target)?;
        Ok(Plan {
            target,
            question,
            paging: std::mem::take(&mut self.paging),
            class: Some(self.class.clone()),
            typing: Instance::typing(call),
            read: Box::new(move |row, target| {
                let is_wanted = row
                    .instance
                    .as_ref()
                    .is_none_or(|instance| matches(instance, &wanted));
                let mut row = is_wanted.then(|| Instance::of_row(row, target)).flatten();
                if let (Some((place, keys)), Some(Ok(instance))) = (&names, &mut row) {
                    instance.name_by_keys(place, keys);
                }
                row
            }),
        })
    }

    fn paging(&mut self) -> &mut Paging {
        &mut self.paging
    }

    fn kind(&self) -> OperationKind {
        OperationKind::Enumerate
    }

    fn subject(&self) -> Subject {
        Subject::class(self.kind(), self.class.clone())
    }
}

impl EnumerateInstances {
    /// Plans an enumeration of whole instances.
    fn whole(&self, call: &Call) -> Result<(Target, EnumerateRequest), Error> {
        let target = Target::class(call, self.class.clone())?;
        let filter = if self.matching.is_empty() {
            None
        } else {
            let selectors = selectors(None, &Keys::Named(self.matching.clone()))?;
            Some(Filter::Selectors(selectors))
        };
        let question = EnumerateRequest {
            mode: match self.paths {
                PathSource::Server => Instance::MODE,
                PathSource::Keys(_) | PathSource::None => EnumerationMode::Objects,
            },
            polymorphism: self.polymorphism(call),
            filter,
            ..EnumerateRequest::default()
        };
        Ok((target, question))
    }

    /// Returns what the paths have in common, and the names of their keys, if they are made from keys.
    fn names(
        &self,
        call: &Call,
        target: &Target,
    ) -> Result<Option<(InstancePath, Vec<Name>)>, Error> {
        let PathSource::Keys(keys) = &self.paths else {
            return Ok(None);
        };
        let problem = if keys.is_empty() {
            "a path from keys needs the names of the keys"
        } else if !self.picked.is_empty() {
            "selected properties have no path, because their rows do not say their class"
        } else if self.polymorphism(call) == Some(PolymorphismMode::DeepBasePropertiesOnly) {
            "the properties of a base class have no path from keys, because the rows may be of derived classes"
        } else {
            let place = target.complete(InstancePath::new(self.class.clone()));
            return Ok(Some((place, keys.clone())));
        };
        Err(Error::InvalidParameter(Failure::new(problem)))
    }

    /// Plans a query of some properties.
    fn query(&self, call: &Call) -> Result<(Target, EnumerateRequest), Error> {
        if self.polymorphism(call).is_some() {
            let text = "a query of selected properties has no polymorphism mode";
            return Err(Error::InvalidParameter(Failure::new(text)));
        }
        let query = Query::new(self.class.clone()).properties(self.picked.iter().cloned());
        let query = self.matching.iter().fold(query, |query, key| {
            let property = property(key.name.clone());
            query.matching(property.eq(key.value.clone()))
        });
        let question = EnumerateRequest {
            query: Some((query, QueryDialect::Wql)),
            ..EnumerateRequest::default()
        };
        Ok((Target::all_classes(call, None)?, question))
    }

    fn polymorphism(&self, call: &Call) -> Option<PolymorphismMode> {
        self.polymorphism.or(call.options().flags.polymorphism())
    }
}

/// Returns whether an instance has these values, ignoring properties that it lacks.
fn matches(instance: &Instance, wanted: &[Key]) -> bool {
    wanted.iter().all(|wanted| {
        let value = instance.value(wanted.name.as_str());
        value.is_none_or(|value| value.means_same(&wanted.value))
    })
}
