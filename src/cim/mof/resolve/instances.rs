//! Instances of the resolved classes.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::classes::Classes;
use super::literal::{Scope, value};
use crate::cim::mof::error::{Flaw, Position};
use crate::cim::mof::parser::one_instance;
use crate::cim::mof::syntax::{Initializer, InstanceSyntax};
use crate::cim::{Instance, InstancePath, Name, PropertyDecl, Value};

/// Instances in instances, and references to references, are resolved to this depth.
const DEEPEST: usize = 16;

/// The instances of a namespace.
pub(super) struct Instances<'m> {
    classes: &'m Classes<'m>,
    syntax: &'m [InstanceSyntax],
    aliases: HashMap<&'m Name, &'m InstanceSyntax>,
    /// The properties of each class that has instances, inherited ones included.
    properties: RefCell<HashMap<Name, Rc<[PropertyDecl]>>>,
    depth: Cell<usize>,
}

impl<'m> Instances<'m> {
    pub(super) fn new(
        classes: &'m Classes<'m>,
        syntax: &'m [InstanceSyntax],
    ) -> Result<Self, Flaw> {
        let mut aliases = HashMap::new();
        for instance in syntax {
            if let Some(alias) = &instance.alias
                && aliases.insert(&alias.value, instance).is_some()
            {
                let text = format!("the alias ${} stands twice", alias.value);
                return Err(Flaw::new(alias.at, text));
            }
        }
        Ok(Self {
            classes,
            syntax,
            aliases,
            properties: RefCell::default(),
            depth: Cell::new(0),
        })
    }

    pub(super) fn resolve(&self) -> Result<Vec<Instance>, Flaw> {
        let mut known = HashSet::new();
        let mut instances = Vec::with_capacity(self.syntax.len());
        for syntax in self.syntax {
            let path = self.path(syntax)?;
            let has_keys = !path.keys().named().is_empty();
            let text = has_keys.then(|| format!("the instance {path} is declared twice"));
            if let Some(text) = text.filter(|_| !known.insert(path)) {
                return Err(Flaw::new(syntax.class.at, text));
            }
            instances.push(self.instance(syntax)?);
        }
        Ok(instances)
    }

    /// Returns the path of an instance, whose keys must have values.
    fn path(&self, syntax: &InstanceSyntax) -> Result<InstancePath, Flaw> {
        let class = &syntax.class.value;
        let mut path = InstancePath::new(class.clone());
        for key in self.properties(syntax)?.iter().filter(|key| key.key) {
            let given = syntax
                .values
                .iter()
                .find(|(name, _)| name.value == key.name);
            let value = match given {
                Some((_, given)) => self.value(key, given)?,
                None => key.default.clone(),
            };
            if value.is_null() {
                let text = format!(
                    "the instance of {class} has no value of its key {}",
                    key.name
                );
                return Err(Flaw::new(syntax.class.at, text));
            }
            path = path.with_key(key.name.clone(), value);
        }
        Ok(path)
    }

    /// Returns an instance with the values of its properties, or with their defaults.
    fn instance(&self, syntax: &InstanceSyntax) -> Result<Instance, Flaw> {
        let properties = self.properties(syntax)?;
        let given = syntax.values.iter();
        let mut given: HashMap<&Name, _> = given
            .map(|(name, value)| (&name.value, (name.at, value)))
            .collect();
        let mut instance = Instance::new(syntax.class.value.clone());
        for property in properties.iter() {
            let value = match given.remove(&property.name) {
                Some((_, given)) => self.value(property, given)?,
                None if property.default.is_null() => continue,
                None => property.default.clone(),
            };
            instance = if property.key {
                instance.with_key(property.name.clone(), value)
            } else {
                instance.with(property.name.clone(), value)
            };
        }
        if let Some((name, (at, _))) = given.into_iter().next() {
            let text = format!("the class {} has no property {name}", syntax.class.value);
            return Err(Flaw::new(at, text));
        }
        let class = self.classes.get(&syntax.class.value);
        Ok(if class.is_some_and(|class| class.is_singleton()) {
            instance.singleton()
        } else {
            instance
        })
    }

    /// Returns the properties of the class of an instance.
    fn properties(&self, syntax: &InstanceSyntax) -> Result<Rc<[PropertyDecl]>, Flaw> {
        let (at, name) = (syntax.class.at, &syntax.class.value);
        if let Some(known) = self.properties.borrow().get(name) {
            return Ok(Rc::clone(known));
        }
        let class = self.classes.get(name);
        let class = class.ok_or_else(|| Flaw::new(at, format!("there is no class {name}")))?;
        if class.is_abstract() {
            let text = format!("the class {name} is abstract: it has no instances");
            return Err(Flaw::new(at, text));
        }
        let properties: Rc<[PropertyDecl]> = self.classes.properties(name).into();
        let known = Rc::clone(&properties);
        self.properties.borrow_mut().insert(name.clone(), known);
        Ok(properties)
    }

    fn value(&self, property: &PropertyDecl, given: &Initializer) -> Result<Value, Flaw> {
        let kind = (property.cim_type, property.array);
        let value =
            value(given, kind, self).map_err(|flaw| flaw.in_part("property", &property.name))?;
        let Some(class) = &property.class else {
            return Ok(value);
        };
        let elements = value.elements().iter();
        let mut instances = elements.filter_map(|element| match element {
            Value::Instance(instance) => Some(instance.class()),
            _ => None,
        });
        match instances.find(|of| !self.classes.is_a(of, class)) {
            Some(other) => Err(Flaw::new(
                given.at(),
                format!(
                    "property {}: {other} is not a class derived from {class}",
                    property.name
                ),
            )),
            None => Ok(value),
        }
    }

    /// Resolves what is inside an instance.
    fn deeper<T>(
        &self,
        at: Position,
        resolve: impl FnOnce() -> Result<T, Flaw>,
    ) -> Result<T, Flaw> {
        let depth = self.depth.get();
        if depth >= DEEPEST {
            let text = format!("instances refer to one another over more than {DEEPEST} levels");
            return Err(Flaw::new(at, text));
        }
        self.depth.set(depth.saturating_add(1));
        let resolved = resolve();
        self.depth.set(depth);
        resolved
    }
}

impl Scope for Instances<'_> {
    fn alias(&self, name: &Name, at: Position) -> Result<InstancePath, Flaw> {
        let instance = self.aliases.get(name);
        let instance =
            instance.ok_or_else(|| Flaw::new(at, format!("there is no instance ${name}")))?;
        self.deeper(at, || self.path(instance))
    }

    fn embedded(&self, syntax: &InstanceSyntax, at: Position) -> Result<Instance, Flaw> {
        self.deeper(at, || self.instance(syntax))
    }

    fn embedded_text(&self, text: &str, at: Position) -> Result<Instance, Flaw> {
        let embedded = one_instance(text).and_then(|syntax| self.embedded(&syntax, at));
        // The places in the text are its own.
        embedded.map_err(|flaw| {
            let Position { line, column, .. } = flaw.at;
            let text = format!("in the embedded instance at {line}:{column}: {}", flaw.text);
            Flaw::new(at, text)
        })
    }
}
