//! The data of the server: namespaces with their classes and instances.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::cim::{
    Class, Instance, InstancePath, Key, Keys, Name, Namespace, PropertyDecl, Value, folded,
};
use crate::simulator::model::generated::Generated;
use crate::simulator::model::hierarchy::Hierarchy;
use crate::simulator::model::method::Method;

/// The whole store. One lock guards it, so that each operation sees and leaves a consistent state;
/// it is never held across an await.
pub(in crate::simulator) struct Repository {
    namespaces: Mutex<Vec<Space>>,
}

/// One namespace.
pub(in crate::simulator) struct Space {
    pub(in crate::simulator) name: Namespace,
    classes: Vec<Class>,
    methods: Vec<Method>,
    instances: BTreeMap<InstanceId, Instance>,
    /// Classes whose key the server assigns, with that key.
    assigned: Vec<(Name, Name)>,
    last_assigned: u64,
    generated: Vec<Generated>,
    /// Whether keys are compared without case.
    folds_keys: bool,
}

/// The identity of an instance in its namespace: the class and the text of the keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::simulator) struct InstanceId {
    class: Name,
    keys: String,
}

/// A class with everything it inherits.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Schema {
    pub(in crate::simulator) name: Name,
    pub(in crate::simulator) is_abstract: bool,
    pub(in crate::simulator) properties: Vec<PropertyDecl>,
    folds_keys: bool,
}

impl Repository {
    pub(in crate::simulator) fn new(namespaces: Vec<Space>) -> Self {
        Self {
            namespaces: Mutex::new(namespaces),
        }
    }

    /// Runs a closure with exclusive access to a namespace; `None` if it does not exist.
    pub(in crate::simulator) fn within<T>(
        &self,
        name: &Namespace,
        work: impl FnOnce(&mut Space) -> T,
    ) -> Option<T> {
        self.lock()
            .iter_mut()
            .find(|space| space.name == *name)
            .map(work)
    }

