//! The rules, case by case.

use crate::cim::{CimType, Class};
use crate::simulator::Dialect;
use crate::simulator::model::semantics::*;

const WINDOWS: Dialect = Dialect::Windows;
const OMI: Dialect = Dialect::Omi;
const OPENWSMAN: Dialect = Dialect::Openwsman;

/// A repository with a share, and the rules of a server.
struct Fixture {
    repo: Repository,
    namespace: Namespace,
    rules: Rules,
}

impl Fixture {
    fn new(dialect: Dialect) -> Self {
        let namespace: Namespace = "root/a".parse().unwrap();
        let mut space = Space::new(namespace.clone());
        space.fold_keys(dialect.folds_keys());
        space.declare(
            Class::new("Share")
                .with_key("Name", CimType::String)
                .with_not_null("Path", CimType::String)
                .with("Type", CimType::Uint8)
                .with_array("Tags", CimType::String)
                .with_property(PropertyDecl::new("State", CimType::String).read_only()),
        );
        space.declare(
            Class::new("Pair")
                .with_key("A", CimType::String)
                .with_key("B", CimType::Uint32),
        );
        space.declare(
            Class::new("Base")
                .as_abstract()
                .with_key("Name", CimType::String),
        );
        space.declare(Class::new("Derived").extends("Base"));
        space.declare(
            Class::new("Only")
                .as_singleton()
                .with("Mode", CimType::String),
        );
        space.declare(Class::new("Job").with_key("Id", CimType::Uint32));
        space.assign(Name::new("Job"), Name::new("Id"));
        let fixture = Self {
            repo: Repository::new(vec![space]),
            namespace,
            rules: dialect.rules(),
        };
        let share = Instance::new("Share").with("Name", "a").with("Path", "/a");
        let share = share
            .with("Type", 1u8)
            .with("State", "OK")
            .with("Tags", vec!["x"]);
        fixture.create("Share", &share).unwrap();
        fixture
    }

    fn create(&self, class: &str, body: &Instance) -> Result<InstancePath, CimFailure> {
        create(
            &self.repo,
            &self.namespace,
            &Name::new(class),
            body,
            self.rules,
        )
    }

    fn get(&self, path: &InstancePath) -> Result<Instance, CimFailure> {
        let target = self.target(path);
        get(&self.repo, target, self.rules).map(|found| found.instance)
    }

    fn put(&self, body: &Instance, scope: Scope) -> Result<Instance, CimFailure> {
        let path = InstancePath::new("Share").with_key("Name", "a");
        put(&self.repo, self.target(&path), body, &scope, self.rules).map(|found| found.instance)
    }

    fn target<'a>(&'a self, path: &'a InstancePath) -> RequestTarget<'a> {
        RequestTarget {
            namespace: &self.namespace,
            class: path.class(),
            keys: path.keys().named(),
        }
    }
}

fn share() -> Instance {
    Instance::new("Share")
}

fn only(name: &str, nulls: bool) -> Scope {
    Scope::Only {
        names: vec![Name::new(name)],
        nulls,
    }
}

#[test]
fn keeps_or_nulls_omitted_properties() {
    let body = share().with("Path", "/b");
    for dialect in [WINDOWS, OMI] {
        let after = Fixture::new(dialect).put(&body, Scope::Whole).unwrap();
        assert_eq!(after.value("Type"), Some(&Value::Uint8(1)), "{dialect:?}");
        assert_eq!(after.value("Path"), Some(&Value::from("/b")));
    }
    let after = Fixture::new(OPENWSMAN).put(&body, Scope::Whole).unwrap();
    assert_eq!(after.value("Type"), Some(&Value::Null));
    assert_eq!(after.value("Name"), Some(&Value::from("a")));
    let without_path = Fixture::new(OPENWSMAN).put(&share(), Scope::Whole);
    assert!(matches!(without_path, Err(CimFailure::MissingValue(name)) if name == "Path"));
}

