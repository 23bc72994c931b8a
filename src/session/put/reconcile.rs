//! Reconciles a put of unknown delivery with what the server holds.

use std::fmt;

use super::{PartialUpdate, PutInstance, PutMode};
use crate::cim::{Instance, Keys, Name, Property, Value};
use crate::error::{Error, OperationKind, Subject};
use crate::session::Session;
use crate::session::call::Call;
use crate::session::get::read_instance;
use crate::session::instance_source::check;
use crate::session::options::CallOptions;
use crate::session::request::{Perform, Request, Run, TargetPath};
use crate::session::schema::checked;
use crate::session::target::Target;

/// The operation of [`Session::reconcile`].
#[derive(Clone, Debug)]
pub struct Reconcile {
    put: PutInstance,
    before: Before,
}

/// What the caller knows of the time before the put.
#[derive(Clone, Debug)]
enum Before {
    Unknown,
    Missing,
    Instance(Box<Instance>),
}

/// Whether a put was done, as far as the server's state shows it ([`Session::reconcile`]).
///
/// Exhaustive: it was done, it was not, or the state does not show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reconciled {
    /// The put was done: the instance has the values that it sends, and did not have them before.
    Done,
    /// The put was not done: the instance is missing, or is as it was before. It may be sent again.
    NotDone,
    /// The state does not show whether it was done. The caller must decide.
    Unknowable {
        /// Why.
        why: Unknowable,
    },
}

/// Why the state of the server does not show whether a put was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unknowable {
    /// The instance has the values that the put sends, and may have had them before. See
    /// [`before`](Request::<Reconcile>::before).
    MayBeOld,
    /// The instance has other values. The put was not done, or another client changed them since; after
    /// a creation the instance may be one of another client.
    Differs,
    /// The instance existed before and is missing, so another client deleted it.
    Deleted,
    /// The server assigns the keys of the instance, so that it cannot be found.
    NoKeys,
    /// The put sends nothing that can be compared: only keys, or values that are secret.
    NothingToCompare,
    /// The server answers that the instance does not exist, but does not list its class either: the class
    /// may be missing, or its provider may be down.
    AmbiguousNotFound,
}

impl fmt::Display for Unknowable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MayBeOld => "the instance may have had these values before",
            Self::Differs => "the instance has other values, perhaps of another client",
            Self::Deleted => "another client deleted the instance",
            Self::NoKeys => "the server assigns the keys of the instance",
            Self::NothingToCompare => "the put sends no value that can be compared",
            Self::AmbiguousNotFound => "the server does not answer for the class of the instance",
        })
    }
}

impl Session {
    /// Reads the instance of a put back, and settles whether a put of
    /// [unknown delivery](crate::Delivery::Unknown) was done. It writes nothing.
    ///
    /// | read back | before | result |
    /// |---|---|---|
    /// | missing | existed | [`Unknowable::Deleted`] |
    /// | missing | missing, or unknown | [`NotDone`](Reconciled::NotDone) |
    /// | the values sent | other values, or missing | [`Done`](Reconciled::Done) |
    /// | the values sent | unknown, create-only | [`Done`](Reconciled::Done) |
    /// | the values sent | the same, or unknown | [`Unknowable::MayBeOld`] |
    /// | other values | the same as read back | [`NotDone`](Reconciled::NotDone) |
    /// | other values | anything else | [`Unknowable::Differs`] |
    ///
    /// So an update needs [`before`](Request::<Reconcile>::before). Only the values that the put sends
    /// are compared: those of a partial update, and none of a secret property. A value that the server
    /// spells its own way differs, which never leads to a wrong result.
    ///
    /// A server keeps no history. The result is wrong where another client has undone the put since (it
    /// deleted what was created, or restored all earlier values), or has written the very same values. A
    /// put that the server is still processing is not done yet: reconcile after its time limit.
    ///
    /// # Errors
    /// Those of [`get_instance`](Self::get_instance), but for [`Error::NotFound`], and those of a put
    /// that fails before it is sent.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, simulator| {
    /// use wsman::put::Reconciled;
    /// use wsman::simulator::Knob;
    /// use wsman::{Delivery, Instance};
    /// let path = r#"Win32_Share.Name="public""#;
    /// let before = session.get_instance(path).optional().await?;
    /// let share = Instance::new("Win32_Share").with_key("Name", "public").with("Description", "for all");
    /// let put = session.put_instance(&share);
    /// simulator.next(Knob::DropAnswer);
    /// let lost = put.clone().await.unwrap_err();
    /// assert_eq!(lost.delivery(), Delivery::Unknown);
    /// assert_eq!(session.reconcile(&put).before(before).await?, Reconciled::Done);
    /// # Ok(()) });
    /// ```
    pub fn reconcile(&self, put: &Request<PutInstance>) -> Request<Reconcile> {
        Request {
            session: self.clone(),
            options: CallOptions {
                namespace: put.options.namespace.clone(),
                prefix: put.options.prefix.clone(),
                options: put.options.options.clone(),
                deadline: put.options.deadline,
                ..put.options.of_any_message()
            },
            operation: Reconcile {
                put: put.operation.clone(),
                before: Before::Unknown,
            },
        }
    }
}

