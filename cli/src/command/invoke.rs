//! `wsman invoke`: calls a method.

use clap::Args;
use serde_json::{Map, json};
use wsman::cim::{MethodDecl, Name};
use wsman::{InstancePath, MethodResult, Value};

use super::writes;
use crate::app::{App, HostCommand};
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};
use crate::value::assignment::Assignment;
use crate::value::json::write;
use crate::value::target::{Target, instance_path};
use crate::value::typing::{Declared, of_parameter, values};

/// The target, the method and the arguments.
#[derive(Debug, Args)]
pub(crate) struct InvokeArgs {
    /// The class for a static method, or an object path
    #[arg(value_name = "CLASS|PATH")]
    target: String,
    /// The keys, the method (the first word without `=`), and its arguments
    #[arg(value_name = "[KEY=VALUE]… METHOD [ARG=VALUE]…", required = true)]
    words: Vec<String>,
}

impl HostCommand for InvokeArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Results;

    async fn run(&self, _: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        let target = Target::parse(&self.target)?;
        let (keys, method, arguments) = self.parts()?;
        let path = match &target {
            Target::Path(path) if keys.is_empty() => path.clone(),
            Target::Class(class) if keys.is_empty() => InstancePath::new(class.clone()),
            _ => instance_path(host, &target, keys).await?,
        };
        let class = host.schema.class(path.namespace(), path.class()).await;
        let class = class.map_err(Failure::Read)?;
        // A server may have methods that its class does not declare.
        let declared = class.as_ref().and_then(|class| class.method(method));
        let result = call(host, &path, method, arguments, declared).await?;
        out.result(to_json(&result, declared))?;
        Ok(Exit::Done)
    }
}

impl InvokeArgs {
    /// Splits the words at the first one without `=`.
    fn parts(&self) -> Result<(&[String], &str, &[String]), Failure> {
        let position = self.words.iter().position(|word| !Assignment::is_one(word));
        let parts = position.and_then(|position| {
            let (keys, rest) = self.words.split_at_checked(position)?;
            let (method, arguments) = rest.split_first()?;
            Some((keys, method.as_str(), arguments))
        });
        parts.ok_or_else(|| Failure::Usage("no method: it is the first word without `=`".into()))
    }
}

async fn call(
    host: &Host,
    path: &InstancePath,
    method: &str,
    arguments: &[String],
    declared: Option<&MethodDecl>,
) -> Result<MethodResult, Failure> {
    let given = Assignment::parse_all(arguments)?;
    let types = match declared {
        Some(declared) => Declared::parameters(method, declared.inputs()),
        None => Declared::Properties(None),
    };
    let mut request = host.session.invoke_method(path, method);
    for (name, value) in values(&given, &types)? {
        request = request.arg(name, value);
    }
    host.write(request).await.map_err(writes::failed)
}

/// Returns the result with the types of the method, as far as they are known.
fn to_json(result: &MethodResult, declared: Option<&MethodDecl>) -> serde_json::Value {
    let returned = &result.return_value;
    let returned = match declared.and_then(|declared| declared.return_type) {
        Some(cim_type) => returned
            .typed_as(cim_type)
            .unwrap_or_else(|_| returned.clone()),
        None => code(returned),
    };
    let mut out = Map::new();
    for property in result.outputs.properties() {
        let value = typed(property.name(), property.value(), declared);
        out.insert(
            write::escaped(property.name().as_str()),
            write::value(&value),
        );
    }
    json!({ "return": write::value(&returned), "out": out })
}

fn typed(name: &Name, value: &Value, declared: Option<&MethodDecl>) -> Value {
    let parameter = declared.and_then(|declared| declared.parameter(name.as_str()));
    let typed = parameter.and_then(|parameter| of_parameter(parameter).declared(value).ok());
    typed.unwrap_or_else(|| value.clone())
}

/// Reads a return value without a declaration as a number, which most are.
fn code(value: &Value) -> Value {
    value
        .to::<u32>()
        .map_or_else(|_| value.clone(), Value::from)
}
