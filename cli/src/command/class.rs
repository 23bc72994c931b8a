//! `wsman class`: the declaration of a class.

use clap::Args;
use serde_json::{Map, Value as Json, json};
use wsman::cim::{Class, MethodDecl, PropertyDecl, Qualifier};

use crate::app::{App, HostCommand};
use crate::args::Format;
use crate::connect::Host;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Content, Shape, Sink};
use crate::value::json::write;
use crate::value::target::Target;

/// The class.
#[derive(Debug, Args)]
pub(crate) struct ClassArgs {
    /// The class
    #[arg(value_name = "CLASS")]
    class: String,
}

impl HostCommand for ClassArgs {
    const SHAPE: Shape = Shape::One;
    const CONTENT: Content = Content::Results;

    async fn run(&self, app: &App, host: &Host, out: &Sink) -> Result<Exit, Failure> {
        if app.settings.output.output == Some(Format::Mof) {
            return Err(Failure::Usage("class -o mof is not supported yet".into()));
        }
        let target = Target::parse(&self.class)?;
        let mut request = host.session.get_class(target.class().clone());
        if let Some(namespace) = target.path().and_then(|path| path.namespace()) {
            request = request.namespace(namespace);
        }
        let class = request.await.map_err(Failure::Read)?;
        out.result(to_json(&class))?;
        Ok(Exit::Done)
    }
}

/// Returns the JSON form of a class.
pub(super) fn to_json(class: &Class) -> Json {
    json!({
        "class": class.name().as_str(),
        "superclass": class.superclass().map(|name| name.as_str()),
        "abstract": class.is_abstract(),
        "qualifiers": qualifiers(class.qualifiers()),
        "properties": class.properties().iter().map(property).collect::<Vec<_>>(),
        "methods": class.methods().iter().map(method).collect::<Vec<_>>(),
    })
}

fn property(property: &PropertyDecl) -> Json {
    json!({
        "name": property.name.as_str(),
        "type": property.cim_type.as_str(),
        "array": property.array,
        "key": property.key,
        "read": is_true(&property.qualifiers, "Read").unwrap_or(true),
        "write": !property.read_only,
        "not_null": property.not_null,
        "qualifiers": qualifiers(&property.qualifiers),
    })
}

fn method(method: &MethodDecl) -> Json {
    let parameters = method.parameters.iter().map(|parameter| {
        json!({
            "name": parameter.name.as_str(),
            "type": parameter.cim_type.as_str(),
            "array": parameter.array,
            "in": parameter.input,
            "out": parameter.output,
        })
    });
    json!({
        "name": method.name.as_str(),
        "return": method.return_type.map(|cim_type| cim_type.as_str()),
        "parameters": parameters.collect::<Vec<_>>(),
    })
}

fn qualifiers(qualifiers: &[Qualifier]) -> Map<String, Json> {
    let named = qualifiers.iter();
    named
        .map(|qualifier| (qualifier.name.to_string(), write::value(&qualifier.value)))
        .collect()
}

fn is_true(qualifiers: &[Qualifier], name: &str) -> Option<bool> {
    let found = qualifiers.iter().find(|qualifier| qualifier.name == *name);
    found.map(Qualifier::is_true)
}