impl Request<PutInstance> {
    /// Reads the instance back and settles whether the put was done: [`Session::reconcile`] of this
    /// request.
    ///
    /// # Errors
    /// As [`Session::reconcile`].
    pub fn reconcile(&self) -> Request<Reconcile> {
        self.session.reconcile(self)
    }
}

impl Request<Reconcile> {
    /// Sets what was there before the put: the instance, or `None` if it was missing. An update can be
    /// reconciled only with it. Read it as
    /// [`get_instance(…).optional()`](Request::optional) does.
    pub fn before(mut self, instance: impl Into<Option<Instance>>) -> Self {
        self.operation.before = match instance.into() {
            Some(instance) => Before::Instance(Box::new(instance)),
            None => Before::Missing,
        };
        self
    }
}

impl Perform for Reconcile {
    type Output = Reconciled;
}

impl Run<Reconciled> for Reconcile {
    async fn perform(&mut self, call: &mut Call) -> Result<Reconciled, Error> {
        let put = &mut self.put;
        check(put.invalid.as_ref())?;
        put.partial.check(put.mode, &put.instance)?;
        put.at.as_ref().map(TargetPath::path).transpose()?;
        if put.checked {
            put.instance = checked(call, put.unchecked()).await?;
        }
        let unknowable = |why| Ok(Reconciled::Unknowable { why });
        if put.mode == PutMode::CreateOnly && !put.has_keys() {
            return unknowable(Unknowable::NoKeys);
        }
        let target = put.target(call)?;
        let mut now = read_instance(call, &target).await;
        if matches!(&now, Err(error @ Error::NotFound(_)) if error.is_ambiguous()) {
            if !is_served(call, &target).await {
                return unknowable(Unknowable::AmbiguousNotFound);
            }
            // The first answer may be from before the server was able to answer for the class.
            now = read_instance(call, &target).await;
        }
        let now = match now {
            Ok(now) => Some(now),
            Err(Error::NotFound(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(self.settle(&target.keys, now.as_ref()))
    }

    fn kind(&self) -> OperationKind {
        OperationKind::Get
    }

    fn subject(&self) -> Subject {
        self.put.subject().during(self.kind())
    }
}

impl Reconcile {
    /// Compares the instance that was read back with what the put sends, and with what was before.
    fn settle(&self, keys: &Keys, now: Option<&Instance>) -> Reconciled {
        let is_sent = |property: &&Property| {
            let is_key = keys.named().iter().any(|key| key.name == *property.name());
            !is_key && self.put.compares(property)
        };
        let sent: Vec<_> = self
            .put
            .instance
            .properties()
            .iter()
            .filter(is_sent)
            .collect();
        let has = |instance: &Instance| {
            let mut sent = sent.iter();
            sent.all(|sent| agree(Some(sent.value()), instance.value(sent.name().as_str())))
        };
        let is_unchanged = |before: &Instance, now: &Instance| {
            let mut names = sent.iter().map(|sent| sent.name().as_str());
            names.all(|name| agree(before.value(name), now.value(name)))
        };
        let is_creation = self.put.mode == PutMode::CreateOnly;
        let why = match (now, &self.before) {
            (None, Before::Instance(_)) => Unknowable::Deleted,
            (None, Before::Missing | Before::Unknown) => return Reconciled::NotDone,
            (Some(_), _) if sent.is_empty() => Unknowable::NothingToCompare,
            (Some(now), Before::Unknown) if has(now) && is_creation => return Reconciled::Done,
            (Some(now), Before::Unknown) if has(now) => Unknowable::MayBeOld,
            (Some(now), Before::Missing) if has(now) => return Reconciled::Done,
            (Some(now), Before::Instance(before)) if has(now) && has(before) => {
                Unknowable::MayBeOld
            }
            (Some(now), Before::Instance(_)) if has(now) => return Reconciled::Done,
            (Some(now), Before::Instance(before)) if is_unchanged(before, now) => {
                return Reconciled::NotDone;
            }
            (Some(_), _) => Unknowable::Differs,
        };
        Reconciled::Unknowable { why }
    }
}

impl PutInstance {
    /// Returns whether the put sends this property, in a form that can be compared.
    fn compares(&self, property: &Property) -> bool {
        let is_sent = match &self.partial {
            PartialUpdate::Whole => !property.is_altered(),
            PartialUpdate::ModifiedProperties | PartialUpdate::Merge => property.is_modified(),
            PartialUpdate::Fragment(name) => name == property.name(),
            PartialUpdate::PutExtensions(extensions) => extensions.writes(property),
        };
        is_sent && !property.is_secret()
    }
}

/// Returns whether two values are the same; servers leave out what is NULL.
fn agree(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.says_same(other),
        (Some(value), None) | (None, Some(value)) => value.is_null(),
        (None, None) => true,
    }
}

/// Returns whether the server answers for the class of a target, because it lists its instances.
async fn is_served(call: &Call, target: &Target) -> bool {
    let class: &Name = &target.class;
    let mut rows = call
        .session()
        .enumerate_instances(class.as_str())
        .max_elements(1);
    rows.options = CallOptions {
        namespace: target.namespace.clone().map(Ok),
        prefix: Some(target.prefix.clone()),
        ..call.options().of_any_message()
    };
    !matches!(rows.stream().next().await, Some(Err(_)))
}
