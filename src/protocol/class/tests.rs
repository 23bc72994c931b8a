//! Tests that classes round-trip and that classes from servers are read.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::write::write_class;
use crate::cim::{CimType, Class, MethodDecl, Name, ParameterDecl, PropertyDecl};
use crate::cim::{Qualifier, Value};
use crate::protocol::{DecodeError, read_envelope, write_envelope};
use crate::xml::{Limits, XmlError};

fn read(bytes: &[u8]) -> Result<Class, DecodeError> {
    let read = read_envelope(bytes, Limits::default(), |body, first, _| body.class(first));
    read.map(|(_, class)| class.expect("no fault"))
}

/// Wraps a class in a message.
fn message(class: &str) -> Vec<u8> {
    let (before, after) = (
        r#"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>"#,
        "</s:Body></s:Envelope>",
    );
    [before, class, after].concat().into_bytes()
}

#[test]
fn reads_a_class_from_windows() {
    let class = read(&message(
        r#"<CLASS NAME="Win32_Thing" SUPERCLASS="CIM_Thing" DERIVATION="CIM_Thing,CIM_Base">
             <QUALIFIER NAME="Singleton" TYPE="boolean"><VALUE>TRUE</VALUE></QUALIFIER>
             <QUALIFIER NAME="Description" TYPE="string" TRANSLATABLE="true" TOSUBCLASS="false">
               <VALUE>a &amp; b</VALUE></QUALIFIER>
             <NEW><VALUE>of tomorrow</VALUE></NEW>
             <PROPERTY NAME="Name" TYPE="string" CLASSORIGIN="CIM_Base" PROPAGATED="true">
               <QUALIFIER NAME="key" TYPE="boolean" OVERRIDABLE="false"><VALUE>true</VALUE></QUALIFIER>
               <QUALIFIER NAME="read" TYPE="boolean"><VALUE>true</VALUE></QUALIFIER></PROPERTY>
             <PROPERTY NAME="Size" TYPE="uint64"><VALUE>7</VALUE></PROPERTY>
             <PROPERTY.ARRAY NAME="Roles" TYPE="string"><VALUE.ARRAY><VALUE>a</VALUE><VALUE.NULL/></VALUE.ARRAY>
               </PROPERTY.ARRAY>
             <PROPERTY NAME="Part" TYPE="string" EmbeddedObject="instance">
               <QUALIFIER NAME="EmbeddedInstance" TYPE="string"><VALUE>Win32_Part</VALUE></QUALIFIER></PROPERTY>
             <PROPERTY.REFERENCE NAME="Peer" REFERENCECLASS="CIM_Base"/>
             <PROPERTY TYPE="string"/>
             <METHOD NAME="Stop" TYPE="uint32" CLASSORIGIN="CIM_Thing">
               <QUALIFIER NAME="Static" TYPE="boolean"><VALUE>true</VALUE></QUALIFIER>
               <PARAMETER.REFARRAY NAME="Who" REFERENCECLASS="CIM_Base">
                 <QUALIFIER NAME="Out" TYPE="boolean"><VALUE>true</VALUE></QUALIFIER></PARAMETER.REFARRAY>
             </METHOD>
           </CLASS>"#,
    ));
    let class = class.unwrap();
    assert!(class.is_singleton() && !class.is_abstract());
    assert_eq!(class.derivation(), ["CIM_Thing", "CIM_Base"]);
    assert_eq!(class.superclass(), Some(&Name::new("CIM_Thing")));
    let description = class.qualifier("description").unwrap();
    assert_eq!(description.value, Value::from("a & b"));
    assert!(description.translatable && !description.to_subclass && description.overridable);

    assert_eq!(class.properties().len(), 5, "one has no name");
    let name = class.property("Name").unwrap();
    assert!(name.key && name.read_only && name.propagated && !name.array);
    assert_eq!(name.origin, Some(Name::new("CIM_Base")));
    assert_eq!(class.property("Size").unwrap().default, Value::Uint64(7));
    let roles = class.property("Roles").unwrap();
    assert!(roles.array && roles.default.elements() == [Value::from("a"), Value::Null]);
    let part = class.property("Part").unwrap();
    assert_eq!(
        (part.cim_type, part.class.as_ref()),
        (CimType::Instance, Some(&"Win32_Part".into()))
    );
    let peer = class.property("Peer").unwrap();
    assert_eq!(
        (peer.cim_type, peer.class.as_ref()),
        (CimType::Reference, Some(&"CIM_Base".into()))
    );

    let stop = class.method("stop").unwrap();
    assert!(stop.is_static && stop.return_type == Some(CimType::Uint32));
    let who = stop.parameter("Who").unwrap();
    assert!(who.array && who.output && !who.input && who.cim_type == CimType::Reference);
}

