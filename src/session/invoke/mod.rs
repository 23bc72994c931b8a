//! Methods: calls one on an instance or a class.
//!
//! [`Session::invoke_method`](crate::Session::invoke_method) takes what a [`TargetPath`] names, and
//! returns a [`MethodResult`].

mod result;

pub use result::MethodResult;

use serde::Serialize;

use super::Session;
use super::call::{Call, Draft, Effect};
use super::request::{Perform, Request, Run, TargetPath};
use super::schema::{known_method, typed_output};
use super::target::Target;
use crate::cim::{Instance, MethodDecl, Name, Value, ValueError};
use crate::error::{Error, Failure, OperationKind, Subject};
use crate::protocol::{AnswerAction, PARAMETERS, write_input};
use crate::transport::Delivery;

/// The operation of [`Session::invoke_method`].
#[derive(Clone, Debug)]
pub struct InvokeMethod {
    target: TargetPath,
    method: Name,
    /// Kept as converted, so that the builder needs no `?`; sending the request returns its error.
    arguments: Result<Instance, ValueError>,
    checked: bool,
}

impl Session {
    /// Calls a method on the instance, or a static method on the class, that [`TargetPath`] names
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
        target: impl Into<TargetPath>,
        method: impl Into<Name>,
    ) -> Request<InvokeMethod> {
        Request::new(
            self,
            InvokeMethod {
                target: target.into(),
                method: method.into(),
                arguments: Ok(Instance::new(PARAMETERS)),
                checked: self.settings().checked,
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
        self.with_secrets_marked()
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
        self.with_secrets_marked()
    }

    fn with_secrets_marked(mut self) -> Self {
        let operation = &mut self.operation;
        if let (Ok(path), Ok(arguments)) = (operation.target.path(), &mut operation.arguments) {
            self.session
                .mark_arguments(path.class(), &operation.method, arguments);
        }
        self
    }
}

impl Request<InvokeMethod> {
    /// Validates the call against the declaration of the method before sending, and converts the arguments
    /// to the declared types if the conversion loses nothing. The session reads the class once, as
    /// [`get_class`](Session::get_class) does.
    ///
    /// # Errors
    /// All of them with [`Delivery::NotSent`]: [`Error::NotSupported`] if the class has no such method,
    /// [`Error::InvalidParameter`] for an argument that is no input parameter, a missing argument that the
    /// class requires (qualifier `Required`), a static method on an instance or another one on the class;
    /// [`Error::IllegalNull`] for NULL where a value is required; [`Error::TypeMismatch`] for a value of
    /// another type; and those of [`get_class`](Session::get_class). OMI's classes do not say which
    /// methods are static and which parameters are outputs.
    ///
    /// ```
    /// # wsman::doc_examples::run(async |session, _| {
    /// # use wsman::{Delivery, Error};
    /// let add = || session.invoke_method("Demo_Item", "Add").checked().typed();
    /// let sum = add().arg("Numbers", [1u8, 2, 4]).await?;
    /// assert_eq!(sum.outputs.value("Sum"), Some(&wsman::Value::Uint64(7)));
    /// let misspelt = add().arg("Number", 1u32).await.unwrap_err();
    /// assert!(matches!(misspelt, Error::InvalidParameter(_)) && misspelt.delivery() == Delivery::NotSent);
    /// # Ok(()) });
    /// ```
    pub fn checked(mut self) -> Self {
        self.operation.checked = true;
        self
    }

    /// Converts the return value and the out parameters to the types that the method declares. A value
    /// that does not convert stays as received. The session reads the class once, before the call.
    ///
    /// # Errors
    /// Those of [`get_class`](Session::get_class), with [`Delivery::NotSent`].
    pub fn typed(mut self) -> Self {
        self.options.typed = true;
        self
    }
}

impl Perform for InvokeMethod {
    type Output = MethodResult;
}

impl Run<MethodResult> for InvokeMethod {
    async fn perform(&mut self, call: &mut Call) -> Result<MethodResult, Error> {
        let target = Target::of_method(call, self.target.path()?)?;
        let mut arguments = self.arguments.clone()?;
        let declared = if self.checked || call.is_typed() {
            Some(known_method(call, &target, &self.method).await?)
        } else {
            None
        };
        if let (true, Some(declared)) = (self.checked, &declared) {
            declared.check_target(&target)?;
            arguments = declared.checked_arguments(arguments)?;
        }
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
        let result = output.map(MethodResult::from);
        let result = result.ok_or_else(|| unreported(method))?;
        Ok(match declared.filter(|_| call.is_typed()) {
            Some(declared) => typed(result, &declared.method, call),
            None => result,
        })
    }

    fn kind(&self) -> OperationKind {
        OperationKind::Invoke
    }

    fn subject(&self) -> Subject {
        let path = self.target.path().ok().cloned();
        Subject::at(self.kind(), path).member(self.method.clone())
    }
}

/// Converts a result to the types that the method declares.
fn typed(mut result: MethodResult, declared: &MethodDecl, call: &Call) -> MethodResult {
    let char16_text = call.form().char16_text();
    for output in result.outputs.properties_mut() {
        let value = std::mem::take(output.value_mut());
        *output.value_mut() = typed_output(declared, output.name(), value, char16_text);
        if declared
            .parameter(output.name().as_str())
            .is_some_and(|declared| declared.secret)
        {
            output.mark_secret();
        }
    }
    if let Some(Ok(typed)) = declared
        .return_type
        .map(|own| result.return_value.typed_as(own))
    {
        result.return_value = typed;
    }
    result
}

/// Makes the error of a method that has run and whose result is lost.
fn unreported(method: &str) -> Error {
    let text = format!(
        "{method} has run, but its result is lost: the answer exceeds the largest envelope; raise \
         SessionBuilder::max_envelope_size"
    );
    Error::ServerLimits(Failure::new(text).delivery(Delivery::Answered).changed())
}