    /// Dropping the simulator repeats a panic that happened under the lock; until then the data
    /// stays readable.
    fn lock(&self) -> MutexGuard<'_, Vec<Space>> {
        self.namespaces
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Space {
    pub(in crate::simulator) fn new(name: Namespace) -> Self {
        Self {
            name,
            classes: Vec::new(),
            methods: Vec::new(),
            instances: BTreeMap::new(),
            assigned: Vec::new(),
            last_assigned: 0,
            generated: Vec::new(),
            folds_keys: false,
        }
    }

    /// Sets whether keys are compared without case, as in WMI (MS-WSMV 3.1.4.1.2).
    pub(in crate::simulator) fn fold_keys(&mut self, folds: bool) {
        self.folds_keys = folds;
    }

    /// Adds a class, and replaces one of the same name.
    pub(in crate::simulator) fn declare(&mut self, class: Class) {
        self.classes.retain(|known| known.name() != class.name());
        self.classes.push(class);
    }

    /// Adds a method to a class, and replaces one of the same name.
    pub(in crate::simulator) fn add_method(&mut self, method: Method) {
        let same = |known: &Method| known.class == method.class && known.name == method.name;
        self.methods.retain(|known| !same(known));
        self.methods.push(method);
    }

    /// Returns a method of a class or of its nearest superclass that has it.
    pub(in crate::simulator) fn method(&self, class: &Name, name: &Name) -> Option<Method> {
        let mut lineage = self.lineage(self.class(class)?).into_iter();
        lineage.find_map(|class| {
            let mut methods = self.methods.iter();
            let found =
                methods.find(|method| method.class == *class.name() && method.name == *name);
            found.cloned()
        })
    }

    /// Makes the server assign a key.
    pub(in crate::simulator) fn assign(&mut self, class: Name, key: Name) {
        self.assigned.push((class, key));
    }

    /// Adds generated instances.
    pub(in crate::simulator) fn generate(&mut self, generated: Generated) {
        self.generated.push(generated);
    }

    /// Returns the generated instances of a class, without those of its subclasses.
    pub(in crate::simulator) fn generated_of(
        &self,
        class: &Name,
    ) -> impl Iterator<Item = &Generated> {
        self.generated
            .iter()
            .filter(move |generated| generated.class == *class)
    }

    /// Returns a class with its inherited members, if its instances are events.
    pub(in crate::simulator) fn event_class(&self, class: &Name) -> Option<Schema> {
        let lineage = self.lineage(self.class(class)?);
        let is_event = lineage.into_iter().any(Class::is_indication);
        self.schema(class).filter(|_| is_event)
    }

    /// Returns the class hierarchy, in the order of declaration.
    pub(in crate::simulator) fn hierarchy(&self) -> Hierarchy {
        let classes = self.classes.iter();
        classes
            .map(|class| (class.name().clone(), class.superclass().cloned()))
            .collect()
    }

    /// Returns a class with its inherited members: the properties of superclasses come first, and a
    /// redeclared property takes the place of the inherited one.
    pub(in crate::simulator) fn schema(&self, class: &Name) -> Option<Schema> {
        let most_derived = self.class(class)?;
        let mut properties: Vec<PropertyDecl> = Vec::new();
        for class in self.lineage(most_derived).into_iter().rev() {
            for property in class.properties() {
                match properties
                    .iter_mut()
                    .find(|known| known.name == property.name)
                {
                    Some(known) => *known = property.clone(),
                    None => properties.push(property.clone()),
                }
            }
        }
        let name = most_derived.name().clone();
        Some(Schema {
            name,
            is_abstract: most_derived.is_abstract(),
            properties,
            folds_keys: self.folds_keys,
        })
    }

    pub(in crate::simulator) fn get(&self, id: &InstanceId) -> Option<&Instance> {
        self.instances.get(id)
    }

    pub(in crate::simulator) fn contains(&self, id: &InstanceId) -> bool {
        self.instances.contains_key(id)
    }

    pub(in crate::simulator) fn set(&mut self, id: InstanceId, instance: Instance) {
        self.instances.insert(id, instance);
    }

    pub(in crate::simulator) fn remove(&mut self, id: &InstanceId) -> Option<Instance> {
        self.instances.remove(id)
    }

    /// Inserts an instance, and replaces one with the same keys; `None` if the class does not
    /// exist.
    pub(in crate::simulator) fn insert(&mut self, instance: Instance) -> Option<()> {
        let id = self.schema(instance.class())?.id_of(&instance);
        self.set(id, instance);
        Some(())
    }

    /// Returns the identity of a path, by its exact class.
    pub(in crate::simulator) fn id_at(&self, path: &InstancePath) -> Option<InstanceId> {
        let schema = self.schema(path.class())?;
        Some(schema.id_of(&schema.keys_of(path)))
    }

    /// Returns the instances of a class, without those of its subclasses.
    pub(in crate::simulator) fn instances_of(&self, class: &Name) -> Vec<Instance> {
        let of_class = self.instances.iter().filter(|(id, _)| id.class == *class);
        of_class.map(|(_, instance)| instance.clone()).collect()
    }

    /// Iterates over all stored instances, whatever their class.
    pub(in crate::simulator) fn all(&self) -> impl Iterator<Item = (&InstanceId, &Instance)> {
        self.instances.iter()
    }

    /// Returns a new value for a key that the server assigns; `None` for other keys.
    pub(in crate::simulator) fn next_key(&mut self, class: &Name, key: &Name) -> Option<Value> {
        if !self.assigned.iter().any(|(c, k)| c == class && k == key) {
            return None;
        }
        self.last_assigned += 1;
        Some(Value::Untyped(self.last_assigned.to_string()))
    }

    pub(in crate::simulator) fn class(&self, name: &Name) -> Option<&Class> {
        self.classes.iter().find(|class| class.name() == name)
    }

    /// Returns a class and its superclasses, the most derived first. Stops if a class is its own
    /// ancestor.
    pub(in crate::simulator) fn lineage<'a>(&'a self, class: &'a Class) -> Vec<&'a Class> {
        let mut lineage = vec![class];
        let mut next = class.superclass();
        while let Some(superclass) = next.and_then(|name| self.class(name)) {
            if lineage
                .iter()
                .any(|known| known.name() == superclass.name())
            {
                break;
            }
            lineage.push(superclass);
            next = superclass.superclass();
        }
        lineage
    }
}

impl Schema {
    pub(in crate::simulator) fn property(&self, name: &Name) -> Option<&PropertyDecl> {
        self.properties
            .iter()
            .find(|property| property.name == *name)
    }

    pub(in crate::simulator) fn keys(&self) -> impl Iterator<Item = &PropertyDecl> {
        self.properties.iter().filter(|property| property.key)
    }

    /// Returns the identity of an instance with these properties.
    pub(in crate::simulator) fn id_of(&self, instance: &Instance) -> InstanceId {
        let value = |key: &PropertyDecl| instance.value(key.name.as_str()).map(id_text);
        self.id(|key| value(key).unwrap_or_default())
    }

