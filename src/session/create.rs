//! Create: creates an instance.

use std::borrow::Cow;

use super::Session;
use super::call::{Call, Draft, Effect};
use super::instance_source::check;
use super::put::PartialUpdate;
use super::put::PutMode;
use super::request::{InstanceSource, Perform, Request, Run};
use super::schema::{Purpose, Unchecked, checked};
use super::target::Target;
use crate::cim::{Instance, InstancePath, Key, Keys, ValueError};
use crate::error::{Error, Failure, OperationKind, Subject};
use crate::protocol::{action, write_instance};
use crate::transport::Delivery;

/// The operation of [`Session::create_instance`].
#[derive(Clone, Debug)]
pub struct CreateInstance {
    instance: Instance,
    /// Why the struct of the caller is no instance.
    invalid: Option<ValueError>,
    checked: bool,
}

impl Session {
    /// Creates an instance and returns its path (`MI_Session_CreateInstance`; WS-Transfer Create,
    /// MS-WSMV 3.1.4.5). Keys that the server assigns may be omitted. The instance may be a struct: see
    /// [`InstanceSource`].
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] if the instance exists; [`Error::InvalidClass`] if the class does not
    /// exist or is abstract, for which some servers send an ambiguous [`Error::NotFound`].
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// # use wsman::Instance;
    /// let share = Instance::new("Win32_Share").with_key("Name", "logs").with("Path", r"C:\logs");
    /// let path = session.create_instance(&share).await?;
    /// assert_eq!(path.to_string(), r#"root\cimv2:Win32_Share.Name="logs""#);
    /// # Ok(()) });
    /// ```
    pub fn create_instance(&self, instance: impl Into<InstanceSource>) -> Request<CreateInstance> {
        let (instance, invalid) = instance.into().resolve();
        Request::new(
            self,
            CreateInstance {
                instance: self.with_secrets_marked(instance),
                invalid,
                checked: self.settings().checked,
            },
        )
    }
}

impl Request<CreateInstance> {
    /// Validates the instance against its class before sending, as
    /// [`checked`](Request::<crate::put::PutInstance>::checked) does for a put in create-only mode.
    pub fn checked(mut self) -> Self {
        self.operation.checked = true;
        self
    }
}

impl Perform for CreateInstance {
    type Output = InstancePath;
}

impl Run<InstancePath> for CreateInstance {
    async fn perform(&mut self, call: &mut Call) -> Result<InstancePath, Error> {
        check(self.invalid.as_ref())?;
        if self.checked {
            let unchecked = Unchecked {
                instance: &self.instance,
                at: None,
                purpose: Purpose::Create,
                only: None,
            };
            self.instance = checked(call, unchecked).await?;
        }
        let target = Target::of_class(call, &self.instance)?;
        create(call, &target, &self.instance, &PartialUpdate::Whole).await
    }

    fn kind(&self) -> OperationKind {
        OperationKind::Create
    }

    fn subject(&self) -> Subject {
        let path = self.instance.path();
        let path = path.unwrap_or_else(|| InstancePath::new(self.instance.class().clone()));
        Subject::at(self.kind(), Some(path))
    }
}

/// Creates an instance of the target's class and returns its path: the server's, else that of its own
/// keys.
pub(super) async fn create(
    call: &mut Call,
    target: &Target,
    instance: &Instance,
    partial: &PartialUpdate,
) -> Result<InstancePath, Error> {
    let options = match partial {
        PartialUpdate::ModifiedProperties => partial.options(instance),
        _ => Vec::new(),
    };
    let draft = Draft {
        options,
        ..target.class_only().draft(action::CREATE, Effect::Write)?
    };
    let encoding = target.encoding(call);
    let body = with_keys(instance, target);
    let created = call
        .send(
            draft,
            |w| write_instance(w, &body, encoding),
            |body, first, _| body.created(first),
        )
        .await?;
    let by_server = created.and_then(|created| created.path);
    let keys = match (&target.keys, instance.path()) {
        (Keys::Class, Some(path)) => path.keys().clone(),
        (keys, _) => keys.clone(),
    };
    let own = target.with_keys(keys).path();
    // A reference without selectors, as that of a singleton, contains no keys.
    let path = by_server.filter(|path| !matches!(path.keys(), Keys::Class));
    Ok(target.complete(path.unwrap_or(own)))
}

/// Adds the keys that only the path has to the instance: the body of a Create must contain them.
fn with_keys<'a>(instance: &'a Instance, target: &Target) -> Cow<'a, Instance> {
    let named = target.keys.named().iter();
    let missing = named.filter(|key| instance.value(key.name.as_str()).is_none());
    missing.fold(Cow::Borrowed(instance), |body, key| {
        Cow::Owned(
            body.into_owned()
                .with_key(key.name.clone(), key.value.clone()),
        )
    })
}

/// Fails if the server created a different instance than requested. A server that ignores unknown
/// properties does so if a key of the body has the wrong name.
///
/// A server may spell a key differently, so keys are compared as WMI compares them (MS-WSMV 3.1.4.1.2).
/// The server may assign additional keys, but the Put before a Create could not have found those.
pub(super) fn check_created(
    path: &InstancePath,
    wanted: &Target,
    mode: PutMode,
) -> Result<(), Error> {
    let (made, asked) = (path.keys().named(), wanted.keys.named());
    let may_add = mode == PutMode::CreateOnly || asked.is_empty();
    let agree = |m: &Key, a: &Key| m.name == a.name && m.value.means_same(&a.value);
    let all_there = asked.iter().all(|key| made.iter().any(|m| agree(m, key)));
    if all_there && (may_add || made.len() == asked.len()) {
        return Ok(());
    }
    let text = format!(
        "requested {}, but the server created {path}: delete it if it is not wanted",
        wanted.path()
    );
    let failure = Failure::new(text)
        .delivery(Delivery::Answered)
        .created(path.clone());
    Err(Error::CreatedElsewhere(failure))
}
