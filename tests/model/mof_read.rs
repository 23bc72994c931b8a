//! Reads MOF: what it declares, and where it is wrong.

use std::fs;
use std::path::Path;

use wsman::cim::mof::{Mof, MofReader};
use wsman::cim::{Array, CimType, Class, Instance, Name, Value};

const LAMPS: &str = r#"
// A comment, and /* not another */
#pragma locale ("en_US")
Qualifier Key : boolean = false, Scope(property, reference), Flavor(DisableOverride, ToSubclass);
Qualifier Units : string = "none", Scope(property), Flavor(Translatable);
Qualifier ValueMap : string[], Scope(any);
[Abstract, Description ("A " "thing"), Version("1.0")]
class Acme_Thing {
    [Key, ValueMap { "1", "2" }] uint32 Id;
    [Units] uint64 Size = 0x10;
    [Read, Write(FALSE)] string Tags[3] = { "a", "\x41\x0042" };
    [Override("x")] uint8 Small = 101b;
};
[Description("A lamp")]
class Acme_Lamp as $Lamp : Acme_Thing {
    /* The key stays a key. */
    [Description("the number")] uint32 Id;
    uint8 Small;
    boolean On = FALSE;
    sint16 Level = -017;
    real32 Warmth = 1.5e1;
    char16 Letter = 'A';
    datetime Since = "20240229120000.000000+000";
    Acme_Lamp ref Next;
    [EmbeddedInstance("Acme_Part")] string Part;
    [EmbeddedInstance("Acme_Part")] string Parts[];
    [Static] uint32 Switch([In] boolean On, [In(FALSE), Out] uint8 Before[], [In, Out] Acme_Lamp REF Other);
    void Blink();
};
class Acme_Part { string Name; };
instance of Acme_Lamp as $First {
    Id = 1; On = TRUE; Next = $Second; Letter = '\n';
    Part = "instance of Acme_Part { Name = \"socket\"; };";
    Parts = { instance of Acme_Part { Name = "cable"; } };
};
instance of Acme_Lamp as $Second { Id = 2; Size = NULL; Tags = { }; };
"#;

#[test]
fn a_class_has_what_it_declares_and_the_qualifiers_that_it_inherits() {
    let mof = Mof::parse(LAMPS).unwrap();
    let [thing, lamp, part] = &mof.classes().collect::<Vec<_>>()[..] else {
        panic!("{mof:?}")
    };
    assert!(thing.is_abstract() && !lamp.is_abstract());
    assert_eq!(part.properties().len(), 1);
    assert_eq!(lamp.superclass(), Some(&Name::new("Acme_Thing")));
    let text = |class: &Class| {
        let description = class.qualifier("Description").unwrap();
        description.value.as_str().unwrap().to_owned()
    };
    assert_eq!(
        (text(thing), text(lamp)),
        ("A thing".into(), "A lamp".into())
    );
    assert!(lamp.qualifier("Version").is_none(), "it is restricted");
    let units = thing.property("Size").unwrap().qualifier("Units").unwrap();
    assert_eq!(units.value, Value::from("none"));
    assert!(units.translatable && units.overridable && units.to_subclass);
    let id = lamp.property("Id").unwrap();
    let key = id.qualifier("Key").unwrap();
    assert!(id.key && key.propagated && !key.overridable);
    assert!(!id.qualifier("Description").unwrap().propagated);
    let small = lamp.property("Small").unwrap();
    assert_eq!(small.default, Value::Uint8(5), "an inherited default");
    assert!(small.qualifier("Override").is_none());
    let tags = thing.property("Tags").unwrap();
    assert!(tags.array && tags.read_only);
    assert_eq!(tags.default, Value::from(vec!["a", "AB"]));
    for (name, cim_type, default) in [
        ("On", CimType::Boolean, Value::Boolean(false)),
        ("Level", CimType::Sint16, Value::Sint16(-15)),
        ("Warmth", CimType::Real32, Value::Real32(15.0)),
        ("Letter", CimType::Char16, Value::Char16(65)),
        ("Next", CimType::Reference, Value::Null),
        ("Part", CimType::Instance, Value::Null),
    ] {
        let property = lamp.property(name).unwrap();
        assert_eq!((property.cim_type, &property.default), (cim_type, &default));
    }
    let switch = lamp.method("Switch").unwrap();
    assert!(switch.is_static);
    assert_eq!(switch.return_type, Some(CimType::Uint32));
    let shown: Vec<_> = switch
        .parameters
        .iter()
        .map(|p| (p.name.as_str(), p.cim_type, p.array, p.input, p.output))
        .collect();
    assert_eq!(
        shown,
        [
            ("On", CimType::Boolean, false, true, false),
            ("Before", CimType::Uint8, true, false, true),
            ("Other", CimType::Reference, false, true, true),
        ]
    );
    assert_eq!(lamp.method("Blink").unwrap().return_type, None);
}

