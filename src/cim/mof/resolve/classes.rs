//! Classes with what they inherit.

use std::collections::HashMap;

use super::literal::{Nothing, value};
use super::qualifiers::Qualifiers;
use crate::cim::mof::error::{Flaw, Position};
use crate::cim::mof::syntax::{ClassSyntax, ElementSyntax, MethodSyntax, PropertySyntax};
use crate::cim::{Class, MethodDecl, Name, ParameterDecl, PropertyDecl, Qualifier, Value};

/// The most superclasses of a class.
const DEEPEST: usize = 100;

/// The most bytes of qualifiers that classes inherit, so that a large one of a superclass is not copied
/// without end.
const MOST_INHERITED: usize = 256 << 20;

/// The resolved classes of a namespace.
#[derive(Debug)]
pub(super) struct Classes<'k> {
    own: Vec<Option<Class>>,
    index: HashMap<Name, usize>,
    /// Classes that the text may use and does not declare.
    known: HashMap<Name, &'k Class>,
    inherited: usize,
}

impl<'k> Classes<'k> {
    pub(super) fn resolve(
        syntax: &[ClassSyntax],
        qualifiers: &Qualifiers,
        known: impl Iterator<Item = &'k Class>,
    ) -> Result<Self, Flaw> {
        let mut index = HashMap::new();
        for (number, class) in syntax.iter().enumerate() {
            let name = &class.name.value;
            if index.insert(name.clone(), number).is_some() {
                let text = format!("the class {name} is declared twice");
                return Err(Flaw::new(class.name.at, text));
            }
        }
        let mut classes = Self {
            own: syntax.iter().map(|_| None).collect(),
            index,
            known: known.map(|class| (class.name().clone(), class)).collect(),
            inherited: 0,
        };
        for number in 0..syntax.len() {
            // The superclasses come first.
            for number in classes.unresolved(syntax, number)?.into_iter().rev() {
                if let Some(class) = syntax.get(number) {
                    let class = classes.class(class, qualifiers)?;
                    if let Some(place) = classes.own.get_mut(number) {
                        *place = Some(class);
                    }
                }
            }
        }
        Ok(classes)
    }

    /// Returns the declared classes, in order.
    pub(super) fn into_own(self) -> Vec<Class> {
        self.own.into_iter().flatten().collect()
    }

    pub(super) fn get(&self, name: &Name) -> Option<&Class> {
        match self.index.get(name) {
            Some(number) => self.own.get(*number)?.as_ref(),
            None => self.known.get(name).copied(),
        }
    }

    /// Returns a class and its superclasses, the most derived first.
    pub(super) fn lineage(&self, name: &Name) -> impl Iterator<Item = &Class> {
        let superclass = |class: &&Class| self.get(class.superclass()?);
        std::iter::successors(self.get(name), superclass).take(DEEPEST.saturating_mul(2))
    }

    /// Returns a class and those of its superclasses that are not resolved yet, the most derived first.
    fn unresolved(&self, syntax: &[ClassSyntax], number: usize) -> Result<Vec<usize>, Flaw> {
        let mut chain = Vec::new();
        let mut next = Some(number);
        while let Some(number) = next.filter(|number| !self.is_resolved(*number)) {
            let Some(class) = syntax.get(number) else {
                break;
            };
            let name = &class.name.value;
            if chain.contains(&number) {
                let text = format!("the class {name} derives from itself");
                return Err(Flaw::new(class.name.at, text));
            }
            if chain.len() >= DEEPEST {
                let text = format!("the class {name} has too many subclasses below one another");
                return Err(Flaw::new(class.name.at, text));
            }
            chain.push(number);
            let Some(superclass) = &class.superclass else {
                break;
            };
            next = self.index.get(&superclass.value).copied();
            if next.is_none() && !self.known.contains_key(&superclass.value) {
                let text = format!(
                    "the class {name} derives from {}, which is not declared",
                    superclass.value
                );
                return Err(Flaw::new(superclass.at, text));
            }
        }
        Ok(chain)
    }

    fn is_resolved(&self, number: usize) -> bool {
        self.own.get(number).is_some_and(Option::is_some)
    }

    /// Resolves a class whose superclasses are resolved.
    fn class(&mut self, syntax: &ClassSyntax, qualifiers: &Qualifiers) -> Result<Class, Flaw> {
        let name = &syntax.name.value;
        let mut class = Class::new(name.clone());
        let mut own = qualifiers.used(&syntax.qualifiers)?;
        if let Some(superclass) = &syntax.superclass {
            let base = self.get(&superclass.value).map(Class::qualifiers);
            let base = base.map(<[Qualifier]>::to_vec).unwrap_or_default();
            self.inherit(&mut own, &base, syntax.name.at)?;
            class = class.extends(superclass.value.clone());
        }
        let base = syntax.superclass.as_ref().map(|base| &base.value);
        let properties = syntax.properties.iter();
        let properties = properties
            .map(|property| self.property(property, base, qualifiers))
            .collect::<Result<_, _>>()?;
        let methods = syntax.methods.iter();
        let methods = methods
            .map(|method| self.method(method, base, qualifiers))
            .collect::<Result<_, _>>()?;
        class.set_members(properties, methods, own);
        Ok(class)
    }

