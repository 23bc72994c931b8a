//! Get: reads an instance, or one of its properties.

use super::Session;
use super::call::{Call, Draft, Effect};
use super::request::{Perform, Request, Run, TargetPath};
use super::schema::typed;
use super::target::{Target, spelled};
use crate::cim::{Instance, Name, Value};
use crate::error::{Error, OperationKind, Subject};
use crate::protocol::{FragmentBody, action};

/// The operation of [`Session::get_instance`].
#[derive(Clone, Debug)]
pub struct GetInstance {
    target: TargetPath,
}

/// The operation of [`Session::get_property`].
#[derive(Clone, Debug)]
pub struct GetProperty {
    target: TargetPath,
    property: Name,
}

impl Session {
    /// Reads the instance that a [`TargetPath`] names (`MI_Session_GetInstance`; WS-Transfer Get, MS-WSMV 3.1.4.2).
    ///
    /// The instance contains its path, so that it can be changed and put back.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the instance does not exist. Many servers send the same for a missing class
    /// ([`Error::is_ambiguous`]).
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let share = session.get_instance(r#"Win32_Share.Name="public""#).await?;
    /// assert_eq!(share.get::<u32>("Type")?, 0);
    /// # Ok(()) });
    /// ```
    pub fn get_instance(&self, target: impl Into<TargetPath>) -> Request<GetInstance> {
        Request::new(
            self,
            GetInstance {
                target: target.into(),
            },
        )
    }

    /// Reads one property of an instance as a WS-Management fragment (DSP0226 7.7). Returns NULL if the
    /// instance does not have the property.
    ///
    /// # Errors
    /// [`Error::NotSupported`] from servers without fragments, such as OMI.
    pub fn get_property(
        &self,
        target: impl Into<TargetPath>,
        property: impl Into<Name>,
    ) -> Request<GetProperty> {
        Request::new(
            self,
            GetProperty {
                target: target.into(),
                property: property.into(),
            },
        )
    }
}

impl Request<GetInstance> {
    /// Converts untyped values to the types that the class declares. A value that does not convert stays
    /// as received. The session reads the class once, as [`get_class`](crate::Session::get_class) does.
    ///
    /// # Errors
    /// Those of [`get_class`](crate::Session::get_class): openwsman provides no classes.
    ///
    /// ```
    /// # wsman::doc_examples::run_on(wsman::simulator::sample().dialect(wsman::simulator::Dialect::Omi), async |session, _| {
    /// # use wsman::cim::Value;
    /// let share = session.get_instance(r#"Win32_Share.Name="public""#).await?;
    /// assert_eq!(share.value("Type"), Some(&Value::Untyped("0".into())));
    /// let share = session.get_instance(r#"Win32_Share.Name="public""#).typed().await?;
    /// assert_eq!(share.value("Type"), Some(&Value::Uint32(0)));
    /// # Ok(()) });
    /// ```
    pub fn typed(mut self) -> Self {
        self.options.typed = true;
        self
    }
}

impl Perform for GetInstance {
    type Output = Instance;
}

impl Run<Instance> for GetInstance {
    async fn perform(&mut self, call: &mut Call) -> Result<Instance, Error> {
        let target = Target::at(call, self.target.path()?)?;
        let instance = read_instance(call, &target).await?;
        if call.is_typed() {
            typed(call, instance).await
        } else {
            Ok(instance)
        }
    }

    fn kind(&self) -> OperationKind {
        OperationKind::Get
    }

    fn subject(&self) -> Subject {
        Subject::at(self.kind(), self.target.path().ok().cloned())
    }
}

impl Perform for GetProperty {
    type Output = Value;
}

impl Run<Value> for GetProperty {
    async fn perform(&mut self, call: &mut Call) -> Result<Value, Error> {
        let target = Target::at(call, self.target.path()?)?;
        let draft = Draft {
            fragment: Some(self.property.as_str().to_owned()),
            ..target.draft(action::GET, Effect::Read)?
        };
        let fragment = call
            .send(draft, |_| Ok(()), |body, first, _| body.fragment(first))
            .await?;
        Ok(match fragment {
            Some(FragmentBody::Value(value)) => value,
            Some(FragmentBody::Whole(instance)) => instance
                .value(self.property.as_str())
                .cloned()
                .unwrap_or_default(),
            None => Value::Null,
        })
    }

    fn kind(&self) -> OperationKind {
        OperationKind::GetProperty
    }

    fn subject(&self) -> Subject {
        let path = self.target.path().ok().cloned();
        Subject::at(self.kind(), path).member(self.property.clone())
    }
}

/// Reads the instance at a target.
pub(super) async fn read_instance(call: &mut Call, target: &Target) -> Result<Instance, Error> {
    let draft = target.draft(action::GET, Effect::Read)?;
    let instance = call
        .send(draft, |_| Ok(()), |body, first, _| body.instance(first))
        .await?;
    let instance = instance.unwrap_or_else(|| Instance::new(target.class.clone()));
    Ok(with_path(instance, target))
}

/// Sets the path of an instance to that of the target. The class of the instance may be more derived.
pub(super) fn with_path(mut instance: Instance, target: &Target) -> Instance {
    let class = spelled(instance.class(), &target.class).clone();
    instance.set_path(
        Target {
            class,
            ..target.clone()
        }
        .path(),
    );
    instance
}