#[test]
fn an_instance_has_the_types_and_defaults_of_its_class() {
    let mof = Mof::parse(LAMPS).unwrap();
    let [first, second] = &mof.instances().collect::<Vec<_>>()[..] else {
        panic!("{mof:?}")
    };
    assert_eq!(first.path().unwrap().to_string(), "Acme_Lamp.Id=1");
    assert_eq!(
        first.value("Next"),
        Some(&Value::from(second.path().unwrap()))
    );
    assert_eq!(first.value("Size"), Some(&Value::Uint64(16)));
    assert_eq!(first.value("On"), Some(&Value::Boolean(true)));
    assert_eq!(first.value("Letter"), Some(&Value::Char16(10)));
    let part = Instance::new("Acme_Part").with("Name", "socket");
    assert_eq!(first.value("Part"), Some(&Value::from(part)));
    let parts = Value::from(vec![Instance::new("Acme_Part").with("Name", "cable")]);
    assert_eq!(first.value("Parts"), Some(&parts));
    assert_eq!(second.value("Size"), Some(&Value::Null));
    assert_eq!(
        second.value("Tags"),
        Some(&Value::Array(Array::new(CimType::String)))
    );
    assert_eq!(second.value("Part"), None);
}

#[test]
fn an_error_names_the_place_and_what_was_expected() {
    const A: &str = "class A { [Key] uint8 K; string S; };\n";
    for (text, error) in [
        (
            "klass A {};",
            "1:1: expected a class, an instance, a qualifier or a #pragma, found \"klass\"",
        ),
        (
            "class A {\n  uint32 B\n};",
            "3:1: expected \";\" after the property B, found \"}\"",
        ),
        (
            "class A {",
            "1:10: expected a type, such as \"uint32\", found the end of the text",
        ),
        (
            "class A { int B; };",
            "1:11: there is no type int; a reference has \"ref\" after the class",
        ),
        ("class A { void B; };", "1:16: only a method can be void"),
        (
            "class A { uint8 B = 256; };",
            "1:21: property B: 256 is not a value of type uint8",
        ),
        (
            "class A { uint8 B = {1}; };",
            "1:21: property B: expected one value of type uint8, found several in braces",
        ),
        (
            "class A { boolean B = \"yes\"; };",
            "1:23: property B: \"yes\" is not a value of type boolean",
        ),
        (
            "class A { datetime B = \"now\"; };",
            "1:24: property B: \"now\" is not a value of type datetime",
        ),
        ("class A { uint8 B = 08; };", "1:21: invalid number \"08\""),
        (
            "class A { uint8 b; string B; };",
            "1:27: B stands twice, first in line 1",
        ),
        (
            "class A { string B = \"x\n\"; };",
            "1:22: the string does not end on its line",
        ),
        (
            "class A { string B = \"\\q\"; };",
            "1:23: invalid escape sequence in a string",
        ),
        (
            "class A { string B = \"\\xD800\"; };",
            "1:23: half of a surrogate pair is no character",
        ),
        (
            "class A { char16 B = 'ab'; };",
            "1:22: expected one character in single quotes",
        ),
        ("class A {}; /* x", "1:13: the comment has no end"),
        (
            "class A : B {};",
            "1:11: the class A derives from B, which is not declared",
        ),
        (
            "class A : B {}; class B : A {};",
            "1:7: the class A derives from itself",
        ),
        (
            "class A {}; class a {};",
            "1:19: the class a is declared twice",
        ),
        (
            "class A { uint8 B; }; class C : A { string B; };",
            "1:44: the property B of type string overrides one of type uint8",
        ),
        (
            "[Key(1), key] class A {};",
            "1:10: key stands twice, first in line 1",
        ),
        (
            "[Key : Sticky] class A {};",
            "1:8: there is no flavor Sticky",
        ),
        (
            "Qualifier Key : boolean; class A { [Key(1)] uint8 K; };",
            "1:41: qualifier Key: 1 is not a value of type boolean",
        ),
        (
            "Qualifier Key : boolean, Scope(planet);",
            "1:32: there is no scope planet",
        ),
        (
            "[Association] class A {}; [Association(FALSE)] class B : A {};",
            "1:54: the qualifier Association of the superclass cannot be overridden",
        ),
        (
            "#pragma namespace (7)",
            "1:9: #pragma namespace needs a string",
        ),
        (
            "#pragma include (\"x.mof\")",
            "1:18: a text that is in no file cannot include one",
        ),
        ("instance of B { };", "1:13: there is no class B"),
        (
            "[Abstract] class A {}; instance of A { };",
            "1:36: the class A is abstract: it has no instances",
        ),
        (
            "instance of A { S = \"x\"; };",
            "2:13: the instance of A has no value of its key K",
        ),
        (
            "instance of A { K = NULL; };",
            "2:13: the instance of A has no value of its key K",
        ),
        (
            "instance of A { K = 1; T = 2; };",
            "2:24: the class A has no property T",
        ),
        (
            "instance of A { K = 1; k = 2; };",
            "2:24: k stands twice, first in line 2",
        ),
        (
            "instance of A { K = 1; }; instance of A { K = 1; };",
            "2:39: the instance A.K=1 is declared twice",
        ),
        (
            "instance of A as $a { K = 1; S = $a; };",
            "2:34: property S: $a is not a value of type string",
        ),
        (
            "class B { [Key] A ref R; }; instance of B { R = $c; };",
            "2:49: property R: there is no instance $c",
        ),
        (
            "class B { [Key] B ref R; }; instance of B as $b { R = $b; };",
            "2:55: property R: instances refer to one another over more than 16 levels",
        ),
        (
            "class B { [EmbeddedInstance(\"A\")] string P; }; instance of B { P = \"instance of B {};\"; };",
            "2:68: property P: B is not a class derived from A",
        ),
        (
            "class B { [EmbeddedInstance(\"A\")] string P; }; instance of B { P = \"x\"; };",
            "2:68: property P: in the embedded instance at 1:1: expected \"instance of\", found \"x\"",
        ),
    ] {
        let full = if error.starts_with("2:") {
            [A, text].concat()
        } else {
            text.to_owned()
        };
        let found = Mof::parse(&full).unwrap_err();
        assert_eq!(found.to_string(), error, "{text}");
    }
}

