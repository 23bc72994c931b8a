//! Create and update: modes, flags and partial updates of a put.
//!
//! [`Session::put_instance`](crate::Session::put_instance) returns a [`Put`].

mod mode;
mod partial;
mod reconcile;

pub use mode::{PutFlags, PutMode};
pub use partial::{PartialUpdate, PutExtensions};
pub use reconcile::{Reconcile, Reconciled, Unknowable};

use std::borrow::Cow;
use std::sync::Arc;

use super::Session;
use super::call::{Call, Draft, Effect};
use super::create::{check_created, create};
use super::get::{read_instance, with_path};
use super::instance_source::check;
use super::request::{InstanceSource, Perform, Request, Run, TargetPath};
use super::schema::{Purpose, Unchecked, checked};
use super::target::{Target, spelled};
use crate::cim::{Instance, InstancePath, Keys, ValueError};
use crate::error::{Error, OperationKind, Subject};
use crate::protocol::{EncodeContext, FragmentBody, action, write_instance};
use crate::xml::Writer;

/// The operation of [`Session::put_instance`] and [`Session::modify_instance`].
#[derive(Clone, Debug)]
pub struct PutInstance {
    pub(super) instance: Instance,
    /// Why the struct of the caller is no instance.
    pub(super) invalid: Option<ValueError>,
    pub(super) at: Option<TargetPath>,
    pub(super) mode: PutMode,
    pub(super) partial: PartialUpdate,
    pub(super) checked: bool,
}

/// The result of a put.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Put {
    /// Whether the server created or updated the instance.
    pub outcome: PutOutcome,
    /// The path of the instance, as in `IWbemCallResult::GetResultString`. If the server assigns keys,
    /// only this path contains them.
    pub path: InstancePath,
    /// The instance after the put, if the server sent it: most do after an update, none after a create.
    pub instance: Option<Instance>,
    /// The number of messages sent.
    pub messages: u32,
}

/// Whether a put created the instance or updated it.
///
/// Complete: a put that did neither is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PutOutcome {
    /// The instance did not exist and was created.
    Created,
    /// The instance existed and was updated.
    Updated,
}

impl Session {
    /// Updates or creates an instance (`IWbemServices::PutInstance`, MS-WMI 3.1.4.3.12). The
    /// [`PutMode`] defaults to create-or-update.
    ///
    /// An update is a WS-Transfer Put, a creation a Create. CreateOrUpdate sends a Put, on not-found a
    /// Create, and a second Put if another client created the instance meanwhile. That takes at most
    /// three messages, or five with [`PartialUpdate::Merge`]. It is not atomic, because the protocol has
    /// no such operation.
    ///
    /// The instance may be a struct: see [`InstanceSource`].
    ///
    /// The keys come from [`Instance::with_key`], from the path of an instance that was read or created, or
    /// from [`at`](Request::<PutInstance>::at). An update without keys fails before it is sent.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] (CreateOnly), [`Error::NotFound`] (UpdateOnly);
    /// [`Error::CreatedElsewhere`] if the server created an instance with other keys. With
    /// [`Delivery::Unknown`](crate::Delivery::Unknown) the server may have performed the write:
    /// [`reconcile`](Session::reconcile) reads the instance back. The session never retries such a write.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// # use wsman::{Error, Instance, PutMode, PutOutcome};
    /// let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Path", r"C:\logs").with("Type", 0u32);
    /// let missing = session.put_instance(&share).mode(PutMode::UpdateOnly).await;
    /// assert!(matches!(missing, Err(Error::NotFound(_))));
    /// let put = session.put_instance(&share).await?;
    /// assert_eq!(put.outcome, PutOutcome::Created);
    /// # Ok(()) });
    /// ```
    pub fn put_instance(&self, instance: impl Into<InstanceSource>) -> Request<PutInstance> {
        let (instance, invalid) = instance.into().resolve();
        Request::new(
            self,
            PutInstance {
                instance: self.with_secrets_marked(instance),
                invalid,
                at: None,
                mode: PutMode::default(),
                partial: PartialUpdate::default(),
                checked: self.settings().checked,
            },
        )
    }
}

impl Request<PutInstance> {
    /// Sets whether an existing instance is updated and a missing one created. Defaults to both.
    pub fn mode(mut self, mode: PutMode) -> Self {
        self.operation.mode = mode;
        self
    }

    /// Sets the mode from WMI's `lFlags`.
    pub fn flags(self, flags: PutFlags) -> Self {
        self.mode(flags.mode())
    }

    /// Sets which part of the instance to change. Defaults to [`PartialUpdate::Whole`].
    pub fn partial(mut self, partial: PartialUpdate) -> Self {
        self.operation.partial = partial;
        self
    }

