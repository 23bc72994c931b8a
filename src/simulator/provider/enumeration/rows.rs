//! The rows of an enumeration.

use std::sync::Arc;

use crate::cim::{Class, Instance, Name, Value};
use crate::simulator::model::generated::Generated;
use crate::simulator::model::hierarchy::Hierarchy;
use crate::simulator::model::repository::Schema;
use crate::simulator::model::semantics::Found;
use crate::simulator::model::wql::Query;

/// The remaining rows. Stored instances were copied when the enumeration started; generated ones
/// are made on request.
#[derive(Debug)]
pub(in crate::simulator) struct Rows {
    classes: std::vec::IntoIter<Class>,
    kept: std::vec::IntoIter<(View, Instance)>,
    made: std::vec::IntoIter<(View, Generated)>,
    making: Option<(View, Generated, u64)>,
    condition: Condition,
    /// A row that did not fit into the last page.
    held: Option<Row>,
}

/// One row.
#[derive(Debug)]
pub(in crate::simulator) enum Row {
    Instance {
        /// The class of the instance, with its keys.
        own: Arc<Schema>,
        /// The returned class and properties.
        found: Found,
    },
    Class(Class),
}

/// A class, and the properties to return of its instances.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) own: Arc<Schema>,
    pub(super) shown: Arc<Schema>,
}

/// The condition on the rows.
#[derive(Debug)]
pub(super) enum Condition {
    None,
    Query(Query, Hierarchy),
    /// Properties and their required values.
    Properties(Vec<(Name, Value)>),
}

impl Rows {
    pub(super) fn new(
        kept: Vec<(View, Instance)>,
        made: Vec<(View, Generated)>,
        condition: Condition,
    ) -> Self {
        Self {
            classes: Vec::new().into_iter(),
            kept: kept.into_iter(),
            made: made.into_iter(),
            making: None,
            condition,
            held: None,
        }
    }

    /// Creates rows of classes instead of instances.
    pub(in crate::simulator) fn of_classes(classes: Vec<Class>) -> Self {
        Self {
            classes: classes.into_iter(),
            ..Self::new(Vec::new(), Vec::new(), Condition::None)
        }
    }

    /// Returns the next row.
    pub(in crate::simulator) fn next_row(&mut self) -> Option<Row> {
        if let Some(held) = self.held.take() {
            return Some(held);
        }
        if let Some(class) = self.classes.next() {
            return Some(Row::Class(class));
        }
        loop {
            let (view, instance) = self.kept.next().or_else(|| self.make())?;
            if self.condition.allows(&instance) {
                return Some(view.row(instance));
            }
        }
    }

    /// Puts a row back to the front.
    pub(in crate::simulator) fn hold(&mut self, row: Row) {
        self.held = Some(row);
    }

    /// Whether no rows are left.
    pub(in crate::simulator) fn is_over(&mut self) -> bool {
        self.held = self.next_row();
        self.held.is_none()
    }

    fn make(&mut self) -> Option<(View, Instance)> {
        loop {
            if let Some((view, generated, next)) = &mut self.making
                && *next < generated.count
            {
                let instance = (generated.make)(*next);
                *next += 1;
                return Some((view.clone(), instance));
            }
            let (view, generated) = self.made.next()?;
            self.making = Some((view, generated, 0));
        }
    }
}

impl View {
    fn row(self, instance: Instance) -> Row {
        Row::Instance {
            own: self.own,
            found: Found {
                schema: self.shown,
                instance,
            },
        }
    }
}

impl Condition {
    fn allows(&self, instance: &Instance) -> bool {
        match self {
            Condition::None => true,
            Condition::Query(query, hierarchy) => query.matches(instance, hierarchy),
            Condition::Properties(wanted) => wanted.iter().all(|(name, wanted)| {
                let value = instance.value(name.as_str());
                value.is_some_and(|value| value.same_key_value(wanted))
            }),
        }
    }
}
