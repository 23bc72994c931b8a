//! Associations: instances of classes with two or more references (DSP0004 5.1.2.9).

use std::sync::Arc;

use crate::cim::{CimType, Instance, InstancePath, Name, Value};
use crate::protocol::{AssociationFilter, ResultKind};
use crate::simulator::model::hierarchy::Hierarchy;
use crate::simulator::model::repository::{InstanceId, Schema, Space};
use crate::simulator::model::wql::Ancestry;

/// Returns the object that a filter starts from, if it exists.
pub(super) fn object<'s>(space: &'s Space, filter: &AssociationFilter) -> Option<&'s Instance> {
    space.get(&identity(space, &filter.object)?)
}

/// Returns the instances that match a filter, each once.
pub(super) fn rows(space: &Space, filter: &AssociationFilter) -> Vec<(Arc<Schema>, Instance)> {
    let Some(object) = identity(space, &filter.object) else {
        return Vec::new();
    };
    let mut search = Search {
        space,
        filter,
        object,
        hierarchy: space.hierarchy(),
        found: Vec::new(),
    };
    let mut class: Option<Arc<Schema>> = None;
    for (id, association) in space.all() {
        // Instances of one class are adjacent.
        if class
            .as_ref()
            .is_none_or(|known| known.name != *association.class())
        {
            class = space.schema(association.class()).map(Arc::new);
        }
        if let Some(class) = class
            .as_ref()
            .filter(|class| references(class).count() >= 2)
        {
            search.look_at(id, class, association);
        }
    }
    let schema_of = |id: &InstanceId| {
        let instance = space.get(id)?;
        let schema = space.schema(instance.class())?;
        Some((Arc::new(schema), instance.clone()))
    };
    search.found.iter().filter_map(schema_of).collect()
}

struct Search<'a> {
    space: &'a Space,
    filter: &'a AssociationFilter,
    object: InstanceId,
    hierarchy: Hierarchy,
    found: Vec<InstanceId>,
}

impl Search<'_> {
    /// Adds the results of one association, if it refers to the object in the requested role.
    fn look_at(&mut self, id: &InstanceId, class: &Schema, association: &Instance) {
        let ends: Vec<(&Name, InstanceId)> = references(class)
            .filter_map(|name| Some((name, self.end(association, name)?)))
            .collect();
        let is_object =
            |(name, end): &&(&Name, InstanceId)| *end == self.object && is(&self.filter.role, name);
        let Some((near, _)) = ends.iter().find(is_object) else {
            return;
        };
        match self.filter.result {
            ResultKind::AssociationInstances => {
                if self.is_a(&self.filter.result_class, &class.name) {
                    self.take(id.clone());
                }
            }
            ResultKind::AssociatedInstances => {
                if self.is_a(&self.filter.association_class, &class.name) {
                    let far = ends.iter().filter(|(name, _)| name != near);
                    far.for_each(|(name, end)| self.look_at_end(name, end));
                }
            }
        }
    }

    fn look_at_end(&mut self, role: &Name, end: &InstanceId) {
        let Some(instance) = self.space.get(end) else {
            return;
        };
        let is_wanted = is(&self.filter.result_role, role)
            && self.is_a(&self.filter.result_class, instance.class());
        if is_wanted {
            self.take(end.clone());
        }
    }

    fn take(&mut self, id: InstanceId) {
        if !self.found.contains(&id) {
            self.found.push(id);
        }
    }

    /// Returns the target of a reference in an association.
    fn end(&self, association: &Instance, name: &Name) -> Option<InstanceId> {
        match association.value(name.as_str())? {
            Value::Reference(path) => identity(self.space, path),
            _ => None,
        }
    }

    fn is_a(&self, wanted: &Option<String>, class: &Name) -> bool {
        let wanted = wanted.as_ref().map(Name::new);
        wanted.is_none_or(|wanted| self.hierarchy.is_a(class, &wanted))
    }
}

/// Whether a role matches the requested one.
fn is(wanted: &Option<String>, role: &Name) -> bool {
    wanted
        .as_ref()
        .is_none_or(|wanted| *role == wanted.as_str())
}

fn references(class: &Schema) -> impl Iterator<Item = &Name> {
    let references = class
        .properties
        .iter()
        .filter(|property| property.cim_type == CimType::Reference && !property.array);
    references.map(|property| &property.name)
}

fn identity(space: &Space, path: &InstancePath) -> Option<InstanceId> {
    let schema = space.schema(path.class())?;
    Some(schema.id_of_keys(path.keys().named()))
}