    /// Sets the path of the instance, instead of the path and keys of the instance itself.
    pub fn at(mut self, target: impl Into<TargetPath>) -> Self {
        self.operation.at = Some(target.into());
        self
    }

    /// Validates the instance against its class before sending; takes the keys from the class if none
    /// are marked. Values are converted to the declared types if the conversion loses nothing.
    ///
    /// The session reads the class once, as [`get_class`](Session::get_class) does.
    ///
    /// Servers validate differently: OMI truncates a number that is too large, openwsman ignores unknown
    /// properties. This validation is the same on every server that provides classes.
    ///
    /// # Errors
    /// All of them with [`Delivery::NotSent`](crate::Delivery::NotSent):
    ///
    /// * [`Error::InvalidParameter`] for a property that the class does not declare, a read-only property
    ///   that an update changes, a missing key, or a key that the class does not declare as one;
    /// * [`Error::TypeMismatch`] for a value of another type;
    /// * [`Error::IllegalNull`] for NULL in a property that requires a value;
    /// * [`Error::InvalidClass`] for an abstract class;
    /// * those of [`get_class`](Session::get_class).
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// # use wsman::{Delivery, Error, Instance};
    /// let share = Instance::new("Win32_Share").with("Name", "logs").with("Path", r"C:\logs");
    /// let put = session.put_instance(&share).checked().await?;
    /// assert_eq!(put.path.to_string(), r#"root\cimv2:Win32_Share.Name="logs""#);
    /// let error = session.put_instance(&share.with("Type", "many")).checked().await.unwrap_err();
    /// assert!(matches!(error, Error::TypeMismatch(_)) && error.delivery() == Delivery::NotSent);
    /// # Ok(()) });
    /// ```
    pub fn checked(mut self) -> Self {
        self.operation.checked = true;
        self
    }

    /// Returns the message of the update, a WS-Transfer Put, without sending it.
    ///
    /// The message that is sent has another MessageID. What a request asks the server first is not in
    /// it: the class of [`checked`](Self::checked), and the instance of [`PartialUpdate::Merge`].
    ///
    /// # Errors
    /// Those of an update that fails before it is sent, such as [`Error::InvalidParameter`] without keys.
    ///
    /// ```
    /// # fn example(session: &wsman::Session) -> Result<(), wsman::Error> {
    /// use wsman::Instance;
    /// let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Path", r"C:\logs");
    /// let message = session.put_instance(&share).to_message()?;
    /// println!("{}", String::from_utf8_lossy(&message));
    /// # Ok(()) }
    /// ```
    pub fn to_message(&self) -> Result<Vec<u8>, Error> {
        self.written().map_err(|error| self.explain(error))
    }

    fn written(&self) -> Result<Vec<u8>, Error> {
        let call = Call::new(self.session.clone(), self.options.clone(), Arc::default())?;
        let put = &self.operation;
        check(put.invalid.as_ref())?;
        put.partial.check(put.mode, &put.instance)?;
        let target = put.target(&call)?;
        let (draft, body) = put.draft(&target, &put.instance)?;
        let encoding = target.encoding(&call);
        let message = call.write(draft, |w| put.write(w, &target, &body, encoding))?;
        Ok(message.bytes)
    }
}

impl Perform for PutInstance {
    type Output = Put;
}

impl Run<Put> for PutInstance {
    async fn perform(&mut self, call: &mut Call) -> Result<Put, Error> {
        check(self.invalid.as_ref())?;
        self.partial.check(self.mode, &self.instance)?;
        self.at.as_ref().map(TargetPath::path).transpose()?;
        if self.checked {
            self.instance = checked(call, self.unchecked()).await?;
        }
        match self.mode {
            PutMode::UpdateOnly => self.update(call, &self.target(call)?).await,
            PutMode::CreateOnly => self.create_only(call).await,
            PutMode::CreateOrUpdate => self.create_or_update(call, &self.target(call)?).await,
        }
    }

    fn kind(&self) -> OperationKind {
        let modifies =
            self.mode == PutMode::UpdateOnly && self.partial == PartialUpdate::ModifiedProperties;
        if modifies {
            OperationKind::Modify
        } else {
            OperationKind::Put
        }
    }

    fn subject(&self) -> Subject {
        let at = self.at.as_ref().and_then(|at| at.path().ok().cloned());
        let path = at.or_else(|| self.instance.path());
        let path = path.unwrap_or_else(|| InstancePath::new(self.instance.class().clone()));
        Subject::at(self.kind(), Some(path))
    }
}

impl PutInstance {
    /// Returns the path of the request, which `perform` has found valid.
    fn at(&self) -> Option<&InstancePath> {
        self.at.as_ref()?.path().ok()
    }