#[test]
fn rejects_invalid_classes() {
    let refused = [
        (r#"<CLASSES/>"#, DecodeError::Unexpected("CLASSES".into())),
        ("", DecodeError::Missing("CLASS")),
        ("<CLASS/>", DecodeError::Missing("NAME of a CLASS")),
    ];
    for (body, error) in refused {
        assert_eq!(read(&message(body)), Err(error), "{body}");
    }
    let whole = message(r#"<CLASS NAME="A"><METHOD NAME="M"/></CLASS>"#);
    for end in 1..whole.len() {
        let error = read(&whole[..end]).unwrap_err();
        assert!(
            matches!(
                error,
                DecodeError::Xml(XmlError::Truncated | XmlError::Empty | XmlError::Malformed(_))
            ),
            "{error:?}"
        );
    }
}

#[test]
fn keeps_the_class_when_one_value_is_invalid() {
    let class = read(&message(
        r#"<CLASS NAME="A"><PROPERTY NAME="P" TYPE="uint8"><VALUE>many</VALUE></PROPERTY>
           <PROPERTY NAME="Q" TYPE="future"><VALUE><X/>tail</VALUE></PROPERTY>
           <PROPERTY NAME="R" TYPE="string"/></CLASS>"#,
    ));
    let class = class.unwrap();
    assert_eq!(
        class.property("P").unwrap().default,
        Value::Untyped("many".into())
    );
    let odd = class.property("Q").unwrap();
    assert_eq!(
        (odd.cim_type, &odd.default),
        (CimType::String, &Value::Null)
    );
    assert!(class.property("R").is_some());
}

/// The class is as long as a response may be: quadratic work would take minutes.
#[test]
fn reads_a_long_class_in_linear_time() {
    let property = r#"<PROPERTY NAME="P" TYPE="string"/>"#;
    let qualifier = r#"<QUALIFIER NAME="Q" TYPE="string"/>"#;
    let body = [
        r#"<CLASS NAME="A">"#,
        &qualifier.repeat(100_000),
        &property.repeat(200_000),
        r#"<METHOD NAME="M">"#,
        &qualifier.repeat(100_000),
        "</METHOD></CLASS>",
    ];
    let class = read(&message(&body.concat())).unwrap();
    assert_eq!(class.properties().len(), 200_000);
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z][A-Za-z0-9_]{0,8}"
}

fn text() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[\\t\\n\\r -\u{d7ff}\u{e000}-\u{fffd}🦀-🦈]{0,12}")
        .expect("a pattern")
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<u8>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f32>()
            .prop_filter("NaN differs from itself", |r| !r.is_nan())
            .prop_map(Value::from),
        text().prop_map(Value::from),
        vec(text(), 0..3).prop_map(Value::from),
        vec(any::<u32>(), 1..3).prop_map(Value::from),
        Just(Value::Null),
    ]
}

fn qualifier() -> impl Strategy<Value = Qualifier> {
    (name(), value(), any::<[bool; 4]>()).prop_map(|(name, value, flags)| {
        let mut qualifier = Qualifier::new(name, value);
        let [overridable, to_subclass, translatable, propagated] = flags;
        qualifier.overridable = overridable;
        qualifier.to_subclass = to_subclass;
        qualifier.translatable = translatable;
        qualifier.propagated = propagated;
        qualifier
    })
}

const MEANT: &[&str] = &[
    "Key",
    "Required",
    "Read",
    "Write",
    "In",
    "Out",
    "Static",
    "Abstract",
    "Association",
];

/// Qualifiers with a meaning, among those without one. Each name stands once, as in a class of a server:
/// the builder keeps what a replaced qualifier has hidden.
fn qualifiers() -> impl Strategy<Value = Vec<Qualifier>> {
    let meant = (proptest::sample::select(MEANT), any::<bool>());
    let meant = meant.prop_map(|(name, value)| Qualifier::new(name, value));
    vec(prop_oneof![qualifier(), meant], 0..4).prop_map(|mut all| {
        let mut seen = Vec::new();
        all.retain(|one| {
            let new = !seen.contains(&one.name);
            seen.push(one.name.clone());
            new
        });
        all
    })
}

fn scalar_type() -> impl Strategy<Value = CimType> {
    proptest::sample::select(&CimType::ALL[..])
}

fn property() -> impl Strategy<Value = PropertyDecl> {
    let parts = (
        name(),
        scalar_type(),
        any::<bool>(),
        option::of(name()),
        any::<bool>(),
        value(),
    );
    (parts, qualifiers()).prop_map(
        |((name, cim_type, array, class, propagated, default), all)| {
            let mut property = PropertyDecl::new(name, cim_type);
            property.array = array;
            property.propagated = propagated;
            property.origin = class.clone().map(Name::from);
            if cim_type == CimType::Reference {
                property.class = class.map(Name::from);
            }
            if default.cim_type() == Some(cim_type) && default.is_array() == array {
                property.default = default;
            }
            all.into_iter().fold(property, PropertyDecl::qualified)
        },
    )
}

fn method() -> impl Strategy<Value = MethodDecl> {
    let parameter = (name(), scalar_type(), any::<bool>(), qualifiers());
    let parameter = parameter.prop_map(|(name, cim_type, array, all)| {
        let mut parameter = ParameterDecl::input(name, cim_type);
        parameter.array = array;
        all.into_iter().fold(parameter, ParameterDecl::qualified)
    });
    let returns = option::of(scalar_type());
    (name(), returns, vec(parameter, 0..3), qualifiers()).prop_map(
        |(name, returns, parameters, all)| {
            let mut method = MethodDecl::new(name);
            method.return_type = returns;
            method.parameters = parameters;
            all.into_iter().fold(method, MethodDecl::qualified)
        },
    )
}

fn class() -> impl Strategy<Value = Class> {
    let members = (vec(property(), 0..6), vec(method(), 0..3), qualifiers());
    (name(), vec(name(), 0..3), members).prop_map(
        |(name, derivation, (properties, methods, all))| {
            let class = Class::new(name).derived_from(derivation);
            let class = properties.into_iter().fold(class, Class::with_property);
            let class = methods.into_iter().fold(class, Class::with_method);
            all.into_iter().fold(class, Class::qualified)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn classes_round_trip(class in class()) {
        let bytes = write_envelope(|_| Ok(()), |w| write_class(w, &class)).expect("written");
        prop_assert_eq!(read(&bytes).expect("read"), class);
    }
}