#[test]
fn what_is_read_is_bounded() {
    let deep = |levels: usize| {
        let open = "instance of A { P = ".repeat(levels);
        let text = "class A { [EmbeddedObject] string P; };";
        format!("{text}{open}NULL{};", "; }".repeat(levels))
    };
    assert!(Mof::parse(&deep(16)).is_ok());
    let error = Mof::parse(&deep(100_000)).unwrap_err().to_string();
    assert!(error.contains("nested more than 16 levels"), "{error}");
    let chain: String = (0..200)
        .map(|n| format!("class C{n} : C{} {{}};", n + 1))
        .collect();
    let error = Mof::parse(&format!("{chain} class C200 {{}};")).unwrap_err();
    assert!(error.to_string().contains("too many subclasses"), "{error}");
    let many: String = (0..5000).map(|n| format!("uint8 P{n};")).collect();
    let error = Mof::parse(&format!("class A {{ {many} }};")).unwrap_err();
    assert!(
        error.to_string().ends_with("more than 4096 names"),
        "{error}"
    );
    let error = MofReader::new()
        .byte_limit(10)
        .text("class A { };")
        .unwrap_err();
    assert!(error.to_string().contains("more than 10 bytes"), "{error}");
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn names(mof: &Mof) -> Vec<&str> {
    mof.classes().map(|class| class.name().as_str()).collect()
}

#[test]
fn files_include_others_and_a_folder_has_all() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(
        folder,
        "all.mof",
        "#pragma include (\"Core\\\\base.mof\")\n#pragma include (\"Core/derived.mof\")",
    );
    write(
        folder,
        "Core/base.mof",
        "#pragma include (\"../all.mof\") class A_Base {};",
    );
    write(folder, "Core/derived.mof", "class A_Derived : A_Base {};");
    write(folder, "Core/notes.txt", "no MOF");
    let wide: Vec<u8> = "\u{feff}class A_Wide : A_Derived {};"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    write(folder, "wide.MOF", wide);
    let all = MofReader::new().path(folder.join("all.mof")).unwrap();
    assert_eq!(names(&all), ["A_Base", "A_Derived"]);
    let whole = MofReader::new().path(folder).unwrap();
    let mut found = names(&whole);
    found.sort_unstable();
    assert_eq!(found, ["A_Base", "A_Derived", "A_Wide"]);
    write(
        folder,
        "Core/derived.mof",
        "class A_Derived : A_Base {\n  oops\n};",
    );
    let error = MofReader::new().path(folder.join("all.mof")).unwrap_err();
    assert_eq!(
        error.file(),
        Some(folder.join("Core/derived.mof").as_path())
    );
    assert_eq!((error.line(), error.column()), (2, 3));
    write(
        folder,
        "lost.mof",
        "class B {};\n  #pragma include (\"none.mof\")",
    );
    let error = MofReader::new().path(folder.join("lost.mof")).unwrap_err();
    assert_eq!(error.file(), Some(folder.join("lost.mof").as_path()));
    assert_eq!((error.line(), error.column()), (2, 20));
    assert!(std::error::Error::source(&error).is_some());
    write(folder, "bytes.mof", b"class B { \xff };");
    for name in ["bytes.mof", "missing.mof"] {
        let error = MofReader::new().path(folder.join(name)).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
        assert_eq!(error.line(), 0, "{error}");
    }
}

