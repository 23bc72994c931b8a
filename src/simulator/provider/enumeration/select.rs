//! Selects the rows of a request.

use std::sync::Arc;

use crate::cim::{Keys, Name};
use crate::protocol::{AssociationFilter, EnumerateBody, Filter, PolymorphismMode};
use crate::simulator::dialect::Dialect;
use crate::simulator::faults::{ProtocolFailure, RequestFailure};
use crate::simulator::model::repository::{Repository, Schema, Space};
use crate::simulator::model::semantics::{CimFailure, RequestTarget, within};
use crate::simulator::model::wql::{PropertyPath, Query};
use crate::simulator::provider::enumeration::association;
use crate::simulator::provider::enumeration::rows::{Condition, Rows, View};

/// The class in a resource URI that stands for all classes.
const ALL_CLASSES: &str = "*";

/// Selects the rows of an Enumerate.
pub(in crate::simulator) fn select(
    repository: &Repository,
    dialect: Dialect,
    target: RequestTarget<'_>,
    body: &EnumerateBody,
) -> Result<Rows, RequestFailure> {
    let in_space = |work: &dyn Fn(&Space) -> Result<Rows, CimFailure>| {
        Ok(within(repository, target.namespace, |space| work(space))?)
    };
    let polymorphism = body.polymorphism.filter(|_| dialect.heeds_polymorphism());
    match &body.filter {
        None => in_space(&|space| of_class(space, target.class, polymorphism, Condition::None)),
        Some(Filter::Selectors(selectors)) => in_space(&|space| {
            let condition = match (dialect, selectors.keys()) {
                (Dialect::Omi, _) | (_, Keys::Class | Keys::Singleton) => Condition::None,
                (_, Keys::Named(keys)) => {
                    let wanted = keys.into_iter().map(|key| (key.name, key.value));
                    Condition::Properties(wanted.collect())
                }
            };
            of_class(space, target.class, polymorphism, condition)
        }),
        Some(Filter::Cql(_)) if !dialect.knows_cql() => Err(ProtocolFailure::FilterDialect.into()),
        Some(Filter::Wql(text) | Filter::Cql(text)) => {
            if dialect.queries_all_classes_only() && *target.class != ALL_CLASSES {
                return Err(ProtocolFailure::QueryOfOneClass.into());
            }
            in_space(&|space| of_query(space, dialect, text))
        }
        Some(Filter::Association(filter)) => {
            in_space(&|space| associated(space, dialect, filter, target))
        }
        Some(Filter::Other(_)) => Err(ProtocolFailure::FilterDialect.into()),
    }
}

/// Returns the instances of a class and of its subclasses.
fn of_class(
    space: &Space,
    class: &Name,
    polymorphism: Option<PolymorphismMode>,
    condition: Condition,
) -> Result<Rows, CimFailure> {
    let base = space.schema(class).map(Arc::new);
    let base = base.ok_or_else(|| CimFailure::NoClass(class.clone()))?;
    let classes = match polymorphism {
        Some(PolymorphismMode::Shallow) => vec![base.name.clone()],
        _ => space.hierarchy().family(class),
    };
    let view = |own: Arc<Schema>| match polymorphism {
        Some(PolymorphismMode::DeepBasePropertiesOnly) => View {
            own,
            shown: Arc::clone(&base),
        },
        _ => whole(own),
    };
    Ok(collect(space, &classes, view, condition))
}

fn of_query(space: &Space, dialect: Dialect, text: &str) -> Result<Rows, CimFailure> {
    let query = Query::parse(text, dialect.query_syntax())
        .map_err(|error| CimFailure::InvalidQuery(error.to_string()))?;
    check_query(space, dialect, &query)?;
    let hierarchy = space.hierarchy();
    let classes = hierarchy.family(&query.class);
    let select = query.select.clone();
    let view = |own: Arc<Schema>| match &select {
        None => whole(own),
        Some(properties) => View {
            shown: Arc::new(picked(&own, properties, dialect)),
            own,
        },
    };
    let condition = Condition::Query(query, hierarchy);
    Ok(collect(space, &classes, view, condition))
}

/// Checks that the class and the properties of a query exist.
pub(in crate::simulator) fn check_query(
    space: &Space,
    dialect: Dialect,
    query: &Query,
) -> Result<(), CimFailure> {
    let base = space.schema(&query.class);
    let base = base.ok_or_else(|| CimFailure::NoQueriedClass(query.class.clone()))?;
    let unknown = query
        .named_properties()
        .into_iter()
        .find(|name| base.property(name).is_none());
    if let Some(unknown) = unknown.filter(|_| dialect.checks_queries()) {
        let why = format!("{} has no property {unknown}", base.name);
        return Err(CimFailure::InvalidQuery(why));
    }
    Ok(())
}

/// Reduces a class to the selected properties. Windows sorts them (MS-WSMV, product behaviour).
fn picked(own: &Schema, properties: &[PropertyPath], dialect: Dialect) -> Schema {
    let mut picked = own.clone();
    let is_picked = |name: &Name| properties.iter().any(|path| path.first() == Some(name));
    picked
        .properties
        .retain(|property| is_picked(&property.name));
    if dialect == Dialect::Windows {
        picked.properties.sort_by(|a, b| a.name.cmp(&b.name));
    }
    picked
}

/// Returns the rows of an association filter. Only WMI reports that its object does not exist.
fn associated(
    space: &Space,
    dialect: Dialect,
    filter: &AssociationFilter,
    target: RequestTarget<'_>,
) -> Result<Rows, CimFailure> {
    if dialect == Dialect::Windows && association::object(space, filter).is_none() {
        let path = filter.object.clone().in_namespace(target.namespace.clone());
        return Err(CimFailure::NoInstance(path));
    }
    let found = association::rows(space, filter);
    let found = found
        .into_iter()
        .map(|(own, instance)| (whole(own), instance));
    Ok(Rows::new(found.collect(), Vec::new(), Condition::None))
}

fn whole(own: Arc<Schema>) -> View {
    View {
        shown: Arc::clone(&own),
        own,
    }
}

/// Collects the instances of these classes, without those of their subclasses.
fn collect(
    space: &Space,
    classes: &[Name],
    view: impl Fn(Arc<Schema>) -> View,
    condition: Condition,
) -> Rows {
    let (mut kept, mut made) = (Vec::new(), Vec::new());
    for class in classes {
        let Some(schema) = space.schema(class) else {
            continue;
        };
        let view = view(Arc::new(schema));
        let instances = space.instances_of(class).into_iter();
        kept.extend(instances.map(|instance| (view.clone(), instance)));
        let generated = space.generated_of(class).cloned();
        made.extend(generated.map(|generated| (view.clone(), generated)));
    }
    Rows::new(kept, made, condition)
}