    /// Returns the identity of these keys, which must be all keys of the class, of their types.
    pub(in crate::simulator) fn id_of_keys(&self, keys: &[Key]) -> InstanceId {
        let of = |decl: &PropertyDecl| keys.iter().find(|key| key.name == decl.name);
        self.id(|decl| of(decl).map(|key| id_text(&key.value)).unwrap_or_default())
    }

    /// Returns the keys of a path as an instance, with the types of the class.
    fn keys_of(&self, path: &InstancePath) -> Instance {
        self.keys()
            .fold(Instance::new(self.name.clone()), |instance, key| {
                let value = path.key(key.name.as_str()).cloned().unwrap_or_default();
                let typed = value.typed_as(key.cim_type).unwrap_or(value);
                instance.with(key.name.clone(), typed)
            })
    }

    /// Returns the path of an instance with these properties.
    pub(in crate::simulator) fn path_of(
        &self,
        namespace: &Namespace,
        instance: &Instance,
    ) -> InstancePath {
        let named = self.keys().filter_map(|key| {
            let value = instance.value(key.name.as_str())?;
            Some((key.name.clone(), value.clone()))
        });
        let path = named.fold(
            InstancePath::singleton(self.name.clone()),
            |path, (name, value)| path.with_key(name, value),
        );
        path.in_namespace(namespace.clone())
    }

    fn id(&self, text: impl Fn(&PropertyDecl) -> String) -> InstanceId {
        let text = |key: &PropertyDecl| {
            if self.folds_keys {
                folded(&text(key)).collect()
            } else {
                text(key)
            }
        };
        let keys = self
            .keys()
            .map(|key| format!("{:?}", text(key)))
            .collect::<Vec<_>>()
            .join(",");
        InstanceId {
            class: self.name.clone(),
            keys,
        }
    }
}

/// Returns the text by which keys are compared; that of a reference omits the namespace.
fn id_text(value: &Value) -> String {
    match value {
        Value::Reference(path) => {
            let mut keys: Vec<_> = match path.keys() {
                Keys::Named(keys) => keys.iter().collect(),
                Keys::Class | Keys::Singleton => Vec::new(),
            };
            keys.sort_by(|a, b| a.name.cmp(&b.name));
            let lower = |name: &Name| name.as_str().to_ascii_lowercase();
            let text = |key: &&Key| format!("{}={:?}", lower(&key.name), id_text(&key.value));
            let keys = keys.iter().map(text).collect::<Vec<_>>().join(",");
            format!("{}.{keys}", lower(path.class()))
        }
        value => value.key_text().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cim::CimType;

    fn space() -> Space {
        let mut space = Space::new("root/a".parse().unwrap());
        space.declare(
            Class::new("Base")
                .as_abstract()
                .with_key("Id", CimType::Uint32),
        );
        space.declare(
            Class::new("Derived")
                .extends("base")
                .with("Size", CimType::Uint8),
        );
        space.declare(Class::new("Loop").extends("Loop"));
        space
    }

    #[test]
    fn properties_are_inherited() {
        let schema = space().schema(&Name::new("DERIVED")).unwrap();
        let names: Vec<_> = schema
            .properties
            .iter()
            .map(|p| p.name.as_str().to_owned())
            .collect();
        assert_eq!(names, ["Id", "Size"]);
        assert!(!schema.is_abstract);
        assert!(
            space()
                .schema(&Name::new("Loop"))
                .unwrap()
                .properties
                .is_empty()
        );
    }

    #[test]
    fn keys_are_found_without_case_where_the_server_does_so() {
        let mut space = Space::new("root/a".parse().unwrap());
        space.declare(Class::new("Named").with_key("Name", CimType::String));
        let id = |space: &Space, name: &str| {
            let schema = space.schema(&Name::new("Named")).unwrap();
            schema.id_of(&Instance::new("Named").with("Name", name))
        };
        assert_ne!(id(&space, "Ünï"), id(&space, "ÜNÏ"));
        space.fold_keys(true);
        assert_eq!(id(&space, "Ünï"), id(&space, "ÜNÏ"));
        assert_ne!(id(&space, "Ünï"), id(&space, "Uni"));
    }

    #[test]
    fn keys_are_compared_by_their_text() {
        let schema = space().schema(&Name::new("Derived")).unwrap();
        let by_property = schema.id_of(&Instance::new("Derived").with("id", 7u32));
        let untyped = Key {
            name: Name::new("ID"),
            value: Value::Untyped("7".into()),
        };
        assert_eq!(by_property, schema.id_of_keys(&[untyped]));
    }
}