#[test]
fn writes_refuses_or_ignores_null() {
    let null = share().with_null("Type").with("Path", "/a");
    for dialect in [WINDOWS, OPENWSMAN] {
        let after = Fixture::new(dialect).put(&null, Scope::Whole).unwrap();
        assert_eq!(after.value("Type"), Some(&Value::Null), "{dialect:?}");
        let illegal = Fixture::new(dialect).put(&share().with_null("Path"), Scope::Whole);
        assert!(matches!(illegal, Err(CimFailure::IllegalNull(name)) if name == "Path"));
    }
    let after = Fixture::new(OMI).put(&null, Scope::Whole).unwrap();
    assert_eq!(after.value("Type"), Some(&Value::Uint8(1)));
}

#[test]
fn only_listed_properties_change() {
    let fixture = Fixture::new(WINDOWS);
    let body = share()
        .with("Type", 7u8)
        .with("Path", "/c")
        .with_null("Tags");
    let after = fixture.put(&body, only("Type", true)).unwrap();
    assert_eq!(after.value("Type"), Some(&Value::Uint8(7)));
    assert_eq!(after.value("Path"), Some(&Value::from("/a")));
    let after = fixture.put(&body, only("tags", false)).unwrap();
    assert_eq!(
        after.value("Tags"),
        Some(&Value::from(vec!["x"])),
        "no strict nulls"
    );
    let after = fixture.put(&body, only("Tags", true)).unwrap();
    assert_eq!(after.value("Tags"), Some(&Value::Null));
}

#[test]
fn ignores_read_only_properties() {
    let after = Fixture::new(WINDOWS)
        .put(&share().with("State", "Bad"), Scope::Whole)
        .unwrap();
    assert_eq!(after.value("State"), Some(&Value::from("OK")));
}

#[test]
fn keys_in_the_body() {
    let renamed = share().with("Name", "b").with("Path", "/a");
    let refused = Fixture::new(WINDOWS).put(&renamed, Scope::Whole);
    assert!(matches!(refused, Err(CimFailure::KeyChanged(name)) if name == "Name"));
    for dialect in [OMI, OPENWSMAN] {
        let after = Fixture::new(dialect).put(&renamed, Scope::Whole).unwrap();
        assert_eq!(after.value("Name"), Some(&Value::from("a")), "{dialect:?}");
    }
}

#[test]
fn unknown_properties_and_bad_values() {
    let unknown = share()
        .with("Name", "n")
        .with("Path", "/n")
        .with("Nope", 1u8);
    let bad = share()
        .with("Name", "n")
        .with("Path", "/n")
        .with("Type", Value::Untyped("abc".into()));
    let large = share()
        .with("Name", "n")
        .with("Path", "/n")
        .with("Type", Value::Untyped("256".into()));
    for dialect in [WINDOWS, OMI] {
        let fixture = Fixture::new(dialect);
        let refused = fixture.create("Share", &unknown);
        assert!(matches!(refused, Err(CimFailure::NoProperty(name)) if name == "Nope"));
        let refused = fixture.create("Share", &bad);
        assert!(matches!(refused, Err(CimFailure::TypeMismatch(name)) if name == "Type"));
    }
    assert!(Fixture::new(WINDOWS).create("Share", &large).is_err());
    let omi = Fixture::new(OMI);
    let path = omi.create("Share", &large).unwrap();
    assert_eq!(
        omi.get(&path).unwrap().value("Type"),
        Some(&Value::Uint8(0))
    );
    let openwsman = Fixture::new(OPENWSMAN);
    let path = openwsman.create("Share", &unknown).unwrap();
    assert!(openwsman.get(&path).unwrap().value("Nope").is_none());
    assert!(matches!(
        openwsman.create("Share", &bad),
        Err(CimFailure::AlreadyExists(_))
    ));
}

#[test]
fn a_bad_key_makes_another_instance_on_openwsman() {
    let fixture = Fixture::new(OPENWSMAN);
    let body = Instance::new("Pair")
        .with("A", "x")
        .with("B", Value::Untyped("abc".into()));
    let path = fixture.create("Pair", &body).unwrap();
    assert_eq!(path.key("B"), Some(&Value::Uint32(0)));
}