#[test]
fn a_pragma_names_the_namespace_of_what_follows() {
    let text = r#"
        Qualifier Level : uint8, Scope(class);
        class A_One {};
        #pragma namespace ("\\\\.\\root\\acme")
        [Level(7)] class A_Two {};
        instance of A_Two { };
        #pragma namespace ("root/acme/deep")
        class A_Two {};
        #pragma namespace ("ROOT/ACME")
        class A_Three : A_Two {};
    "#;
    let mof = Mof::parse(text).unwrap();
    let found: Vec<_> = mof
        .namespaces()
        .iter()
        .map(|part| {
            let name = part.namespace().map(|name| name.as_str().to_owned());
            (name, part.classes().len(), part.instances().len())
        })
        .collect();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.contains(&(None, 1, 0)), "{found:?}");
    assert!(
        found.contains(&(Some("root/acme".into()), 2, 1)),
        "{found:?}"
    );
    assert!(
        found.contains(&(Some("root/acme/deep".into()), 1, 0)),
        "{found:?}"
    );
    let level = mof.classes().find_map(|class| class.qualifier("Level"));
    assert_eq!(level.unwrap().value, Value::Uint8(7));
    // A class of another namespace is no superclass.
    let text = "class A {}; #pragma namespace (\"root/b\") class B : A {};";
    assert!(Mof::parse(text).is_err());
    let namespaced = MofReader::new().namespace("root/a".parse().unwrap());
    let mof = namespaced
        .known_class("root/a".parse().unwrap(), Class::new("Known"))
        .text("class B : Known {}; #pragma namespace (\"root/a\") class C : B {};");
    assert_eq!(mof.unwrap().namespaces().len(), 1);
}