    fn property(
        &mut self,
        syntax: &PropertySyntax,
        base: Option<&Name>,
        qualifiers: &Qualifiers,
    ) -> Result<PropertyDecl, Flaw> {
        let element = &syntax.element;
        let name = &element.name.value;
        let mut property = PropertyDecl::new(name.clone(), element.cim_type);
        property.array = element.array;
        property.class.clone_from(&element.class);
        if let Some(default) = &syntax.default {
            let kind = (element.cim_type, element.array);
            property.default =
                value(default, kind, &Nothing).map_err(|flaw| flaw.in_part("property", name))?;
        }
        let mut own = qualifiers.used(&element.qualifiers)?;
        let overridden = base.and_then(|base| {
            let mut lineage = self.lineage(base);
            lineage
                .find_map(|class| class.property(name.as_str()))
                .cloned()
        });
        if let Some(overridden) = &overridden {
            self.inherit(&mut own, &overridden.qualifiers, element.name.at)?;
            if syntax.default.is_none() {
                property.default.clone_from(&overridden.default);
            }
        }
        property.set_qualifiers(own);
        match overridden {
            Some(base) if (base.cim_type, base.array) != (property.cim_type, property.array) => {
                let shown = |decl: &PropertyDecl| {
                    format!("{}{}", decl.cim_type, if decl.array { "[]" } else { "" })
                };
                let (own, base) = (shown(&property), shown(&base));
                let text =
                    format!("the property {name} of type {own} overrides one of type {base}");
                Err(Flaw::new(element.name.at, text))
            }
            _ => Ok(property),
        }
    }

    fn method(
        &mut self,
        syntax: &MethodSyntax,
        base: Option<&Name>,
        qualifiers: &Qualifiers,
    ) -> Result<MethodDecl, Flaw> {
        let name = &syntax.name.value;
        let overridden = base.and_then(|base| {
            let mut lineage = self.lineage(base);
            lineage
                .find_map(|class| class.method(name.as_str()))
                .cloned()
        });
        let mut method = MethodDecl::new(name.clone());
        method.return_type = syntax.returns;
        let mut own = qualifiers.used(&syntax.qualifiers)?;
        if let Some(overridden) = &overridden {
            self.inherit(&mut own, &overridden.qualifiers, syntax.name.at)?;
        }
        method.set_qualifiers(own);
        for parameter in &syntax.parameters {
            let name = parameter.name.value.as_str();
            let overridden = overridden
                .as_ref()
                .and_then(|method| method.parameter(name));
            let parameter = self.parameter(parameter, overridden, qualifiers)?;
            method.parameters.push(parameter);
        }
        Ok(method)
    }

    fn parameter(
        &mut self,
        syntax: &ElementSyntax,
        overridden: Option<&ParameterDecl>,
        qualifiers: &Qualifiers,
    ) -> Result<ParameterDecl, Flaw> {
        let mut parameter = ParameterDecl::input(syntax.name.value.clone(), syntax.cim_type);
        parameter.array = syntax.array;
        parameter.class.clone_from(&syntax.class);
        let mut own = qualifiers.used(&syntax.qualifiers)?;
        if let Some(overridden) = overridden {
            self.inherit(&mut own, &overridden.qualifiers, syntax.name.at)?;
        }
        parameter.set_qualifiers(own);
        Ok(parameter)
    }

    /// Adds the qualifiers that a superclass hands down.
    fn inherit(
        &mut self,
        own: &mut Vec<Qualifier>,
        base: &[Qualifier],
        at: Position,
    ) -> Result<(), Flaw> {
        for inherited in base.iter().filter(|base| base.to_subclass) {
            match own.iter().find(|own| own.name == inherited.name) {
                Some(own) if !inherited.overridable && own.value != inherited.value => {
                    let text = format!(
                        "the qualifier {} of the superclass cannot be overridden",
                        inherited.name
                    );
                    return Err(Flaw::new(at, text));
                }
                Some(_) => {}
                None => {
                    self.inherited = self.inherited.saturating_add(size_of(&inherited.value));
                    if self.inherited > MOST_INHERITED {
                        return Err(Flaw::new(at, "the classes inherit too many qualifiers"));
                    }
                    own.push(Qualifier {
                        propagated: true,
                        ..inherited.clone()
                    });
                }
            }
        }
        Ok(())
    }
}

/// Returns about how much memory a value takes.
fn size_of(value: &Value) -> usize {
    const LEAST: usize = 100;
    let elements = value.elements().iter();
    elements.fold(LEAST, |size, element| {
        size.saturating_add(LEAST)
            .saturating_add(element.as_str().map_or(0, str::len))
    })
}

impl Classes<'_> {
    /// Returns the properties of a class with those that it inherits, which come first. One that is
    /// redeclared takes the place of the inherited one.
    pub(super) fn properties(&self, name: &Name) -> Vec<PropertyDecl> {
        let mut lineage: Vec<&Class> = self.lineage(name).collect();
        lineage.reverse();
        let mut places: HashMap<&Name, usize> = HashMap::new();
        let mut properties: Vec<&PropertyDecl> = Vec::new();
        for property in lineage.into_iter().flat_map(Class::properties) {
            match places
                .get(&property.name)
                .and_then(|place| properties.get_mut(*place))
            {
                Some(place) => *place = property,
                None => {
                    places.insert(&property.name, properties.len());
                    properties.push(property);
                }
            }
        }
        properties.into_iter().cloned().collect()
    }

    /// Returns whether a class is another one, or derives from it.
    pub(super) fn is_a(&self, name: &Name, base: &Name) -> bool {
        name == base || self.lineage(name).any(|class| class.name() == base)
    }
}