#[test]
fn what_a_create_needs() {
    let fixture = Fixture::new(WINDOWS);
    let no_key = fixture.create("Share", &share().with("Path", "/x"));
    assert!(matches!(no_key, Err(CimFailure::MissingKey(name)) if name == "Name"));
    let no_path = fixture.create("Share", &share().with("Name", "x"));
    assert!(matches!(no_path, Err(CimFailure::IllegalNull(name)) if name == "Path"));
    let twice = fixture.create("Share", &share().with("Name", "a").with("Path", "/"));
    assert!(matches!(twice, Err(CimFailure::AlreadyExists(_))));
    let of_base = fixture.create("Base", &Instance::new("Base").with("Name", "x"));
    assert!(matches!(of_base, Err(CimFailure::AbstractClass(_))));
    let other = fixture.create("Share", &Instance::new("Derived").with("Name", "x"));
    assert!(matches!(other, Err(CimFailure::OtherClass { .. })));
    let none = fixture.create("Nope", &Instance::new("Nope"));
    assert!(matches!(none, Err(CimFailure::NoClass(_))));
}

#[test]
fn assigns_a_key() {
    let fixture = Fixture::new(WINDOWS);
    let first = fixture.create("Job", &Instance::new("Job")).unwrap();
    let second = fixture.create("Job", &Instance::new("Job")).unwrap();
    assert_eq!(first.key("Id"), Some(&Value::Uint32(1)));
    assert!(!first.same_instance(&second));
    assert!(fixture.get(&second).is_ok());
}

#[test]
fn a_singleton_has_no_selectors() {
    let fixture = Fixture::new(WINDOWS);
    let body = Instance::new("Only").with("Mode", "m");
    let path = fixture.create("Only", &body).unwrap();
    assert_eq!(fixture.get(&path).unwrap(), body);
    assert!(matches!(
        fixture.create("Only", &body),
        Err(CimFailure::AlreadyExists(_))
    ));
    let with_key = InstancePath::new("Only").with_key("Mode", "m");
    assert!(matches!(
        fixture.get(&with_key),
        Err(CimFailure::UnexpectedSelector(_))
    ));
}

#[test]
fn selectors_must_be_the_keys() {
    let fixture = Fixture::new(WINDOWS);
    let pair = || InstancePath::new("Pair").with_key("A", "x");
    let failure = |path: InstancePath| fixture.get(&path).unwrap_err();
    assert!(matches!(
        failure(pair()),
        CimFailure::TooFewSelectors { any: true }
    ));
    assert!(matches!(
        failure(InstancePath::new("Pair")),
        CimFailure::TooFewSelectors { any: false }
    ));
    assert!(matches!(
        failure(pair().with_key("C", 1u32)),
        CimFailure::WrongSelector(_)
    ));
    let extra = pair().with_key("B", 1u32).with_key("C", 1u32);
    assert!(matches!(failure(extra), CimFailure::UnexpectedSelector(_)));
    assert!(matches!(
        failure(pair().with_key("B", "x")),
        CimFailure::SelectorType(_)
    ));
    assert!(matches!(
        failure(pair().with_key("B", 1u32)),
        CimFailure::NoInstance(_)
    ));
    let key = Key {
        name: Name::new("A"),
        value: Value::from("x"),
    };
    let twice = [key.clone(), key];
    let class = Name::new("Pair");
    let target = RequestTarget {
        namespace: &fixture.namespace,
        class: &class,
        keys: &twice,
    };
    let failure = get(&fixture.repo, target, fixture.rules).unwrap_err();
    assert!(matches!(failure, CimFailure::DuplicateSelector(_)));
}

#[test]
fn a_subclass_instance_is_reached_only_through_its_class() {
    let fixture = Fixture::new(OPENWSMAN);
    let path = fixture
        .create("Derived", &Instance::new("Derived").with("Name", "d"))
        .unwrap();
    assert!(fixture.get(&path).is_ok());
    let through_base = InstancePath::new("Base").with_key("Name", "d");
    assert!(matches!(
        fixture.get(&through_base),
        Err(CimFailure::NoInstance(_))
    ));
    assert!(delete(&fixture.repo, fixture.target(&path), fixture.rules).is_ok());
    assert!(matches!(fixture.get(&path), Err(CimFailure::NoInstance(_))));
}
