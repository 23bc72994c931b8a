//! Methods: calls one on an instance or a class.
//!
//! [`Session::invoke_method`](crate::Session::invoke_method) takes what [`MethodTarget`] names, and
//! returns a [`MethodResult`].

mod result;
mod target;

pub use result::MethodResult;
pub use target::MethodTarget;

use serde::Serialize;

use super::Session;
use super::call::{Call, Draft, Effect, invalid_parameter};
use super::request::{Perform, Request, Run};
use super::target::Target;
use crate::cim::{Instance, Name, Value, ValueError};
use crate::error::{Error, Failure};
use crate::protocol::{AnswerAction, PARAMETERS, write_input};
use crate::transport::Delivery;

/// The operation of [`Session::invoke_method`].
#[derive(Clone, Debug)]
pub struct InvokeMethod {
    target: MethodTarget,
    method: Name,
    /// Kept as converted, so that the builder needs no `?`; sending the request returns its error.
    arguments: Result<Instance, ValueError>,
}

impl Session {
    /// Calls a method on the instance, or a static method on the class, that [`MethodTarget`] names
    /// (`MI_Session_Invoke`, `IWbemServices::ExecMethod`; DSP0230 10.3, MS-WSMV 3.1.4.1.32).
    ///
    /// Many methods return a number. A number other than 0 is a result, not an error: check
    /// [`MethodResult::return_code`]. The session never repeats a call; if the answer is lost,
    /// [`Error::delivery`] is [`Delivery::Unknown`].
    ///
    /// # Errors
    /// [`Error::NotSupported`] if the method does not exist, for which OMI sends only [`Error::Fault`];
    /// [`Error::NotFound`] if the instance does not exist; [`Error::InvalidParameter`] or
    /// [`Error::TypeMismatch`] for invalid arguments; [`Error::ServerLimits`] with [`Delivery::Answered`]
    /// if the method has run and its answer exceeds the largest envelope.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// let spooler = r#"Win32_Service.Name="Spooler""#;
    /// let stopped = session.invoke_method(spooler, "StopService").await?;
    /// assert_eq!(stopped.return_code()?, 0);
    ///
    /// let share = session
    ///     .invoke_method("Win32_Share", "Create")
    ///     .arg("Name", "logs")
    ///     .arg("Path", r"C:\logs")
    ///     .arg("Type", 0u32)
    ///     .await?;
    /// assert_eq!(share.return_code()?, 0);
    /// # Ok(()) });
    /// ```
    pub fn invoke_method(
        &self,
        target: impl Into<MethodTarget>,
        method: impl Into<Name>,
    ) -> Request<InvokeMethod> {
        Request::new(
            self,
            InvokeMethod {
                target: target.into(),
                method: method.into(),
                arguments: Ok(Instance::new(PARAMETERS)),
            },
        )
    }
}

impl Request<InvokeMethod> {
    /// Sets an argument: a value of any CIM type, an array, a path as a reference, an instance, or
    /// [`Value::Null`].
    pub fn arg(mut self, name: impl Into<Name>, value: impl Into<Value>) -> Self {
        if let Ok(arguments) = &mut self.operation.arguments {
            arguments.set(name, value);
        }
        self
    }

    /// Sets an argument for each field of a struct, entry of a map or property of an [`Instance`],
    /// converted as in [`Instance::from_struct`]. A value without a CIM type fails the request before it
    /// is sent ([`Error::Value`]).
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// #[derive(serde::Serialize)]
    /// #[serde(rename_all = "PascalCase")]
    /// struct ChangeStartMode {
    ///     start_mode: &'static str,
    /// }
    /// let changed = session
    ///     .invoke_method(r#"Win32_Service.Name="W32Time""#, "ChangeStartMode")
    ///     .args(&ChangeStartMode { start_mode: "Manual" })
    ///     .await?;
    /// assert_eq!(changed.return_code()?, 0);
    /// # Ok(()) });
    /// ```
    pub fn args<T: Serialize + ?Sized>(mut self, arguments: &T) -> Self {
        let known = self.operation.arguments;
        self.operation.arguments = known.and_then(|known| {
            let more = Instance::of_fields(PARAMETERS, arguments)?;
            let more = more.properties().iter();
            Ok(more.fold(known, |all, p| all.with(p.name(), p.value().clone())))
        });
        self
    }
}

impl Perform for InvokeMethod {
    type Output = MethodResult;
}

impl Run<MethodResult> for InvokeMethod {
    async fn perform(self, call: &mut Call) -> Result<MethodResult, Error> {
        let path = self.target.into_path().map_err(invalid_parameter)?;
        let target = Target::of_method(call, &path)?;
        let arguments = self.arguments?;
        let method = self.method.as_str();
        let draft = Draft {
            answered_by: AnswerAction::Method,
            ..target.draft(target.method_action(method)?, Effect::Write)?
        };
        let (class, encoding) = (target.class.as_str(), target.encoding(call));
        let output = call
            .send(
                draft,
                |w| write_input(w, class, method, &arguments, encoding),
                |body, first, _| body.output(first),
            )
            .await?;
        output
            .map(MethodResult::from)
            .ok_or_else(|| unreported(method))
    }
}

/// Makes the error of a method that has run and whose result is lost.
fn unreported(method: &str) -> Error {
    let text = format!(
        "{method} has run, but its result is lost: the answer exceeds the largest envelope; raise \
         SessionBuilder::max_envelope_size"
    );
    Error::ServerLimits(Failure::new(text).delivery(Delivery::Answered))
}