    fn unchecked(&self) -> Unchecked<'_> {
        Unchecked {
            instance: &self.instance,
            at: self.at(),
            purpose: match self.mode {
                PutMode::CreateOnly => Purpose::Create,
                PutMode::UpdateOnly => Purpose::Update,
                PutMode::CreateOrUpdate => Purpose::Either,
            },
            only: match &self.partial {
                PartialUpdate::Fragment(name) => Some(name),
                _ => None,
            },
        }
    }

    fn target(&self, call: &Call) -> Result<Target, Error> {
        Target::of_instance(call, &self.instance, self.at())
    }

    /// Returns whether the caller names the instance, or the server assigns its keys.
    fn has_keys(&self) -> bool {
        let own = self.instance.path();
        self.at.is_some() || own.is_some_and(|path| !matches!(path.keys(), Keys::Class))
    }

    /// Creates the instance. Without keys the server assigns them, or fails because they are missing.
    async fn create_only(&self, call: &mut Call) -> Result<Put, Error> {
        let target = if self.has_keys() {
            self.target(call)?
        } else {
            Target::of_class(call, &self.instance)?
        };
        self.create(call, &target).await
    }

    /// Sends a Put, and a Create only after not-found. An ambiguous not-found also leads to the Create,
    /// which fails in a missing class or namespace and writes nothing. Any other fault is the result.
    async fn create_or_update(&self, call: &mut Call, target: &Target) -> Result<Put, Error> {
        let not_found = match self.update(call, target).await {
            Err(error @ Error::NotFound(_)) => error,
            done => return done,
        };
        let exists = match self.create(call, target).await {
            Err(error @ Error::AlreadyExists(_)) => error,
            Err(error) => return Err(error.after(not_found)),
            done => return done,
        };
        // Another client has created it meanwhile. If it is deleted again, the caller must decide.
        let again = self.update(call, target).await;
        again.map_err(|error| error.after(exists.after(not_found)))
    }

    async fn update(&self, call: &mut Call, target: &Target) -> Result<Put, Error> {
        if self.partial != PartialUpdate::Merge {
            return self.put(call, target, &self.instance).await;
        }
        let mut merged = read_instance(call, target).await?;
        // The instance may be of a derived class, which the Put must name.
        let target = Target {
            class: spelled(merged.class(), &target.class).clone(),
            ..target.clone()
        };
        for property in self
            .instance
            .properties()
            .iter()
            .filter(|property| property.is_modified())
        {
            merged.set(property.name(), property.value().clone());
            if property.is_secret() {
                merged.mark_secret(property.name());
            }
        }
        self.put(call, &target, &merged).await
    }

    async fn put(&self, call: &mut Call, target: &Target, body: &Instance) -> Result<Put, Error> {
        let (draft, body) = self.draft(target, body)?;
        let encoding = target.encoding(call);
        let answer = call
            .send(
                draft,
                |w| self.write(w, target, &body, encoding),
                |answer, first, _| {
                    answer.instances.expect(&body);
                    answer.put(first)
                },
            )
            .await?;
        let instance = answer.flatten().map(|instance| with_path(instance, target));
        Ok(self.done(call, PutOutcome::Updated, target.path(), instance))
    }

    /// Returns the frame of the Put, and the instance in it.
    fn draft<'b>(
        &self,
        target: &Target,
        body: &'b Instance,
    ) -> Result<(Draft, Cow<'b, Instance>), Error> {
        let fragment = self.partial.fragment(body);
        let draft = Draft {
            options: self.partial.options(body),
            fragment: fragment.map(|(name, _)| name.as_str().to_owned()),
            ..target.draft(action::PUT, Effect::Write)?
        };
        let body = match self.partial {
            // The server does not change an unmodified property.
            PartialUpdate::ModifiedProperties => Cow::Owned(body.clone().without_altered()),
            _ => Cow::Borrowed(body),
        };
        Ok((draft, body))
    }

    /// Writes the body of the Put: the instance, or one property of it.
    fn write(
        &self,
        w: &mut Writer,
        target: &Target,
        body: &Instance,
        encoding: EncodeContext<'_>,
    ) -> Result<(), ValueError> {
        match self.partial.fragment(body) {
            Some((name, property)) => {
                let class = target.class.as_str();
                FragmentBody::write(w, class, name.as_str(), property, encoding)
            }
            None => write_instance(w, body, encoding),
        }
    }

    async fn create(&self, call: &mut Call, target: &Target) -> Result<Put, Error> {
        let path = create(call, target, &self.instance, &self.partial).await?;
        check_created(&path, target, self.mode)?;
        Ok(self.done(call, PutOutcome::Created, path, None))
    }

    fn done(
        &self,
        call: &Call,
        outcome: PutOutcome,
        path: InstancePath,
        instance: Option<Instance>,
    ) -> Put {
        Put {
            outcome,
            path,
            instance,
            messages: call.messages(),
        }
    }
}
